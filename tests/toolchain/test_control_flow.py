#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the release's flags make of a wrong call: a program that makes them, built like the release, ends by SIGILL before
the call; built without the checks alone, it makes the call. The two programs are this script's arguments."""

import signal
import subprocess
import sys
import unittest

CHECKED, UNCHECKED = sys.argv[1:3]
KINDS = ("virtual", "member", "member-pointer", "member-address", "function")


def code_of(program, call):
    return subprocess.run([program, call], stdout=subprocess.DEVNULL, check=False, timeout=60).returncode


class ControlFlow(unittest.TestCase):
    def test_right_calls_are_made(self):
        for kind in KINDS:
            with self.subTest(kind):
                self.assertEqual(code_of(CHECKED, f"right-{kind}"), 0)

    def test_wrong_calls_are_not_made(self):
        for kind in KINDS:
            with self.subTest(kind):
                self.assertEqual(code_of(CHECKED, f"wrong-{kind}"), -signal.SIGILL)

    def test_it_is_the_checks_that_refuse_them(self):
        for kind in KINDS:
            with self.subTest(kind):
                self.assertEqual(code_of(UNCHECKED, f"wrong-{kind}"), 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
