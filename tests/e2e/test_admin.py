#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The admin endpoint: its pages, its addresses, its formats, and how it treats clients. What it says of the server:
test_metrics.py."""

import contextlib
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

import appliance
from admin import Admin, OpenCall, predict


class Pages(appliance.Test):
    def test_health_readiness_and_version(self):
        with Admin() as admin:
            for path in "/healthz", "/readyz":
                status, headers, text = admin.ask(path)
                self.assertEqual((status, headers["Content-Type"], text), (200, "text/plain; charset=utf-8", "ok\n"))
            status, headers, text = admin.ask("/version")
            self.assertEqual((status, headers["Content-Type"]), (200, "application/json"))
            self.assertEqual(json.loads(text), json.loads(appliance.run("version", "--json").stdout))

    def test_head_is_get_without_the_body(self):
        with Admin() as admin:
            _, got, text = admin.ask("/version")
            status, headers, body = admin.ask("/version", method="HEAD")
            self.assertEqual((status, body), (200, ""))
            self.assertEqual(headers["Content-Length"], str(len(text)))
            self.assertEqual(headers["Content-Type"], got["Content-Type"])

    def test_what_is_not_there(self):
        with Admin() as admin:
            for path in "/", "/metrics/", "/metric", "//metrics", "/%6detrics/..", "/metrics%00":
                self.assertEqual(admin.ask(path)[0], 404, path)
            for method in "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "BREW":
                status, headers, _ = admin.ask("/metrics", method=method)
                self.assertEqual((status, headers["Allow"]), (405, "GET, HEAD"), method)
            self.assertEqual(admin.ask("/metrics", headers={"X": "a" * 9000})[0], 431)
            self.assertEqual(admin.ask("/metrics", body=b"text")[0], 413)
            self.assertEqual(admin.ask("/healthz")[0], 200)

    def test_bytes_that_are_not_http(self):
        with Admin() as admin:
            for sent in b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\r\n" * 2000, os.urandom(9000):
                with admin.connect(timeout=20) as peer, contextlib.suppress(ConnectionError):
                    peer.sendall(sent)
                    peer.shutdown(socket.SHUT_WR)
                    while peer.recv(4096):
                        pass
                self.assertEqual(admin.ask("/healthz")[0], 200)

    def test_readiness_ends_with_the_drain_and_liveness_does_not(self):
        with Admin() as admin:
            call = OpenCall(admin.server.target)
            admin.server.signal(signal.SIGTERM)
            end = time.monotonic() + appliance.DEADLINE
            while admin.ask("/readyz")[0] != 503:
                self.assertLess(time.monotonic(), end)
            self.assertEqual(admin.ask("/readyz")[2], "draining\n")
            self.assertEqual(admin.ask("/healthz")[0], 200)
            self.assertEqual(admin.value("iris_serving"), 0)
            call.finish()
            self.assertEqual(admin.server.wait(), appliance.OK)


class Addresses(appliance.Test):
    def test_nothing_listens_unless_it_is_asked_for(self):
        with appliance.Server() as server:
            self.assertEqual([line for line in server.lines if "admin" in line], [])

    def test_a_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "admin.sock")
            with appliance.Server("--admin", f"unix:{path}") as server:
                server.wait_for_line(f"^admin on unix:{path}$")
                with socket.socket(socket.AF_UNIX) as peer:
                    peer.settimeout(10)
                    peer.connect(path)
                    peer.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
                    self.assertRegex(peer.recv(100), rb"^HTTP/1\.[01] 200 ")
                self.assertEqual(server.stop(), appliance.OK)
            self.assertFalse(os.path.exists(path))

    def test_a_port_that_is_taken_and_an_address_that_is_none(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            done = appliance.run("serve", "--listen", "127.0.0.1:0", "--admin", address)
            self.check(done, appliance.IO)
            self.assertIn(address, done.stderr)
            self.assertNotIn("listening on", done.stderr)
        self.check(appliance.run("serve", "--listen", "127.0.0.1:0", "--admin", "nowhere"), appliance.USAGE)
        self.check(appliance.run("serve", "--listen", "127.0.0.1:0", env={"IRIS_ADMIN": "nowhere"}),
                   appliance.CONFIGURATION)


class Formats(appliance.Test):
    def test_the_page_is_what_prometheus_takes(self):
        with Admin() as admin:
            predict(admin.server.target)
            _, headers, text = admin.ask("/metrics")
            self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
            families = list(parser.text_string_to_metric_families(text))
            self.assertEqual(len(families), text.count("# TYPE "))
            seen = set()
            for family in families:
                self.assertTrue(family.documentation, family.name)
                self.assertIn(family.type, ("counter", "gauge", "histogram"), family.name)
                for sample in family.samples:
                    key = (sample.name, frozenset(sample.labels.items()))
                    self.assertNotIn(key, seen)
                    seen.add(key)
            if promtool := shutil.which("promtool"):
                done = subprocess.run([promtool, "check", "metrics"], input=text.encode(), capture_output=True)
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b"", b""))

    def test_openmetrics_where_it_is_preferred(self):
        with Admin() as admin:
            accept = "application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
            _, headers, text = admin.ask("/metrics", headers={"Accept": accept})
            self.assertTrue(headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0"))
            families = list(openmetrics.text_string_to_metric_families(text))
            self.assertIn("iris_predictions", [family.name for family in families])
            _, headers, _ = admin.ask("/metrics", headers={"Accept": "text/plain, application/openmetrics-text;q=0.5"})
            self.assertTrue(headers["Content-Type"].startswith("text/plain; version=0.0.4"))


class Floods(appliance.Test):
    def test_silent_and_slow_clients_keep_nobody_out(self):
        with Admin() as admin, contextlib.ExitStack() as peers:
            threads = len(os.listdir(f"/proc/{admin.server.process.pid}/task"))
            for i in range(300):
                peer = peers.enter_context(admin.connect())
                with contextlib.suppress(ConnectionError):
                    peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: " if i % 2 else b"")
                if i % 50 == 0:
                    started = time.monotonic()
                    self.assertEqual(admin.ask("/healthz")[0], 200)
                    self.assertLess(time.monotonic() - started, 2)
            self.assertEqual(admin.ask("/healthz")[0], 200)
            self.assertLess(admin.value("process_open_fds"), 100)
            self.assertEqual(len(os.listdir(f"/proc/{admin.server.process.pid}/task")), threads)

    def test_a_request_that_does_not_end_is_given_up(self):
        with Admin() as admin, admin.connect(timeout=30) as peer:
            peer.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n")
            started = time.monotonic()
            with contextlib.suppress(ConnectionError):
                while time.monotonic() - started < 30:  # a byte now and then keeps no connection
                    peer.sendall(b"X")
                    peer.settimeout(1)
                    with contextlib.suppress(TimeoutError):
                        if not peer.recv(100):
                            break
            self.assertLess(time.monotonic() - started, 15)

    def test_a_connection_serves_one_request_after_another(self):
        with Admin() as admin:
            connection = http.client.HTTPConnection(*admin.host_and_port, timeout=10)
            with contextlib.closing(connection):
                connection.connect()
                own = connection.sock
                for path in "/healthz", "/metrics", "/nowhere", "/version":
                    connection.request("GET", path)
                    connection.getresponse().read()
                    self.assertIs(connection.sock, own)

    def test_without_descriptors_it_waits_and_then_goes_on(self):
        limit = ["prlimit", "--nofile=40:40", appliance.BINARY]
        with Admin(command=limit) as admin, contextlib.ExitStack() as peers:
            host, _, port = admin.server.target.rpartition(":")
            for _ in range(60):
                peers.enter_context(socket.create_connection((host, int(port))))
            waiting = peers.enter_context(admin.connect())
            waiting.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            before = self.processor_seconds(admin)
            time.sleep(1)
            self.assertLess(self.processor_seconds(admin) - before, 0.5)  # it does not spin
            peers.pop_all().close()
            end = time.monotonic() + appliance.DEADLINE
            while True:
                with contextlib.suppress(OSError):
                    if admin.ask("/healthz")[0] == 200:
                        break
                self.assertLess(time.monotonic(), end)
            self.assertGreater(admin.value("iris_connections_refused_total", reason="unavailable"), 0)

    def processor_seconds(self, admin):
        fields = pathlib.Path(f"/proc/{admin.server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    appliance.main()
