#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the release's C++ library makes of an access beyond what there is: a program that makes it, built like the release,
ends by SIGILL; built without libc++'s hardening alone, it goes on with a wrong value. And what patched libraries make of
input that they once fell over. The three programs are this script's arguments."""

import signal
import subprocess
import sys
import unittest

HARDENED, SOFT, INPUTS = sys.argv[1:4]
KINDS = ("vector", "span", "view", "array", "string", "optional", "expected")


def run(program, *words):
    return subprocess.run([program, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)


class Indices(unittest.TestCase):
    def test_right_ones_are_read(self):
        for kind in KINDS:
            with self.subTest(kind):
                self.assertEqual(run(HARDENED, f"right-{kind}").returncode, 0)

    def test_wrong_ones_are_not(self):
        for kind in KINDS:
            with self.subTest(kind):
                done = run(HARDENED, f"wrong-{kind}")
                self.assertEqual((done.returncode, done.stdout), (-signal.SIGILL, b""))

    def test_it_is_the_hardening_that_refuses_them(self):
        for kind in KINDS:
            with self.subTest(kind):
                self.assertEqual(run(SOFT, f"wrong-{kind}").returncode, 0)


class Inputs(unittest.TestCase):
    def test_room_that_can_be_had(self):
        for way in "reserve", "rehash", "construct":
            with self.subTest(way):
                self.assertEqual(run(INPUTS, way, "1000").returncode, 0)

    def test_room_that_cannot_be_had(self):
        """CVE-2025-0838: the size overflowed, and more was written to than there was."""
        for way in "reserve", "rehash", "construct":
            for size in 2**64 - 1, 2**63, 2**61:
                with self.subTest(way, size=size):
                    done = run(INPUTS, way, str(size))
                    self.assertEqual(done.returncode, -signal.SIGABRT)
                    self.assertIn(b"Hash table size overflow", done.stderr)

    def test_text_that_is_none(self):
        """CVE-2025-26519: what was read behind the table was taken for characters."""
        self.assertEqual(run(INPUTS, "euc-kr").returncode, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
