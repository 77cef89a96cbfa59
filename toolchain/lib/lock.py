# SPDX-License-Identifier: Apache-2.0
"""Reads sources.lock, the list of every third-party source that goes into the binary.

The file is TOML:

    schema = 1

    [[source]]
    name = "musl"            # unique; lower-case letters, digits, _ and -
    version = "1.2.5"
    licence = "MIT"          # SPDX expression
    purpose = "the C library"

    [[source.place]]         # one or more, tried in this order
    archive = "debian"       # a Debian archive: "debian" or "debian-security" …
    path = "pool/main/m/musl/musl_1.2.5.orig.tar.gz"
    file = "musl_1.2.5.orig.tar.gz"
    size = 1080786           # optional, bytes
    sha256 = "a9a1…"

    [[source.place]]
    url = "https://…"        # … or upstream's release address
    file = "musl_1.2.5.orig.tar.gz"
    sha256 = "a9a1…"

`file` is the name in the cache. The same name always means the same hash, so a download that one place began, another
place may finish. Every key is checked: a lock that is not fully understood is not used at all.
"""

import dataclasses
import pathlib
import re
import tomllib

ARCHIVES = ("debian", "debian-security")

_SOURCE_KEYS = {"name", "version", "licence", "purpose", "place"}
_PLACE_KEYS = {"archive", "path", "url", "file", "size", "sha256"}


class LockError(Exception):
    """The lock is not what it must be; the message names the entry."""


@dataclasses.dataclass(frozen=True)
class Place:
    """One address that serves a source: either (archive, path) or url."""

    file: str
    sha256: str
    archive: str | None = None
    path: str | None = None
    url: str | None = None
    size: int | None = None

    def label(self) -> str:
        """How messages call it: the archive's name, or "upstream"."""
        return self.archive or "upstream"


@dataclasses.dataclass(frozen=True)
class Source:
    """One third-party source, and where it can be had."""

    name: str
    version: str
    licence: str
    purpose: str
    places: tuple[Place, ...]


def load(path: str | pathlib.Path) -> dict[str, Source]:
    """The sources of the lock at `path`, by name, in the file's order.

    Errors: LockError, which names the file, the entry and what is wrong with it.
    """
    try:
        with open(path, "rb") as file:
            table = tomllib.load(file)
    except OSError as error:
        raise LockError(f"{path}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LockError(f"{path}: is not TOML: {error}") from error
    try:
        return _sources(table)
    except LockError as error:
        raise LockError(f"{path}: {error}") from None


def _sources(table: dict) -> dict[str, Source]:
    _only(table, {"schema", "source"}, "at the top")
    if table.get("schema") != 1:
        raise LockError(f"schema is {table.get('schema')!r}; this program reads schema 1")
    entries = table.get("source")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries) or not entries:
        raise LockError("no [[source]] entry")
    sources: dict[str, Source] = {}
    hashes: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        source = _source(entry, number)
        if source.name in sources:
            raise LockError(f"source {source.name}: named twice")
        for place in source.places:
            if hashes.setdefault(place.file, place.sha256) != place.sha256:
                raise LockError(f"source {source.name}: {place.file} is listed with two different hashes; "
                                "bytes that differ need a file name of their own")
        sources[source.name] = source
    return sources


def _source(entry: dict, number: int) -> Source:
    name = entry.get("name")
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise LockError(f"source number {number}: name is {name!r}; expected lower-case letters, digits, _ and -")
    where = f"source {name}"
    _only(entry, _SOURCE_KEYS, where)
    texts = {key: _text(entry, key, where) for key in ("version", "licence", "purpose")}
    places = entry.get("place")
    if not isinstance(places, list) or not places or not all(isinstance(place, dict) for place in places):
        raise LockError(f"{where}: no [[source.place]]; at least one place must serve it")
    return Source(name=name, places=tuple(_place(p, f"{where}, place {i}") for i, p in enumerate(places, 1)), **texts)


def _place(entry: dict, where: str) -> Place:
    _only(entry, _PLACE_KEYS, where)
    sha256 = _text(entry, "sha256", where)
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise LockError(f"{where}: sha256 is {sha256!r}; expected 64 lower-case hexadecimal digits")
    file = _text(entry, "file", where)
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._+~-]*", file) or file.endswith(".part"):
        raise LockError(f"{where}: file is {file!r}; expected a plain file name (and not *.part)")
    size = entry.get("size")
    if size is not None and (not isinstance(size, int) or isinstance(size, bool) or size <= 0):
        raise LockError(f"{where}: size is {size!r}; expected a number of bytes")
    if "url" in entry:
        if "archive" in entry or "path" in entry:
            raise LockError(f"{where}: has url and archive or path; a place is one of the two")
        url = _text(entry, "url", where)
        if not re.fullmatch(r"https://[^\s/@]+/\S+", url):
            raise LockError(f"{where}: url is {url!r}; expected https://host/path")
        return Place(file=file, sha256=sha256, size=size, url=url)
    archive, path = _text(entry, "archive", where), _text(entry, "path", where)
    if archive not in ARCHIVES:
        raise LockError(f"{where}: archive is {archive!r}; expected {' or '.join(ARCHIVES)}")
    if not path.startswith("pool/") or ".." in path.split("/"):
        raise LockError(f"{where}: path is {path!r}; expected pool/…")
    return Place(file=file, sha256=sha256, size=size, archive=archive, path=path)


def _only(entry: dict, keys: set[str], where: str) -> None:
    for key in entry:
        if key not in keys:
            raise LockError(f"{where}: unknown key {key!r}; known are {', '.join(sorted(keys))}")


def _text(entry: dict, key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        found = "missing" if value is None else f"{value!r}; expected text"
        raise LockError(f"{where}: {key} is {found}")
    return value
