#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Saving a model is all or nothing: killed, or failed by the system, at every single system call."""

import collections
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

import appliance
import faults


@unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
class CrashSafety(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name) / "models"
        self.folder.mkdir()
        self.path = self.folder / "model.json"
        self.log = pathlib.Path(folder.name) / "trace"
        self.new = self.saved("--cost", "2")
        self.old = self.saved()
        self.assertNotEqual(self.old, self.new)

    def saved(self, *arguments):
        self.check(appliance.run("train", *arguments, "--out", str(self.path)))
        self.check(appliance.run("inspect", str(self.path)))
        return self.path.read_bytes()

    def reset(self):
        for path in self.folder.iterdir():
            path.unlink()
        self.path.write_bytes(self.old)

    def save_traced(self, *inject):
        """Saves the new model over the old one under strace."""
        return subprocess.run(
            ["strace", "-f", "-o", str(self.log), *inject, appliance.BINARY, "train", "--cost", "2", "--out",
             str(self.path)],
            env=appliance.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, timeout=appliance.DEADLINE)

    def system_calls(self):
        """The system calls of an undisturbed save: [(name, how many of that name so far, line)]."""
        self.reset()
        self.check(self.save_traced())
        self.assertEqual(self.path.read_bytes(), self.new)
        calls, counts = [], collections.Counter()
        for line in self.log.read_text(errors="replace").splitlines():
            match = re.match(r"(?:\d+ +)?([a-z_0-9]+)\(", line)
            if match and match.group(1) not in ("execve", "exit", "exit_group"):
                counts[match.group(1)] += 1
                calls.append((match.group(1), counts[match.group(1)], line))
        return calls

    def test_killed_at_every_system_call(self):
        calls = self.system_calls()
        self.assertGreater(len(calls), 10)
        found = collections.Counter()
        for name, number, line in calls:
            with self.subTest(call=line):
                self.reset()
                done = self.save_traced(f"-einject={name}:signal=SIGKILL:when={number}")
                self.assertEqual(done.returncode, -9, done.stderr)
                content = self.path.read_bytes()
                self.assertIn(content, (self.old, self.new))
                found["new" if content == self.new else "old"] += 1
        # Both happened, or the kills did not span the rename.
        self.assertGreater(found["old"], 5, found)
        self.assertGreater(found["new"], 1, found)
        # What a killed save may leave behind does not disturb the next.
        self.check(appliance.run("train", "--cost", "2", "--out", str(self.path)))
        self.assertEqual(self.path.read_bytes(), self.new)
        print(f"killed at {len(calls)} system calls: {dict(found)}")

    def test_failed_by_the_system_at_every_call_of_the_save(self):
        calls = self.system_calls()
        first = next(i for i, (_, _, line) in enumerate(calls) if str(self.folder) in line)
        self.assertIn("rename", " ".join(name for name, _, _ in calls[first:]))
        refused = set()
        for name, number, line in calls[first:]:
            if name in ("unlink", "unlinkat", "brk", "mmap", "munmap", "madvise", "mprotect", "futex"):
                continue
            for error, reason in (("ENOSPC", "No space left on device"), ("EIO", "I/O error|Input/output error"),
                                  ("EINTR", "Interrupted system call")):
                with self.subTest(call=line, error=error):
                    self.reset()
                    done = self.save_traced(f"-einject={name}:error={error}:when={number}")
                    context = f"exit {done.returncode}: {done.stderr}"
                    content = self.path.read_bytes()
                    self.assertIn(content, (self.old, self.new), context)
                    self.assertIn(done.returncode, (appliance.OK, appliance.IO), context)
                    if done.returncode == appliance.OK:
                        self.assertEqual(content, self.new, context)
                        self.assertIn("training samples right", done.stdout)
                    else:
                        self.assertRegex(done.stderr, rf"^iris-predictor: .*(?:{reason})", context)
                    self.assertEqual(os.listdir(self.folder), ["model.json"], context)
                    if error != "EINTR" and content == self.old:
                        self.assertEqual(done.returncode, appliance.IO, context)
                        refused.add(name)
                    if error == "EINTR" and name in ("write", "openat", "open"):
                        self.assertEqual(done.returncode, appliance.OK, context)  # simply tried again
        for name in ("write", "fsync"):
            self.assertIn(name, refused)
        self.assertTrue(any(name.startswith("rename") for name in refused), refused)

    def test_a_full_disk(self):
        # A file system of 4 KiB blocks that really is full, where it can be mounted.
        mount = pathlib.Path(self.folder.parent) / "small"
        mount.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(mount)],
                          stderr=subprocess.DEVNULL).returncode != 0:
            self.skipTest("needs the right to mount a tmpfs")
        self.addCleanup(subprocess.run, ["umount", str(mount)], check=True)
        path = mount / "model.json"
        path.write_bytes(self.old)
        with open(mount / "filler", "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(b"x" * 4096)
            except OSError:
                pass
        done = appliance.run("train", "--cost", "2", "--out", str(path))
        self.check(done, appliance.IO, "", re.compile("No space left on device"))
        self.assertEqual(path.read_bytes(), self.old)
        self.assertEqual(sorted(os.listdir(mount)), ["filler", "model.json"])


if __name__ == "__main__":
    appliance.main()
