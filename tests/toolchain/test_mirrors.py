# SPDX-License-Identifier: Apache-2.0
"""What apt's configuration says of mirrors, told by apt programs of our own."""

import os
import pathlib
import tempfile
import threading
import time
import unittest
from unittest import mock

from scripted_server import FetchTest, lock  # Also makes the modules under test importable.
import mirrors

TARGETS = ("http://one.example/debian/|Debian\nhttp://one.example/debian/|Debian\nhttps://two.example/mirror/|Debian\n"
           "http://one.example/debian-security/|Debian-Security\nhttps://packages.example/apt/|Somebody\n"
           "http://ports.example/|Debian Ports\n")
URIS = ("'http://one.example/debian/dists/stable/InRelease' one_InRelease 0 \n"
        "'https://archive.example/archive/debian/20250520T000000Z/dists/stable/InRelease' two 0 \n"
        "'http://one.example/debian-security/dists/stable-security/InRelease' three 0 \n"
        "'https://packages.example/apt/dists/stable/InRelease' four 0 \n")


class Parsing(unittest.TestCase):
    def test_index_targets(self):
        self.assertEqual(mirrors.parse_index_targets(TARGETS), {
            "debian": ["http://one.example/debian/", "https://two.example/mirror/"],
            "debian-security": ["http://one.example/debian-security/"]})

    def test_update_uris(self):
        self.assertEqual(mirrors.parse_update_uris(URIS), {
            "debian": ["http://one.example/debian/", "https://archive.example/archive/debian/20250520T000000Z/"],
            "debian-security": ["http://one.example/debian-security/"]})

    def test_proxies(self):
        with mock.patch.dict(os.environ, {}, clear=True):
            self.assertEqual(mirrors.parse_proxies("http='http://proxy.example:3142'\nhttps='DIRECT'\n"),
                             {"http": "http://proxy.example:3142"})
        with mock.patch.dict(os.environ, {"http_proxy": "http://other.example"}):
            self.assertEqual(mirrors.parse_proxies("http='http://proxy.example:3142'\n"), {})


class Asking(FetchTest):
    """Mirrors with fake apt-get and apt-config first (and last) in PATH."""

    def apt(self, targets="", uris="", proxies=""):
        programs = self.folder / "bin"
        programs.mkdir()
        for name, script in (("apt-get", f'case "$1" in\nindextargets) cat <<"E"\n{targets}\nE\n;;\n'
                                         f'--print-uris) cat <<"E"\n{uris}\nE\n;;\nesac\n'),
                             ("apt-config", f'cat <<"E"\n{proxies}\nE\n')):
            (programs / name).write_text(f"#!/bin/sh\n{script}")
            (programs / name).chmod(0o755)
        self.enter(mock.patch.dict(os.environ, {"PATH": f"{programs}:/usr/bin:/bin"}))
        return mirrors.Mirrors({})

    def enter(self, context):
        context.start()
        self.addCleanup(context.stop)

    def urls(self, found):
        return [address.url for address in found[0]]

    def test_labels(self):
        asked = self.apt(TARGETS, proxies="http='http://proxy.example:3142'")
        self.assertEqual(self.urls(asked.addresses("debian", "pool/a+b_1~2")),
                         ["http://one.example/debian/pool/a+b_1~2", "https://two.example/mirror/pool/a+b_1~2"])
        self.assertEqual([one.proxy for one in asked.addresses("debian", "pool/a")[0]],
                         ["http://proxy.example:3142", None])
        self.assertEqual(self.urls(asked.addresses("debian-security", "pool/a")),
                         ["http://one.example/debian-security/pool/a"])

    def test_lists_that_were_never_fetched(self):
        asked = self.apt(uris=URIS)
        self.assertEqual(self.urls(asked.addresses("debian-security", "pool/a")),
                         ["http://one.example/debian-security/pool/a"])

    def test_machine_of_another_distribution(self):
        found, reason = self.apt("http://archive.ubuntu.example/ubuntu/|Ubuntu").addresses("debian", "pool/a")
        self.assertEqual(found, [])
        self.assertIn("apt is configured without the debian archive (set IRIS_DEBIAN_MIRROR", reason)

    def test_machine_without_apt(self):
        self.enter(mock.patch.dict(os.environ, {"PATH": str(self.folder)}))
        found, reason = mirrors.Mirrors({}).addresses("debian", "pool/a")
        self.assertEqual((found, reason), ([], "no apt-get on this machine, so no Debian mirror is known"))

    def test_mirror_list(self):
        names = self.folder / "list"
        names.write_text("# ours\nhttps://one.example/debian\tpriority:1\nhttps://two.example/debian\n")
        asked = self.apt(f"mirror+file:{names}/|Debian")
        self.assertEqual(self.urls(asked.addresses("debian", "pool/a")),
                         ["https://one.example/debian/pool/a", "https://two.example/debian/pool/a"])

    def test_addresses_of_no_use(self):
        asked = self.apt("cdrom:/x/|Debian\nhttp://me:secret@one.example/debian/|Debian")
        found, reason = asked.addresses("debian", "pool/a")
        self.assertEqual(found, [])
        self.assertIn("apt's cdrom: mirror cannot be read", reason)
        self.assertIn("wants a login", reason)
        self.assertNotIn("secret", reason)

    def test_overrides(self):
        asked = mirrors.Mirrors({"IRIS_DEBIAN_MIRROR": "http://a.example/debian file:/srv/debian/"})
        self.assertEqual(self.urls(asked.addresses("debian", "pool/a")),
                         ["http://a.example/debian/pool/a", "file:/srv/debian/pool/a"])

    def test_skipped_place_is_explained_and_the_next_one_used(self):
        self.enter(mock.patch.dict(os.environ, {"PATH": str(self.folder)}))
        debian = lock.Place(file="thing.tar.gz", sha256="0" * 64, archive="debian", path="pool/a")
        with self.assertRaisesRegex(Exception, "debian pool/a: skipped: no apt-get on this machine"):
            self.fetch(debian)
        self.fetch(debian, self.place("b", "good", file="other.tar.gz"))

    def test_proxy_of_apt_is_used(self):
        self.server.scripts["http://one.example/debian/pool/a"] = ["good"]
        asked = self.apt("http://one.example/debian/|Debian", proxies=f"http='{self.server.url}'")
        place = self.place("x", "good")
        debian = lock.Place(file=place.file, sha256=place.sha256, archive="debian", path="pool/a")
        self.enter(mock.patch.dict(os.environ, {"http_proxy": "", "no_proxy": ""}))
        self.assertTrue(self.fetch(debian, mirrors=asked).exists())


class SideBySide(unittest.TestCase):
    def test_whoever_comes_while_apt_is_asked_gets_its_answer(self):
        asked = threading.Event()

        def slow(*command):
            if command[:2] != ("apt-get", "indextargets"):
                return ""
            asked.set()
            time.sleep(0.3)
            return "http://mirror.test/debian/|Debian\n"

        with mock.patch.object(mirrors, "_run", slow):
            shared = mirrors.Mirrors({})
            first = threading.Thread(target=shared.addresses, args=("debian", "pool/a"))
            first.start()
            asked.wait()
            self.assertTrue(shared.addresses("debian", "pool/a")[0])
            first.join()


class ThisMachine(unittest.TestCase):
    def test_real_apt_names_a_mirror_even_without_lists(self):
        if not pathlib.Path("/etc/debian_version").exists() or not pathlib.Path("/usr/bin/apt-get").exists():
            self.skipTest("not a Debian machine")
        found = mirrors.Mirrors({}).addresses("debian", "pool/a")
        if not found[0]:
            self.skipTest(f"its apt knows no Debian archive: {found[1]}")
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "partial").mkdir()
            config = pathlib.Path(folder, "apt.conf")
            config.write_text(f'Dir::State::lists "{folder}";\n')
            with mock.patch.dict(os.environ, {"APT_CONFIG": str(config)}):
                self.assertTrue(mirrors.Mirrors({}).addresses("debian", "pool/a")[0])


if __name__ == "__main__":
    unittest.main()
