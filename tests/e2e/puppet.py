# SPDX-License-Identifier: Apache-2.0
"""Has a process that runs make a system call of our choosing, as code that took it over would (ptrace, x86-64). Nothing
in the process takes part in it."""

import ctypes
import os
import signal

ATTACH, DETACH, GETREGS, SETREGS, SINGLESTEP = 16, 17, 12, 13, 9
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
