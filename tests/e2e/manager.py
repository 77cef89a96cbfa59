# SPDX-License-Identifier: Apache-2.0
"""What systemd does for a service, as far as a test needs it: a notification socket, and one stopped thread."""

import contextlib
import ctypes
import os
import secrets
import socket
import time

import appliance


class Notifications:
    """Collects what is sent to $NOTIFY_SOCKET, an abstract address unless a path is given."""

    def __init__(self, path=None):
        self.name = path or f"@iris-test-{secrets.token_hex(8)}"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.name if path else "\0" + self.name[1:])
        self.seen = []

    def environment(self, **more):
        return {"NOTIFY_SOCKET": self.name, **more}

    def next(self, timeout=appliance.DEADLINE):
        """The assignments of the next message, as a dictionary; none within the timeout: an AssertionError."""
        self.socket.settimeout(timeout)
        try:
            message = self.socket.recv(65536).decode()
        except (TimeoutError, BlockingIOError):
            raise AssertionError(f"no notification within {timeout} s; seen: {self.seen}") from None
        fields = dict(line.split("=", 1) for line in message.splitlines())
        self.seen.append(fields)
        return fields

    def until(self, name, timeout=appliance.DEADLINE):
        """The next message that assigns `name`."""
        end = time.monotonic() + timeout
        while True:
            fields = self.next(max(0.01, end - time.monotonic()))
            if name in fields:
                return fields

    def drain(self):
        """All that has come, without waiting."""
        found = []
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(dict(line.split("=", 1) for line in self.socket.recv(65536).decode().splitlines()))
        self.seen += found
        return found

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


PTRACE_DETACH, PTRACE_SEIZE, PTRACE_INTERRUPT = 17, 0x4206, 0x4207


class Frozen:
    """One thread of another process does not run while this lives; the others do. Raises OSError where that is not
    allowed."""

    def __init__(self, thread):
        self.thread = thread
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p]
        self._ptrace(PTRACE_SEIZE)
        self._ptrace(PTRACE_INTERRUPT)
        os.waitpid(thread, 0x40000000)  # __WALL: until it has stopped

    def _ptrace(self, request):
        if self._libc.ptrace(request, self.thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):  # it may be gone
            self._ptrace(PTRACE_DETACH)


def threads(process):
    """The ids of all threads of a process but its first."""
    return [int(name) for name in os.listdir(f"/proc/{process}/task") if int(name) != process]
