#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every patch says why it is there and stands in the table of docs/security.md, with tests that exist or a word why there
is none. A test is named `PLACE: NAME`: `wire/GROUP: the beginning of an attack's name …`, `wire/conformance: a case`,
`e2e/SCRIPT: Class.test`, `toolchain/SCRIPT: Class.test`, `ROOM/FILE: the beginning of a unit test's name …`."""

import pathlib
import re
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PATCHES = SOURCE / "toolchain/patches"
DOCUMENT = SOURCE / "docs/security.md"
NONE = "no test of its own: "


def rows():
    """{folder/NNNN: (what it is for, its tests)} of the section "Patches", whose tables are named for the folders."""
    section = re.search(r"^## Patches$(.*?)^## ", DOCUMENT.read_text(), re.M | re.S)[1]
    found, folder = [], None
    for line in section.splitlines():
        if heading := re.match(r"### (\S+)$", line):
            folder = heading[1]
        elif row := re.match(r"\| (\d{4}) \| (.+?) \| (.+) \|$", line):
            found.append((f"{folder}/{row[1]}", (row[2], row[3])))
    return found


def complaint(test):
    """What is wrong with the name of a test, or None."""
    place, _, name = test.partition(": ")
    room, _, stem = place.partition("/")
    if room == "wire":
        file = SOURCE / "tests/wire" / ("conformance.py" if stem == "conformance" else f"{stem}_attacks.py")
    elif room in ("e2e", "toolchain"):
        file = SOURCE / "tests" / room / f"test_{stem}.py"
    else:
        file = SOURCE / "tests" / room / f"{stem}_test.cc"
    if not name or not file.is_file():
        return f"{test}: there is no {file.relative_to(SOURCE)}"
    beginning = name.removesuffix(" …")
    if room in ("e2e", "toolchain"):
        case, _, method = beginning.partition(".")
        body = re.search(rf"^class {re.escape(case)}\(.*?(?=^class |\Z)", file.read_text(), re.M | re.S)
        known = body and re.search(rf"^    def {re.escape(method)}\(", body[0], re.M)
    else:
        opening = {"wire": r"(?:Attack\(|Case\(\"[\d. ]+\", )f?"}.get(room, r"TEST_CASE(?:_METHOD)?\((?:\w+, )?")
        whole = "" if beginning != name else '"'
        known = re.search(rf"{opening}\"{re.escape(beginning)}{whole}", re.sub(r"\(\n\s+", "(", file.read_text()))
    return None if known else f"{test}: not in {file.relative_to(SOURCE)}"


class Patches(unittest.TestCase):
    def setUp(self):
        self.files = {f"{path.parent.name}/{path.name[:4]}": path for path in PATCHES.glob("*/*.patch")}

    def test_each_says_why_it_is_there(self):
        for name, path in self.files.items():
            with self.subTest(name):
                head = re.split(r"^--- ", path.read_text(), maxsplit=1, flags=re.M)[0].splitlines()
                self.assertRegex(head[0], r"^SPDX-License-Identifier: \S")
                self.assertRegex(head[1], r"^Reason: \S")
                self.assertRegex(path.name, r"^\d{4}-[a-z0-9-]+\.patch$")

    def test_the_table_is_that_of_the_patches(self):
        self.assertEqual([name for name, _ in rows()], sorted(self.files))

    def test_each_has_a_test_or_a_word_why_not(self):
        for name, (purpose, tests) in rows():
            with self.subTest(name):
                self.assertTrue(purpose.strip())
                named = re.findall(r"`([\w/]+: [^`]+)`", tests)
                self.assertTrue(named or tests.startswith(NONE), tests)
                self.assertEqual([wrong for test in named if (wrong := complaint(test))], [])


if __name__ == "__main__":
    unittest.main()
