#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks the binary as one of the lists below says, each attack a test, and prints what came of it as a table.

    IRIS_BINARY=build/static/iris-predictor tests/wire/test_attacks.py hpack"""

import importlib
import json
import pathlib
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import appliance
import attack

GROUPS = ["hpack", "resets", "floods", "windows", "messages", "connections", "tls", "regressions"]
BEFORE = HERE / "before.json"  # how an unpatched binary fared: tests/wire/report --before BINARY


def attacks(group):
    return importlib.import_module(group + "_attacks").ATTACKS


def recorded():
    return json.loads(BEFORE.read_text()) if BEFORE.exists() else {}


class Attacks(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-wire-")
        cls.addClassCleanup(folder.cleanup)
        cls.range, cls.before, cls.rows = attack.Range(folder.name), recorded(), []

    @classmethod
    def tearDownClass(cls):
        print("", attack.HEADING, *cls.rows, "", sep="\n", flush=True)

    def withstand(self, one):
        outcome = self.range.run(one)
        self.rows.append(attack.row(one, self.before.get(one.name), outcome))
        self.assertEqual(outcome["complaints"], [], outcome)


def add(group):
    for i, one in enumerate(attacks(group)):
        def test(self, one=one):
            self.withstand(one)
        test.__doc__ = one.name
        setattr(Attacks, f"test_{i:02}", test)


if __name__ == "__main__":
    add(sys.argv.pop(1))
    appliance.main()
