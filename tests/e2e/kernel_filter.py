# SPDX-License-Identifier: Apache-2.0
"""What strace saw of a process that confined itself: the filter that it handed to the kernel, and what it called under
it (x86-64)."""

import collections
import pathlib
import re

# Where the numbers of system calls stand: Debian's linux-libc-dev, from which the toolchain has them as well.
NUMBERS = pathlib.Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h")
# What strace has to be told, so that it writes the whole filter and not too much of all else.
OPTIONS = ["-e", "abbrev=!seccomp", "-s", "16"]


def names_of_calls():
    """{number: name}"""
    return {int(number): name for name, number in re.findall(r"^#define __NR_(\w+)\s+(\d+)", NUMBERS.read_text(), re.M)}


def read_filter(line):
    """{name of a call: what can become of it, SECCOMP_RET_... each}, of the line of a trace that installs it."""
    program = []  # (code, value) or (code, value, statements to skip if it is so, and if it is not)
    for words in re.findall(r"BPF_(?:STMT|JUMP)\(([^()]*)\)", line):
        code, value, *jumps = words.split(", ")
        program.append((code, value, *(int(jump, 0) for jump in jumps)))

    def ends(at):
        code, value, *jumps = program[at]
        if code.startswith("BPF_RET"):
            return {value.partition("|")[0]}
        return set().union(*(ends(at + 1 + jump) for jump in jumps)) if jumps else ends(at + 1)

    # Behind the second load, that of the call's number, each comparison skips its block to the next one.
    at = [i for i, statement in enumerate(program) if "BPF_LD" in statement[0]][1] + 1
    names, found = names_of_calls(), {}
    while len(program[at]) == 4:
        code, value, _, otherwise = program[at]
        if "BPF_JEQ" in code:
            found.setdefault(names[int(value, 0)], ends(at + 1))  # a call's first comparison counts
        at += 1 + otherwise
    return found


class Trace:
    """.before, .after: the trace until the filter was installed, and from then on. .allowed: the calls that the filter lets through, at least with some arguments. .made: {call: how often}, of those
    behind its installation. .refused: {call: one line of it}, of those that the filter answered."""

    def __init__(self, log):
        text = log.read_text(errors="replace")
        head, installing, tail = text.partition("SECCOMP_SET_MODE_FILTER")
        if not installing:
            raise AssertionError(f"no filter in {head[-2000:]}")
        line, _, rest = tail.partition("\n")
        self.before, self.after = head, rest
        self.filter = read_filter(line)
        self.allowed = {name for name, ends in self.filter.items() if "SECCOMP_RET_ALLOW" in ends}
        self.made, self.refused = collections.Counter(), {}
        for line in rest.splitlines():
            if begun := re.match(r"\d+ +(\w+)\(", line):
                self.made[begun[1]] += 1
            if refused := re.match(r"\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed>).* = -1 (?:ENOSYS|EPERM) ", line):
                self.refused[refused[1]] = line
