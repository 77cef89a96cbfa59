#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every case of conformance.py, one by one, with a table of what came of it."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import appliance
import conduct
import conformance


class Conformance(appliance.Test):
    def test_cases(self):
        rows = []
        with appliance.Server() as server:
            lines = list(server.lines)
            for case in conformance.CASES:
                with self.subTest(section=case.section, what=case.what):
                    found = conduct.attempt(server.target, case)
                    rows.append(conduct.row(case, found))
                    self.assertIsNone(conduct.complaint(case, found), found)
            print("", conduct.HEADING, *rows, "", sep="\n")
            counts = [sum(word in row for row in rows) for word in ("| conforms |", "| deviates: ")]
            print(f"{counts[0]} of {len(conformance.CASES)} conform, {counts[1]} deviate as stated.\n", flush=True)
            self.assertEqual(server.lines, lines, "anybody can have the server write this")
            self.assertEqual(server.stop(), appliance.OK)


if __name__ == "__main__":
    appliance.main()
