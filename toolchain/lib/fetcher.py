# SPDX-License-Identifier: Apache-2.0
"""One source, from the first place that serves the right bytes.

A file has its final name only when its hash was verified. Until then it is NAME.part, locked while somebody writes to
it, kept when a download breaks off, and gone on with by whoever comes next, at whichever place has the same hash.
"""

import dataclasses
import os
import pathlib
import time
from collections.abc import Callable

from download import NO_SPACE, NoSpace, PlaceFailed, Transient, WrongContent, digest_of, download
from failures import FetchError, StorageError, Unavailable, UnpackError, WrongHash
from lock import Place, Source
from mirrors import Address, Mirrors
from part_file import locked, rename_whole
from unpack import apply_patches, unpack

__all__ = ["FetchError", "Options", "StorageError", "Unavailable", "UnpackError", "WrongHash", "apply_patches",
           "cache_folder", "fetch", "obtain", "unpack", "verify"]

PROGRESS = 1 << 20  # An attempt that brought this many bytes was worth it, and does not count as a failed one.


@dataclasses.dataclass(frozen=True)
class Options:
    """How to fetch. `sources`: the folder of IRIS_SOURCES; with it no network is tried."""

    sources: pathlib.Path | None = None
    mirrors: Mirrors = dataclasses.field(default_factory=Mirrors)
    timeout: float = 30.0
    attempts: int = 4
    backoff: float = 1.0  # Seconds before the second attempt; doubled for each further one.
    progress: Callable[[int, int | None], None] = lambda done, total: None
    note: Callable[[str], None] = lambda text: None

    def reporting(self, progress: Callable[[int, int | None], None], note: Callable[[str], None]) -> "Options":
        """The same, with somebody who listens."""
        return dataclasses.replace(self, progress=progress, note=note)


def options_from(environment=os.environ, **settings) -> Options:
    folder = environment.get("IRIS_SOURCES")
    return Options(sources=pathlib.Path(folder) if folder else None, mirrors=Mirrors(environment), **settings)


def cache_folder(environment=os.environ) -> pathlib.Path:
    """IRIS_CACHE, or iris-predictor in the user's cache folder."""
    base = environment.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return pathlib.Path(environment.get("IRIS_CACHE") or os.path.join(base, "iris-predictor")).absolute()


def fetch(source: Source, dest: str | os.PathLike, options: Options | None = None) -> pathlib.Path:
    """The verified archive of `source`: from IRIS_SOURCES, or from `dest`, or downloaded into `dest`.

    Threading: any number of threads and processes may fetch into the same folder.
    Errors: Unavailable, WrongHash, StorageError.
    """
    return obtain(source, dest, options)[0]


def obtain(source: Source, dest: str | os.PathLike, options: Options | None = None) -> tuple[pathlib.Path, str]:
    """As fetch(), with where the file came from: "IRIS_SOURCES", "cached", or the place's label."""
    options = options or options_from()
    dest = pathlib.Path(dest)
    return _Search(source, dest, options).run()


def verify(source: Source, folder: pathlib.Path) -> tuple[pathlib.Path | None, list[str]]:
    """The first archive of `source` in `folder` that has the right hash, and what is wrong with others."""
    wrong = []
    for place in _by_file(source):
        path = folder / place.file
        try:
            with open(path, "rb") as file:
                found = digest_of(file)
        except FileNotFoundError:
            continue
        except OSError as error:
            wrong.append(f"{path}: cannot be read: {error.strerror}")
            continue
        if found == place.sha256:
            return path, wrong
        wrong.append(f"{path}: wrong hash\n    expected SHA-256 {place.sha256}\n    found    SHA-256 {found}")
    return None, wrong


def _by_file(source: Source) -> list[Place]:
    return list({place.file: place for place in reversed(source.places)}.values())[::-1]


class _Search:
    """One run over the places of a source; collects what happened at each."""

    def __init__(self, source: Source, dest: pathlib.Path, options: Options):
        self.source, self.dest, self.options = source, dest, options
        self.title = f"{source.name} {source.version}"
        self.tried: list[str] = []
        self.wrong = self.missing = 0

    def run(self) -> tuple[pathlib.Path, str]:
        for folder, label in ((self.options.sources, "IRIS_SOURCES"), (self.dest, "cached")):
            if folder is None:
                continue
            path, wrong = verify(self.source, folder)
            if path is not None:
                return path, label
            if self.options.sources is not None:
                self.tried += wrong or [f"{folder}: has none of these files"]
                self.wrong += len(wrong)
        if self.options.sources is None:
            for place in self.source.places:
                path = self._from(place)
                if path is not None:
                    return path, place.label()
        raise self._failure()

    def _from(self, place: Place) -> pathlib.Path | None:
        if place.url is not None:
            addresses, reason = [Address(place.url)], ""
        else:
            addresses, reason = self.options.mirrors.addresses(place.archive, place.path)
        if not addresses:
            self.tried.append(f"{place.label()} {place.path}: skipped: {reason}")
            return None
        final = self.dest / place.file
        try:
            self.dest.mkdir(parents=True, exist_ok=True)
            with locked(self.dest / f"{place.file}.part", self._waiting) as part:
                if self._there(place, final) or any(self._complete(place, one, part) for one in addresses):
                    if not final.exists():
                        rename_whole(part, final)
                    return final
        except OSError as error:
            raise self._storage_error(error, part=None) from error
        return None

    def _waiting(self) -> None:
        self.options.note(f"{self.title}: another process is fetching it; waiting")

    def _there(self, place: Place, final: pathlib.Path) -> bool:
        """Whether somebody else finished it meanwhile. Requires the lock; a damaged file is removed."""
        try:
            with open(final, "rb") as file:
                found = digest_of(file)
        except FileNotFoundError:
            return False
        if found == place.sha256:
            return True
        self.options.note(f"{final}: damaged (SHA-256 {found}, expected {place.sha256}); removed, fetching it again")
        final.unlink()
        return False

    def _complete(self, place: Place, address: Address, part) -> bool:
        """Whether `part` holds the right bytes now. On False, self.tried says why."""
        where = f"{place.label()} {address.url}"
        failed, restarted = 0, False
        if part.seek(0, os.SEEK_END) and digest_of(part) == place.sha256:
            return True  # Whoever fetched it was stopped just before the renaming.
        while True:
            before = part.seek(0, os.SEEK_END)
            try:
                found = download(address, part, place.size, self.options.timeout, self.options.progress)
            except NoSpace as error:
                raise self._storage_error(error, part) from error
            except WrongContent as error:
                part.truncate(0)
                self.tried.append(f"{where}: {error}")
                self.wrong += 1
                return False
            except PlaceFailed as error:
                self.tried.append(f"{where}: {error}")
                self.missing += 1
                return False
            except Transient as error:
                failed = 0 if part.seek(0, os.SEEK_END) - before >= PROGRESS else failed + 1
                if failed >= self.options.attempts:
                    self.tried.append(f"{where}: {error} ({failed} attempts)")
                    self.missing += 1
                    return False
                pause = self.options.backoff * 2 ** max(failed - 1, 0)
                self.options.note(f"{self.title}: {error}; trying again in {pause:g} s")
                time.sleep(pause)
                continue
            if found == place.sha256:
                return True
            part.truncate(0)
            if before and not restarted:  # What was there before may be to blame, not this place.
                self.options.note(f"{self.title}: the resumed download has a wrong hash; fetching the whole again")
                restarted, failed = True, 0
                continue
            self.tried.append(f"{where}: wrong hash; what it served was removed\n"
                              f"    expected SHA-256 {place.sha256}\n    found    SHA-256 {found}")
            self.wrong += 1
            return False

    def _storage_error(self, error: Exception, part) -> FetchError:
        code = getattr(error, "errno", None)
        if not isinstance(error, NoSpace) and code not in NO_SPACE:
            return StorageError(f"{self.title}: cannot write into {self.dest}: {error.strerror or error}.\n"
                                "  Make the folder writable, or choose another with --dest DIR or IRIS_CACHE=DIR.")
        needed = getattr(error, "needed", None)
        what = f"{human(needed)} more are needed" if needed else "more is needed than there is"
        kept = part.seek(0, os.SEEK_END) if part is not None else 0
        return StorageError(f"{self.title}: no space left in {self.dest}: {what}.\n"
                            "  Free some, or choose another folder with --dest DIR or IRIS_CACHE=DIR."
                            + (f"\n  The {human(kept)} already there are kept; the next run goes on from them."
                               if kept else ""))

    def _failure(self) -> FetchError:
        files = "\n".join(f"    {place.file}\n      SHA-256 {place.sha256}" for place in _by_file(self.source))
        offline = self.options.sources
        lines = [f"{self.title}: no place serves it." if offline is None else
                 f"{self.title}: not in IRIS_SOURCES={offline}, and not in the cache; with IRIS_SOURCES set, "
                 "no network is tried."]
        if self.wrong and not self.missing:
            lines = [f"{self.title}: wrong content everywhere; what was found is not what sources.lock names."]
        lines += ["  Tried:", *(f"  - {one}" for one in self.tried)]
        lines += [f"  Put one of these files into {offline}:" if offline is not None else
                  "  To go on without these places, put one of these files into a folder DIR and set IRIS_SOURCES=DIR:",
                  files]
        return (WrongHash if self.wrong and not self.missing else Unavailable)("\n".join(lines))


def human(size: int) -> str:
    """164.4 MB, 9.8 kB."""
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.1f} kB"
