#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the system, and those who write the file, can do to a server that reads its model again: every call fails or is
interrupted or short, it is killed in the middle, has no descriptors left, finds the file half written or gone. The old
model goes on answering. (The first load: test_faults.py. Certificates and configuration: test_reload_faults_tls.py.)"""

import collections
import os
import signal
import subprocess
import threading
import time
import unittest

import appliance
import calls
import faults
import puppet


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


class Reload(faults.Folder):
    def setUp(self):
        super().setUp()
        header, *rows = (appliance.SOURCE / "assets/iris.csv").read_text().splitlines()
        turned = self.folder / "turned.csv"
        turned.write_text("\n".join([header, *reversed(rows), ""]))
        self.right = self.train()                         # setosa is 0
        self.turned = self.train("--data", str(turned))   # setosa is 2

    OUTCOME = r"^(iris-predictor: cannot reload the model: (?P<why>.*); the old one stays|reloaded the model .*|unchanged: .*)$"

    def reload(self, server):
        os.kill(server.process.pid, signal.SIGHUP)  # puppet.ReadsShortOnce says why not otherwise
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
                        if fault == "error=EINTR" and name in ("open", "openat", "read"):
                            self.assertIsNone(outcome.group("why"))  # simply tried again
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

    @unittest.skipUnless(faults.can_trace(), "needs the right to trace")
    def test_every_read_of_a_reload_is_short(self):
        self.model.write_bytes(self.right)
        with appliance.Server("--model", str(self.model)) as server, Load(server.target) as load:
            for size, content, species in ((1, self.turned, 2), (7, self.right, 0), (1000, self.turned, 2)):
                with self.subTest(size=size):
                    self.model.write_bytes(content)
                    with puppet.ReadsShortOnce(server.process.pid, [self.model], size) as short:
                        self.assertTrue(self.reload(server).group(0).startswith("reloaded"))
                    self.assertTrue(short.whole(self.model), short.brought)
                    self.assertEqual(calls.predict(server.target), species)
            load.stop.set()
            self.assertEqual(server.stop(), 0)
        self.assertEqual(load.failures, [])

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
