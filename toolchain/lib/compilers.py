# SPDX-License-Identifier: Apache-2.0
"""clang as a cross compiler: one pair of wrappers for a target and the sysroot that they stand in."""

import subprocess
from pathlib import Path


def compiler_wrappers(folder: Path, target: str) -> Path:
    """Writes <target>-clang and -clang++ into `folder`. Their sysroot is the folder above it, wherever that is moved,
    and no path into it gets into what they compile."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("clang", "clang++"):
        wrapper = folder / f"{target}-{name}"
        wrapper.write_text(
            "#!/bin/sh\n"
            "root=${0%/*}/..\n"
            f'exec {name}-19 --target={target} --sysroot="$root" -resource-dir="$root/resource" '
            '-ffile-prefix-map="$root/=" -rtlib=compiler-rt -unwindlib=libunwind -fuse-ld=lld '
            f'{"-stdlib=libc++ " if name == "clang++" else ""}-Wno-unused-command-line-argument "$@"\n')
        wrapper.chmod(0o755)
    return folder


def host_resource_folder() -> str:
    return subprocess.run(["clang-19", "-print-resource-dir"], capture_output=True, text=True, check=True).stdout.strip()
