#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""print sbom and print licenses: what they say is what the lock, the linker's map and the licence files say."""

import copy
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import unittest

import appliance
import schemas

sys.path.append(str(appliance.SOURCE / "toolchain/lib"))
import linked  # noqa: E402
import lock  # noqa: E402

SOURCES = {name: source for name, source in lock.load(appliance.SOURCE / "toolchain/sources.lock").items()
           if name not in linked.NOT_LINKED}
BUILD = pathlib.Path(appliance.BINARY).parent


def embedded():
    return json.loads(appliance.run("print", "sbom").stdout)


class BillOfMaterials(appliance.Test):
    def test_it_is_cyclonedx(self):
        document = embedded()
        self.assertEqual(schemas.cyclonedx_errors(document), [])
        for damage in (lambda bom: bom["components"][0]["hashes"][0].update(content="none"),
                       lambda bom: bom["components"][0].update(licence="MIT"),
                       lambda bom: bom["components"][0].update(licenses=[{"license": {"id": "None-1.0"}}]),
                       lambda bom: bom.update(serialNumber="1")):
            damaged = copy.deepcopy(document)
            damage(damaged)
            self.assertNotEqual(schemas.cyclonedx_errors(damaged), [])  # so that the schema is not an empty one

    def test_every_component_is_described(self):
        components = {one["name"]: one for one in embedded()["components"]}
        self.assertEqual(sorted(components), sorted(SOURCES))
        for name, source in SOURCES.items():
            with self.subTest(name):
                one = components[name]
                self.assertEqual(one["version"], source.version)
                self.assertEqual(one["hashes"], [{"alg": "SHA-256", "content": source.places[0].sha256}])
                (licence,) = one["licenses"]
                self.assertEqual(licence.get("expression") or licence["license"]["id"], source.licence)
                self.assertRegex(one["purl"], r"^pkg:(github/[^/]+/[^/]+|generic/[^/?]+)@\S*" + re.escape(source.version))
                patches = {pathlib.Path(patch["diff"]["url"]) for patch in one.get("pedigree", {}).get("patches", [])}
                folder = pathlib.Path(f"toolchain/patches/{name}-{source.version}")
                self.assertEqual(patches, {folder / patch.name for patch in (appliance.SOURCE / folder).glob("*")})
        for name, parts in linked.PARTS.items():
            self.assertEqual([part["name"] for part in components[name]["components"]], [part[0] for part in parts])
            for part in components[name]["components"]:
                self.assertTrue(part["version"] and part["licenses"] and part["hashes"] and part["purl"])

    def test_what_stands_on_what(self):
        document = embedded()
        depends = {one["ref"]: one["dependsOn"] for one in document["dependencies"]}
        self.assertEqual(depends["iris-predictor"], sorted(SOURCES))
        self.assertLessEqual({"abseil", "protobuf", "openssl", "zlib"}, set(depends["grpc"]))
        self.assertEqual(set(depends) - {"iris-predictor"}, set(SOURCES))

    def test_it_names_no_clock_and_no_machine(self):
        text = appliance.run("print", "sbom").stdout
        again = subprocess.run([appliance.SOURCE / "toolchain/sbom"], env=appliance.environment(), cwd="/",
                               stdout=subprocess.PIPE, check=True, timeout=60).stdout.decode()
        self.assertEqual(text, again)
        self.assertNotIn(str(appliance.SOURCE), text)
        self.assertNotIn("timestamp", text)

    @unittest.skipUnless(appliance.is_static(), "a dynamic binary links other libraries")
    def test_the_one_beside_the_binary_has_its_hash(self):
        document = json.loads((BUILD / "iris-predictor.cdx.json").read_text())
        self.assertEqual(schemas.cyclonedx_errors(document), [])
        actual = hashlib.sha256(pathlib.Path(appliance.BINARY).read_bytes()).hexdigest()
        self.assertEqual(document["metadata"]["component"].pop("hashes"), [{"alg": "SHA-256", "content": actual}])
        expected = embedded()
        self.assertNotEqual(document.pop("serialNumber"), expected.pop("serialNumber"))
        self.assertEqual(document, expected)

    @unittest.skipUnless(appliance.is_static(), "a dynamic binary has no map")
    def test_everything_that_was_linked_is_in_it(self):
        files = linked.files_in_map((BUILD / "iris-predictor.map").read_text(errors="replace"))
        self.assertLessEqual({"libc.a", "libgrpc.a", "libcrypto.a", "mimalloc.o", "libiris_cli.a"}, files)
        self.assertTrue(any("builtins" in file for file in files), files)  # the compiler's run time
        origins = {file: linked.source_of(file) for file in files}
        self.assertEqual([file for file, origin in origins.items() if origin is None], [])
        named = {one["name"]: one for one in embedded()["components"]}
        for file, origin in origins.items():
            if origin:
                (pattern,) = [one["value"] for one in named[origin]["properties"] if one["name"] == "iris-predictor:linked"]
                self.assertRegex(file, f"^({pattern})$")
        self.assertEqual(set(filter(None, origins.values())), set(linked.FILES) & set(SOURCES))

    @unittest.skipUnless(appliance.is_static(), "a dynamic binary has no map")
    def test_what_nobody_declared_would_be_found(self):
        """The check above, given a map that names one library more, in the form in which the linker names one."""
        text = (BUILD / "iris-predictor.map").read_text(errors="replace")
        line = next(line for line in text.splitlines() if "libz.a(" in line)
        more = linked.files_in_map(text + "\n" + line.replace("libz.a(", "libsmuggled.a("))
        self.assertEqual(more - linked.files_in_map(text), {"libsmuggled.a"})
        self.assertIsNone(linked.source_of("libsmuggled.a"))


class Licenses(appliance.Test):
    def test_the_files_are_whole(self):
        for name in ("LICENSE", "THIRD_PARTY_NOTICES.txt"):
            done = appliance.run("print", "licenses", name)
            self.check(done, stdout=(appliance.SOURCE / name).read_text(encoding="utf-8"), stderr="")
        both = appliance.run("print", "licenses")
        self.check(both, stderr="")
        self.assertIn("# ==== THIRD_PARTY_NOTICES.txt ====\n", both.stdout)
        self.assertIn((appliance.SOURCE / "LICENSE").read_text(), both.stdout)

    def test_every_component_has_its_notices(self):
        text = appliance.run("print", "licenses", "THIRD_PARTY_NOTICES.txt").stdout
        for source in SOURCES.values():
            with self.subTest(source.name):
                begin = f"{source.name} {source.version}: "
                self.assertTrue(re.search(rf"^  {source.name} +{re.escape(f'{source.version} ')} *"
                                          rf"{re.escape(source.licence)}$", text, re.M), "not in the list at the top")
                sections = [part for part in text.split("=" * 100 + "\n")[2::2]]
                titles = text.split("=" * 100 + "\n")[1::2]
                notices = [notice for title, notice in zip(titles, sections) if title.startswith(begin)]
                self.assertTrue(notices, "no notice")
                for notice in notices:
                    self.assertTrue(re.search("copyright|license", notice, re.I) and len(notice) > 400, notice[:400])


if __name__ == "__main__":
    appliance.main()
