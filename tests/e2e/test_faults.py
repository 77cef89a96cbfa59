#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the system can do to a reader: every call that reads a table or a model fails, is interrupted, or returns too
little. (A model that is read again: test_reload_faults.py. What it can do to a writer: test_crash_safety.py.)"""

import collections
import os
import re
import signal
import subprocess
import tempfile
import time
import unittest

import appliance
import faults

FIXED = (appliance.OK, appliance.CHECK_FAILED, appliance.BAD_DATA, appliance.IO, appliance.CONFIGURATION)


@unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
class Readers(faults.Folder):
    def attack(self, arguments, path, right):
        """Every call from the opening of `path` on, with every fault. `right(done)`: what a success must have done."""
        undisturbed = faults.run_traced(self.log, *arguments)
        self.assertEqual(undisturbed.returncode, appliance.OK, undisturbed.stderr)
        made = faults.calls_of(self.log)
        first = next(i for i, (_, _, line) in enumerate(made) if str(path) in line)
        met = collections.Counter()
        for name, number, line in made[first:]:
            if name == "close":
                continue  # of a file that was read there is nothing to lose
            kinds = [f"error={error}" for error in ("EIO", "EINTR")]
            if name in ("open", "openat"):
                kinds.append("error=EMFILE")
            if name == "read":
                kinds += ["retval=0", "retval=1"]  # the end too soon; a byte that the file does not hold
            for kind in kinds:
                with self.subTest(call=line, fault=kind):
                    done = faults.run_traced(self.log, *arguments, inject=f"{name}:{kind}:when={number}")
                    context = f"exit {done.returncode}: {done.stdout} {done.stderr}"
                    self.assertIn(done.returncode, FIXED, context)
                    met[done.returncode] += 1
                    if done.returncode == appliance.OK:
                        right(done, context, kind)
                        continue
                    self.assertRegex(done.stderr, r"^iris-predictor: .*[^\n]\n$", context)
                    if done.returncode == appliance.IO and kind.startswith("error=") and name != "write":
                        self.assertRegex(done.stderr, faults.ERRORS[kind[6:]], context)
                        self.assertIn(str(path), done.stderr, context)
        self.assertTrue(met[appliance.IO] and met[appliance.OK], met)
        print(f"{arguments[0]}: {len(made) - first} calls, exit codes {dict(met)}")

    def test_loading_a_model(self):
        content = self.train()
        expected = appliance.run("inspect", str(self.model)).stdout

        def right(done, context, kind):
            self.assertEqual(done.stdout, expected, context)  # whatever was lied about, nothing false is shown

        self.attack(["inspect", str(self.model)], self.model, right)
        self.assertEqual(self.model.read_bytes(), content)

    def test_predicting_with_a_model(self):
        self.train()
        words = ["predict", "--model", str(self.model), "5.0", "3.6", "1.3", "0.25"]
        expected = appliance.run(*words).stdout
        self.attack(words, self.model, lambda done, context, kind: self.assertEqual(done.stdout, expected, context))

    def test_training_from_a_table(self):
        table = self.folder / "table.csv"
        table.write_bytes((appliance.SOURCE / "assets/iris.csv").read_bytes())
        whole = self.train("--data", str(table))
        old = self.train("--data", str(table), "--cost", "2")

        def right(done, context, kind):
            content = self.model.read_bytes()
            if kind.startswith("error="):
                self.assertIn(content, (old, whole), context)  # old: in these tests nothing is saved
            self.check(appliance.run("inspect", str(self.model)))
            self.model.write_bytes(old)

        self.attack(["train", "--data", str(table), "--json"], table, right)
        self.assertEqual(self.model.read_bytes(), old)

    def test_serving_a_model_that_cannot_be_read(self):
        self.train()
        words = ["serve", "--model", str(self.model), "--listen", "127.0.0.1:0", "--check"]
        self.attack(words, self.model, lambda done, context, kind: self.assertIn("all is well", done.stdout + done.stderr))

    def test_killed_at_every_call_of_a_load(self):
        content = self.train()
        words = ["inspect", str(self.model)]
        expected = appliance.run(*words).stdout
        self.check(faults.run_traced(self.log, *words))
        made = faults.calls_of(self.log)
        self.assertTrue(any(str(self.model) in line for _, _, line in made), made)
        self.log.unlink()
        for name, number, line in made:
            with self.subTest(call=line), tempfile.TemporaryDirectory(prefix="iris-killed-") as elsewhere:
                done = faults.run_traced(f"{elsewhere}/log", *words, inject=f"{name}:signal=SIGKILL:when={number}")
                self.assertEqual(done.returncode, -signal.SIGKILL, done.stderr)
                self.assertIn(done.stdout, ("", expected))
                self.assertEqual(self.model.read_bytes(), content)
                self.assertEqual([path.name for path in self.folder.iterdir()], ["model.json"])
        self.check(appliance.run(*words), stdout=expected)
        print(f"killed at {len(made)} calls of a load")

    def test_a_table_that_comes_in_single_bytes(self):
        # Reads as short as they get: a pipe that holds one byte at a time.
        text = b"".join((appliance.SOURCE / "assets/iris.csv").read_bytes().splitlines(True)[:4]) + b"7,3,5,2,virginica\n"
        whole = appliance.run("train", "--data", "-", "--json", stdin=text)
        self.check(whole)
        reader, writer = os.pipe()
        process = subprocess.Popen([appliance.BINARY, "train", "--data", "-", "--json"], stdin=reader,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=appliance.environment())
        os.close(reader)
        for i in range(len(text)):
            os.write(writer, text[i:i + 1])
            time.sleep(0.0005)
        os.close(writer)
        output, _ = process.communicate(timeout=appliance.DEADLINE)
        self.assertEqual(process.returncode, 0)
        self.assertEqual(output.decode(), whole.stdout)


class ShortWrites(faults.Folder):
    def test_the_file_may_not_grow_so_far(self):
        # A limit on the length of files: the write that crosses it is short, the next one fails.
        old = self.train()
        full = len(self.train("--cost", "2"))
        for room in (0, 1, 100, full - 1):
            with self.subTest(room=room):
                self.model.write_bytes(old)
                done = subprocess.run(
                    ["prlimit", f"--fsize={room}", appliance.BINARY, "train", "--cost", "2", "--out", str(self.model)],
                    env=appliance.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                    timeout=appliance.DEADLINE)
                self.check(done, appliance.IO, "", re.compile(r"^iris-predictor: cannot write .*: File too large\n$"))
                self.assertEqual(self.model.read_bytes(), old)
                self.assertEqual([path.name for path in self.folder.iterdir()], ["model.json"])


if __name__ == "__main__":
    appliance.main()
