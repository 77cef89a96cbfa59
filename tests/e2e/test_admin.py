#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The admin endpoint: what it says of calls, predictions, reloads and the process; how it treats clients."""

import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import grpc
from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

import appliance
import contract
import http2
import routes
import wire

LABELS = ("grpc_type", "grpc_service", "grpc_method")
PREDICT = ("unary", "ml.IrisPredictor", "PredictIrisSpecies")
INFER = ("unary", "inference.GRPCInferenceService", "ModelInfer")
STREAM = ("bidi_stream", "iris.v1.PredictionService", "StreamPredict")
UNKNOWN = ("unary", "unknown", "unknown")


SETOSA = contract.ML.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25)
VIRGINICA = contract.ML.IrisPredictRequest(sepal_length=6.4, sepal_width=3.3, petal_length=6.0, petal_width=2.5)


def predict(target):
    with appliance.channel(target) as channel:
        return contract.ML.IrisPredictorStub(channel).PredictIrisSpecies(SETOSA, timeout=appliance.DEADLINE).species


class OpenCall:
    """A prediction that is answered, and in flight until its caller, who has room for five of the answer's seven bytes,
    reads on or hangs up."""

    def __init__(self, target, timeout=60):
        self.channel = appliance.channel(target, **{"grpc.http2.lookahead_bytes": 5, "grpc.http2.bdp_probe": 0})
        method = self.channel.stream_stream("/ml.IrisPredictor/PredictIrisSpecies", lambda request: request.SerializeToString(),
                                            contract.ML.IrisPredictReply.FromString)
        self.call = method(iter([VIRGINICA]), timeout=timeout)
        self.call.initial_metadata()

    def finish(self):
        list(self.call)
        self.channel.close()

    def close(self):
        self.call.cancel()
        self.channel.close()


class Admin:
    """`serve --admin` on a port of its own, and requests to it."""

    def __init__(self, *arguments, **options):
        self.server = appliance.Server("--admin", "127.0.0.1:0", *arguments, **options)
        self.address = self.server.wait_for_line(r"^admin on (\S+)$").group(1)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)

    @property
    def host_and_port(self):
        host, _, port = self.address.rpartition(":")
        return host, int(port)

    def connect(self, timeout=10):
        return socket.create_connection(self.host_and_port, timeout)

    def ask(self, path, method="GET", headers=None, body=None):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection(*self.host_and_port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()

    def metrics(self):
        """{(sample name, its labels as a frozenset of pairs): value}"""
        _, _, text = self.ask("/metrics")
        found = {}
        for family in parser.text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name, frozenset(sample.labels.items())] = sample.value
        return found

    def value(self, name, **labels):
        return self.metrics()[name, frozenset(labels.items())]

    def handled(self):
        """{(method, code): calls}, those that there were."""
        found = {}
        for (name, labels), value in self.metrics().items():
            if name == "grpc_server_handled_total" and value:
                known = dict(labels)
                found[tuple(known[label] for label in LABELS), known["grpc_code"]] = value
        return found

    def wait_for_handled(self, expected):
        """A call is counted when the server has seen its end, which may be just after its caller has."""
        end = time.monotonic() + appliance.DEADLINE
        while (found := self.handled()) != expected:
            if time.monotonic() > end:
                raise AssertionError(f"{found}, expected {expected}")
            time.sleep(0.02)


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


class Calls(appliance.Test):
    def test_every_end_of_a_call_is_counted_once_with_its_code(self):
        with Admin("--max-message-size", "64KiB", "--access-log") as admin:
            target = admin.server.target
            expected = {}

            def count(method, code):
                expected[method, code] = expected.get((method, code), 0) + 1

            predict(target)
            count(PREDICT, "OK")
            with appliance.channel(target) as channel:
                stub = contract.ML.IrisPredictorStub(channel)
                with self.assertRaises(grpc.RpcError):
                    stub.PredictIrisSpecies(contract.ML.IrisPredictRequest(sepal_length=float("nan")), timeout=10)
                count(PREDICT, "InvalidArgument")
                for path in "/ml.IrisPredictor/Other", "/x", "/" + "y" * 500:
                    with self.assertRaises(grpc.RpcError) as raised:
                        channel.unary_unary(path)(b"", timeout=10)
                    self.assertEqual(raised.exception.code(), grpc.StatusCode.UNIMPLEMENTED)
                    count(UNKNOWN, "Unimplemented")
                infer = contract.INFERENCE.GRPCInferenceServiceStub(channel).ModelInfer
                with self.assertRaises(grpc.RpcError) as raised:
                    infer(contract.INFERENCE.ModelInferRequest(model_name="other"), timeout=10)
                count(INFER, "NotFound")
                with self.assertRaises(grpc.RpcError) as raised:
                    infer(contract.INFERENCE.ModelInferRequest(id="x" * (65 << 10)), timeout=10)
                self.assertEqual(raised.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                count(INFER, "ResourceExhausted")
                feed = contract.V1.PredictionServiceStub(channel).StreamPredict
                with self.assertRaises(grpc.RpcError) as raised:
                    list(feed(iter([contract.V1.StreamPredictRequest(id="x" * (65 << 10))]), timeout=10))
                self.assertEqual(raised.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                count(STREAM, "ResourceExhausted")
                for path in routes.INFER, routes.STREAM:
                    admin.server.wait_for_line(rf"^call /{re.escape(path)} RESOURCE_EXHAUSTED ")
                silent = channel.stream_stream("/" + routes.UNARY)(iter(threading.Event().wait, None), timeout=0.5)
                with self.assertRaises(grpc.RpcError):
                    next(silent)
                count(PREDICT, "DeadlineExceeded")
            cancelled = OpenCall(target)
            cancelled.close()
            count(PREDICT, "Canceled")
            late = OpenCall(target, timeout=0.5)
            with self.assertRaises(grpc.RpcError) as raised:
                time.sleep(1)
                late.finish()
            self.assertEqual(raised.exception.code(), grpc.StatusCode.DEADLINE_EXCEEDED)
            count(PREDICT, "DeadlineExceeded")
            admin.wait_for_handled(expected)

            started = sum(value for (name, _), value in admin.metrics().items() if name == "grpc_server_started_total")
            self.assertEqual(started, sum(expected.values()))
            labels = dict(zip(LABELS, PREDICT))
            self.assertEqual(admin.value("grpc_server_handling_seconds_count", **labels), 5)
            self.assertEqual(admin.value("grpc_server_handling_seconds_bucket", **labels, le="+Inf"), 5)
            self.assertGreater(admin.value("grpc_server_handling_seconds_sum", **labels), 0)
            self.assertEqual(admin.value("grpc_server_msg_received_total", **labels), 4)
            self.assertEqual(admin.value("grpc_server_msg_sent_total", **labels), 1)

    def test_the_caller_does_not_say_how_its_call_ended(self):
        """Whatever code it resets with, whatever status it sends: it went away. So does a connection that breaks."""
        with Admin() as admin:
            def opened(connection):
                stream = connection.start("/" + routes.STREAM)
                connection.send(stream, wire.message(b""))
                self.assertTrue(connection.wait(lambda: connection.calls[stream].messages, appliance.DEADLINE))
                return stream

            with http2.Connection(admin.server.target) as connection:
                for code in (0, 2, 8, 11, 12):
                    connection.cancel(opened(connection), code)
                connection.end_with(opened(connection), grpc_status="8", grpc_message="so I say")
                admin.wait_for_handled({(STREAM, "Canceled"): 6})
                opened(connection)
            admin.wait_for_handled({(STREAM, "Canceled"): 7})

    def test_a_message_of_a_stream_counts_while_the_stream_lasts(self):
        with Admin() as admin, appliance.channel(admin.server.target) as channel:
            requests = [contract.V1.StreamPredictRequest(features=sample) for sample, _ in appliance.iris_rows()[:3]]
            more = threading.Event()

            def feed():
                yield from requests
                more.wait(20)

            replies = contract.V1.PredictionServiceStub(channel).StreamPredict(feed(), timeout=30)
            for _ in requests:
                next(replies)
            labels = dict(zip(LABELS, STREAM))
            self.assertEqual(admin.value("grpc_server_msg_received_total", **labels), 3)
            self.assertEqual(admin.value("grpc_server_started_total", **labels), 1)
            self.assertEqual(admin.handled(), {})
            more.set()
            self.assertEqual(list(replies), [])
            admin.wait_for_handled({(STREAM, "OK"): 1})
            self.assertEqual(admin.value("grpc_server_msg_sent_total", **labels), 3)

    def test_series_do_not_grow_with_what_clients_send(self):
        with Admin() as admin:
            before = set(admin.metrics())
            with appliance.channel(admin.server.target) as channel:
                for i in range(50):
                    with self.assertRaises(grpc.RpcError):
                        channel.unary_unary(f"/made.up{i}/Name{i}")(b"", timeout=10)
            self.assertEqual(set(admin.metrics()), before)
            self.assertEqual(admin.value("grpc_server_started_total", **dict(zip(LABELS, UNKNOWN))), 50)

    def test_predictions_by_class(self):
        with Admin() as admin, appliance.channel(admin.server.target) as channel:
            stub = contract.ML.IrisPredictorStub(channel)
            for _ in range(3):
                stub.PredictIrisSpecies(SETOSA, timeout=10)
            stub.PredictIrisSpecies(VIRGINICA, timeout=10)
            rows = [sample for sample, _ in appliance.iris_rows()]
            request = routes.infer_request(rows)
            request.inputs[0].contents.fp64_contents.extend(value for sample in rows for value in sample)
            reply = contract.INFERENCE.GRPCInferenceServiceStub(channel).ModelInfer(request, timeout=10)
            labels = list(reply.outputs[0].contents.int_contents)
            counts = [labels.count(0) + 3, labels.count(1), labels.count(2) + 1]
            for index, (name, count) in enumerate(zip(("setosa", "versicolor", "virginica"), counts)):
                self.assertEqual(admin.value("iris_predictions_total", **{"class": name, "index": str(index)}), count)


class Server(appliance.Test):
    def test_the_model_and_its_reloads(self):
        with tempfile.TemporaryDirectory() as folder:
            model = pathlib.Path(folder, "flowers.json")
            self.check(appliance.run("train", "--out", str(model)))
            with Admin("--model", str(model)) as admin:
                def served():
                    [labels] = [dict(labels) for name, labels in admin.metrics() if name == "iris_model_info"]
                    return labels["name"], labels["sha256"]

                self.assertEqual(served(), ("flowers", hashlib.sha256(model.read_bytes()).hexdigest()))
                self.assertLess(admin.value("iris_model_relative_duality_gap"), 1e-10)
                model.write_text("{}")
                admin.server.signal(signal.SIGHUP)
                self.wait_until(lambda: admin.value("iris_reloads_total", subject="model", outcome="failed") == 1)
                self.assertEqual(admin.value("iris_last_reload_successful", subject="model"), 0)
                self.check(appliance.run("train", "--cost", "2", "--out", str(model)))
                admin.server.signal(signal.SIGHUP)
                self.wait_until(lambda: admin.value("iris_reloads_total", subject="model", outcome="ok") == 1)
                self.assertEqual(admin.value("iris_last_reload_successful", subject="model"), 1)
                self.assertAlmostEqual(admin.value("iris_last_reload_success_timestamp_seconds", subject="model"),
                                       time.time(), delta=appliance.DEADLINE)
                self.assertEqual(served(), ("flowers", hashlib.sha256(model.read_bytes()).hexdigest()))

    def wait_until(self, condition):
        end = time.monotonic() + appliance.DEADLINE
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_process_and_connections(self):
        with Admin() as admin:
            found = admin.metrics()
            plain = {name: value for (name, labels), value in found.items() if not labels}
            self.assertGreater(plain["process_cpu_seconds_total"], 0)
            pages = int(pathlib.Path(f"/proc/{admin.server.process.pid}/statm").read_text().split()[1])
            self.assertAlmostEqual(plain["process_resident_memory_bytes"], pages * os.sysconf("SC_PAGESIZE"),
                                   delta=4 << 20)
            descriptors = len(os.listdir(f"/proc/{admin.server.process.pid}/fd"))
            self.assertAlmostEqual(plain["process_open_fds"], descriptors, delta=1)  # the request's own connection
            limits = pathlib.Path(f"/proc/{admin.server.process.pid}/limits").read_text()
            [line] = [line for line in limits.splitlines() if line.startswith("Max open files")]
            self.assertEqual(plain["process_max_fds"], int(line.split()[3]))
            self.assertAlmostEqual(plain["process_start_time_seconds"], time.time(), delta=appliance.DEADLINE)
            self.assertEqual(plain["iris_connections_open"], 0)
            host, _, port = admin.server.target.rpartition(":")
            with socket.create_connection((host, int(port))):
                self.wait_until(lambda: admin.value("iris_connections_open") == 1)
                self.assertEqual(admin.value("iris_connections_accepted_total"), 1)
            self.wait_until(lambda: admin.value("iris_connections_open") == 0)


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
