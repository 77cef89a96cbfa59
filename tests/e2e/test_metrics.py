#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The metrics: what they say of calls, predictions, reloads and the process."""

import hashlib
import os
import pathlib
import re
import signal
import socket
import tempfile
import threading
import time

import grpc

import appliance
import contract
import http2
import routes
import wire
from admin import LABELS, SETOSA, VIRGINICA, Admin, OpenCall, predict

PREDICT = ("unary", "ml.IrisPredictor", "PredictIrisSpecies")
INFER = ("unary", "inference.GRPCInferenceService", "ModelInfer")
STREAM = ("bidi_stream", "iris.v1.PredictionService", "StreamPredict")
UNKNOWN = ("unary", "unknown", "unknown")


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


if __name__ == "__main__":
    appliance.main()
