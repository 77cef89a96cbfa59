# SPDX-License-Identifier: Apache-2.0
"""The file that a download grows in: one writer at a time, and whole before it has its final name."""

import contextlib
import fcntl
import os
import pathlib
from collections.abc import Callable


@contextlib.contextmanager
def locked(path: pathlib.Path, waiting: Callable[[], None]):
    """`path` opened for reading and writing, by us alone. An empty file is removed in the end.

    The file itself carries the lock. Whoever had it before may have renamed or removed it: then another file is under
    this name by the time that we get the lock, and we begin again with that one.
    """
    def create(name: str, flags: int) -> int:
        return os.open(name, flags | os.O_CREAT | os.O_CLOEXEC, 0o644)

    while True:
        with open(path, "r+b", buffering=0, opener=create) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(file, fcntl.LOCK_EX)
            if not _same_file(file, path):
                continue
            try:
                yield file
            finally:
                if _same_file(file, path) and os.fstat(file.fileno()).st_size == 0:
                    os.unlink(path)
            return


def _same_file(file, path: pathlib.Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), os.stat(path))
    except FileNotFoundError:
        return False


def rename_whole(part, final: pathlib.Path) -> None:
    """Gives a locked, verified part its final name, also as far as a power cut is concerned."""
    os.fsync(part.fileno())
    os.rename(part.name, final)
    descriptor = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
