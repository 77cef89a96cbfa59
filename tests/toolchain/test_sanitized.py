#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the sanitizer builds link is the release's gRPC: the same sources and patches, compiled as our own code is."""

import json
import pathlib
import shutil
import sys
import tempfile
import unittest
from unittest import mock

SOURCE = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(SOURCE / "toolchain" / "lib"))

import keys  # noqa: E402
import lock  # noqa: E402
import sanitized  # noqa: E402


class Sanitized(unittest.TestCase):
    def test_the_presets_agree(self):
        presets = json.loads((SOURCE / "CMakePresets.json").read_text())["configurePresets"]
        ours = {preset["name"]: preset["cacheVariables"] for preset in presets
                if "IRIS_SANITIZE" in preset.get("cacheVariables", {})}
        self.assertEqual({name: variables["IRIS_SANITIZE"] for name, variables in ours.items()}, sanitized.SANITIZERS)
        for name, variables in ours.items():
            self.assertEqual(variables["IRIS_SANITIZED_LIBRARIES"], f"${{sourceDir}}/build/sanitized-{name}")

    def test_another_input_is_another_result(self):
        sources = lock.load(SOURCE / "toolchain" / "sources.lock")
        before = {preset: sanitized.key(preset, sources) for preset in sanitized.SANITIZERS}
        self.assertEqual(len(set(before.values())), len(before))
        patches = [keys.patch_folder(SOURCE / "toolchain", sources[name]) for name in sanitized.SOURCES]
        for folder in patches:
            self.assertTrue(list(folder.glob("*.patch")), folder)
        inputs = [folder / "9999-another.patch" for folder in patches]
        inputs += [next(iter(sorted(folder.glob("*.patch")))) for folder in patches]
        inputs += [SOURCE / "toolchain" / name for name in sanitized.FILES]
        for file in inputs:
            with self.subTest(file.name), tempfile.TemporaryDirectory() as folder:
                copy = pathlib.Path(folder, "toolchain")
                shutil.copytree(SOURCE / "toolchain", copy, ignore=shutil.ignore_patterns("__pycache__"))
                with open(copy / file.relative_to(SOURCE / "toolchain"), "a", encoding="ascii") as changed:
                    changed.write("\n")
                with mock.patch.object(sanitized, "TOOLCHAIN", copy):
                    for preset, key in before.items():
                        self.assertNotEqual(sanitized.key(preset, sources), key)


if __name__ == "__main__":
    unittest.main()
