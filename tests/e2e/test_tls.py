#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""TLS and mutual TLS as clients that we did not write see them: who is served, and what is negotiated."""

import contextlib
import re
import socket
import ssl
import subprocess
import time

import appliance
import certificates
from tls_case import SETOSA, WithCertificates, classify, dial, read


class IndependentClient(WithCertificates):
    """python3-grpcio."""

    def test_all_flowers(self):
        rows = appliance.iris_rows()
        samples = [sample for sample, _ in rows]
        with appliance.Server() as plain, appliance.channel(plain.target) as channel:
            expected = classify(channel, samples)
        self.assertEqual(sum(got == label for got, (_, label) in zip(expected, rows)), 145)
        with self.serve() as server, dial(server.target, self.ca.cert) as channel:
            self.assertEqual(classify(channel, samples), expected)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(server.told, [f"listening on {server.target} (TLS)"])
        with self.serve_mutually() as server, dial(server.target, self.ca.cert, self.client) as channel:
            self.assertEqual(classify(channel, samples), expected)

    def test_a_unix_socket_speaks_tls_too(self):
        address = f"unix:{self.folder}/iris.sock"
        with self.serve(listen=[address, "127.0.0.1:0"]):
            with dial(address, self.ca.cert, name="localhost") as channel:
                self.assertEqual(classify(channel, [SETOSA]), [0])
            done = appliance.run("predict", "--host", address, "--tls-ca", self.ca.cert, *map(str, SETOSA))
            self.check(done, appliance.OK, "0 setosa\n", "")

    def test_an_intermediate_ca(self):
        middle = self.ca.delegate("middle")
        leaf = middle.issue("leaf")
        chain = self.folder / "chain.pem"
        chain.write_bytes(read(leaf.cert) + read(middle.cert))
        with self.serve(certificates.Identity(str(chain), leaf.key)) as server:
            self.assert_serves(server)

    def test_every_kind_of_key(self):
        for name, key in (("rsa", ("rsa", "rsa_keygen_bits:2048")), ("p384", ("ec", "ec_paramgen_curve:P-384"))):
            with self.subTest(key=name), self.serve(self.ca.issue(name, key=key)) as server:
                self.assert_serves(server)

    def test_a_server_that_is_not_believed(self):
        with self.serve() as server:
            self.assert_not_served(dial(server.target, self.stranger.cert))
            self.assert_not_served(dial(server.target, self.ca.cert, name="other.example"))
            self.assert_serves(server)
        with self.serve(self.elsewhere) as server:
            self.assert_not_served(dial(server.target, self.ca.cert))

    def test_clients_that_are_not_believed(self):
        with self.serve_mutually() as server:
            self.assert_not_served(dial(server.target, self.ca.cert))
            for name, identity in self.not_clients.items():
                with self.subTest(name):
                    self.assert_not_served(dial(server.target, self.ca.cert, identity))
            self.assert_serves(server, self.client)

    def test_plaintext_on_a_tls_port(self):
        with self.serve() as server:
            for _ in range(3):
                self.assert_not_served(appliance.channel(server.target))
            with socket.create_connection(("127.0.0.1", int(server.port))) as raw:
                raw.sendall(b"GET / HTTP/1.1\r\n\r\n" + b"\0" * 20_000)
                raw.settimeout(appliance.DEADLINE)
                with contextlib.suppress(ConnectionResetError):
                    while raw.recv(4096):
                        pass
            self.assert_serves(server)

    def test_plaintext_and_tls_side_by_side(self):
        path = f"unix:{self.folder}/plain.sock"
        with self.serve_mutually(listen=["127.0.0.1:0", "127.0.0.1:0"], plaintext=["127.0.0.1:0", path]) as server:
            tls, plain = server.addresses[:2], server.addresses[2:]
            self.assertEqual(server.told, [f"listening on {address} (TLS)" for address in tls]
                             + [f"listening on {address}" for address in plain])
            self.assertEqual(plain[1], path)
            for address in tls:
                self.assert_not_served(appliance.channel(address))
                self.assert_not_served(dial(address, self.ca.cert))
                with dial(address, self.ca.cert, self.client) as channel:
                    self.assertEqual(classify(channel, [SETOSA]), [0])
            for address in plain:
                self.assert_not_served(dial(address, self.ca.cert, self.client, name="localhost"))
                with appliance.channel(address) as channel:
                    self.assertEqual(classify(channel, [SETOSA]), [0])

    def test_failed_handshakes_do_not_fill_the_log(self):
        with self.serve() as server:
            for _ in range(200):
                with socket.create_connection(("127.0.0.1", int(server.port))) as raw:
                    raw.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    raw.settimeout(appliance.DEADLINE)
                    with contextlib.suppress(ConnectionResetError):
                        while raw.recv(4096):
                            pass
            self.assert_serves(server)
            self.assertEqual(server.stop(), 0)
            lines = [line for line in server.lines if "Handshake failed" in line]
            self.assertGreaterEqual(len(lines), 1, server.lines)
            self.assertLess(len(lines), 10, server.lines)  # a line in 10 s, and one with the count

    def test_a_handshake_that_stops_holds_up_neither_calls_nor_the_end(self):
        with self.serve() as server, contextlib.ExitStack() as stack:
            for start in (b"", b"\x16", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
                raw = stack.enter_context(socket.create_connection(("127.0.0.1", int(server.port))))
                raw.sendall(start)
            self.assert_serves(server)
            begin = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - begin, 5)


class Handshakes(WithCertificates):
    """openssl s_client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.identities = {"ECDSA": cls.server_identity, "RSA": cls.ca.issue("rsa", key=("rsa", "rsa_keygen_bits:2048"))}

    def shake(self, target, *arguments):
        """(whether the handshake was completed, what openssl said)"""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", target, "-CAfile", self.ca.cert, "-servername", "localhost",
             *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            timeout=appliance.DEADLINE)
        return re.search(r"(?m)^New, [TS]", done.stdout) is not None, done.stdout  # or "New, (NONE)"

    @contextlib.contextmanager
    def permissive(self, identity):
        """A server that takes whatever a client offers, to show that the client did offer it: its address."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            target = f"127.0.0.1:{probe.getsockname()[1]}"
        process = subprocess.Popen(
            ["openssl", "s_server", "-accept", target, "-cert", identity.cert, "-key", identity.key, "-quiet",
             "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", "-min_protocol", "TLSv1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + appliance.DEADLINE
            while not self.shake(target)[0]:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.05)
            yield target
        finally:
            process.kill()
            process.wait()

    def test_what_is_accepted(self):
        for key in self.identities:
            with self.serve(self.identities[key]) as server:
                for version, shown in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
                    done, text = self.shake(server.target, version, "-alpn", "h2", "-verify_return_error")
                    self.assertTrue(done, text)
                    self.assertIn(f"New, {shown}, Cipher is", text)
                    self.assertIn("ALPN protocol: h2", text)
                    self.assertIn("Verify return code: 0 (ok)", text)
                for cipher in ("AES128-GCM-SHA256", "AES256-GCM-SHA384"):
                    offer = ("-tls1_2", "-cipher", f"ECDHE-{key}-{cipher}", "-alpn", "h2")
                    self.assertTrue(*self.shake(server.target, *offer))

    def test_what_is_refused(self):
        offers = [("-tls1", "ALL"), ("-tls1_1", "ALL")]
        # No forward secrecy; no authenticated encryption; no authentication; no encryption.
        offers += [("-tls1_2", cipher) for cipher in (
            "AES128-GCM-SHA256", "AES256-SHA", "DHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256",
            "ECDHE-RSA-AES256-SHA", "AECDH-AES128-SHA", "ECDHE-RSA-NULL-SHA")]
        identity = self.identities["RSA"]
        with self.serve(identity) as server, self.permissive(identity) as permissive:
            for version, cipher in offers:
                with self.subTest(version=version, cipher=cipher):
                    offer = (version, "-cipher", cipher + ":@SECLEVEL=0", "-alpn", "h2")
                    self.assertTrue(*self.shake(permissive, *offer))
                    done, text = self.shake(server.target, *offer)
                    self.assertFalse(done, text)
            self.assert_serves(server)

    def test_only_http2_is_spoken(self):
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\x04\0\0\0\0\0"
        with self.serve() as server:
            for offered, selected in ((["h2"], "h2"), (["http/1.1", "h2"], "h2"), (["http/1.1"], None),
                                      # gRPC's older name for the same, which Debian's still takes
                                      (["grpc-exp"], None), ([], None)):
                with self.subTest(offered=offered):
                    context = ssl.create_default_context(cafile=self.ca.cert)
                    if offered:
                        context.set_alpn_protocols(offered)
                    answer = b""
                    with socket.create_connection(("127.0.0.1", int(server.port)), appliance.DEADLINE) as raw, \
                            context.wrap_socket(raw, server_hostname="localhost") as connection:
                        self.assertEqual(connection.selected_alpn_protocol(), selected)
                        with contextlib.suppress(OSError):
                            connection.sendall(preface)
                            answer = connection.recv(9)
                    # The header of a SETTINGS frame on stream 0; or nothing at all, and the connection is closed.
                    self.assertEqual(answer[3:4] + answer[5:], b"\x04\0\0\0\0" if selected else b"", answer)
            self.assert_serves(server)

    def test_the_client_ca_is_named(self):
        with self.serve_mutually() as server:
            _, text = self.shake(server.target, "-tls1_2", "-alpn", "h2")
            self.assertIn("CN = clients", text)
            self.assertIn("Acceptable client certificate CA names", text)


if __name__ == "__main__":
    appliance.main()
