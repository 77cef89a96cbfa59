# SPDX-License-Identifier: Apache-2.0
"""An archive into a folder, then our patches over it.

GNU tar does the unpacking: LLVM's 1.7 GB take it 5.3 s on two cores (xz with threads), where Python's tarfile needs
12 s only to list them.
"""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence

from failures import UnpackError


def unpack(archive: str | os.PathLike, dest: str | os.PathLike, only: Sequence[str] = ()) -> pathlib.Path:
    """Unpacks `archive` into `dest` without the archive's top folder; `dest` appears when all of it is there.

    `only`, unless empty, limits it to what these patterns match, each a path below the top folder: "libcxx" takes the folder whole,
    "llvm/utils/*.py" files; `*` does not cross a `/`. A pattern that matches nothing is an error.

    Requires: `dest` does not exist or is empty.
    Errors: UnpackError; also for a link, device or path that would reach outside of `dest`.
    """
    archive, dest = pathlib.Path(archive), pathlib.Path(dest)
    if dest.exists() and (not dest.is_dir() or any(dest.iterdir())):
        raise UnpackError(f"{dest}: already there; remove it, to unpack {archive.name} again")
    try:
        dest.parent.mkdir(parents=True, exist_ok=True)
        temporary = pathlib.Path(tempfile.mkdtemp(prefix=f".{dest.name}.", dir=dest.parent))
    except OSError as error:
        raise UnpackError(f"cannot unpack {archive.name} into {dest}: {error.strerror}: {error.filename}") from error
    try:
        _run_tar(archive, temporary, only)
        _check_tree(temporary, archive)
        temporary.chmod(0o755)
        temporary.rename(dest)  # Replaces an empty folder.
    except OSError as error:
        raise UnpackError(f"cannot unpack {archive.name} into {dest}: {error.strerror}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return dest


def _run_tar(archive: pathlib.Path, folder: pathlib.Path, only) -> None:
    command = ["tar", "--extract", f"--file={archive.resolve()}", f"--directory={folder}", "--strip-components=1",
               "--no-same-owner", "--no-same-permissions", "--force-local",
               "--anchored", "--wildcards", "--no-wildcards-match-slash"]
    environment = {key: value for key, value in os.environ.items() if key != "TAR_OPTIONS"}
    try:
        result = subprocess.run([*command, *(f"*/{pattern}" for pattern in only)], capture_output=True, text=True,
                                errors="replace", env={**environment, "LC_ALL": "C", "XZ_DEFAULTS": "-T0"})
    except FileNotFoundError as error:
        raise UnpackError(f"cannot unpack {archive.name}: no tar; install tar (GNU) and xz-utils") from error
    if result.returncode != 0:
        raise UnpackError(f"cannot unpack {archive}: tar says:\n{_indent(result.stderr)}\n"
                          "If xz cannot be run, install xz-utils; if the disk is full, free some space.")


def _check_tree(folder: pathlib.Path, archive: pathlib.Path) -> None:
    """tar itself refuses `..` and delays links; a link that stays behind could still lead a later write outside."""
    root = os.path.realpath(folder)
    for parent, folders, files in os.walk(root):
        for name in folders + files:
            path = os.path.join(parent, name)
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                target = os.path.realpath(path)
                if target != root and not target.startswith(root + os.sep):
                    raise UnpackError(f"{archive.name}: {os.path.relpath(path, root)} is a link to the outside, "
                                      f"{os.readlink(path)}; refused")
            elif not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                raise UnpackError(f"{archive.name}: {os.path.relpath(path, root)} is a device or pipe; refused")


def apply_patches(folder: str | os.PathLike, patches: str | os.PathLike) -> list[str]:
    """Applies `patches`/*.patch to `folder` in the order of their names; returns the names. No such folder: none.

    Exact context only: a patch that nearly fits was made for another version.

    Errors: UnpackError, which names the patch; that patch has then changed nothing, those before it are applied.
    """
    applied = []
    for path in sorted(pathlib.Path(patches).glob("*.patch")):
        command = ["patch", "-p1", "--forward", "--fuzz=0", "--batch", "--no-backup-if-mismatch", "--reject-file=-",
                   f"--directory={folder}", f"--input={path.resolve()}"]
        for arguments in (["--dry-run"], []):
            try:
                result = subprocess.run(command + arguments, capture_output=True, text=True, errors="replace",
                                        env={**os.environ, "LC_ALL": "C"})
            except FileNotFoundError as error:
                raise UnpackError(f"cannot apply {path.name}: no patch program; install patch") from error
            if result.returncode != 0:
                raise UnpackError(f"{path} does not apply to {folder}:\n{_indent(result.stdout + result.stderr)}\n"
                                  "Was it made for this version, and is the folder freshly unpacked?")
        applied.append(path.name)
    return applied


def _indent(text: str) -> str:
    lines = text.strip().splitlines()
    return "\n".join(f"  {line}" for line in lines[:20] + (["…"] if len(lines) > 20 else []))
