#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the system can do to a server that reads certificate, key, client CA and configuration again, at SIGHUP or by
itself: every call fails, is interrupted, is short, or is the last one. The old goes on serving, whole, or the new is
there. (A model that is read again: test_reload_faults.py; the first reading: test_faults.py.)"""

import collections
import contextlib
import json
import os
import pathlib
import signal
import socket
import ssl
import tempfile
import threading
import time
import unittest

import appliance
import certificates
import faults
import manager
import puppet
from tls_case import SETOSA, classify, dial, read

FILES = ("crt", "key", "ca", "config")
TLS_OUTCOME = (r"^(iris-predictor: cannot reload the certificate: (?P<why>.*); the old one stays, valid until .*"
               r"|reloaded the certificate .*|unchanged: the certificate .*)$")
LEVEL_OUTCOME = (r"^(iris-predictor: cannot reload the configuration: (?P<why>.*); the old one stays"
                 r"|the log level is now (?P<now>\w+), and was (?P<before>\w+))$")
LEVELS = ("info", "debug")
FAULTS = ("error=EIO", "error=EINTR", "error=EMFILE")
OPENS = ("open", "openat")  # musl makes the one, glibc the other
ENDS_TOO_SOON = "retval=0"  # of a read


class Load:
    """Predictions until the with-block ends, over a connection that stays and over one new connection each."""

    def __init__(self, connect):
        self.connect, self.failures, self.made = connect, [], collections.Counter()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.work, args=(kind,)) for kind in ("lasting", "new")]

    def work(self, kind):
        with contextlib.closing(self.connect()) as lasting:
            while not self.stop.is_set():
                try:
                    with contextlib.nullcontext(lasting) if kind == "lasting" else self.connect() as channel:
                        self.failures += [kind] * (classify(channel, [SETOSA]) != [0])
                    self.made[kind] += 1
                except Exception as error:  # any: it is told by the one who waits
                    self.failures.append(f"{kind}: {error!r}"[:400])
                    return
                time.sleep(0.01 if kind == "lasting" else 0.05)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join(appliance.DEADLINE)


@unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
class Reload(appliance.Test):
    """Two sets of files, 0 and 1, that differ in all: the server's certificate and key, whose clients are let in, the log
    level. A client that knows both sides' authorities, and is known to both, notices nothing of a change."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-reload-tls-")
        cls.addClassCleanup(folder.cleanup)
        home = pathlib.Path(folder.name)
        sides = [certificates.Authority(home, name) for name in ("zero", "one")]
        everybody = certificates.Authority(home, "everybody")
        cls.servers = [side.issue("server", days=(-1, 60)) for side in sides]
        cls.clients = [side.issue("client", san="") for side in sides]
        cls.known_to_both = everybody.issue("client", san="")
        cls.roots = home / "roots"
        cls.roots.write_bytes(b"".join(read(side.cert) for side in sides))
        cls.content = [{"crt": read(server.cert), "key": read(server.key), "ca": read(side.cert) + read(everybody.cert),
                        "config": json.dumps({"serve": {"log-level": level}}).encode()}
                       for side, server, level in zip(sides, cls.servers, LEVELS)]
        cls.shown = [ssl.PEM_cert_to_DER_cert(content["crt"].decode()) for content in cls.content]

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-reload-tls-")
        self.addCleanup(folder.cleanup)
        self.told = manager.Notifications()  # of when a reload is done
        self.addCleanup(self.told.close)
        self.folder = pathlib.Path(folder.name)
        self.socket = self.folder / "socket"
        for side, content in enumerate(self.content):
            (self.folder / str(side)).mkdir()
            for name, text in content.items():
                (self.folder / str(side) / name).write_bytes(text)
        for name in FILES:
            (self.folder / name).symlink_to(f"now/{name}")
        self.turn(0)
        self.side = self.level = 0  # of the certificate in use, of the log level in use

    def turn(self, side):
        """All files at once, as Kubernetes replaces a mounted secret."""
        (self.folder / "next").symlink_to(str(side))
        os.replace(self.folder / "next", self.folder / "now")

    def serve(self, *arguments, interval="0"):
        files = [str(self.folder / name) for name in FILES]
        self.told.drain()
        server = appliance.Server("--tls-cert", files[0], "--tls-key", files[1], "--tls-client-ca", files[2], "--config",
                                  files[3], "--tls-reload-interval", interval, *arguments,
                                  listen=(f"unix:{self.socket}",), env=self.told.environment())
        self.told.until("READY")
        return server

    def connect(self):
        return dial(f"unix:{self.socket}", self.roots, self.known_to_both, "localhost")

    def meet(self, identity):
        """(the certificate that a new connection is shown, whether a client that is `identity` is let in)."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(["h2"])
        context.load_cert_chain(identity.cert, identity.key)
        with socket.socket(socket.AF_UNIX) as raw:
            raw.settimeout(appliance.DEADLINE)
            raw.connect(str(self.socket))
            with context.wrap_socket(raw) as connection:
                shown = connection.getpeercert(binary_form=True)
                try:
                    return shown, len(connection.recv(9)) == 9  # the head of HTTP/2's first frame
                except (ssl.SSLError, ConnectionResetError):
                    return shown, False

    def assert_serves(self, side):
        """One side's certificate, key and client CA, and nothing of the other's."""
        for i in (0, 1):
            self.assertEqual(self.meet(self.clients[i]), (self.shown[side], i == side), f"client {i}")
        with self.connect() as channel:
            self.assertEqual(classify(channel, [SETOSA]), [0])

    def hear_tls(self, server, new):
        """What came of the certificate: None, or why it stays. Then .side is what is in use."""
        outcome = server.wait_for_line(TLS_OUTCOME)
        if outcome["why"] is None:
            self.assertTrue(outcome[0].startswith("reloaded" if new != self.side else "unchanged"), outcome[0])
            self.side = new
        return outcome["why"]

    def reload(self, server, new):
        """SIGHUP, when the files are those of side `new`: why the certificate and why the log level stay; None: changed."""
        os.kill(server.process.pid, signal.SIGHUP)  # puppet.ReadsShortOnce says why not otherwise
        why = self.hear_tls(server, new), None
        if self.level != new:  # of a level that does not change nothing is said
            outcome = server.wait_for_line(LEVEL_OUTCOME)
            why = why[0], outcome["why"]
            if outcome["why"] is None:
                self.assertEqual((outcome["now"], outcome["before"]), (LEVELS[new], LEVELS[self.level]))
                self.level = new
        self.assertEqual("failed in part" in self.told.until("READY")["STATUS"], any(why), why)
        return why

    def assert_injected(self, attached):
        self.assertEqual(sum("(INJECTED)" in line for _, _, line in attached.found), 1, attached.found)

    def calls_of_a_reload(self, server):
        self.turn(1)
        with faults.Attached(server.process.pid) as attached:
            self.assertEqual(self.reload(server, 1), (None, None))
        for name in FILES:
            self.assertTrue(any(call in OPENS and f"\"{self.folder / name}\"" in line for call, _, line in attached.found),
                            attached.found)
        # What is written is the log's, and cannot be written otherwise than dropped (log_test.cc).
        return [call for call in attached.found if call[0] != "write"]

    def test_every_call_of_a_reload(self):
        # strace makes a call fail by putting number -1 in its place, for which the filter ends the process.
        with self.serve("--confine", "off") as server, Load(self.connect) as load:
            made, met, file = self.calls_of_a_reload(server), collections.Counter(), None
            for name, number, line in made:
                file = next((name for name in FILES if f"\"{self.folder / name}\"" in line), file)
                for fault in FAULTS + ((ENDS_TOO_SOON,) if name == "read" else ()):
                    with self.subTest(call=line, fault=fault):
                        new = 1 - self.side
                        self.turn(new)
                        with faults.Attached(server.process.pid, f"{name}:{fault}:when={number}") as attached:
                            why = self.reload(server, new)
                        self.assert_injected(attached)
                        self.assert_serves(self.side)
                        self.assertEqual(self.reload(server, new), (None, None))  # nothing is worn out
                        self.assertEqual((self.side, self.level), (new, new))
                        failed = why[file == "config"]
                        met[(file, "the old" if failed else "the new")] += 1
                        self.assertIsNone(why[file != "config"])  # the other one is none of its affair
                        if failed is not None:
                            self.assertIn(str(self.folder / file), failed)
                            if fault in FAULTS and name in (*OPENS, "read", "fstat"):
                                self.assertRegex(failed, faults.ERRORS[fault[6:]])
                        if fault == "error=EINTR" and name in (*OPENS, "read"):
                            self.assertIsNone(failed)  # simply tried again
                        elif fault in FAULTS and name in (*OPENS, "read", "fstat"):
                            self.assertIsNotNone(failed)
            for name in FILES:
                self.assertTrue(met[(name, "the old")] and met[(name, "the new")], met)
            self.assert_serves(self.side)
            load.end()  # before the server: a client that is just connecting would rightly fail
            self.assertEqual(server.stop(), 0)
        self.assertEqual(load.failures, [])
        self.assertGreater(min(load.made["lasting"], load.made["new"]), len(made))
        print(f"{len(made)} calls of a reload, {sum(load.made.values())} predictions meanwhile: {dict(met)}")

    def test_every_read_of_a_reload_is_short(self):
        files = [self.folder / name for name in FILES]
        with self.serve() as server, Load(self.connect) as load:
            for size in (1, 7, 1000):
                with self.subTest(size=size):
                    new = 1 - self.side
                    self.turn(new)
                    with puppet.ReadsShortOnce(server.process.pid, files, size) as short:
                        self.assertEqual(self.reload(server, new), (None, None))
                    self.assertEqual([file.name for file in files if not short.whole(file)], [], short.brought)
                    self.assert_serves(new)
            load.end()
            self.assertEqual(server.stop(), 0)
        self.assertEqual(load.failures, [])

    def test_killed_at_every_call_of_a_reload(self):
        """Nothing of the files is lost, nor is the address: whoever starts it again serves what is in them."""
        with self.serve() as server:
            made = self.calls_of_a_reload(server)
        for name, number, line in made:
            self.turn(0)
            with self.subTest(call=line), self.serve() as server:
                self.assertEqual(self.meet(self.clients[0]), (self.shown[0], True))
                self.turn(1)
                with faults.Attached(server.process.pid, f"{name}:signal=SIGKILL:when={number}"):
                    server.signal(signal.SIGHUP)
                    self.assertEqual(server.wait(), -signal.SIGKILL)
                for side, content in enumerate(self.content):
                    found = {path.name: path.read_bytes() for path in (self.folder / str(side)).iterdir()}
                    self.assertEqual(found, content)
                with self.serve() as again:
                    self.assert_serves(1)
                    self.assertEqual(again.stop(), 0)
                self.assertEqual({path.name for path in self.folder.iterdir()}, {"0", "1", "now", *FILES})
        print(f"killed at {len(made)} calls of a reload")

    def test_every_call_of_a_reload_by_itself(self):
        """A fault that passes is not worth a line: what is new is there with the next look. One that lasts is told once."""
        with self.serve("--confine", "off", interval="0.1") as server, Load(self.connect) as load:
            calls = [(name, number) for name, last in (("open", 3), ("fstat", 3), ("read", 6))
                     for number in range(1, last + 1)]
            for name, number in calls:
                for fault in FAULTS:
                    with self.subTest(name=name, number=number, fault=fault):
                        new = 1 - self.side
                        with faults.Attached(server.process.pid, f"{name}:{fault}:when={number}") as attached:
                            self.turn(new)
                            self.assertIsNone(self.hear_tls(server, new))
                        self.assert_injected(attached)
                        self.assert_serves(new)
            for name in ("open", "fstat", "read"):
                with self.subTest(name=name, lasts=True):
                    new = 1 - self.side
                    with faults.Attached(server.process.pid, f"{name}:error=EIO"):
                        self.turn(new)
                        self.assertRegex(self.hear_tls(server, new), f"{self.folder}/crt: ({faults.ERRORS['EIO']})")
                        told = len(server.lines)
                        time.sleep(0.5)
                        self.assert_serves(self.side)
                        self.assertEqual([line for line in server.lines[told:] if "cannot" in line], [])
                    self.assertIsNone(self.hear_tls(server, new))
                    self.assert_serves(new)
            load.end()
            self.assertEqual(server.stop(), 0)
        self.assertEqual(load.failures, [])
        self.assertEqual(sum("cannot" in line for line in server.lines), 3, server.lines)


if __name__ == "__main__":
    appliance.main()
