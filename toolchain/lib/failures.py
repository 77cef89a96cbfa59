# SPDX-License-Identifier: Apache-2.0
"""How fetching and unpacking fail. A message says what was found, what was tried, and what to do."""


class FetchError(Exception):
    """Base of all of them; `exit_code` is what the program ends with."""

    exit_code = 69


class Unavailable(FetchError):
    """Nobody serves a source."""


class WrongHash(FetchError):
    """Whoever serves a source serves other bytes than the lock's."""

    exit_code = 65


class StorageError(FetchError):
    """The folder for the sources cannot be written: no space, no permission."""

    exit_code = 74


class UnpackError(FetchError):
    """An archive or a patch is not what the recipe expects."""

    exit_code = 65
