# SPDX-License-Identifier: Apache-2.0
"""clang as a cross compiler: one pair of wrappers for a target and the sysroot that they stand in."""

import subprocess
from pathlib import Path


# $root: the sysroot's own place, wherever that is moved. The loop: bitcode holds the name of the file it was made of as the
# compiler was given it, the linker tells static functions apart by it, and with that decides in which order to look at
# them. As seen from the working folder it is the same in every checkout and every cache; $up leads to where the two part.
WRAPPER = r"""#!/bin/sh
root=${0%%/*}/..
cd -P . # no symbolic link in $PWD, so that each ".." leads to the folder above it
for argument; do
  shift
  case $argument in
    /*.c | /*.cc | /*.cpp | /*.cxx | /*.S | /*.s)
      folder=$PWD up=
      while [ "${argument#"$folder"/}" = "$argument" ]; do folder=${folder%%/*} up=../$up; done
      argument=$up${argument#"$folder"/}
      ;;
  esac
  set -- "$@" "$argument"
done
exec %(name)s-19 --target=%(target)s --sysroot="$root" -resource-dir="$root/resource" -ffile-prefix-map="$root/=" \
  -rtlib=compiler-rt -unwindlib=libunwind -fuse-ld=lld %(library)s -Wno-unused-command-line-argument "$@"
"""


def compiler_wrappers(folder: Path, target: str) -> Path:
    """Writes <target>-clang and -clang++ into `folder`. Their sysroot is the folder above it, and neither a path into it
    nor that of the source gets into what they compile."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, library in (("clang", ""), ("clang++", "-stdlib=libc++")):
        wrapper = folder / f"{target}-{name}"
        wrapper.write_text(WRAPPER % {"name": name, "target": target, "library": library})
        wrapper.chmod(0o755)
    return folder


def host_resource_folder() -> str:
    return subprocess.run(["clang-19", "-print-resource-dir"], capture_output=True, text=True, check=True).stdout.strip()
