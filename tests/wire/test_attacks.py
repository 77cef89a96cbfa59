#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Attacks the binary as one of the lists below says, each attack a test, and prints what came of it as a table.

    IRIS_BINARY=build/static/iris-predictor tests/wire/test_attacks.py hpack"""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import appliance
import arena
import table


class Attacks(appliance.Test):
    @classmethod
    def setUpClass(cls):
        cls.arena, cls.before, cls.rows = arena.Arena(), table.recorded(), []
        cls.arena.__enter__()
        cls.addClassCleanup(cls.arena.__exit__)

    @classmethod
    def tearDownClass(cls):
        print("", table.HEADING, *cls.rows, "", sep="\n", flush=True)

    def withstand(self, one):
        outcome = self.arena.run(one)
        self.rows.append(table.row(one, self.before.get(one.name), outcome))
        self.assertEqual(outcome["complaints"], [], outcome)


def add(group):
    for i, one in enumerate(table.attacks(group)):
        def test(self, one=one):
            self.withstand(one)
        test.__doc__ = one.name
        setattr(Attacks, f"test_{i:02}", test)


if __name__ == "__main__":
    add(sys.argv.pop(1))
    appliance.main()
