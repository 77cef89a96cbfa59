# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured and that measure: built when they are older than their sources."""

import os
import pathlib
import shutil
import subprocess
import sys

# Debian packages, and what of the toolchain the product's own build needs besides (toolchain/bootstrap build).
PACKAGES = ("liblinear-dev", "python3-sklearn", "python3-numpy", "python3-scipy", "libstdc++-12-dev")
OURS = ("fit_ours", "read_ours")
# Glibc programs: LIBLINEAR comes as Debian's shared library, and the rest is not timed.
OTHERS = {"make_table": (), "score": (), "fit_liblinear": ("-llinear",)}
PYTHON = "/usr/bin/python3"  # the one that Debian's packages belong to


def missing_packages():
    missing = []
    for package in PACKAGES:
        state = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package], capture_output=True,
                               text=True, check=False)
        if not state.stdout.startswith("ii"):
            missing.append(package)
    return missing


class Programs:
    def __init__(self, source):
        self.source = pathlib.Path(source)
        self.drivers = self.source / "bench/trainer/drivers"
        self.folder = self.source / "build/bench"
        self.product = self.folder / "product"

    def path(self, name):
        if name.endswith(".py"):
            return self.drivers / name
        return (self.product if name in OURS else self.folder) / name

    def command(self, name):
        return [PYTHON, str(self.path(name))] if name.endswith(".py") else [str(self.path(name))]

    def build(self):
        if missing := missing_packages():
            sys.exit(f"bench/trainer/run: missing Debian packages; as root: apt-get install {' '.join(missing)}")
        if not (self.source / "build/toolchain").exists():
            sys.exit("bench/trainer/run: ours is measured as it ships; make the toolchain first: ./run toolchain")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._build_ours()
        for name, libraries in OTHERS.items():
            self._build_other(name, libraries)

    def _build_ours(self):
        include = self.source / "bench/trainer/product.cmake"
        toolchain = os.path.realpath(self.source / "build/toolchain")
        made_with = self.product / "made-with"
        if not made_with.exists() or made_with.read_text(encoding="utf-8") != toolchain:
            shutil.rmtree(self.product, ignore_errors=True)
            self._run(["cmake", "--preset", "static", "-B", str(self.product),
                       f"-DCMAKE_PROJECT_iris-predictor_INCLUDE={include}"])
            made_with.write_text(toolchain, encoding="utf-8")
        self._run(["cmake", "--build", str(self.product), "--target", *OURS])

    def _build_other(self, name, libraries):
        program = self.folder / name
        sources = [self.drivers / f"{stem}.cc" for stem in (name, "arguments", "measurement", "table_file")]
        headers = list(self.drivers.glob("*.h"))
        if program.exists() and all(program.stat().st_mtime > file.stat().st_mtime for file in sources + headers):
            return
        self._run(["clang++-19", "-std=c++23", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror", "-o",
                   str(program), *map(str, sources), *libraries])

    def _run(self, command):
        done = subprocess.run(command, cwd=self.source, capture_output=True, text=True, check=False, timeout=1800)
        if done.returncode != 0:
            sys.exit(f"bench/trainer/run: {' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
