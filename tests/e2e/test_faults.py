#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the system can do to a reader: every call that reads a table, a model or a reloaded model fails, is interrupted,
or returns too little. (What it can do to a writer: test_crash_safety.py.)"""

import collections
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import appliance
import calls
import faults

FIXED = (appliance.OK, appliance.CHECK_FAILED, appliance.BAD_DATA, appliance.IO, appliance.CONFIGURATION)


class Folder(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-faults-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.model = self.folder / "model.json"
        self.log = self.folder / "trace"

    def train(self, *arguments, out=None):
        self.check(appliance.run("train", *arguments, "--out", str(out or self.model)))
        return (out or self.model).read_bytes()


@unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
class Readers(Folder):
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


class ShortWrites(Folder):
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


class Load:
    """Predictions, one after the other, until the with-block ends; .failures and .answers."""

    def __init__(self, target, threads=2):
        self.target, self.failures, self.answers = target, [], collections.Counter()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.work) for _ in range(threads)]

    def work(self):
        with appliance.channel(self.target, **{"grpc.use_local_subchannel_pool": 1}) as channel:
            stub = calls.RPC.IrisPredictorStub(channel)
            while not self.stop.is_set():
                try:
                    self.answers[stub.PredictIrisSpecies(calls.SETOSA, timeout=appliance.DEADLINE).species] += 1
                except Exception as error:  # any: it is told by the one who waits
                    self.failures.append(repr(error)[:300])
                    return
                time.sleep(0.001)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for thread in self.threads:
            thread.join(appliance.DEADLINE)


class Reload(Folder):
    def setUp(self):
        super().setUp()
        header, *rows = (appliance.SOURCE / "assets/iris.csv").read_text().splitlines()
        turned = self.folder / "turned.csv"
        turned.write_text("\n".join([header, *reversed(rows), ""]))
        self.right = self.train()                         # setosa is 0
        self.turned = self.train("--data", str(turned))   # setosa is 2

    OUTCOME = r"^(iris-predictor: cannot reload the model: (?P<why>.*); the old one stays|reloaded the model .*|unchanged: .*)$"

    def reload(self, server):
        server.signal(signal.SIGHUP)
        return server.wait_for_line(self.OUTCOME)

    @unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
    def test_every_call_of_a_reload(self):
        self.model.write_bytes(self.right)
        # strace makes a call fail by putting number -1 in its place, for which the filter ends the process.
        with appliance.Server("--model", str(self.model), "--confine", "off") as server, Load(server.target) as load:
            pid = server.process.pid
            self.model.write_bytes(self.turned)
            with faults.Attached(pid) as attached:
                self.assertTrue(self.reload(server).group(0).startswith("reloaded"))
            made = attached.found
            self.assertTrue([line for _, _, line in made if str(self.model) in line], made)
            met = collections.Counter()
            serves, content = 2, self.turned
            for name, number, line in made:
                if name == "write":  # of the log: what cannot be written is dropped, which log_test.cc shows
                    continue
                for fault in ("error=EIO", "error=EINTR", "error=ENOSPC", "error=EMFILE") + (
                        ("retval=0", "retval=1") if name == "read" else ()):
                    with self.subTest(call=line, fault=fault):
                        new = self.right if content == self.turned else self.turned
                        self.model.write_bytes(new)
                        with faults.Attached(pid, f"{name}:{fault}:when={number}"):
                            outcome = self.reload(server)
                        species = calls.predict(server.target)
                        if outcome.group("why") is None:
                            serves, content = (0 if new == self.right else 2), new
                            met["the new model"] += 1
                        else:
                            self.assertIn(str(self.model), outcome.group("why"))
                            met["the old model"] += 1
                        self.assertEqual(species, serves, outcome.group(0))
                        self.assertNotIn("unchanged", outcome.group(0))
            self.assertTrue(met["the old model"] >= 5 and met["the new model"], met)
            self.model.write_bytes(self.right if content == self.turned else self.turned)
            self.assertTrue(self.reload(server).group(0).startswith("reloaded"))  # nothing was worn out
            self.assertEqual(load.failures, [])
            print(f"{len(made)} calls of a reload: afterwards serves {dict(met)}")
            load.stop.set()
            self.assertEqual(server.stop(), 0)

    @unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
    def test_killed_at_every_call_of_a_reload(self):
        """Neither the model nor the address is lost: whoever starts it again serves what is in the file."""
        socket = self.folder / "socket"
        words = ("--model", str(self.model))

        def serve():
            self.model.write_bytes(self.right)
            return appliance.Server(*words, listen=(f"unix:{socket}",))

        with serve() as server, faults.Attached(server.process.pid) as attached:
            self.model.write_bytes(self.turned)
            self.assertTrue(self.reload(server).group(0).startswith("reloaded"))
        self.assertTrue([line for _, _, line in attached.found if str(self.model) in line], attached.found)
        for name, number, line in attached.found:
            with self.subTest(call=line), serve() as server:
                self.assertEqual(calls.predict(server.target), 0)
                self.model.write_bytes(self.turned)
                with faults.Attached(server.process.pid, f"{name}:signal=SIGKILL:when={number}"):
                    server.signal(signal.SIGHUP)
                    self.assertEqual(server.wait(), -signal.SIGKILL)
                self.assertEqual(self.model.read_bytes(), self.turned)
                with appliance.Server(*words, listen=(f"unix:{socket}",)) as again:
                    self.assertEqual(calls.predict(again.target), 2)
                    self.assertEqual(again.stop(), 0)
                self.assertEqual({path.name for path in self.folder.iterdir()} - {"turned.csv"}, {"model.json"})
        print(f"killed at {len(attached.found)} calls of a reload")

    def test_descriptors_exhausted(self):
        self.model.write_bytes(self.right)
        with appliance.Server("--model", str(self.model), command=["prlimit", "--nofile=64", appliance.BINARY]) as server:
            import socket
            host, _, port = server.target.rpartition(":")
            self.assertEqual(calls.predict(server.target), 0)
            connections = [socket.create_connection((host, int(port))) for _ in range(80)]
            server.wait_for_line("which is the limit")  # as many as there are descriptors for, less a reserve
            self.model.write_bytes(self.turned)
            self.assertTrue(self.reload(server).group(0).startswith("reloaded"))  # out of that
            self.model.write_bytes(self.right)
            limit = ["prlimit", "--pid", str(server.process.pid)]
            subprocess.run([*limit, "--nofile=3:64"], check=True)  # fewer than are open
            why = self.reload(server).group("why")
            self.assertRegex(why or "reloaded", f"{self.model}.*({faults.ERRORS['EMFILE']})")
            subprocess.run([*limit, "--nofile=64:64"], check=True)
            for connection in connections:
                connection.close()

            def predicted():
                try:
                    return calls.predict(server.target)
                except Exception:
                    return None

            self.assertTrue(faults.until(lambda: predicted() == 2))  # what was served before
            self.assertTrue(self.reload(server).group(0).startswith("reloaded"))
            self.assertEqual(calls.predict(server.target), 0)
            self.assertEqual(server.stop(), 0)

    def test_a_file_that_is_written_in_place_under_load(self):
        """Truncated and written piece by piece, while it is read again and again: either model, whole, and no failure."""
        self.model.write_bytes(self.right)
        stop = threading.Event()

        def scribble():
            number = 0
            while not stop.is_set():
                number += 1
                content = (self.right, self.turned)[number % 2]
                with open(self.model, "wb", buffering=0) as file:
                    for i in range(0, len(content), 700):
                        file.write(content[i:i + 700])
                        time.sleep(0.0005)
                time.sleep(0.005)

        with appliance.Server("--model", str(self.model)) as server:
            writer = threading.Thread(target=scribble)
            writer.start()
            met = collections.Counter()
            try:
                with Load(server.target) as load:
                    end = time.monotonic() + 5
                    while time.monotonic() < end:
                        outcome = self.reload(server)
                        met["refused" if outcome.group("why") else "taken"] += 1
            finally:
                stop.set()
                writer.join(appliance.DEADLINE)
            self.assertEqual(load.failures, [])
            self.assertLessEqual(set(load.answers), {0, 2})
            self.assertTrue(met["refused"] and met["taken"], met)
            self.assertEqual(server.stop(), 0)

    def test_a_file_that_becomes_something_else_under_load(self):
        self.model.write_bytes(self.right)

        def directory():
            self.model.mkdir()

        def loop():
            self.model.symlink_to(self.model)

        def dangling():
            self.model.symlink_to(self.folder / "nowhere")

        def unreadable():
            self.model.symlink_to("/proc/self/mem")  # for everybody, root included

        with appliance.Server("--model", str(self.model)) as server, Load(server.target) as load:
            for change in (directory, loop, dangling, unreadable):
                with self.subTest(change.__name__):
                    self.model.unlink()
                    change()
                    why = self.reload(server).group("why")
                    self.assertIn(str(self.model), why or "reloaded")
                    self.model.rmdir() if self.model.is_dir() and not self.model.is_symlink() else self.model.unlink()
                    self.model.write_bytes(self.right)
                    self.assertTrue(self.reload(server).group(0).startswith("unchanged"))
            self.assertEqual(load.failures, [])
            load.stop.set()
            self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    appliance.main()
