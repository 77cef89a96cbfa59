# SPDX-License-Identifier: Apache-2.0
"""Where and with what it was measured."""

import os
import pathlib
import platform
import re
import subprocess


def _output(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def describe(source, packages):
    """`packages`: Debian's names of those whose versions matter, by what to call them."""
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "processor": processor[1].strip() if processor else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{memory / 2**30:.0f} GiB",
        "kernel": f"Linux {platform.release()}",
        "compiler": _output("clang++-19", "--version").split("\n")[0],
        "commit": _output("git", "describe", "--always", "--dirty", cwd=source),
    } | {name: _output("dpkg-query", "-W", "-f", "${Version}", package) for name, package in packages.items()}


def load():
    return os.getloadavg()[0]


class Others:
    """What was taken from this machine's processors by anything but the programs that this process started and awaited:
    other programs, and the host where this is a virtual machine."""

    def __init__(self):
        self._start = self._now()

    @staticmethod
    def _now():
        with open("/proc/stat", encoding="ascii") as file:
            user, nice, system, idle, waiting, interrupts, soft, stolen = map(int, file.readline().split()[1:9])
        ticks = os.sysconf("SC_CLK_TCK")
        busy = (user + nice + system + interrupts + soft + stolen) / ticks
        return busy, busy + (idle + waiting) / ticks, sum(os.times()[:4])

    def share(self):
        """Of all processor time since the start."""
        busy, everything, ours = (b - a for a, b in zip(self._start, self._now()))
        return max(0.0, busy - ours) / everything if everything > 0 else 0.0
