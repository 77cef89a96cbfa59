# SPDX-License-Identifier: Apache-2.0
"""The lock's format: what is wrong with an entry is said of that entry; and the repository's own lock."""

import pathlib
import tempfile
import unittest

from scripted_server import TOOLCHAIN, lock

HASH = "0123456789abcdef" * 4
HEAD = 'schema = 1\n'
SOURCE = '[[source]]\nname = "thing"\nversion = "1.0"\nlicence = "MIT"\npurpose = "a test"\n'
PLACE = f'[[source.place]]\nurl = "https://example.invalid/thing.tar.gz"\nfile = "thing.tar.gz"\nsha256 = "{HASH}"\n'
DEBIAN = f'[[source.place]]\narchive = "debian"\npath = "pool/t/thing"\nfile = "thing.tar.gz"\nsha256 = "{HASH}"\n'


class Format(unittest.TestCase):
    def load(self, text):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "sources.lock"
            path.write_text(text)
            return lock.load(path)

    def test_good_lock(self):
        sources = self.load(HEAD + SOURCE + DEBIAN + PLACE)
        self.assertEqual(list(sources), ["thing"])
        debian, upstream = sources["thing"].places
        self.assertEqual((debian.archive, debian.path, debian.url), ("debian", "pool/t/thing", None))
        self.assertEqual((upstream.url, upstream.sha256), ("https://example.invalid/thing.tar.gz", HASH))

    def test_wrong_entries_are_named(self):
        for text, message in (
                ("", "schema is None"),
                ("schema = 2\n", "schema is 2"),
                (HEAD, r"no \[\[source\]\]"),
                (HEAD + "mirror = 1\n" + SOURCE + PLACE, "at the top: unknown key 'mirror'"),
                (HEAD + SOURCE, r"source thing: no \[\[source.place\]\]"),
                (HEAD + (SOURCE + PLACE) * 2, "source thing: named twice"),
                (HEAD + SOURCE + "url = 1\n" + PLACE, "source thing: unknown key 'url'"),
                (HEAD + SOURCE.replace("thing", "Thing!") + PLACE, "source number 1: name is 'Thing!'"),
                (HEAD + SOURCE.replace('version = "1.0"\n', "") + PLACE, "source thing: version is missing"),
                (HEAD + SOURCE.replace('"MIT"', '""') + PLACE, "source thing: licence is ''"),
                (HEAD + SOURCE + PLACE.replace("sha256", "sha512"), "source thing, place 1: unknown key 'sha512'"),
                (HEAD + SOURCE + PLACE.replace(f'sha256 = "{HASH}"\n', ""), "thing, place 1: sha256 is missing"),
                (HEAD + SOURCE + PLACE.replace(HASH, HASH[:-1]), "place 1: sha256 is '0123.*64 lower-case"),
                (HEAD + SOURCE + PLACE.replace(HASH, HASH.upper()), "place 1: sha256 is '0123"),
                (HEAD + SOURCE + PLACE.replace("https", "http"), "place 1: url is 'http://.*expected https"),
                (HEAD + SOURCE + PLACE.replace('"thing.tar.gz"', '"../thing"'), "place 1: file is '../thing'"),
                (HEAD + SOURCE + PLACE + "size = -1\n", "place 1: size is -1"),
                (HEAD + SOURCE + PLACE + 'path = "pool/x"\n', "place 1: has url and archive or path"),
                (HEAD + SOURCE + DEBIAN.replace('"debian"', '"ubuntu"'), "place 1: archive is 'ubuntu'"),
                (HEAD + SOURCE + DEBIAN.replace("pool/t", "pool/../.."), "place 1: path is 'pool/../../thing'"),
                (HEAD + SOURCE + DEBIAN.replace('path = "pool/t/thing"\n', ""), "place 1: path is missing"),
                (HEAD + SOURCE + DEBIAN + PLACE.replace(HASH, HASH[::-1]), "thing.tar.gz is listed with two different"),
                ("schema =", "is not TOML")):
            with self.subTest(message=message), self.assertRaisesRegex(lock.LockError, f"sources.lock: .*{message}"):
                self.load(text)

    def test_file_that_is_not_there(self):
        with self.assertRaisesRegex(lock.LockError, "/nowhere/sources.lock: cannot be read: No such file"):
            lock.load("/nowhere/sources.lock")


class Repository(unittest.TestCase):
    """toolchain/sources.lock itself."""

    def test_every_source_is_complete(self):
        sources = lock.load(TOOLCHAIN / "sources.lock")
        self.assertEqual(set(sources), {"musl", "llvm", "zlib", "abseil", "protobuf", "openssl", "grpc", "mimalloc",
                                        "nlohmann_json", "catch2", "fast_float", "libmicrohttpd"})
        for source in sources.values():
            with self.subTest(source=source.name):
                self.assertRegex(source.licence, r"^[A-Za-z0-9.-]+( (OR|AND|WITH) [A-Za-z0-9.-]+)*$")
                self.assertGreaterEqual(len(source.places), 2)  # Debian's archive and upstream.
                self.assertTrue(any(place.archive for place in source.places))
                self.assertTrue(any(place.url for place in source.places))
                for place in source.places:
                    self.assertRegex(place.sha256, "^[0-9a-f]{64}$")
                    self.assertIn(source.version, place.file)
                    self.assertIn(source.version, place.url or place.path)

    def test_no_mirror_is_named(self):
        text = (TOOLCHAIN / "sources.lock").read_text()
        self.assertNotRegex(text, r"https?://[^/\s]*debian")


if __name__ == "__main__":
    unittest.main()
