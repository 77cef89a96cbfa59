# SPDX-License-Identifier: Apache-2.0
"""The programs that are measured and that measure: built when they are older than their sources."""

import pathlib
import sys

from shared import programs

# Debian packages, and what of the toolchain the product's own build needs besides (toolchain/bootstrap build).
PACKAGES = ("liblinear-dev", "python3-sklearn", "python3-numpy", "python3-scipy", "libstdc++-12-dev")
OURS = ("fit_ours", "read_ours")
# Glibc programs: LIBLINEAR comes as Debian's shared library, and the rest is not timed.
OTHERS = {"make_table": (), "score": (), "fit_liblinear": ("-llinear",)}


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
        return [programs.PYTHON, str(self.path(name))] if name.endswith(".py") else [str(self.path(name))]

    def build(self):
        if missing := programs.missing_packages(PACKAGES):
            sys.exit(f"bench/trainer/run: missing Debian packages; as root: apt-get install {' '.join(missing)}")
        programs.build_with_product(self.source, *OURS)
        for name, libraries in OTHERS.items():
            self._build_other(name, libraries)

    def _build_other(self, name, libraries):
        program = self.folder / name
        shared = self.source / "bench/shared"
        sources = [self.drivers / f"{name}.cc", self.drivers / "table_file.cc", *shared.glob("*.cc")]
        headers = [*self.drivers.glob("*.h"), *shared.glob("*.h")]
        if programs.newer(program, sources + headers):
            return
        programs.run(["clang++-19", "-std=c++23", "-O2", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror",
                      f"-I{shared}", "-o", str(program), *map(str, sources), *libraries], self.source)
