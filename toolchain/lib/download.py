# SPDX-License-Identifier: Apache-2.0
"""Brings one URL into an open file, going on from what the file holds, and says which hash came out.

Nothing here decides whether the bytes are right: the caller compares the hash before anybody uses them.
"""

import errno
import hashlib
import http.client
import os
import re
import shutil
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable

import mirrors

USER_AGENT = "iris-predictor-fetch/1"
CHUNK = 256 * 1024
SLOWEST = 1024  # Bytes a second, measured over one timeout: less counts as a hang.
TRANSIENT_STATUS = (408, 425, 429, 500, 502, 503, 504)
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class PlaceFailed(Exception):
    """This place does not serve the file, and asking again would not help."""


class WrongContent(PlaceFailed):
    """Its length alone shows that this is not the file."""


class Transient(Exception):
    """Asking again may help: a timeout, a broken connection, an overloaded server."""


class NoSpace(Exception):
    """The disk (or a quota) is full. `needed`: bytes still to come, None where unknown."""

    def __init__(self, needed: int | None):
        super().__init__("no space left")
        self.needed = needed


def digest_of(file) -> str:
    """SHA-256 of all that an open binary file holds."""
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def download(address: mirrors.Address, part, size: int | None, timeout: float,
             progress: Callable[[int, int | None], None]) -> str:
    """Completes `part`, an unbuffered file open for reading and writing; returns the SHA-256 of the whole.

    `size`: the length that the lock states, None where it does not. `progress(done, total)` is called on the way.

    Errors: PlaceFailed (WrongContent), Transient, NoSpace; what was received until then stays in `part`.
    """
    have = part.seek(0, os.SEEK_END)
    with _open(address, have, timeout) as response:
        have, total = _position(response, part, have)
        if size is not None and total is not None and total != size:
            raise WrongContent(f"it serves {total} bytes; the lock says {size}")
        total = total if total is not None else size
        if total is not None and shutil.disk_usage(part.name).free < total - have:
            raise NoSpace(total - have)
        part.seek(0)
        digest = hashlib.file_digest(part, "sha256")
        done = have
        for chunk in _chunks(response, timeout):
            done += len(chunk)
            if size is not None and done > size:
                raise WrongContent(f"it serves more than the {size} bytes that the lock says")
            _write(part, chunk, None if total is None else total - done + len(chunk))
            digest.update(chunk)
            progress(done, total)
    if total is not None and done < total:
        raise Transient(f"the connection ended after {done} of {total} bytes")
    return digest.hexdigest()


def _open(address: mirrors.Address, have: int, timeout: float):
    request = urllib.request.Request(address.url, headers={"User-Agent": USER_AGENT})
    if have:
        request.add_header("Range", f"bytes={have}-")
    handlers = []
    if address.proxy:
        handlers.append(urllib.request.ProxyHandler({address.url.partition(":")[0].lower(): address.proxy}))
    try:
        return urllib.request.build_opener(*handlers).open(request, timeout=timeout)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 416:  # Our part is longer than its file: one of the two is wrong; begin again.
                return _open(address, 0, timeout)
            if error.code in TRANSIENT_STATUS:
                raise Transient(f"HTTP {error.code} {error.reason}") from error
            raise PlaceFailed(f"HTTP {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _network_failure(error, timeout) from error


def _network_failure(error: Exception, timeout: float) -> PlaceFailed | Transient:
    reason = getattr(error, "reason", error)  # urllib wraps the real one.
    if isinstance(reason, TimeoutError):
        return Transient(f"no answer within {timeout:g} s")
    if isinstance(reason, socket.gaierror):
        return PlaceFailed(f"its name cannot be resolved: {reason.strerror}")
    if isinstance(reason, FileNotFoundError):
        return PlaceFailed("no such file")
    text = str(reason) or type(reason).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return PlaceFailed(f"{text} (is the package ca-certificates installed?)")
    if isinstance(reason, (ConnectionRefusedError, PermissionError)) or not isinstance(
            reason, (OSError, http.client.HTTPException)):
        return PlaceFailed(text)
    return Transient(text)


def _position(response, part, have: int) -> tuple[int, int | None]:
    """Where the body starts, and the length of the whole. A server that ignores Range sends the whole again."""
    headers = response.headers
    if getattr(response, "status", None) == 206:
        match = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", headers.get("Content-Range", ""))
        if match is None or int(match[1]) != have:
            part.truncate(0)
            raise Transient("it answered another range than the one asked for; beginning again")
        return have, None if match[2] == "*" else int(match[2])
    part.truncate(0)
    length = headers.get("Content-Length", "")
    return 0, int(length) if length.isdecimal() else None


def _chunks(response, timeout: float):
    """The body. A socket that is silent for `timeout`, or drips slower than SLOWEST, is Transient."""
    read = getattr(response, "read1", response.read)
    begun, received = time.monotonic(), 0
    while True:
        try:
            chunk = read(CHUNK)
        except (OSError, http.client.HTTPException) as error:
            raise _network_failure(error, timeout) from error
        if not chunk:
            return
        yield chunk
        received += len(chunk)
        if time.monotonic() - begun > timeout:
            if received < SLOWEST * timeout:
                raise Transient(f"only {received} bytes in {timeout:g} s")
            begun, received = time.monotonic(), 0


def _write(part, chunk: bytes, needed: int | None) -> None:
    view = memoryview(chunk)
    while view:
        try:
            view = view[part.write(view):]
        except OSError as error:
            if error.errno in NO_SPACE:
                raise NoSpace(needed) from error
            raise
