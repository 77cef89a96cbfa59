#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rooms of our own code, built again in another folder and without a network, give the same archives; a source of any
language gives the same object wherever it lies (test_offline.py does that with whole steps); the binary names no folder of
this machine. Whole builds: test_container.py, on another system, and `./run reproduce`, from nothing."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
EMPTY = ["unshare", "--map-root-user", "--net"] if os.geteuid() != 0 else ["unshare", "--net"]
BINARY = pathlib.Path(os.environ.get("IRIS_BINARY", SOURCE / "build/static/iris-predictor"))
TOOLCHAIN = SOURCE / "build/toolchain"
PARTS = ("CMakeLists.txt", "CMakePresets.json", "LICENSE", "THIRD_PARTY_NOTICES.txt", "assets", "cmake", "proto", "src",
         "tests", "toolchain")
ROOMS = ("iris_svm", "iris_tls")  # one that computes, and one that sees OpenSSL and gRPC


class Reproducible(unittest.TestCase):
    def test_the_binary_names_no_folder(self):
        content = BINARY.read_bytes()
        for folder in SOURCE, TOOLCHAIN.resolve():
            self.assertNotIn(os.fsencode(folder) + b"/", content)

    def test_another_folder_gives_the_same_bytes(self):
        with tempfile.TemporaryDirectory(prefix="iris-a-folder-of-another-length-") as temporary:
            copy = pathlib.Path(temporary, "checkout")
            copy.mkdir()
            for part in PARTS:
                here = SOURCE / part
                (shutil.copytree if here.is_dir() else shutil.copy)(here, copy / part)
            (copy / "build").mkdir()
            (copy / "build/toolchain").symlink_to((SOURCE / "build/toolchain").resolve())
            self.run_in(copy, "cmake", "--preset", "static")
            self.run_in(copy, "cmake", "--build", "--preset", "static", "--target", *ROOMS)
            for room in ROOMS:
                with self.subTest(room):
                    ours, other = (root / f"build/static/src/lib{room}.a" for root in (SOURCE, copy))
                    self.assertNotIn(os.fsencode(temporary), other.read_bytes())
                    self.assertEqual(ours.read_bytes(), other.read_bytes(), f"{ours} and a second build differ")

    def test_a_source_in_another_folder_gives_the_same_object(self):
        text = '__attribute__((noinline)) static int twice(int x) { return 2 * x; }\nconst char* name() { return __FILE__; }\n' \
               'int (*pointer)(int) = twice;\n'
        flags = [line for file in ("flags.txt", "flags_checked.txt")
                 for line in (SOURCE / "toolchain" / file).read_text().splitlines() if line and not line.startswith("#")]
        for suffix in "c", "cc", "cpp", "cxx":
            with self.subTest(suffix), tempfile.TemporaryDirectory(prefix="iris-object-") as temporary:
                objects = []
                for name in "a", "one-of-another-length":
                    work = pathlib.Path(temporary, name, "run")
                    source = work.parent / "source" / f"file.{suffix}"
                    for folder in work, source.parent:
                        folder.mkdir(parents=True)
                    source.write_text(text)
                    compiler = TOOLCHAIN / "bin" / f"x86_64-linux-musl-{'clang' if suffix == 'c' else 'clang++'}"
                    subprocess.run([compiler, *flags, "-c", source, "-o", work / "file.o"], cwd=work, check=True)
                    objects.append((work / "file.o").read_bytes())
                self.assertEqual(*objects)
                self.assertNotIn(os.fsencode(temporary), objects[0])

    def run_in(self, folder, *command):
        if subprocess.run([*EMPTY, "true"], stderr=subprocess.DEVNULL).returncode == 0:
            command = (*EMPTY, *command)
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, 0, f"{' '.join(command)}\n{done.stdout[-3000:]}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
