#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the system can do to a reader: every call that reads a table, a model, a configuration or a certificate fails, is
interrupted, brings less than was asked for, or lies. (What is read again: test_reload_faults.py and
test_reload_faults_tls.py. What the system can do to a writer: test_crash_safety.py.)"""

import collections
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

import appliance
import certificates
import faults
import puppet

FIXED = (appliance.OK, appliance.CHECK_FAILED, appliance.BAD_DATA, appliance.IO, appliance.CONFIGURATION)
# Where the kernel does return EINTR, to a process that it interrupts: at a slow device, a pipe, a remote file system.
INTERRUPTIBLE = ("open", "openat", "read", "write")


def without_port(done):
    """What a command said; the port that it was given is another each time."""
    return re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:PORT", done.stdout), done.stderr


class Readers(faults.Folder):
    """Files of every kind that is read, and commands that read them."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-readers-")
        cls.addClassCleanup(folder.cleanup)
        ca = certificates.Authority(folder.name, "ca")
        server = ca.issue("server", days=(-1, 60))  # so far from its end that nothing warns of it
        cls.certificate, cls.key, cls.client_ca = (pathlib.Path(name) for name in (server.cert, server.key, ca.cert))

    def setUp(self):
        super().setUp()
        self.content = self.train()
        self.liblinear, self.config = self.folder / "model.txt", self.folder / "config.json"
        self.check(appliance.run("convert", str(self.model), "--to", "liblinear", "--out", str(self.liblinear)))
        self.config.write_text(json.dumps({"serve": {"log-level": "info", "drain-timeout": 3}}))
        self.csv, self.libsvm = self.folder / "table.csv", self.folder / "table.libsvm"
        self.csv.write_bytes((appliance.SOURCE / "assets/iris.csv").read_bytes())
        self.libsvm.write_text("".join(
            f"{label} {' '.join(f'{i}:{value}' for i, value in enumerate(sample, 1))}\n"
            for sample, label in appliance.iris_rows()))
        self.log = self.folder / "trace"

    def readers(self):
        """[(words of a command, the files that it reads)]."""
        tls = {"--tls-cert": self.certificate, "--tls-key": self.key, "--tls-client-ca": self.client_ca}
        serve = {"--config": self.config, "--model": self.model, **tls}
        readers = [
            (["train", "--json", "--data", self.csv], [self.csv]),
            (["train", "--json", "--data", self.libsvm], [self.libsvm]),
            (["evaluate", "--data", self.csv, "--model", self.model], [self.csv, self.model]),
            (["predict", "--model", self.liblinear, "--input", self.libsvm], [self.liblinear, self.libsvm]),
            (["inspect", self.model], [self.model]),
            (["inspect", self.liblinear], [self.liblinear]),
            (["config", "--config", self.config], [self.config]),
            (["serve", "--check", "--listen", "127.0.0.1:0", *(word for pair in serve.items() for word in pair)],
             list(serve.values())),
        ]
        return [(list(map(str, words)), files) for words, files in readers]


@unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
class Faults(Readers):
    def attack(self, arguments, files):
        """Every call from the opening of the first of `files` on, with every fault."""
        expected = without_port(appliance.run(*arguments))
        undisturbed = faults.run_traced(self.log, *arguments)
        self.assertEqual((undisturbed.returncode, without_port(undisturbed)), (appliance.OK, expected))
        made = faults.calls_of(self.log)
        first = next(i for i, (_, _, line) in enumerate(made) if any(str(file) in line for file in files))
        met, file = collections.Counter(), None
        for name, number, line in made[first:]:
            file = next((file for file in files if str(file) in line), file)
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
                    if kind == "error=EINTR" and name in INTERRUPTIBLE:
                        self.assertEqual(done.returncode, appliance.OK, context)  # simply tried again
                    if done.returncode == appliance.OK:
                        # Whatever was lied about, nothing false is shown. A table has no checksum: its lies are believed.
                        if kind.startswith("error=") or file not in (self.csv, self.libsvm):
                            self.assertEqual(without_port(done), expected, context)
                        continue
                    self.assertRegex(done.stderr, r"^iris-predictor: .*[^\n]\n$", context)
                    if done.returncode == appliance.IO and kind.startswith("error=") and name != "write":
                        self.assertRegex(done.stderr, faults.ERRORS[kind[6:]], context)
                        self.assertIn(str(file), done.stderr, context)
        self.assertTrue(met[appliance.IO] and met[appliance.OK], met)
        return f"{arguments[0]}: {len(made) - first} calls, exit codes {dict(met)}"

    def test_every_call_of_every_reader(self):
        for words, files in self.readers():
            before = [file.read_bytes() for file in files]
            print(self.attack(words, files))
            self.assertEqual([file.read_bytes() for file in files], before)

    def test_every_other_call_is_interrupted(self):
        """Not one alone: each that is tried again is followed by one that has to be, too."""
        for words, files in self.readers():
            for name in ("open", "read"):
                with self.subTest(words=words, name=name):
                    done = faults.run_traced(self.log, *words, inject=f"{name}:error=EINTR:when=2+2")
                    self.assertEqual((done.returncode, without_port(done)),
                                     (appliance.OK, without_port(appliance.run(*words))))
                    self.assertGreaterEqual(self.log.read_text().count("EINTR"), len(files))

    def test_training_saves_nothing_else(self):
        """A fault while the table is read leaves the model that is there, or replaces it by that of the whole table."""
        old = self.train("--cost", "2")
        words = ["train", "--data", str(self.csv), "--out", str(self.model)]
        self.check(faults.run_traced(self.log, *words))
        whole, made = self.model.read_bytes(), faults.calls_of(self.log)
        self.assertNotEqual(whole, old)
        first = next(i for i, (_, _, line) in enumerate(made) if str(self.csv) in line)
        last = next(i for i, (_, _, line) in enumerate(made) if str(self.model) in line)
        self.assertGreater(last - first, 3)
        for name, number, line in made[first:last]:
            for error in ("EIO", "EINTR", "EMFILE"):
                with self.subTest(call=line, error=error):
                    self.model.write_bytes(old)
                    done = faults.run_traced(self.log, *words, inject=f"{name}:error={error}:when={number}")
                    self.assertEqual(self.model.read_bytes(), whole if done.returncode == appliance.OK else old, done)

    def test_killed_at_every_call_of_a_load(self):
        words, names = ["inspect", str(self.model)], sorted(path.name for path in self.folder.iterdir())
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
                self.assertEqual(self.model.read_bytes(), self.content)
                self.assertEqual(sorted(path.name for path in self.folder.iterdir()), names)
        self.check(appliance.run(*words), stdout=expected)
        print(f"killed at {len(made)} calls of a load")


@unittest.skipUnless(faults.can_trace(), "needs the right to trace")
class ShortReads(Readers):
    """The kernel may bring less than was asked for at any time; that is neither an error nor the end."""

    def assert_unnoticed(self, words, files, size, stdin=None):
        expected = appliance.run(*words, stdin=stdin.read_bytes() if stdin else b"")
        short = puppet.ShortReads(files, size)
        with open(stdin or os.devnull, "rb") as given:
            done = short.run(*words, stdin=given)
        self.assertEqual((done.returncode, without_port(done)), (appliance.OK, without_port(expected)))
        for file in files:
            self.assertTrue(short.whole(file), (file, short.brought))
        return sum(map(len, short.brought.values()))

    def test_of_every_reader(self):
        for words, files in self.readers():
            reads = []
            for size in (1, 7, 1000):
                with self.subTest(words=words, size=size):
                    reads.append(self.assert_unnoticed(words, files, size))
            print(f"{words[0]}: read {len(files)} files in {reads} pieces")

    def test_of_standard_input(self):
        for words, file in ((["train", "--json", "--data", "-"], self.csv),
                            (["predict", "--model", str(self.model), "--input", "-"], self.libsvm)):
            with self.subTest(words=words):
                self.assert_unnoticed(words, [file], 1, stdin=file)

    def test_of_a_table_that_is_read_in_several_blocks(self):
        header, rows = self.csv.read_text().split("\n", 1)
        self.csv.write_text(header + "\n" + rows * 200)  # of 256 KiB, src/dataset/text_blocks.cc
        for size in (999, 65536):
            reads = self.assert_unnoticed(["evaluate", "--data", str(self.csv), "--model", str(self.model)], [self.csv], size)
            self.assertGreater(reads, self.csv.stat().st_size // size)

    def test_of_a_client_that_reads_certificates(self):
        identity = ["--tls-cert", str(self.certificate), "--tls-key", str(self.key)]
        with appliance.Server(*identity, "--tls-client-ca", str(self.client_ca)) as server:
            words = ["predict", "--port", server.port, "--host", "127.0.0.1", "--tls-ca", str(self.client_ca), *identity,
                     "5.0", "3.6", "1.3", "0.25"]
            self.assert_unnoticed(words, [self.certificate, self.key, self.client_ca], 1)

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
