# SPDX-License-Identifier: Apache-2.0
"""Faults, injected into system calls by strace: which calls a piece of work makes, and what to do to each of them."""

import collections
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import appliance

# What a file path is made of; the memory, the threads and the clock are not the disk's affair.
FILES = "open,openat,stat,lstat,fstat,newfstatat,statx,read,pread64,readv,write,lseek,close,fsync,fchmod,flock,rename," \
        "renameat,renameat2,readlink,getdents64,fcntl"
ERRORS = {"EIO": "I/O error|Input/output error", "ENOSPC": "No space left on device", "EINTR": "Interrupted system call",
          "EMFILE": "No file descriptors available|Too many open files"}


def can_trace():
    return shutil.which("strace") is not None and subprocess.run(
        ["strace", "-f", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL).returncode == 0


def calls_of(log):
    """[(name, how many of that name so far, line)] of a trace."""
    found, counts = [], collections.Counter()
    for line in log.read_text(errors="replace").splitlines():
        match = re.match(r"(?:\d+ +)?([a-z_0-9]+)\(", line)
        if match and match.group(1) not in ("execve", "exit", "exit_group"):
            counts[match.group(1)] += 1
            found.append((match.group(1), counts[match.group(1)], line))
    return found


def run_traced(log, *arguments, inject=None, timeout=appliance.DEADLINE, stdin=subprocess.DEVNULL):
    """One command, its file calls in `log`; `inject` is what follows -einject=."""
    words = ["strace", "-f", "-o", str(log), f"-etrace={FILES}"] + ([f"-einject={inject}"] if inject else [])
    return subprocess.run([*words, appliance.BINARY, *arguments], env=appliance.environment(), stdin=stdin,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=timeout)


class Folder(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-faults-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.folder / "model.json"
        self.log = self.folder / "trace"

    def train(self, *arguments, out=None):
        self.check(appliance.run("train", *arguments, "--out", str(out or self.model)))
        return (out or self.model).read_bytes()


class Attached:
    """strace on one thread of a process that runs, within the with-block; .calls() afterwards."""

    def __init__(self, thread, inject=None):
        self.folder = tempfile.TemporaryDirectory(prefix="iris-strace-")
        self.log = pathlib.Path(self.folder.name, "log")
        words = ["strace", "-o", str(self.log), "-p", str(thread), f"-etrace={FILES}"]
        self.words = words + ([f"-einject={inject}"] if inject else [])

    def __enter__(self):
        self.process = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.PIPE, text=True)
        line = self.process.stderr.readline()
        if "attached" not in line:
            self.process.wait()
            raise AssertionError(f"strace did not attach: {line}")
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGINT)
        self.process.wait(appliance.DEADLINE)
        self.process.stderr.close()
        self.found = calls_of(self.log)
        self.folder.cleanup()


def until(condition, timeout=appliance.DEADLINE):
    """Whether it came true in time."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True
