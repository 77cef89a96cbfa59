#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""TLS by our own commands: serve's settings, and predict and healthcheck as clients, and what they say of mistakes."""

import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time

import appliance
import certificates
from appliance import CHECK_FAILED, CONFIGURATION, IO, OK, UNAVAILABLE, USAGE
from tls_case import WithCertificates, classify, dial, read

SETOSA = ("5.0", "3.6", "1.3", "0.25")


class OwnClient(WithCertificates):
    """predict and healthcheck."""

    def at(self, server, *arguments, ca=True):
        return ("--host", "127.0.0.1", "--port", server.port, *(("--tls-ca", self.ca.cert) if ca else ()), *arguments)

    def test_predict(self):
        with self.serve() as server:
            self.check(appliance.run("predict", *self.at(server), *SETOSA), OK, "0 setosa\n", "")
            self.check(appliance.run("predict", *self.at(server)[2:], *SETOSA), OK, "0 setosa\n", "")  # localhost
            self.check(appliance.run("predict", *self.at(server, ca=False), "--tls", *SETOSA,
                                     env={"IRIS_TLS_CA": self.ca.cert}), OK, "0 setosa\n", "")
            done = appliance.run("predict", *self.at(server), "--input", str(appliance.SOURCE / "assets/iris.csv"))
            self.check(done, OK, stderr="")
            self.assertEqual(len(done.stdout.splitlines()), 150)
        with self.serve_mutually() as server:
            identity = ("--tls-cert", self.client.cert, "--tls-key", self.client.key)
            self.check(appliance.run("predict", *self.at(server), *identity, *SETOSA), OK, "0 setosa\n", "")
        with self.serve(self.elsewhere) as server:
            name = ("--tls-server-name", "elsewhere.example")
            self.check(appliance.run("predict", *self.at(server), *name, *SETOSA), OK, "0 setosa\n", "")
            self.assertEqual(server.told, [f"listening on {server.target} (TLS)"])

    def failed(self, pattern, *arguments):
        done = appliance.run("predict", *arguments, *SETOSA)
        self.check(done, UNAVAILABLE, "", re.compile(pattern))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertNotIn("error:", done.stderr)
        self.assertNotIn("SSL_ERROR", done.stderr)

    def test_failures_say_why(self):
        with self.serve() as server:
            where = re.escape(server.target)
            self.failed(f"TLS with the server at {where} failed: its certificate was not issued by one that is "
                        "believed here", *self.at(server, "--tls-ca", self.stranger.cert))
            self.failed("not made out to other.example", *self.at(server, "--tls-server-name", "other.example"))
            self.failed(f"what listens at {where} closed the connection; .*--tls-ca", *self.at(server, ca=False))
        with self.serve(self.elsewhere) as server:
            self.failed("not made out to 127.0.0.1; .*--tls-server-name", *self.at(server))
        with self.serve_mutually() as server:
            self.failed("closed the connection; .* client certificate", *self.at(server))
            for name, identity in self.not_clients.items():
                if "valid" not in name and name != "expired":
                    with self.subTest(name):
                        self.failed("client certificate",
                                    *self.at(server, "--tls-cert", identity.cert, "--tls-key", identity.key))
        with appliance.Server() as server:
            self.failed("it does not speak TLS", *self.at(server))

    def test_a_server_whose_certificate_expires_while_it_serves(self):
        soon = self.ca.issue("soon", days=(-1, 3 / 86400))
        with self.serve(soon) as server:
            deadline = time.monotonic() + appliance.DEADLINE
            while appliance.run("predict", *self.at(server), *SETOSA).returncode == OK:
                self.assertLess(time.monotonic(), deadline)
                time.sleep(0.5)
            self.failed("not valid today", *self.at(server))

    def test_system_roots(self):
        with self.serve() as server:
            done = appliance.run("predict", *self.at(server, ca=False), "--tls", *SETOSA)
            self.assertIn(done.returncode, (UNAVAILABLE, CONFIGURATION), done)  # the latter where there are none
            self.assertIn("--tls-ca", done.stderr)

    def test_settings_that_do_not_fit(self):
        for arguments, code, pattern in (
                (("--tls-ca", "/no/such.pem"), IO, "--tls-ca: cannot open /no/such.pem"),
                (("--tls-ca", self.client.key), CONFIGURATION, "holds no certificate in PEM form"),
                (("--tls-cert", self.client.cert), CONFIGURATION, "--tls-cert is given without --tls-key"),
                (("--tls-key", self.client.key), CONFIGURATION, "--tls-key is given without --tls-cert"),
                (("--tls-cert", self.client.cert, "--tls-key", self.server_identity.key), CONFIGURATION,
                 "does not belong to")):
            with self.subTest(arguments=arguments):
                for command in (("predict", *SETOSA), ("healthcheck",)):
                    self.check(appliance.run(*command, "--port", "1", *arguments), code, "", re.compile(pattern))

    def test_healthcheck(self):
        with self.serve_mutually() as server:
            identity = ("--tls-cert", self.client.cert, "--tls-key", self.client.key)
            self.check(appliance.run("healthcheck", *self.at(server), *identity), OK, "", "")
            done = appliance.run("healthcheck", *self.at(server))
            self.check(done, CHECK_FAILED, "", re.compile("client certificate"))

    def test_healthcheck_follows_the_servers_settings(self):
        def own(server, identity):
            return {"IRIS_LISTEN": server.target, "IRIS_TLS_CERT": identity.cert, "IRIS_TLS_KEY": identity.key}

        for identity in (self.server_identity, self.elsewhere):
            with self.subTest(identity=identity), self.serve(identity) as server:
                self.check(appliance.run("healthcheck", env=own(server, identity)), OK, "", "")
                # Another certificate of the same CA and for the same name is not this server's.
                other = self.ca.issue("other", san="DNS:elsewhere.example,DNS:localhost,IP:127.0.0.1")
                self.check(appliance.run("healthcheck", env=own(server, other)), CHECK_FAILED, "",
                           re.compile("not issued by one that is believed"))
        # The whole server by its environment, mutual TLS with one CA for both sides.
        both = self.ca.issue("both", san="DNS:iris.example")
        env = {"IRIS_TLS_CERT": both.cert, "IRIS_TLS_KEY": both.key, "IRIS_TLS_CLIENT_CA": self.ca.cert}
        with appliance.Server(env=env) as server:
            self.check(appliance.run("healthcheck", env={**env, "IRIS_LISTEN": server.target}), OK, "", "")
            self.assert_not_served(dial(server.target, self.ca.cert, name="iris.example"))

    def test_healthcheck_asks_where_the_server_is_plaintext(self):
        with self.serve_mutually(plaintext=[f"unix:{self.folder}/health.sock", "127.0.0.1:0"]) as server:
            env = {"IRIS_LISTEN": server.target, "IRIS_LISTEN_PLAINTEXT": ",".join(server.addresses[1:]),
                   "IRIS_TLS_CERT": self.server_identity.cert, "IRIS_TLS_KEY": self.server_identity.key}
            self.check(appliance.run("healthcheck", env=env), OK, "", "")
            # What is told to it comes first: the server wants a certificate of another CA there.
            port = ("--port", server.port)
            self.check(appliance.run("healthcheck", *port, env=env), CHECK_FAILED, "", re.compile("client certificate"))
            identity = ("--tls-cert", self.client.cert, "--tls-key", self.client.key, "--tls-ca", self.ca.cert)
            self.check(appliance.run("healthcheck", "--host", "127.0.0.1", *identity, env=env), OK, "", "")
            self.check(appliance.run("healthcheck", env={**env, "IRIS_LISTEN_PLAINTEXT": "127.0.0.1:0"}), CONFIGURATION,
                       "", re.compile("IRIS_LISTEN_PLAINTEXT: .* lets the system choose the port"))


class CredentialsDirectory(WithCertificates):
    """As systemd's LoadCredential= makes one."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-credentials-")
        self.addCleanup(folder.cleanup)
        self.credentials = pathlib.Path(folder.name)
        self.env = {"CREDENTIALS_DIRECTORY": folder.name}

    def put(self, **files):
        for name, content in files.items():
            (self.credentials / name.replace("__", "-").replace("_", ".")).write_bytes(read(content))

    def test_it_is_used(self):
        self.put(tls_crt=self.server_identity.cert, tls_key=self.server_identity.key)
        with appliance.Server(env=self.env) as server:
            self.assertEqual(server.told, [
                f"TLS with tls.crt, tls.key of $CREDENTIALS_DIRECTORY ({self.credentials})",
                f"listening on {server.target} (TLS)"])
            self.assert_serves(server)
            self.assert_not_served(appliance.channel(server.target))
            self.check(appliance.run("healthcheck", env={**self.env, "IRIS_LISTEN": server.target}), OK, "", "")
            self.check(appliance.run("healthcheck", "--host", "127.0.0.1", "--port", server.port, env=self.env),
                       OK, "", "")
            self.check(appliance.run("healthcheck", "--host", "127.0.0.1", "--port", server.port, "--tls-ca",
                                     self.stranger.cert, env=self.env), CHECK_FAILED, "", re.compile("not issued by"))

    def test_its_client_ca_is_used(self):
        self.put(tls_crt=self.server_identity.cert, tls_key=self.server_identity.key, client__ca_crt=self.clients.cert)
        with appliance.Server(env=self.env) as server:
            self.assert_serves(server, self.client)
            self.assert_not_served(dial(server.target, self.ca.cert))

    def test_options_come_first(self):
        self.put(tls_crt=self.elsewhere.cert)  # half of it, and nobody looks
        with self.serve(env=self.env) as server:
            self.assert_serves(server)

    def test_half_of_it_is_refused(self):
        for name, content in (("tls.crt", self.server_identity.cert), ("tls.key", self.server_identity.key),
                              ("client-ca.crt", self.clients.cert)):
            with self.subTest(name):
                (self.credentials / name).write_bytes(read(content))
                for command in (("serve", "--listen", "127.0.0.1:0"), ("healthcheck", "--port", "1")):
                    self.check(appliance.run(*command, env=self.env), CONFIGURATION, "",
                               re.compile(r"\$CREDENTIALS_DIRECTORY \(.*holds " + name + " and no tls"))
                (self.credentials / name).unlink()

    def test_others_do_not_matter(self):
        (self.credentials / "password").write_bytes(b"x")
        with appliance.Server(env=self.env) as server, appliance.channel(server.target) as channel:
            self.assertEqual(server.told, [f"listening on {server.target}"])
            self.assertEqual(classify(channel, [list(map(float, SETOSA))]), [0])


class ServerSettings(WithCertificates):
    """Each mistake is told before anything is announced."""

    def refused(self, code, pattern, *arguments, env=None):
        done = appliance.run("serve", "--listen", "127.0.0.1:0", *arguments, env=env)
        self.check(done, code, "", re.compile(pattern))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertTrue(done.stderr.startswith("iris-predictor: "), done.stderr)
        for identity in (self.server_identity, self.client):
            for line in read(identity.key).decode().splitlines()[1:-1]:
                self.assertNotIn(line[:16], done.stderr)

    def pair(self, cert=None, key=None):
        return "--tls-cert", str(cert or self.server_identity.cert), "--tls-key", str(key or self.server_identity.key)

    def write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)

    def test_half_of_it(self):
        cert, key = self.server_identity.cert, self.server_identity.key
        self.refused(CONFIGURATION, "--tls-cert is given without --tls-key", "--tls-cert", cert)
        self.refused(CONFIGURATION, "--tls-key is given without --tls-cert", env={"IRIS_TLS_KEY": key})
        self.refused(CONFIGURATION, "--tls-client-ca is given without", "--tls-client-ca", self.clients.cert)

    def test_files(self):
        key = read(self.server_identity.key)
        cert = read(self.server_identity.cert)
        empty, text = self.write("empty.pem", b""), self.write("text.pem", b"hello\n")
        cut = self.write("cut.pem", key[:len(key) // 2])
        der = self.folder / "der.pem"
        certificates.openssl("x509", "-in", self.server_identity.cert, "-outform", "DER", "-out", der)
        locked = self.folder / "locked.pem"
        certificates.openssl("pkey", "-in", self.server_identity.key, "-aes256", "-passout", "pass:secret",
                             "-out", locked)
        for name in ("/no/such.pem", str(self.folder), empty, text, cut, str(der), str(locked)):
            code = IO if name == "/no/such.pem" else CONFIGURATION
            with self.subTest(name=name):
                self.refused(code, re.escape(name), *self.pair(cert=name))
                self.refused(code, re.escape(name), *self.pair(key=name))
                self.refused(code, re.escape(name), *self.pair(), "--tls-client-ca", name)
        self.refused(CONFIGURATION, "is encrypted", *self.pair(key=locked))
        self.refused(CONFIGURATION, "holds a certificate and no private key", *self.pair(key=self.server_identity.cert))
        self.refused(CONFIGURATION, "certificate 2 in .*damaged",
                     *self.pair(cert=self.write("second.pem", cert + cert[:len(cert) // 2] + b"\n!\n")))

    def test_unreadable(self):
        if os.geteuid() == 0:
            command = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", appliance.BINARY]
        else:
            command = [appliance.BINARY]
        secret = self.write("secret.pem", read(self.server_identity.key))
        os.chmod(secret, 0o000)
        os.chmod(self.folder, 0o755)
        os.chmod(self.folder / "ca", 0o755)
        done = subprocess.run([*command, "serve", "--listen", "127.0.0.1:0", *self.pair(key=secret)],
                              env=appliance.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=appliance.DEADLINE)
        self.check(done, IO, "", f"iris-predictor: TLS: cannot open {secret}: Permission denied\n")

    def test_certificates(self):
        self.refused(CONFIGURATION, f"{re.escape(self.client.key)} does not belong to the certificate in "
                                    f"{re.escape(self.server_identity.cert)}", *self.pair(key=self.client.key))
        self.refused(CONFIGURATION, r"expired on \d{4}-\d\d-\d\d \d\d:\d\d UTC",
                     *self.pair(self.expired.cert, self.expired.key))
        young = self.ca.issue("young", days=(1, 2))
        self.refused(CONFIGURATION, r"is not valid before \d{4}-", *self.pair(young.cert, young.key))
        weak = self.ca.issue("weak", key=("rsa", "rsa_keygen_bits:512"))
        self.refused(CONFIGURATION, "cannot be used for TLS", *self.pair(weak.cert, weak.key))
        order = self.write("order.pem", read(self.ca.cert) + read(self.server_identity.cert))
        self.refused(CONFIGURATION, "belongs to certificate 2", *self.pair(cert=order))
        self.refused(CONFIGURATION, f"TLS: the certificate in {re.escape(self.expired.cert)} expired", *self.pair(),
                     "--tls-client-ca", self.expired.cert)

    def test_the_environment(self):
        env = {"IRIS_TLS_CERT": self.server_identity.cert, "IRIS_TLS_KEY": self.server_identity.key,
               "IRIS_TLS_CLIENT_CA": self.clients.cert}
        with appliance.Server(env=env) as server:
            self.assert_serves(server, self.client)
            self.assert_not_served(dial(server.target, self.ca.cert))

    def test_plaintext_beside_nothing(self):
        self.refused(CONFIGURATION, "--listen-plaintext is given without TLS .*; use --listen",
                     "--listen-plaintext", "127.0.0.1:0")
        self.refused(CONFIGURATION, "IRIS_LISTEN_PLAINTEXT is given without TLS",
                     env={"IRIS_LISTEN_PLAINTEXT": "127.0.0.1:0"})
        self.refused(USAGE, "--listen-plaintext: ", *self.pair(), "--listen-plaintext", "nonsense")
        self.refused(CONFIGURATION, "IRIS_LISTEN_PLAINTEXT: ", *self.pair(), env={"IRIS_LISTEN_PLAINTEXT": "nonsense"})
        self.refused(USAGE, "--tls-reload-interval: ", *self.pair(), "--tls-reload-interval", "-1")

    def test_the_key_is_never_logged(self):
        trace = {"GRPC_VERBOSITY": "DEBUG", "GRPC_TRACE": "all"}
        with self.serve_mutually(env=trace) as server:
            self.assert_serves(server, self.client)
            self.assert_not_served(dial(server.target, self.ca.cert))
            self.assert_not_served(appliance.channel(server.target))
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0)
            log = "\n".join(server.lines)
        for line in read(self.server_identity.key).decode().splitlines()[1:-1]:
            self.assertNotIn(line[:16], log)
        self.assertNotIn("PRIVATE KEY", log)
        self.assertIn("peer did not return a certificate", log)  # and that is how an operator learns why


if __name__ == "__main__":
    appliance.main()
