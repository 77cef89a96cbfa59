#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Once the sources are there, building needs no network: steps of the toolchain, and our own code, are built in a network
namespace that holds nothing, and in another folder they become the same bytes. (The whole, from the first source to the
binary: toolchain/reproduce, whose second build runs in such a one.)"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
EMPTY = ["unshare", "--map-root-user", "--net"] if os.geteuid() != 0 else ["unshare", "--net"]
# One of headers alone, one of machine code that stands on no other, patches included, and one of bitcode.
STEPS = ("nlohmann_json", "musl", "zlib")
WRONG_HASH, NOBODY_SERVES_IT = 65, 69


def cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return pathlib.Path(os.environ.get("IRIS_CACHE") or os.path.join(base, "iris-predictor"))


def contents(folder):
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*")) if path.is_file()}


def can_unshare():
    return subprocess.run([*EMPTY, "true"], stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(can_unshare(), "needs the right to make a network namespace")
class Offline(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-offline-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        checkout = self.folder / "checkout"
        checkout.mkdir()
        shutil.copytree(SOURCE / "toolchain", checkout / "toolchain")
        shutil.copy(SOURCE / "CMakeLists.txt", checkout)
        self.build = checkout / "toolchain/build"
        self.sources = self.folder / "sources"
        self.sources.mkdir()

    def run_offline(self, *command, timeout=900, **variables):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.run([*EMPTY, *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=timeout, cwd=self.folder,
                              env={**kept, "IRIS_CACHE": str(self.folder / "cache"), "IRIS_SOURCES": str(self.sources),
                                   **variables})

    def copy_sources(self, names):
        sys.path.insert(0, str(SOURCE / "toolchain/lib"))
        import lock
        for name in names:
            places = lock.load(SOURCE / "toolchain/sources.lock")[name].places
            there = [cache() / "sources" / place.file for place in places]
            there = [path for path in there if path.exists()]
            if not there:
                self.skipTest(f"the source of {name} is not in the cache: toolchain/fetch {name}")
            shutil.copy(there[0], self.sources)
        return there[0].name

    def test_the_namespace_is_empty(self):
        done = self.run_offline("cat", "/proc/net/dev", "/proc/net/route")
        devices = [line.split(":")[0].strip() for line in done.stdout.splitlines() if ":" in line]
        self.assertLessEqual(set(devices), {"lo"}, done.stdout)
        reached = self.run_offline(sys.executable, "-c", "import socket; socket.create_connection(('192.0.2.1', 80), 5)")
        self.assertIn("Network is unreachable", reached.stdout)

    def test_steps_from_their_sources(self):
        self.copy_sources(STEPS)
        for step in STEPS:
            done = self.run_offline(self.build, "--only", step)
            self.assertEqual(done.returncode, 0, done.stdout[-3000:])
            self.assertIn("done in", done.stdout)
        made = sorted((self.folder / "cache/steps").iterdir())
        self.assertEqual(len(made), len(STEPS), made)
        for folder in made:  # its name is the hash of all that went into it
            here = cache() / "steps" / folder.name
            self.assertTrue(here.is_dir(), f"{here} is not there: run toolchain/build")
            self.assertEqual(contents(folder), contents(here), f"{folder.name} differs when built in another folder")

    def test_a_source_that_is_not_there(self):
        done = self.run_offline(self.build, "--only", STEPS[0], timeout=60)
        self.assertEqual(done.returncode, NOBODY_SERVES_IT, done.stdout)
        self.assertIn("not in IRIS_SOURCES", done.stdout)

    def test_a_source_with_one_bit_changed(self):
        name = self.copy_sources([STEPS[0]])
        path = self.sources / name
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        done = self.run_offline(self.build, "--only", STEPS[0], timeout=60)
        self.assertEqual(done.returncode, WRONG_HASH, done.stdout)
        self.assertIn(name, done.stdout)
        self.assertFalse(list((self.folder / "cache").rglob("nlohmann*")), "something was made of it")


if __name__ == "__main__":
    unittest.main(verbosity=2)
