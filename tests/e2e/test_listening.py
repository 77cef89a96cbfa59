#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where it listens, and how it fails to start: addresses, sockets, models, values."""

import pathlib
import re
import socket
import stat
import tempfile
import unittest

import appliance
import calls


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class Addresses(appliance.Test):
    def test_every_address_is_announced_and_answers(self):
        with tempfile.TemporaryDirectory() as folder:
            listen = ["127.0.0.1:0", "127.0.0.1:0", f"unix:{folder}/iris.sock"]
            with appliance.Server(listen=listen) as server:
                self.assertEqual(len(set(server.addresses)), 3)
                self.assertEqual(server.addresses[2], listen[2])
                for address in server.addresses:
                    with self.subTest(address=address):
                        self.assertEqual(calls.predict(address), 0)
                self.assertEqual(server.stop(), 0)
                self.assertEqual(server.told, [f"listening on {address}" for address in server.addresses])

    def test_a_unix_socket_is_removed_at_the_end(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "iris.sock"
            with appliance.Server(listen=[f"unix:{path}"]) as server:
                self.assertTrue(stat.S_ISSOCK(path.stat().st_mode))
                self.assertEqual(server.stop(), 0)
            self.assertFalse(path.exists())

    def test_a_unix_socket_of_a_dead_server_is_replaced(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "iris.sock"
            first = appliance.Server(listen=[f"unix:{path}"])
            first.kill()
            self.assertTrue(path.exists())
            with appliance.Server(listen=[f"unix:{path}"]) as server:
                self.assertEqual(calls.predict(server.target), 0)

    def test_a_unix_socket_of_a_living_server_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            address = f"unix:{folder}/iris.sock"
            with appliance.Server(listen=[address]) as server:
                self.check(appliance.run("serve", "--listen", address), appliance.IO, "", re.compile("iris.sock"))
                self.assertEqual(calls.predict(server.target), 0)

    def test_no_file_is_replaced_by_a_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "precious"
            path.write_text("precious")
            self.check(appliance.run("serve", "--listen", f"unix:{path}"), appliance.IO, "", re.compile("precious"))
            self.assertEqual(path.read_text(), "precious")

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6 loopback address")
    def test_all_interfaces_means_both_protocols(self):
        with appliance.Server(listen=["[::]:0"]) as server:
            self.assertRegex(server.target, r"^\[::\]:\d+$")
            self.assertEqual(calls.predict(f"127.0.0.1:{server.port}"), 0)
            self.assertEqual(calls.predict(f"[::1]:{server.port}"), 0)

    @unittest.skipUnless(has_ipv6(), "this machine has no IPv6 loopback address")
    def test_ipv6_loopback(self):
        with appliance.Server(listen=["[::1]:0"]) as server:
            self.assertRegex(server.target, r"^\[::1\]:\d+$")
            self.assertEqual(calls.predict(server.target), 0)

    def test_the_environment_names_addresses_too(self):
        with appliance.Server(listen=[], env={"IRIS_LISTEN": "127.0.0.1:0, 127.0.0.1:0"}) as server:
            second = server.wait_for_line(r"^listening on (\S+)$").group(1)
            self.assertEqual([calls.predict(server.target), calls.predict(second)], [0, 0])

    def test_a_flag_beats_the_environment(self):
        with appliance.Server(env={"IRIS_LISTEN": "nonsense"}) as server:
            self.assertEqual(calls.predict(server.target), 0)


class StartFailures(appliance.Test):
    """Each exits with its code and one message, before anything is announced."""

    def refused(self, code, pattern, *arguments, env=None):
        done = appliance.run("serve", *arguments, env=env)
        self.check(done, code, "", re.compile(pattern))
        self.assertTrue(done.stderr.startswith("iris-predictor: "), done.stderr)
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_port_taken(self):
        with appliance.Server() as server:
            self.refused(appliance.IO, re.escape(server.target), "--listen", server.target)
            # Also when another listener of the same command line had been opened.
            self.refused(appliance.IO, re.escape(server.target), "--listen", "127.0.0.1:0", "--listen", server.target)

    def test_bad_addresses(self):
        for bad in ("nonsense", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:65536", "127.0.0.1:-1", "[::1", "::1:1:",
                    "unix:", ""):
            with self.subTest(bad=bad):
                if bad:
                    self.refused(appliance.USAGE, "--listen", f"--listen={bad}")
                    self.refused(appliance.CONFIGURATION, "IRIS_LISTEN", env={"IRIS_LISTEN": bad})

    def test_addresses_of_others(self):
        self.refused(appliance.CONFIGURATION, "192.0.2.1", "--listen", "192.0.2.1:0")
        self.refused(appliance.CONFIGURATION, "no-such-host.invalid", "--listen", "no-such-host.invalid:0")

    def test_missing_model(self):
        self.refused(appliance.IO, "/no/such/model.json", "--model", "/no/such/model.json")
        self.refused(appliance.IO, "/no/such/model.json", env={"IRIS_MODEL": "/no/such/model.json"})

    def test_corrupt_model(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "model.json"
            for content in (b"", b"{", b"\0" * 100, b"[]", b'{"format":"else"}', b"\xff\xfe"):
                with self.subTest(content=content):
                    path.write_bytes(content)
                    self.refused(appliance.BAD_DATA, "model.json", "--model", str(path))
            self.refused(appliance.BAD_DATA, re.escape(folder), "--model", folder)

    def test_bad_values(self):
        self.refused(appliance.USAGE, "--drain-timeout: found 'soon'", "--drain-timeout", "soon")
        self.refused(appliance.CONFIGURATION, "IRIS_DRAIN_TIMEOUT: found '-1'", env={"IRIS_DRAIN_TIMEOUT": "-1"})
        self.refused(appliance.USAGE, "--reflection: found 'maybe', expected on or off", "--reflection", "maybe")

    def test_nowhere_to_make_a_socket(self):
        self.refused(appliance.IO, "/no/such/folder", "--listen", "unix:/no/such/folder/iris.sock")
        self.refused(appliance.USAGE, "--listen", "--listen", "unix:/" + "x" * 200)


if __name__ == "__main__":
    appliance.main()
