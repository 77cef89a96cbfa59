# SPDX-License-Identifier: Apache-2.0
"""A full disk, a folder that cannot be written, a kill in the middle, two at once: nothing half-written is whole."""

import concurrent.futures
import fcntl
import os
import resource
import shutil
import signal
import subprocess
import threading
import time
import unittest

from scripted_server import BODY, FetchTest


class FullDisk(FetchTest):
    def setUp(self):
        super().setUp()
        self.lock_file()
        self.dest.mkdir()

    def on_small_disk(self, *script):
        """`fetch` with a file system of 128 KiB as its folder; also what it left there."""
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            self.skipTest("a small file system needs root and unshare")
        self.server.scripts["/pool/thing"] = list(script)
        mounting = ('mount -t tmpfs -o size=128k tmpfs "$0" || exit 42; "$@"; code=$?; '
                    'stat -c "%n %s" "$0"/* 2>/dev/null; exit $code')
        done = self.run_fetch("--all", prefix=("unshare", "--mount", "sh", "-c", mounting, str(self.dest)))
        if done.returncode == 42 or done.stderr.startswith("unshare:"):
            self.skipTest(f"this machine lets nobody mount a file system: {done.stderr.strip()}")
        return done

    def test_known_length_is_refused_before_it_fills_the_disk(self):
        done = self.on_small_disk("good")
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertIn(f"thing 1.0: no space left in {self.dest}: 300.0 kB more are needed", done.stderr)
        self.assertNotIn("thing.tar.gz", done.stdout)  # Not even an empty one.

    def test_unknown_length_keeps_the_part(self):
        done = self.on_small_disk("no_length")
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertIn("no space left", done.stderr)
        self.assertRegex(done.stderr, r"The 131\.1 kB already there are kept")
        self.assertRegex(done.stdout, r"thing\.tar\.gz\.part 131072\n")

    def test_limit_of_file_size(self):
        self.server.scripts["/pool/thing"] = ["good"]
        done = self.run_fetch("--all", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)))
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertRegex(done.stderr, "no space left in .*: .* more are needed")
        self.assertEqual(self.in_dest(), ["thing.tar.gz.part"])
        self.assertEqual(self.run_fetch("--all").returncode, 0)
        self.assertEqual((self.dest / "thing.tar.gz").read_bytes(), BODY)
        self.assertEqual(self.ranges("pool/thing"), [None, "bytes=100000-"])

    def test_folder_that_cannot_be_made(self):
        self.dest.rmdir()
        self.dest.write_text("in the way")
        done = self.run_fetch("--all")
        self.assertEqual(done.returncode, 74)
        self.assertIn(f"cannot write into {self.dest}", done.stderr)
        self.assertIn("--dest DIR or IRIS_CACHE=DIR", done.stderr)


class Interrupted(FetchTest):
    def setUp(self):
        super().setUp()
        self.lock_file()
        self.server.scripts["/pool/thing"] = ["hang_in_the_middle", "good"]

    def stop_in_the_middle(self, how):
        process = subprocess.Popen(self.command("--all"), env=self.environment(), text=True, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        part = self.dest / "thing.tar.gz.part"
        deadline = time.monotonic() + 20
        while not (part.exists() and part.stat().st_size == 100_000):
            self.assertLess(time.monotonic(), deadline, "the download never began")
            time.sleep(0.01)
        process.send_signal(how)
        _, errors = process.communicate(timeout=20)
        return process.returncode, errors

    def test_killed_download_is_never_whole_and_is_resumed(self):
        code, _ = self.stop_in_the_middle(signal.SIGKILL)
        self.assertEqual(code, -signal.SIGKILL)
        self.assertEqual(self.in_dest(), ["thing.tar.gz.part"])
        self.assertEqual(self.run_fetch("--verify").returncode, 69)
        done = self.run_fetch("--all")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual((self.dest / "thing.tar.gz").read_bytes(), BODY)
        self.assertEqual(self.ranges("pool/thing"), [None, "bytes=100000-"])
        self.assertEqual(self.in_dest(), ["thing.tar.gz"])

    def test_control_c(self):
        code, errors = self.stop_in_the_middle(signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertIn("interrupted; the next run goes on", errors)
        self.assertNotIn("Traceback", errors)
        self.assertEqual(self.run_fetch("--all").returncode, 0)


class TwoAtOnce(FetchTest):
    def test_the_second_waits_and_takes_the_first_ones_file(self):
        self.lock_file()
        self.server.scripts["/pool/thing"] = ["slow"]
        running = [subprocess.Popen(self.command("--all"), env=self.environment(), text=True, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE) for _ in range(3)]
        results = [(*process.communicate(timeout=30), process.returncode) for process in running]
        self.assertEqual([code for _, _, code in results], [0, 0, 0], results)
        self.assertEqual(self.ranges("pool/thing"), [None])
        self.assertTrue(any("another process is fetching it" in errors for _, errors, _ in results))
        self.assertEqual(self.in_dest(), ["thing.tar.gz"])

    def test_the_second_goes_on_when_the_first_fails(self):
        self.server.scripts["/pool/thing"] = ["slow"]
        self.lock_file()
        first = subprocess.Popen(self.command("--all"), env=self.environment(), stdout=subprocess.DEVNULL)
        while not (self.dest / "thing.tar.gz.part").exists():
            time.sleep(0.01)
        second = subprocess.Popen(self.command("--all"), env=self.environment(), stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, text=True)
        self.assertIn("another process is fetching it", second.stderr.readline())
        first.kill()
        first.wait()
        self.assertEqual(second.wait(timeout=20), 0)
        second.stderr.close()
        self.assertEqual((self.dest / "thing.tar.gz").read_bytes(), BODY)

    def test_part_that_was_removed_while_waiting_for_it(self):
        self.part(b"")
        path, waiting = self.dest / "thing.tar.gz.part", threading.Event()
        with open(path, "rb") as held, concurrent.futures.ThreadPoolExecutor(1) as pool:
            fcntl.flock(held, fcntl.LOCK_EX)
            fetched = pool.submit(self.fetch, self.place("a", "good"), note=lambda _: waiting.set())
            self.assertTrue(waiting.wait(10))
            path.unlink()  # As the first does when no place served it anything.
            fcntl.flock(held, fcntl.LOCK_UN)
            self.assertEqual(fetched.result(20).read_bytes(), BODY)

    def test_threads(self):
        place = self.place("a", "slow")
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            paths = list(pool.map(lambda _: self.fetch(place), range(4)))
        self.assertEqual({path.read_bytes() for path in paths}, {BODY})
        self.assertEqual(len(self.server.requests), 1)


if __name__ == "__main__":
    unittest.main()
