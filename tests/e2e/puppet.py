# SPDX-License-Identifier: Apache-2.0
"""Two things that are done to a process from outside, with nothing in it taking part (ptrace, x86-64): it makes a system
call of our choosing, as code that took it over would; or its reads of some files are short, as the system may make them:
what it is given is the file's, but a byte at a time."""

import collections
import ctypes
import errno
import os
import signal
import subprocess
import tempfile
import threading

import appliance

TRACEME, SINGLESTEP, GETREGS, SETREGS, ATTACH, DETACH, SYSCALL = 0, 9, 12, 13, 16, 17, 24
SETOPTIONS, SEIZE, INTERRUPT = 0x4200, 0x4206, 0x4207
TRACESYSGOOD, EXITKILL = 1, 1 << 20  # options: a stop at a call shows as SIGTRAP | 0x80; no tracee outlives its tracer
WALL = 0x40000000                    # waitpid: for threads, too
READ, RT_SIGTIMEDWAIT = 0, 128       # system calls
BEGINNING = 2**64 - errno.ENOSYS     # rax when a call begins
FIELDS = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip cs eflags rsp ss fs_base gs_base ds es "
          "fs gs").split()
RED_ZONE = 4096  # bytes below the stack pointer that stay untouched; text goes below them


class Registers(ctypes.Structure):
    _fields_ = [(name, ctypes.c_ulonglong) for name in FIELDS]


LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
LIBC.ptrace.restype = ctypes.c_long


def ptrace(request, pid, data=None):
    if LIBC.ptrace(request, pid, None, data) != 0:
        raise OSError(ctypes.get_errno(), "ptrace")


class Puppet:
    """The main thread of `pid`, held while the with-block lasts. It waits in a system call, as a server's does."""

    def __init__(self, pid):
        self.pid = pid

    def __enter__(self):
        ptrace(ATTACH, self.pid)
        os.waitpid(self.pid, 0)
        self.before = Registers()
        ptrace(GETREGS, self.pid, ctypes.byref(self.before))
        with open(f"/proc/{self.pid}/mem", "rb") as memory:
            memory.seek(self.before.rip - 2)
            assert memory.read(2) == b"\x0f\x05", "it is not behind a syscall instruction"
        self.alive = True
        return self

    def call(self, number, *arguments):
        """What the call returns (an errno as a negative number), or the signal that it ended the process with."""
        registers = Registers.from_buffer_copy(self.before)
        registers.orig_rax = 2**64 - 1  # nothing to be restarted
        registers.rip, registers.rax = self.before.rip - 2, number
        place = self.before.rsp - RED_ZONE
        for name, value in zip(("rdi", "rsi", "rdx", "r10", "r8", "r9"), arguments):
            if isinstance(value, (str, os.PathLike)):
                text = os.fsencode(value) + b"\0"
                place -= len(text)
                with open(f"/proc/{self.pid}/mem", "r+b", buffering=0) as memory:
                    memory.seek(place)
                    memory.write(text)
                value = place
            setattr(registers, name, value % 2**64)
        ptrace(SETREGS, self.pid, ctypes.byref(registers))
        ptrace(SINGLESTEP, self.pid)
        _, status = os.waitpid(self.pid, 0)
        if os.WIFSIGNALED(status):
            self.alive = False
            return signal.Signals(os.WTERMSIG(status))
        ptrace(GETREGS, self.pid, ctypes.byref(registers))
        return ctypes.c_longlong(registers.rax).value

    def __exit__(self, *_):
        if self.alive:
            ptrace(SETREGS, self.pid, ctypes.byref(self.before))
            ptrace(DETACH, self.pid)


class ShortReads:
    """One thread's reads of `files` bring `size` bytes at most: as such a call begins, the number that it asks for is
    lowered, and the kernel does the rest. .brought: what each of them returned, by file, its end (0) included. One that
    takes a short read for the end of the file stops there, which .whole() tells."""

    def __init__(self, files, size):
        self.files, self.size = {os.path.realpath(file) for file in files}, size
        self.brought = collections.defaultdict(list)

    def whole(self, file):
        """Whether all of `file` was read, in the small pieces that were meant, up to its end."""
        brought = self.brought[os.path.realpath(file)]
        return sum(brought) == os.path.getsize(file) and max(brought) <= self.size and brought[-1] == 0

    def follow(self, thread, until=None):
        """From a stop on, by whoever traces it: to its end, whose status is returned; or, when it has read, to the next
        call number `until`, where it is left alone again (None)."""
        registers, reading, deliver = Registers(), None, 0
        while True:
            ptrace(SYSCALL, thread, deliver)
            _, status = os.waitpid(thread, WALL)
            if not os.WIFSTOPPED(status):
                return status
            deliver = 0
            if os.WSTOPSIG(status) != signal.SIGTRAP | 0x80:
                deliver = 0 if status >> 16 else os.WSTOPSIG(status)  # of ptrace's own stops there is nothing to deliver
                continue
            ptrace(GETREGS, thread, ctypes.byref(registers))
            entering = registers.rax == BEGINNING
            if entering and registers.orig_rax == READ:
                file = os.readlink(f"/proc/{thread}/fd/{registers.rdi}")
                if file in self.files:
                    reading, asked = file, registers.rdx
                    registers.rdx = min(self.size, asked)
                    ptrace(SETREGS, thread, ctypes.byref(registers))
            elif not entering and reading:
                self.brought[reading].append(ctypes.c_longlong(registers.rax).value)
                reading, registers.rdx = None, asked
                ptrace(SETREGS, thread, ctypes.byref(registers))
            elif entering and self.brought and registers.orig_rax == until:
                ptrace(DETACH, thread)
                return None

    def run(self, *arguments, stdin=subprocess.DEVNULL):
        """One command whose main thread meets this; as appliance.run()."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen([appliance.BINARY, *arguments], env=appliance.environment(), stdin=stdin,
                                       stdout=output, stderr=errors, preexec_fn=lambda: LIBC.ptrace(TRACEME, 0, None, None))
            os.waitpid(process.pid, 0)  # stopped behind execve
            ptrace(SETOPTIONS, process.pid, TRACESYSGOOD | EXITKILL)
            timer = threading.Timer(appliance.DEADLINE, process.kill)
            timer.start()
            process.returncode = os.waitstatus_to_exitcode(self.follow(process.pid))
            timer.cancel()
            texts = []
            for file in (output, errors):
                file.seek(0)
                texts.append(file.read().decode("utf-8", "replace"))
            return subprocess.CompletedProcess(process.args, process.returncode, *texts)


class ReadsShortOnce(ShortReads):
    """The same for a server's main thread, within the with-block: until it has read, and waits for signals again. It is
    signalled by os.kill() meanwhile: subprocess's own way asks first whether the process has ended, and so takes the stops
    that are ours."""

    def __init__(self, pid, files, size):
        super().__init__(files, size)
        self.pid, self.held, self.failure = pid, threading.Event(), None
        self.tracer = threading.Thread(target=self._trace, daemon=True)  # a tracee obeys the thread that holds it, no other

    def _trace(self):
        try:
            ptrace(SEIZE, self.pid, TRACESYSGOOD)
            ptrace(INTERRUPT, self.pid)
            os.waitpid(self.pid, WALL)
            self.held.set()
            self.follow(self.pid, RT_SIGTIMEDWAIT)
        except OSError as error:
            self.failure = error

    def __enter__(self):
        self.tracer.start()
        if not self.held.wait(appliance.DEADLINE):
            raise AssertionError(f"{self.pid} is not held: {self.failure}")
        return self

    def __exit__(self, kind, *_):
        self.tracer.join(appliance.DEADLINE)
        if kind is None and (self.tracer.is_alive() or self.failure):
            raise AssertionError(f"{self.pid} did not come back from its reads: {self.failure}")
