# SPDX-License-Identifier: Apache-2.0
"""Building what measures and is measured."""

import os
import pathlib
import shutil
import subprocess
import sys

PYTHON = "/usr/bin/python3"  # the one that Debian's packages belong to


def missing_packages(packages):
    missing = []
    for package in packages:
        state = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package], capture_output=True,
                               text=True, check=False)
        if not state.stdout.startswith("ii"):
            missing.append(package)
    return missing


def run(command, cwd, **more):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=1800, **more)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")


def newer(program, files):
    """Whether `program` was made after all of `files`."""
    return program.exists() and all(program.stat().st_mtime > file.stat().st_mtime for file in files)


def build_with_product(source, *targets):
    """Builds programs that contain parts of the product (shared/product.cmake). Returns the folder they are in."""
    source = pathlib.Path(source)
    if not (source / "build/toolchain").exists():
        sys.exit("ours is measured as it ships; make the toolchain first: ./run toolchain")
    folder = source / "build/bench/product"
    include = source / "bench/shared/product.cmake"
    made_with = folder / "made-with"
    setting = f"{os.path.realpath(source / 'build/toolchain')} {include}"
    if not made_with.exists() or made_with.read_text(encoding="utf-8") != setting:
        shutil.rmtree(folder, ignore_errors=True)
        run(["cmake", "--preset", "static", "-B", str(folder), f"-DCMAKE_PROJECT_iris-predictor_INCLUDE={include}"],
            source)
        made_with.write_text(setting, encoding="utf-8")
    run(["cmake", "--build", str(folder), "--target", *targets], source)
    return folder
