# SPDX-License-Identifier: Apache-2.0
"""Places that serve a source well and badly, one after another, and the folder of IRIS_SOURCES."""

import os
import pty
import time
import unittest

from scripted_server import BODY, SHA256, TOOLCHAIN, FetchTest, fetcher


class Places(FetchTest):
    def test_whole_file(self):
        path = self.fetch(self.place("a", "good"))
        self.assertEqual(path.read_bytes(), BODY)
        self.assertEqual(self.in_dest(), ["thing.tar.gz"])
        self.assertEqual(self.ranges("a"), [None])

    def test_cached_file_is_not_fetched_again(self):
        place = self.place("a", "good")
        self.fetch(place)
        self.fetch(place)
        self.assertEqual(len(self.server.requests), 1)

    def test_damaged_cached_file_is_replaced(self):
        self.dest.mkdir()
        (self.dest / "thing.tar.gz").write_bytes(BODY[:-1] + b"?")
        self.assertEqual(self.fetch(self.place("a", "good")).read_bytes(), BODY)
        self.assertIn("damaged", self.notes[0])

    def test_every_byte_counts(self):
        self.dest.mkdir()
        cached = self.dest / "thing.tar.gz"
        damages = [bytes([BODY[0] ^ 1]) + BODY[1:], BODY[:-1], BODY + b"\0", BODY[1:], b"", BODY + BODY]
        for position in (1, len(BODY) // 3, len(BODY) // 2, len(BODY) - 2, len(BODY) - 1):
            damages += [BODY[:position] + bytes([BODY[position] ^ 1 << bit]) + BODY[position + 1:] for bit in (0, 7)]
        for damaged in damages:
            cached.write_bytes(damaged)
            self.notes.clear()
            self.assertEqual(self.fetch(self.place("a", "good")).read_bytes(), BODY)
            self.assertIn("damaged", self.notes[0])

    def test_resumes_a_partial_download(self):
        self.part(BODY[:100_000])
        self.assertEqual(self.fetch(self.place("a", "good")).read_bytes(), BODY)
        self.assertEqual(self.ranges("a"), ["bytes=100000-"])

    def test_part_that_is_whole_needs_no_network(self):
        self.part(BODY)
        self.assertEqual(self.fetch(self.place("a", "not_found")).read_bytes(), BODY)
        self.assertEqual(self.server.requests, [])

    def test_server_that_ignores_range(self):
        self.part(BODY[:100_000])
        self.assertEqual(self.fetch(self.place("a", "no_range")).read_bytes(), BODY)
        self.assertEqual(self.ranges("a"), ["bytes=100000-"])

    def test_server_that_answers_another_range(self):
        self.part(BODY[:100_000])
        self.assertEqual(self.fetch(self.place("a", "other_range", "good")).read_bytes(), BODY)
        self.assertEqual(self.ranges("a"), ["bytes=100000-", None])

    def test_part_longer_than_the_file(self):
        self.part(BODY + b"more")
        self.assertEqual(self.fetch(self.place("a", "good")).read_bytes(), BODY)

    def test_wrong_part_is_thrown_away(self):
        self.part(b"?" * 100_000)
        self.assertEqual(self.fetch(self.place("a", "good")).read_bytes(), BODY)
        self.assertEqual(self.ranges("a"), ["bytes=100000-", None])

    def test_server_without_content_length(self):
        self.assertEqual(self.fetch(self.place("a", "no_length")).read_bytes(), BODY)

    def test_redirection(self):
        self.assertEqual(self.fetch(self.place("a", "moved")).read_bytes(), BODY)

    def test_truncated_body_is_completed(self):
        self.assertEqual(self.fetch(self.place("a", "truncated", "good")).read_bytes(), BODY)
        self.assertEqual(self.ranges("a"), [None, "bytes=150000-"])

    def test_overloaded_server_is_asked_again(self):
        self.assertEqual(self.fetch(self.place("a", "busy", "busy", "good")).read_bytes(), BODY)

    def test_overloaded_server_is_not_asked_for_ever(self):
        with self.assertRaisesRegex(fetcher.Unavailable, r"HTTP 503 .*\(3 attempts\)"):
            self.fetch(self.place("a", "busy"))
        self.assertEqual(len(self.server.requests), 3)

    def test_second_place_takes_over_after_404(self):
        self.assertEqual(self.fetch(self.place("a", "not_found"), self.place("b", "good")).read_bytes(), BODY)
        self.assertEqual(len(self.ranges("a")), 1)

    def test_second_place_goes_on_where_the_first_broke_off(self):
        path = self.fetch(self.place("a", "truncated", "busy"), self.place("b", "good"))
        self.assertEqual(path.read_bytes(), BODY)
        self.assertEqual(self.ranges("b"), ["bytes=150000-"])

    def test_second_place_has_a_file_of_its_own(self):
        other = self.place("b", "good", file="other.tar.gz")
        path = self.fetch(self.place("a", "truncated", "not_found", sha256="0" * 64), other)
        self.assertEqual(path.name, "other.tar.gz")
        self.assertEqual(self.ranges("b"), [None])

    def test_hang_is_cut_off(self):
        begun = time.monotonic()
        path = self.fetch(self.place("a", "hang"), self.place("b", "good"), timeout=0.2, attempts=2)
        self.assertEqual(path.read_bytes(), BODY)
        self.assertLess(time.monotonic() - begun, 5)
        self.assertIn("no answer within 0.2 s", self.notes[0])

    def test_hang_in_the_middle_keeps_what_came(self):
        self.fetch(self.place("a", "hang_in_the_middle", "good"), timeout=0.3)
        self.assertEqual(self.ranges("a"), [None, "bytes=100000-"])

    def test_dripping_server_counts_as_hanging(self):
        with self.assertRaisesRegex(fetcher.Unavailable, "only .* bytes in 0.3 s"):
            self.fetch(self.place("a", "drip"), timeout=0.3, attempts=1)

    def test_nobody_serves_it(self):
        with self.assertRaises(fetcher.Unavailable) as caught:
            self.fetch(self.place("a", "not_found"), self.place("b", "busy"))
        text = str(caught.exception)
        for part in ("thing 1.0", f"{self.server.url}/a: HTTP 404", f"{self.server.url}/b: HTTP 503",
                     "thing.tar.gz", SHA256, "IRIS_SOURCES=DIR"):
            self.assertIn(part, text)
        self.assertEqual(caught.exception.exit_code, 69)
        self.assertEqual(self.in_dest(), [])

    def test_wrong_bytes_everywhere(self):
        with self.assertRaises(fetcher.WrongHash) as caught:
            self.fetch(self.place("a", "wrong"), self.place("b", "portal", size=len(BODY)))
        text = str(caught.exception)
        for part in ("thing 1.0", f"{self.server.url}/a: wrong hash", f"expected SHA-256 {SHA256}",
                     "found    SHA-256 ", f"it serves 5 bytes; the lock says {len(BODY)}"):
            self.assertIn(part, text)
        self.assertEqual(caught.exception.exit_code, 65)
        self.assertEqual(self.in_dest(), [])

    def test_wrong_bytes_then_right_ones(self):
        self.assertEqual(self.fetch(self.place("a", "wrong"), self.place("b", "good")).read_bytes(), BODY)
        self.assertEqual(self.ranges("b"), [None])

    def test_endless_body_is_cut_off(self):
        with self.assertRaisesRegex(fetcher.WrongHash, "serves more than"):
            self.fetch(self.place("a", "endless", size=len(BODY)))
        self.assertEqual(self.in_dest(), [])


class Offline(FetchTest):
    def setUp(self):
        super().setUp()
        self.offline = self.folder / "offline"
        self.offline.mkdir()

    def test_takes_the_file_where_it_is(self):
        (self.offline / "thing.tar.gz").write_bytes(BODY)
        path = self.fetch(self.place("a", "good"), sources=self.offline)
        self.assertEqual(path, self.offline / "thing.tar.gz")
        self.assertEqual(self.in_dest(), [])

    def test_takes_the_file_of_any_place(self):
        (self.offline / "other.tar.gz").write_bytes(BODY)
        path = self.fetch(self.place("a", "good"), self.place("b", "good", file="other.tar.gz"), sources=self.offline)
        self.assertEqual(path, self.offline / "other.tar.gz")

    def test_missing_file_is_not_looked_for_on_the_network(self):
        with self.assertRaisesRegex(fetcher.Unavailable, f"not in IRIS_SOURCES={self.offline}"):
            self.fetch(self.place("a", "good"), sources=self.offline)
        self.assertEqual(self.server.requests, [])

    def test_wrong_file_is_named_and_left_alone(self):
        (self.offline / "thing.tar.gz").write_bytes(b"mine")
        with self.assertRaisesRegex(fetcher.WrongHash, "wrong hash\n    expected"):
            self.fetch(self.place("a", "good"), sources=self.offline)
        self.assertEqual((self.offline / "thing.tar.gz").read_bytes(), b"mine")

    def test_by_environment_variable(self):
        (self.offline / "thing.tar.gz").write_bytes(BODY)
        self.lock_file()
        done = self.run_fetch("--all", env={"IRIS_SOURCES": str(self.offline)})
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\[1/1\] thing 1\.0  300\.0 kB  ok \(\d\.\d s, IRIS_SOURCES\)\n$")


class CommandLine(FetchTest):
    def setUp(self):
        super().setUp()
        self.lock_file()
        self.server.scripts["/pool/thing"] = ["good"]

    def test_fetches_and_reports_one_line(self):
        done = self.run_fetch("thing")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^\[1/1\] thing 1\.0  300\.0 kB  ok \(\d\.\d s, debian\)\n$")

    def test_percentage_on_a_terminal_only(self):
        self.server.scripts["/pool/thing"] = ["slow"]
        ours, theirs = pty.openpty()
        done = self.run_fetch("thing", capture_output=False, stdout=theirs)
        os.close(theirs)
        shown = os.read(ours, 1 << 16).decode()
        os.close(ours)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(shown, r"\r\x1b\[K\[1/1\] thing 1\.0  \d+% of 300\.0 kB")
        self.assertRegex(shown, r"\r\x1b\[K\[1/1\] thing 1\.0  300\.0 kB  ok \([^)]*\)\r\n$")

    def test_proxy_of_the_environment(self):
        self.server.scripts["http://mirror.invalid/pool/thing"] = ["good"]
        done = self.run_fetch("thing", env={"IRIS_DEBIAN_MIRROR": "http://mirror.invalid/",
                                            "http_proxy": self.server.url})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_file_mirror(self):
        (self.folder / "pool").mkdir()
        (self.folder / "pool/thing").write_bytes(BODY)
        done = self.run_fetch("thing", env={"IRIS_DEBIAN_MIRROR": f"file:{self.folder}"})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.dest / "thing.tar.gz").read_bytes(), BODY)

    def test_exit_codes(self):
        for script in ("wrong", "not_found"):  # The second mirror refuses, so it is not wrong everywhere.
            self.server.scripts["/pool/thing"] = [script]
            self.assertEqual(self.run_fetch("--all").returncode, 69)
        self.server.scripts["/pool/thing"] = ["wrong"]
        self.assertEqual(self.run_fetch("--all", env={"IRIS_DEBIAN_SECURITY_MIRROR": self.server.url}).returncode, 65)

    def test_usage(self):
        for arguments in ((), ("--all", "thing"), ("--nonsense",), ("--all", "--timeout", "0"), ("thong",)):
            done = self.run_fetch(*arguments)
            self.assertEqual((done.returncode, done.stdout), (64, ""), arguments)
        self.assertIn("did you mean thing?", done.stderr)

    def test_verify(self):
        self.assertEqual(self.run_fetch("--verify").returncode, 69)
        self.dest.mkdir(exist_ok=True)
        (self.dest / "thing.tar.gz").write_bytes(b"?")
        self.assertEqual(self.run_fetch("--verify").returncode, 65)
        (self.dest / "thing.tar.gz").write_bytes(BODY)
        self.assertEqual(self.run_fetch("--verify").returncode, 0)
        self.assertEqual(self.server.requests, [])

    def test_list(self):
        done = self.run_fetch("--list")
        self.assertIn(f"{SHA256}  thing.tar.gz", done.stdout)
        self.assertEqual(done.returncode, 0)

    def test_help_comes_with_examples(self):
        done = self.run_fetch("--help")
        self.assertIn("toolchain/fetch musl grpc", done.stdout)

    def test_default_folder(self):
        environment = {"IRIS_CACHE": str(self.folder / "cache")}
        self.assertEqual(fetcher.cache_folder(environment), self.folder / "cache")
        self.assertEqual(fetcher.cache_folder({"XDG_CACHE_HOME": "/x"}).parts[-2:], ("x", "iris-predictor"))
        self.assertTrue(os.access(TOOLCHAIN / "fetch", os.X_OK))


if __name__ == "__main__":
    unittest.main()
