# SPDX-License-Identifier: Apache-2.0
"""Names for what is in the cache: a hash over everything that goes into a step."""

import hashlib
import subprocess
from pathlib import Path

import lock
from steps import STEPS, Step

# 2024-01-01T00:00:00Z: one fixed date for every step, so that a library's bytes do not depend on the day.
SOURCE_DATE_EPOCH = "1704067200"


class HostError(Exception):
    """A program of the build machine is missing or does not work."""


def flags(toolchain: Path) -> list[str]:
    lines = (toolchain / "flags.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def patch_folder(toolchain: Path, source) -> Path:
    return toolchain / "patches" / f"{source.name}-{source.version}"


def host_tools() -> str:
    """The versions of the build machine's programs that shape the output. Not that of the kernel's headers: the
    interface that they declare is stable, and what is compiled against them does not depend on their age."""
    found = ""
    for command in (["clang-19", "--version"], ["ld.lld-19", "--version"], ["protoc", "--version"]):
        try:
            found += subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("InstalledDir")[0]
        except FileNotFoundError as error:
            raise HostError(f"{command[0]} is not installed: run toolchain/bootstrap build first") from error
        except (OSError, subprocess.CalledProcessError) as error:
            raise HostError(f"{command[0]} does not run: {error}") from error
    return found


def step_keys(toolchain: Path, target: str, sources: dict) -> dict[str, str]:
    """Key of every step, by its name. A step's key holds the keys of what it stands on."""
    result: dict[str, str] = {}
    machine = host_tools()
    for step in STEPS:
        if step.source not in sources:
            raise lock.LockError(f"sources.lock has no {step.source!r}, which step {step.name} builds")
        digest = hashlib.sha256()
        parts = (target, machine, SOURCE_DATE_EPOCH, *flags(toolchain), *step.unpack, *(result[n] for n in step.needs))
        for part in parts:
            digest.update(part.encode() + b"\0")
        digest.update(source_identity(sources[step.source]).encode())
        for file in read_by(toolchain, step, sources[step.source]):
            digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        result[step.name] = digest.hexdigest()[:16]
    return result


def source_identity(source) -> str:
    """The bytes that a source may consist of (an archive of another place has another hash, the same content)."""
    return " ".join(sorted(place.sha256 for place in source.places))


def read_by(toolchain: Path, step: Step, source) -> list[Path]:
    own = [toolchain / "lib" / "compilers.py", toolchain / "recipes" / "common.sh",
           toolchain / "recipes" / f"{step.name}.sh"]
    patches = sorted(patch_folder(toolchain, source).glob("*.patch"))
    return own + [toolchain / file for file in step.files] + patches


def total(step_keys_by_name: dict[str, str]) -> str:
    return hashlib.sha256(" ".join(step_keys_by_name.values()).encode()).hexdigest()[:16]
