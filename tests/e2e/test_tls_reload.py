#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Certificates that are replaced while the server runs, as clients and operators that we did not write see it."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time

import grpc

import appliance
from tls_case import SETOSA, WithCertificates, classify, dial, read

OFTEN = ("--tls-reload-interval", "0.1")
NEVER = ("--tls-reload-interval", "0")


def shown(target):
    """The certificate (DER) that a new connection is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, _, port = target.rpartition(":")
    with socket.create_connection((host, int(port)), timeout=appliance.DEADLINE) as raw:
        with context.wrap_socket(raw) as connection:
            return connection.getpeercert(binary_form=True)


def der(identity):
    return ssl.PEM_cert_to_DER_cert(read(identity.cert).decode())


class Rotation(WithCertificates):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.next = cls.stranger.issue("next")  # of another CA, so that it shows which of them a client has met

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-rotation-")
        self.addCleanup(folder.cleanup)
        self.used = pathlib.Path(folder.name)
        self.put(self.server_identity)
        shutil.copy(self.clients.cert, self.used / "ca")

    def put(self, identity):
        for name, file in (("crt", identity.cert), ("key", identity.key)):  # each in one step, as careful tools do
            shutil.copy(file, self.used / (name + ".new"))
            os.replace(self.used / (name + ".new"), self.used / name)

    def rotating(self, *arguments, mutual=False, **options):
        ca = ("--tls-client-ca", str(self.used / "ca")) if mutual else ()
        return appliance.Server("--tls-cert", str(self.used / "crt"), "--tls-key", str(self.used / "key"), *ca,
                                *arguments, **options)

    def reloaded(self, server):
        return server.wait_for_line(rf"^reloaded the certificate {re.escape(str(self.used))}/crt.*, "
                                    r"valid until \d{4}-\d\d-\d\d \d\d:\d\d UTC$")

    def assert_shows(self, server, identity):
        self.assertEqual(shown(server.target), der(identity))

    def assert_rotates(self, server, act):
        """`act` makes the server go over to self.next, and what was connected before notices nothing."""
        with dial(server.target, self.ca.cert) as channel:  # would not get through another handshake
            self.assertEqual(classify(channel, [SETOSA]), [0])
            watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=60)
            self.assertEqual(next(watch), b"\x08\x01")  # status: SERVING
            act()
            self.reloaded(server)
            self.assert_shows(server, self.next)
            self.assert_not_served(dial(server.target, self.ca.cert))
            with dial(server.target, self.stranger.cert) as new:
                self.assertEqual(classify(new, [SETOSA]), [0])
            self.assertEqual(classify(channel, [SETOSA] * 20), [0] * 20)
            self.assertTrue(watch.is_active())
            watch.cancel()

    def assert_no_key_in(self, server, *identities):
        log = "\n".join(server.lines)
        for identity in (self.server_identity, self.next, *identities):
            for file in (identity.key, identity.cert):
                for line in read(file).decode().splitlines()[1:-1]:
                    self.assertNotIn(line[:16], log)
        self.assertNotIn("-----BEGIN", log.replace("expected a block that starts with -----BEGIN", ""))

    def test_by_sighup(self):
        with self.rotating(*NEVER) as server:
            def act():
                self.put(self.next)
                server.signal(signal.SIGHUP)
            self.assert_rotates(server, act)
            server.signal(signal.SIGHUP)
            server.wait_for_line("^unchanged: the certificate .*valid until ")
            self.assertEqual(server.stop(), 0)
            self.assert_no_key_in(server)

    def test_by_itself(self):
        with self.rotating(*OFTEN) as server:
            self.assert_rotates(server, lambda: self.put(self.next))
            self.put(self.server_identity)
            self.reloaded(server)
            self.assert_shows(server, self.server_identity)

    def test_by_default_within_seconds(self):
        with self.rotating() as server:
            self.put(self.next)
            self.reloaded(server)
            self.assert_shows(server, self.next)

    def test_only_when_asked(self):
        with self.rotating(*NEVER) as server:
            self.put(self.next)
            time.sleep(1)
            self.assert_shows(server, self.server_identity)
            self.assertEqual(server.told, [f"listening on {server.target} (TLS)"])
            server.signal(signal.SIGHUP)
            self.reloaded(server)
            self.assert_shows(server, self.next)

    def spoil(self, how):
        """Makes the files unusable; what the log is to say."""
        self.put(self.next)
        crt, key, ca = (self.used / name for name in ("crt", "key", "ca"))
        if how == "mismatch":
            shutil.copy(self.server_identity.key, key)
            return "the key in .*/key does not belong to the certificate in .*/crt"
        if how == "half a certificate":
            crt.write_bytes(read(self.next.cert)[:300])
            return "certificate 1 in .*/crt is damaged"
        if how == "half a key":
            key.write_bytes(read(self.next.key)[:100])
            return "the private key in .*/key is damaged"
        if how == "empty":
            key.write_bytes(b"")
            return "key is empty"
        if how == "removed":
            crt.unlink()
            return "cannot open .*/crt"
        if how == "a directory":
            key.unlink()
            key.mkdir()
            return "key is a directory"
        if how == "a pipe":
            key.unlink()
            os.mkfifo(key)
            return "key is not a regular file"
        if how == "expired":
            self.put(self.expired)
            return r"expired on \d{4}-"
        ca.write_bytes(b"hello\n")
        return "ca holds no certificate"

    def test_what_cannot_be_used_changes_nothing(self):
        for how in ("mismatch", "half a certificate", "half a key", "empty", "removed", "a directory", "a pipe",
                    "expired", "no client CA"):
            for interval in (NEVER, OFTEN):
                with self.subTest(how, interval=interval), self.rotating(*interval, mutual=True) as server, \
                        dial(server.target, self.ca.cert, self.client) as channel:
                    self.assertEqual(classify(channel, [SETOSA]), [0])
                    why = self.spoil(how)
                    if interval == NEVER:
                        server.signal(signal.SIGHUP)
                    server.wait_for_line(f"^iris-predictor: cannot reload the certificate: .*{why}.*; the old one "
                                         r"stays, valid until \d{4}-")
                    self.assert_shows(server, self.server_identity)
                    self.assert_serves(server, self.client)
                    self.assert_not_served(dial(server.target, self.ca.cert))
                    self.assertEqual(classify(channel, [SETOSA]), [0])

                    for name in ("crt", "key"):
                        path = self.used / name
                        if path.is_dir():
                            path.rmdir()
                    shutil.copy(self.clients.cert, self.used / "ca")
                    self.put(self.next)
                    if interval == NEVER:
                        server.signal(signal.SIGHUP)
                    self.reloaded(server)
                    self.assert_shows(server, self.next)
                    self.assertEqual(classify(channel, [SETOSA]), [0])
                    self.assertEqual(server.stop(), 0)
                    self.assert_no_key_in(server, self.expired, self.client)
                self.put(self.server_identity)

    def test_a_failure_that_lasts_is_told_once(self):
        with self.rotating(*OFTEN) as server:
            self.spoil("mismatch")
            server.wait_for_line("cannot reload")
            time.sleep(1)
            self.assertEqual(sum("cannot reload" in line for line in server.lines), 1, server.lines)

    def test_a_pair_that_is_copied_slowly_alarms_nobody(self):
        with self.rotating("--tls-reload-interval", "1") as server:
            shutil.copy(self.next.cert, self.used / "crt")
            time.sleep(0.8)
            shutil.copy(self.next.key, self.used / "key")
            self.reloaded(server)
            self.assert_shows(server, self.next)
            self.assertFalse([line for line in server.lines if "cannot" in line], server.lines)

    def test_links_that_are_turned(self):
        """As Kubernetes replaces a mounted secret: crt → ..data/crt, ..data → a folder of its own."""
        for name, identity in (("first", self.server_identity), ("second", self.next)):
            (self.used / name).mkdir()
            shutil.copy(identity.cert, self.used / name / "crt")
            shutil.copy(identity.key, self.used / name / "key")
        (self.used / "..data").symlink_to("first")
        for name in ("crt", "key"):
            (self.used / name).unlink()
            (self.used / name).symlink_to(f"..data/{name}")
        with self.rotating(*OFTEN) as server:
            def act():
                (self.used / "..data_tmp").symlink_to("second")
                os.replace(self.used / "..data_tmp", self.used / "..data")
                shutil.rmtree(self.used / "first")
            self.assert_rotates(server, act)

    def test_the_client_ca(self):
        with self.rotating(*NEVER, mutual=True) as server, \
                dial(server.target, self.ca.cert, self.client) as channel:
            self.assertEqual(classify(channel, [SETOSA]), [0])
            stranger = self.not_clients["of another CA"]
            self.assert_not_served(dial(server.target, self.ca.cert, stranger))
            shutil.copy(self.stranger.cert, self.used / "ca")
            server.signal(signal.SIGHUP)
            server.wait_for_line("^reloaded the certificate .*crt and the client CA .*ca, valid until ")
            self.assert_serves(server, stranger)
            self.assert_not_served(dial(server.target, self.ca.cert, self.client))
            self.assert_not_served(dial(server.target, self.ca.cert))
            self.assertEqual(classify(channel, [SETOSA]), [0])  # what is connected stays

    def test_a_session_does_not_outlive_the_trust_that_began_it(self):
        session = self.used / "session"

        def shake(server, *arguments, identity=self.client):
            done = subprocess.run(
                ["openssl", "s_client", "-connect", server.target, "-tls1_2", "-alpn", "h2", "-CAfile", self.ca.cert,
                 *(("-cert", identity.cert, "-key", identity.key) if identity else ()), *arguments],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                errors="replace", timeout=appliance.DEADLINE)
            kind = re.search(r"(?m)^(New|Reused), TLS", done.stdout)
            return kind[1] if kind and done.returncode == 0 else None, done.stdout

        with self.rotating(*NEVER, mutual=True) as server:
            first, text = shake(server, "-sess_out", session)
            self.assertEqual(first, "New", text)
            again, text = shake(server, "-sess_in", session, identity=None)
            self.assertEqual(again, "Reused", text)  # the ticket itself works
            shutil.copy(self.stranger.cert, self.used / "ca")
            server.signal(signal.SIGHUP)
            self.reloaded(server)
            after, text = shake(server, "-sess_in", session, identity=None)
            self.assertIsNone(after, text)
            self.assertNotIn("Reused", text)

    def test_handshakes_all_the_while(self):
        other = self.ca.issue("other")
        failures, done = [], threading.Event()

        def connect(server):
            while not done.is_set():
                try:
                    self.assert_serves(server)
                except (grpc.RpcError, AssertionError) as error:
                    failures.append(error)

        with self.rotating(*NEVER) as server, contextlib.ExitStack() as stack:
            threads = [threading.Thread(target=connect, args=(server,)) for _ in range(3)]
            stack.callback(lambda: [thread.join() for thread in threads])
            stack.callback(done.set)
            for thread in threads:
                thread.start()
            for turn in range(20):
                self.put((other, self.server_identity)[turn % 2])
                server.signal(signal.SIGHUP)
                self.reloaded(server)
            done.set()
            for thread in threads:
                thread.join()
        self.assertEqual(failures, [])

    def test_without_tls_there_is_nothing_to_reload(self):
        with appliance.Server() as server, appliance.channel(server.target) as channel:
            server.signal(signal.SIGHUP)
            self.assertEqual(classify(channel, [SETOSA]), [0])
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.told, [f"listening on {server.target}"])


if __name__ == "__main__":
    appliance.main()
