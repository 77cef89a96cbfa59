#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What TLS is made of, one by one: each cipher suite, group, signature, kind of certificate and form of key that is
promised works with openssl s_client; each that is not ends the handshake, or is refused at the start by a message."""

import contextlib
import re
import socket
import subprocess
import time

import appliance
import certificates
from tls_case import SETOSA, WithCertificates, classify, dial, read

AEAD = ("AES128-GCM-SHA256", "AES256-GCM-SHA384")  # ChaCha20 with TLS 1.3 only: gRPC does not ask for it in 1.2
TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
KEYS = {
    "P-256": ("ec", "ec_paramgen_curve:P-256"),
    "P-384": ("ec", "ec_paramgen_curve:P-384"),
    "P-521": ("ec", "ec_paramgen_curve:P-521"),
    "RSA 2048": ("rsa", "rsa_keygen_bits:2048"),
    "RSA 3072": ("rsa", "rsa_keygen_bits:3072"),
    "RSA-PSS": ("rsa-pss", "rsa_keygen_bits:2048"),
}
UNKNOWN_KEYS = {"Ed25519": ("ed25519",), "Ed448": ("ed448",), "secp256k1": ("ec", "ec_paramgen_curve:secp256k1")}
NOT_OFFERED_12 = (
    "AES128-GCM-SHA256", "AES256-GCM-SHA384", "AES128-SHA", "AES256-SHA256", "NULL-SHA256", "ECDHE-RSA-AES128-SHA",
    "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-NULL-SHA", "DHE-RSA-AES128-GCM-SHA256",
    "DHE-RSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305", "AECDH-AES256-SHA", "ADH-AES128-GCM-SHA256",
    "ECDHE-ARIA128-GCM-SHA256", "DHE-RSA-AES256-CCM", "CAMELLIA128-SHA", "ECDHE-RSA-CAMELLIA128-SHA256")


class Suites(WithCertificates):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.identities = {name: cls.ca.issue(name.replace(" ", ""), key=key) for name, key in KEYS.items()}

    def shake(self, target, *arguments):
        """What openssl said of a handshake: (the cipher suite or None, all of it)."""
        done = subprocess.run(
            ["openssl", "s_client", "-connect", target, "-CAfile", self.ca.cert, "-servername", "localhost", "-alpn",
             "h2", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
            timeout=appliance.DEADLINE)
        found = re.search(r"(?m)^New, [TS]\S+, Cipher is (\S+)$", done.stdout)
        return found and found[1], done.stdout

    def assert_refused(self, target, *arguments):
        suite, text = self.shake(target, *arguments)
        self.assertIsNone(suite, text)
        self.assertIn("SSL handshake has read 0 bytes", text)  # not even a hello; gRPC sends no alert

    @contextlib.contextmanager
    def permissive(self, identity, *arguments):
        """openssl's own server: that an offer works there shows that the client did make it."""
        with socket.create_server(("127.0.0.1", 0)) as probe:
            target = f"127.0.0.1:{probe.getsockname()[1]}"
        process = subprocess.Popen(
            ["openssl", "s_server", "-accept", target, "-cert", identity.cert, "-key", identity.key, "-quiet",
             "-cipher", "ALL:COMPLEMENTOFALL:@SECLEVEL=0", *arguments],
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

    def test_each_suite_with_each_certificate(self):
        for name, identity in self.identities.items():
            kind = "RSA" if name.startswith("RSA") else "ECDSA"
            with self.serve(identity) as server:
                for cipher in AEAD:
                    with self.subTest(certificate=name, cipher=cipher):
                        offer = ("-tls1_2", "-cipher", f"ECDHE-{kind}-{cipher}", "-verify_return_error")
                        suite, text = self.shake(server.target, *offer)
                        self.assertEqual(suite, f"ECDHE-{kind}-{cipher}", text)
                        self.assertIn("Server Temp Key: ECDH, prime256v1, 256 bits", text)
                for cipher in TLS13:
                    with self.subTest(certificate=name, cipher=cipher):
                        offer = ("-tls1_3", "-ciphersuites", cipher, "-verify_return_error")
                        suite, text = self.shake(server.target, *offer)
                        self.assertEqual(suite, cipher, text)
                # Both sides ours, and a client of another make.
                done = appliance.run("predict", "--port", server.port, "--tls-ca", self.ca.cert, *map(str, SETOSA))
                self.check(done, appliance.OK, "0 setosa\n", "")
                self.assert_serves(server)

    def test_suites_that_are_not_promised(self):
        identity = self.identities["RSA 2048"]
        with self.serve(identity) as server, self.permissive(identity) as permissive:
            for cipher in NOT_OFFERED_12:
                with self.subTest(cipher=cipher):
                    offer = ("-tls1_2", "-cipher", cipher + ":@SECLEVEL=0")
                    self.assertTrue(*self.shake(permissive, *offer))
                    self.assert_refused(server.target, *offer)
        with self.serve(identity) as server, \
                self.permissive(identity, "-ciphersuites", "TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256:"
                                "TLS_AES_128_GCM_SHA256") as permissive:
            for cipher in ("TLS_AES_128_CCM_SHA256", "TLS_AES_128_CCM_8_SHA256"):
                with self.subTest(cipher=cipher):
                    offer = ("-tls1_3", "-ciphersuites", cipher)
                    self.assertTrue(*self.shake(permissive, *offer))
                    self.assert_refused(server.target, *offer)
            self.assert_serves(server)

    def test_groups(self):
        with self.serve(self.identities["RSA 2048"]) as server:
            for version in ("-tls1_2", "-tls1_3"):
                self.assertTrue(*self.shake(server.target, version, "-groups", "P-256"))
                # The client's favourite is another one, and it is asked again.
                self.assertTrue(*self.shake(server.target, version, "-groups", "X25519:P-384:P-256"))
                for group in ("X25519", "X448", "P-384", "P-521"):
                    with self.subTest(version=version, group=group):
                        self.assert_refused(server.target, version, "-groups", group)

    def test_signatures(self):
        for name, signatures in (("RSA 2048", ("rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512")),
                                 ("RSA-PSS", ("rsa_pss_pss_sha256", "rsa_pss_pss_sha384")),
                                 ("P-256", ("ecdsa_secp256r1_sha256",)), ("P-384", ("ecdsa_secp384r1_sha384",)),
                                 ("P-521", ("ecdsa_secp521r1_sha512",))):
            with self.serve(self.identities[name]) as server:
                for signature in signatures:
                    with self.subTest(certificate=name, signature=signature):
                        signatures_offered = {signature: None, "ecdsa_secp256r1_sha256": None}  # the CA's own
                        offer = ("-tls1_3", "-sigalgs", ":".join(signatures_offered))
                        self.assertTrue(*self.shake(server.target, *offer))

    def test_each_kind_of_client_certificate(self):
        identities = {name: self.clients.issue("c" + name.replace(" ", ""), san="", key=key)
                      for name, key in KEYS.items()}
        with self.serve_mutually() as server:
            for name, identity in identities.items():
                with self.subTest(certificate=name):
                    for version in ("-tls1_2", "-tls1_3"):
                        suite, text = self.shake(server.target, version, "-cert", identity.cert, "-key", identity.key)
                        self.assertTrue(suite, text)
                        self.assertNotIn("alert", text)
                    with dial(server.target, self.ca.cert, identity) as channel:
                        self.assertEqual(classify(channel, [SETOSA]), [0])
                    done = appliance.run("predict", "--port", server.port, "--tls-ca", self.ca.cert, "--tls-cert",
                                         identity.cert, "--tls-key", identity.key, *map(str, SETOSA))
                    self.check(done, appliance.OK, "0 setosa\n", "")

    def test_authorities_of_each_kind(self):
        """Chains are verified, whatever the CA signs with; its own signature may be with RSA-PSS."""
        for name, key, extra in (("rsa", KEYS["RSA 2048"], ()), ("p384", KEYS["P-384"], ("-sha384",)),
                                 ("p521", KEYS["P-521"], ("-sha512",)),
                                 ("pss", KEYS["RSA 2048"], ("-sigopt", "rsa_padding_mode:pss"))):
            with self.subTest(name):
                cert, secret = str(self.folder / f"self-{name}.pem"), str(self.folder / f"self-{name}.key")
                certificates.openssl("req", "-x509", "-newkey", key[0], "-pkeyopt", key[1], "-nodes", "-keyout",
                                     secret, "-out", cert, "-days", "2", "-subj", "/CN=localhost", "-addext",
                                     "subjectAltName=DNS:localhost", "-addext", "keyUsage=critical,digitalSignature,"
                                     "keyCertSign", *extra)
                with self.serve(certificates.Identity(cert, secret), "--tls-client-ca", cert) as server:
                    done = appliance.run("predict", "--port", server.port, "--tls-ca", cert, "--tls-cert", cert,
                                         "--tls-key", secret, *map(str, SETOSA))
                    self.check(done, appliance.OK, "0 setosa\n", "")

    def test_a_bundle_with_authorities_of_unknown_kinds(self):
        bundle = self.folder / "bundle.pem"
        with open(bundle, "wb") as file:
            for name in UNKNOWN_KEYS:
                path = self.folder / f"root-{name}.pem"
                certificates.openssl("req", "-x509", "-newkey", UNKNOWN_KEYS[name][0],
                                     *(("-pkeyopt", UNKNOWN_KEYS[name][1]) if len(UNKNOWN_KEYS[name]) > 1 else ()),
                                     "-nodes", "-keyout", self.folder / "unused.key", "-out", path, "-days", "2",
                                     "-subj", f"/CN={name}")
                file.write(read(path))
            file.write(read(self.ca.cert))
        with self.serve() as server:
            done = appliance.run("predict", "--port", server.port, "--tls-ca", str(bundle), *map(str, SETOSA))
            self.check(done, appliance.OK, "0 setosa\n", "")

    def test_each_form_of_key(self):
        def convert(identity, name, *arguments):
            path = str(self.folder / name)
            certificates.openssl(*arguments, "-in", identity.key, "-out", path)
            return certificates.Identity(identity.cert, path)

        ec, rsa = self.identities["P-256"], self.identities["RSA 2048"]
        parameters = self.folder / "with-parameters.pem"
        sec1 = convert(ec, "sec1.pem", "ec")
        parameters.write_bytes(certificates.openssl("ecparam", "-name", "prime256v1") + read(sec1.key))
        forms = {"PKCS#8": ec, "SEC 1": sec1, "SEC 1 after parameters": certificates.Identity(ec.cert, str(parameters)),
                 "PKCS#8 RSA": rsa, "PKCS#1": convert(rsa, "pkcs1.pem", "rsa", "-traditional")}
        heads = {"SEC 1": b"BEGIN EC PRIVATE KEY", "PKCS#1": b"BEGIN RSA PRIVATE KEY",
                 "SEC 1 after parameters": b"BEGIN EC PARAMETERS"}
        for name, identity in forms.items():
            with self.subTest(name):
                self.assertIn(heads.get(name, b"BEGIN PRIVATE KEY"), read(identity.key))
                with self.serve(identity) as server:
                    self.assert_serves(server)

    def test_kinds_of_key_that_are_not_promised(self):
        for name, key in UNKNOWN_KEYS.items():
            with self.subTest(key=name):
                identity = self.ca.issue(name, key=key)
                done = appliance.run("serve", "--listen", "127.0.0.1:0", "--tls-cert", identity.cert, "--tls-key",
                                     identity.key)
                self.check(done, 78, "", re.compile("iris-predictor: .*" + re.escape(identity.key)
                                                    + " .*of a kind that is not known .*make an EC key of 256 bits"))


if __name__ == "__main__":
    appliance.main()
