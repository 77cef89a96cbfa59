# SPDX-License-Identifier: Apache-2.0
"""Archives into folders, hostile ones too, and patches over them."""

import io
import pathlib
import tarfile
import tempfile
import unittest

from scripted_server import fetcher

PATCH = """\
--- a/sub/file
+++ b/sub/file
@@ -1,3 +1,3 @@
 one
-{old}
+{new}
 three
"""


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def archive(self, *members, name="thing.tar.xz"):
        """Each member: (name, text), or a TarInfo of its own."""
        path = self.folder / name
        with tarfile.open(path, f"w:{name.rpartition('.')[2]}") as file:
            for member in members:
                if isinstance(member, tarfile.TarInfo):
                    file.addfile(member)
                    continue
                info = tarfile.TarInfo(member[0])
                info.size, info.mode = len(member[1]), 0o755 if member[0].endswith(".sh") else 0o644
                file.addfile(info, io.BytesIO(member[1].encode()))
        return path

    def special(self, name, kind, target=""):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        return info

    def files(self, folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


class Unpack(Folder):
    def test_top_folder_is_dropped(self):
        for name in ("thing.tar.xz", "thing.tar.gz"):
            archive = self.archive(("top-1.0/a", "A"), ("top-1.0/sub/run.sh", "B"),
                                   self.special("top-1.0/link", tarfile.SYMTYPE, "sub/run.sh"), name=name)
            folder = fetcher.unpack(archive, self.folder / name.replace(".", "_"))
            self.assertEqual(self.files(folder), ["a", "link", "sub/run.sh"])
            self.assertEqual((folder / "link").read_text(), "B")
            self.assertTrue((folder / "sub/run.sh").stat().st_mode & 0o100)
            self.assertEqual(folder.stat().st_mode & 0o777, 0o755)

    def test_only_some(self):
        archive = self.archive(*((f"top/{name}", "") for name in (
            "cmake/x", "cmake/deep/y", "llvm/cmake/z", "llvm/lib/cmake/no", "cmake-more/no", "doc/a.md", "doc/a.py")))
        self.assertEqual(self.files(fetcher.unpack(archive, self.folder / "out", ["cmake", "doc/*.py"])),
                         ["cmake/deep/y", "cmake/x", "doc/a.py"])
        self.assertEqual(self.files(fetcher.unpack(archive, self.folder / "out2", ("llvm/cmake",))), ["llvm/cmake/z"])

    def test_pattern_that_matches_nothing(self):
        with self.assertRaisesRegex(fetcher.UnpackError, r"thing.tar.xz: tar says:\n.*\*/lib[^\n]*Not found"):
            fetcher.unpack(self.archive(("top/a", "")), self.folder / "out", ["lib"])
        self.assertEqual(self.files(self.folder), ["thing.tar.xz"])

    def test_empty_folder_is_filled_and_a_full_one_refused(self):
        archive, out = self.archive(("top/a", "")), self.folder / "out"
        out.mkdir()
        fetcher.unpack(archive, out)
        with self.assertRaisesRegex(fetcher.UnpackError, "out: already there; remove it"):
            fetcher.unpack(archive, out)

    def test_damaged_archive_leaves_nothing(self):
        archive = self.archive(("top/a", "x" * 5000), ("top/b", "y"))
        archive.write_bytes(archive.read_bytes()[:-40])
        with self.assertRaisesRegex(fetcher.UnpackError, "cannot unpack .*thing.tar.xz: tar says"):
            fetcher.unpack(archive, self.folder / "out")
        self.assertEqual([path.name for path in self.folder.iterdir()], ["thing.tar.xz"])

    def test_hostile_archives(self):
        for member, message in (
                (("top/../../evil", "!"), r"Member name contains"),
                (self.special("top/link", tarfile.SYMTYPE, "/etc"), "link is a link to the outside, /etc; refused"),
                (self.special("top/link", tarfile.SYMTYPE, "../.."), r"link to the outside, \.\./\.\."),
                (self.special("top/pipe", tarfile.FIFOTYPE), "pipe is a device or pipe; refused")):
            with self.subTest(message=message):
                with self.assertRaisesRegex(fetcher.UnpackError, message):
                    fetcher.unpack(self.archive(("top/a", ""), member), self.folder / "out")
                self.assertEqual(self.files(self.folder), ["thing.tar.xz"])

    def test_writing_through_a_link_stays_inside(self):
        outside = self.folder / "outside"
        outside.mkdir()
        archive = self.archive(self.special("top/link", tarfile.SYMTYPE, str(outside)), ("top/link/evil", "!"))
        with self.assertRaises(fetcher.UnpackError):
            fetcher.unpack(archive, self.folder / "out")
        self.assertEqual(list(outside.iterdir()), [])


class Patches(Folder):
    def setUp(self):
        super().setUp()
        (self.folder / "tree/sub").mkdir(parents=True)
        (self.folder / "patches").mkdir()
        self.file = self.folder / "tree/sub/file"
        self.file.write_text("one\ntwo\nthree\n")

    def patch(self, name, old, new):
        (self.folder / "patches" / name).write_text(PATCH.format(old=old, new=new))

    def apply(self):
        return fetcher.apply_patches(self.folder / "tree", self.folder / "patches")

    def test_in_the_order_of_names(self):
        self.patch("0002-then.patch", "2", "deux")
        self.patch("0001-first.patch", "two", "2")
        self.assertEqual(self.apply(), ["0001-first.patch", "0002-then.patch"])
        self.assertEqual(self.file.read_text(), "one\ndeux\nthree\n")
        self.assertEqual(self.files(self.folder / "tree"), ["sub/file"])

    def test_no_folder_of_patches(self):
        self.assertEqual(fetcher.apply_patches(self.folder / "tree", self.folder / "none"), [])

    def test_patch_for_another_version(self):
        self.patch("0001-why.patch", "zwei", "2")
        with self.assertRaisesRegex(fetcher.UnpackError, "0001-why.patch does not apply to .*tree:\n.*sub/file"):
            self.apply()
        self.assertEqual(self.files(self.folder / "tree"), ["sub/file"])
        self.assertEqual(self.file.read_text(), "one\ntwo\nthree\n")

    def test_patch_of_which_one_half_fits_changes_nothing(self):
        self.patch("0001-why.patch", "two", "2")
        with open(self.folder / "patches/0001-why.patch", "a", encoding="ascii") as file:
            file.write(PATCH.format(old="zwei", new="2").replace("sub/file", "sub/other"))
        (self.folder / "tree/sub/other").write_text("one\ntwo\nthree\n")
        with self.assertRaises(fetcher.UnpackError):
            self.apply()
        self.assertEqual(self.file.read_text(), "one\ntwo\nthree\n")

    def test_patch_that_nearly_fits(self):
        self.patch("0001-why.patch", "two", "2")
        self.file.write_text("ONE\ntwo\nthree\n")  # patch's own default would take this, with fuzz 1.
        with self.assertRaises(fetcher.UnpackError):
            self.apply()

    def test_patch_applied_before(self):
        self.patch("0001-why.patch", "two", "2")
        self.apply()
        with self.assertRaisesRegex(fetcher.UnpackError, "previously applied"):
            self.apply()


if __name__ == "__main__":
    unittest.main()
