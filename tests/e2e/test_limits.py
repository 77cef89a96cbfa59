#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a client sees of the limits that protect the server's resources, and that others are served meanwhile."""

import contextlib
import json
import os
import pathlib
import re
import socket
import struct
import tempfile
import threading
import time
import unittest
import urllib.request

import grpc

import appliance
import certificates
import contract
import faults
import http2
import routes
import wire

PATH = "/" + routes.STREAM
MESSAGE = wire.message(contract.V1.StreamPredictRequest(features=[5.0, 3.6, 1.3, 0.25]).SerializeToString())


class Limits(appliance.Test):
    def serve(self, *arguments, **options):
        server = appliance.Server("--admin", "127.0.0.1:0", *arguments, **options)
        self.addCleanup(server.__exit__)
        self.admin = server.wait_for_line(r"^admin on (\S+)$").group(1)
        return server

    def value(self, sample):
        page = urllib.request.urlopen(f"http://{self.admin}/metrics", timeout=appliance.DEADLINE).read().decode()
        return float(re.search(rf"^{re.escape(sample)} (\S+)$", page, re.MULTILINE).group(1))

    def dial(self, server, **options):
        connection = http2.Connection(server.target, **options)
        self.addCleanup(connection.__exit__)
        return connection

    def exchange(self, connection, stream):
        call = connection.calls[stream]
        answered = len(call.messages)
        connection.send(stream, MESSAGE)
        self.assertTrue(connection.wait(lambda: len(call.messages) > answered, appliance.DEADLINE))

    def test_connections(self):
        """The one beyond the limit is closed at once; the others go on, and a place that becomes free is given away."""
        server = self.serve("--max-connections", "3")
        inside = [self.dial(server) for _ in range(3)]
        streams = [connection.start(PATH) for connection in inside]
        for connection, stream in zip(inside, streams):
            self.exchange(connection, stream)
        for _ in range(5):
            outside = self.dial(server)
            self.assertTrue(outside.wait(lambda: outside.closed, 5))
            self.assertEqual(outside.goaway, [])
        for connection, stream in zip(inside, streams):
            self.exchange(connection, stream)
        self.assertEqual(self.value('iris_connections_refused_total{reason="limit"}'), 5)
        self.assertEqual(self.value('iris_connections_refused_total{reason="unavailable"}'), 0)
        self.assertEqual(self.value("iris_connections_accepted_total"), 3)
        self.assertEqual(self.value("iris_connections_open"), 3)
        told = [line for line in server.lines if "refused a connection" in line]
        self.assertEqual(len(told), 1, told)
        self.assertIn("there are 3 already, which is the limit (--max-connections", told[0])
        inside[0].socket.close()
        end = time.monotonic() + appliance.DEADLINE
        while True:  # the server has to notice first
            another = self.dial(server)
            stream = another.start(PATH)
            another.send(stream, MESSAGE, timeout=1)
            if another.wait(lambda: another.calls[stream].messages or another.closed, 5) and not another.closed:
                break
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)

    def test_connections_leave_descriptors_for_the_rest(self):
        """However few there are: the admin endpoint answers, and a client that is refused knows at once."""
        server = self.serve(command=["prlimit", "--nofile=160:160", appliance.BINARY])
        told = [line for line in server.lines if "connections at once" in line]
        self.assertEqual(len(told), 1, server.lines)
        most = int(re.match(r"at most (\d+) connections at once, not 10000: there are descriptors", told[0]).group(1))
        host, _, port = server.target.rpartition(":")
        with contextlib.ExitStack() as peers:
            for _ in range(160):
                peers.enter_context(socket.create_connection((host, int(port))))
            end = time.monotonic() + appliance.DEADLINE
            while self.value('iris_connections_refused_total{reason="limit"}') < 160 - most:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)
            self.assertEqual(self.value("iris_connections_open"), most)
            self.assertEqual(self.value('iris_connections_refused_total{reason="unavailable"}'), 0)

    def test_streams(self):
        server = self.serve("--max-concurrent-streams", "2")
        connection = self.dial(server)
        streams = [connection.start(PATH) for _ in range(2)]
        for stream in streams:
            self.exchange(connection, stream)
        beyond = connection.start(PATH)
        self.assertTrue(connection.wait(lambda: connection.calls[beyond].ended or connection.closed, appliance.DEADLINE))
        self.assertEqual(connection.calls[beyond].messages, [])
        self.assertFalse(connection.closed)
        self.assertEqual(connection.calls[beyond].reset, 7)  # REFUSED_STREAM: it was not run, and may be tried again
        for stream in streams:
            self.exchange(connection, stream)
        with appliance.channel(server.target) as channel:  # a library keeps the third back
            stub = contract.ML.IrisPredictorStub(channel)
            futures = [stub.PredictIrisSpecies.future(contract.ML.IrisPredictRequest(), timeout=10) for _ in range(50)]
            self.assertEqual({future.result().species for future in futures}, {1})

    def test_memory(self):
        """Long messages from many at once: some are refused, nobody waits, and afterwards all is as before."""
        server = self.serve("--max-memory", "4MiB")
        request = contract.INFERENCE.ModelInferRequest(model_name="iris")
        request.inputs.add(name="input-0", datatype="FP64", shape=[100_000, 4])
        request.raw_input_contents.append(struct.pack("<4d", 5.0, 3.6, 1.3, 0.25) * 100_000)
        ends = []

        def ask():
            with appliance.channel(server.target, **{"grpc.use_local_subchannel_pool": 1}) as channel:
                try:
                    contract.INFERENCE.GRPCInferenceServiceStub(channel).ModelInfer(request, timeout=appliance.DEADLINE)
                    ends.append("OK")
                except grpc.RpcError as error:
                    ends.append(error.code().name)

        for _ in range(5):
            peers = [threading.Thread(target=ask) for _ in range(16)]
            for peer in peers:
                peer.start()
            for peer in peers:
                peer.join()
            if set(ends) - {"OK"}:
                break
        self.assertIn("RESOURCE_EXHAUSTED", ends)
        self.assertLessEqual(set(ends), {"OK", "RESOURCE_EXHAUSTED", "UNAVAILABLE"})
        with appliance.channel(server.target) as channel:
            stub = contract.ML.IrisPredictorStub(channel)

            def answered():
                try:
                    return stub.PredictIrisSpecies(contract.ML.IrisPredictRequest(), timeout=10).species == 1
                except grpc.RpcError as error:  # what the last of them held is being given back
                    self.assertEqual(error.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                    return False

            self.assertTrue(faults.until(answered))

    def test_memory_of_answers(self):
        """Answers that nobody reads, on as many connections as there are, get no more than --max-memory together; who does
        not fit in is told so, and room is there again when they are read."""
        server = self.serve("--max-memory", "8MiB")
        message = self.batch(31_000)  # answers of 124 KB, after the first 64 KiB of which no window is left
        connections = [self.dial(server, reading=False) for _ in range(10)]
        calls = []
        for _ in range(12):
            for connection in connections:
                stream = connection.start("/" + routes.INFER)
                self.assertEqual(connection.send(stream, message, end=True), len(message))
                connection.pump(0.02)
                calls.append((connection, stream, connection.calls[stream]))
        for connection in connections:
            connection.pump(0.1)
        refused = [call for _, _, call in calls if call.ended]
        self.assertGreaterEqual(len(refused), 20)
        self.assertGreaterEqual(len(calls) - len(refused), 40)
        for call in refused:
            self.assertEqual(call.status, "RESOURCE_EXHAUSTED")
            self.assertIn("nobody has read yet", call.fields["grpc-message"].replace("%20", " "))
        feeder = self.dial(server)  # the same of a stream: an answer of 0.7 MB
        stream = feeder.start(PATH)
        request = contract.V1.StreamPredictRequest(features=[5.0, 3.6, 1.3, 0.25] * 31_000,
                                                   outputs=[3])  # OUTPUT_DECISION
        feeder.send(stream, wire.message(request.SerializeToString()))
        self.assertTrue(feeder.wait(lambda: feeder.calls[stream].ended, appliance.DEADLINE))
        self.assertEqual(feeder.calls[stream].status, "RESOURCE_EXHAUSTED")
        self.assertIn("nobody has read yet", feeder.calls[stream].fields["grpc-message"].replace("%20", " "))
        for connection in connections:
            connection.resume()
        for connection, stream, call in calls:
            self.assertTrue(connection.wait(lambda call=call: call.ended, appliance.DEADLINE))
            self.assertEqual(call.status, "RESOURCE_EXHAUSTED" if call in refused else "OK")
        for connection in connections:
            stream = connection.start("/" + routes.INFER)
            connection.send(stream, message, end=True)
            self.assertTrue(connection.wait(lambda: connection.calls[stream].ended, appliance.DEADLINE))
            self.assertEqual(connection.calls[stream].status, "OK")

    def test_memory_is_given_back(self):
        """What a rush of messages needed belongs to others again a few seconds later, without a call that asks for it."""
        server = self.serve()
        message = self.batch(6_000)
        connections = [self.dial(server) for _ in range(200)]

        def resident():
            status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
            return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) // 1024

        for connection in connections:  # all but a byte of each: the server holds them all at once
            stream = connection.start("/" + routes.INFER)
            self.assertEqual(connection.send(stream, message[:-1]), len(message) - 1)
        most = resident()
        self.assertGreater(most, 35)
        for connection in connections:
            connection.send(1, message[-1:], end=True)
            self.assertTrue(connection.wait(lambda: connection.calls[1].ended, appliance.DEADLINE))
            self.assertEqual(connection.calls[1].status, "OK")
        deadline = time.monotonic() + appliance.DEADLINE
        while resident() > most // 2 and time.monotonic() < deadline:
            time.sleep(0.2)
        self.assertLessEqual(resident(), most // 2)

    def batch(self, rows):
        """A message to ModelInfer; its answer is a quarter as long."""
        request = contract.INFERENCE.ModelInferRequest(model_name="iris")
        request.inputs.add(name="input-0", datatype="FP64", shape=[rows, 4])
        request.raw_input_contents.append(struct.pack("<4d", 5.0, 3.6, 1.3, 0.25) * rows)
        return wire.message(request.SerializeToString())

    def assert_only_too_much_was_refused(self, connection, streams, refused):
        """RESOURCE_EXHAUSTED for those of `refused`, an answer for the others, and the connection lives."""
        for stream in streams:
            call = connection.calls[stream]
            self.assertTrue(connection.wait(lambda call=call: call.ended, appliance.DEADLINE))
            self.assertEqual(call.status, "RESOURCE_EXHAUSTED" if stream in refused else "OK")
            if stream in refused:
                self.assertIn("limit%20is%203145728", call.fields["grpc-message"].replace(" ", "%20"))
            else:
                self.assertEqual(len(call.messages), 1)
        self.exchange(connection, connection.start(PATH))
        self.assertEqual((connection.goaway, connection.closed), ([], None))

    def test_connection_memory_for_requests(self):
        """Of the calls that make a connection hold too much the largest is ended; what others have sent is not lost."""
        server = self.serve("--max-message-size", "1MiB", "--max-connection-memory", "3MiB")
        connection, message = self.dial(server), self.batch(25_000)
        streams = [connection.start("/" + routes.INFER) for _ in range(8)]
        for stream in streams:  # all but a byte of each, until one is too many
            part = message[:-1]
            while part and not connection.calls[stream].ended:
                part = part[connection.send(stream, part[:1 << 16], timeout=1):]
        connection.pump(0.2)
        refused = [stream for stream in streams if connection.calls[stream].ended]
        self.assertGreaterEqual(len(streams) - len(refused), 2)
        self.assertGreaterEqual(len(refused), 2)
        for stream in streams:
            if stream not in refused:
                connection.send(stream, message[-1:], end=True)
        self.assert_only_too_much_was_refused(connection, streams, refused)

    def test_connection_memory_for_answers(self):
        """The same of answers that wait for somebody to read them."""
        server = self.serve("--max-message-size", "1MiB", "--max-connection-memory", "3MiB")
        connection, message = self.dial(server, reading=False), self.batch(25_000)
        streams = []
        for _ in range(40):  # answers of 100 KB, after the first 64 KiB of which no window is left
            streams.append(connection.start("/" + routes.INFER))
            self.assertEqual(connection.send(streams[-1], message, end=True), len(message))
            connection.pump(0.05)
        connection.pump(0.5)
        refused = [stream for stream in streams if connection.calls[stream].ended]
        self.assertGreaterEqual(len(refused), 1)
        self.assertGreaterEqual(len(streams) - len(refused), 10)
        connection.resume()
        self.assert_only_too_much_was_refused(connection, streams, refused)

    def test_handshake(self):
        server = self.serve("--handshake-timeout", "0.5")
        host, _, port = server.target.rpartition(":")
        for said in b"", wire.PREFACE[:10]:
            with self.subTest(said=said), socket.create_connection((host, int(port)), timeout=10) as silent:
                start = time.monotonic()
                silent.sendall(said)
                with contextlib.suppress(ConnectionResetError):
                    while silent.recv(4096):
                        pass
                self.assertGreater(time.monotonic() - start, 0.3)
                self.assertLess(time.monotonic() - start, 8)

    def threads(self, count):
        server = self.serve("--threads", str(count))
        return len(list(pathlib.Path(f"/proc/{server.process.pid}/task").iterdir()))

    def test_threads(self):
        """One that serves and one for long calls, each."""
        self.assertEqual(self.threads(9) - self.threads(2), 14)

    def test_threads_by_default(self):
        """No more than the processors that the process may run on."""
        one = self.serve(command=["taskset", "--cpu-list", str(min(os.sched_getaffinity(0))), appliance.BINARY])
        count = len(list(pathlib.Path(f"/proc/{one.process.pid}/task").iterdir()))
        self.assertEqual(count, self.threads(1))

    def test_what_is_set(self):
        done = appliance.run("config", "--json", env={"IRIS_MAX_CONNECTIONS": "77", "IRIS_STALL_TIMEOUT": "1.5"})
        self.check(done)
        text = json.dumps(json.loads(done.stdout))
        for name in ("max-connections", "max-concurrent-streams", "max-connection-memory", "max-memory",
                     "handshake-timeout", "stall-timeout", "max-connection-idle", "threads", "confine"):
            self.assertIn(f'"{name}"', text)
        for arguments in (["--max-connections", "0"], ["--threads", "257"], ["--stall-timeout", "0"],
                          ["--max-connection-memory", "1"], ["--confine", "maybe"]):
            with self.subTest(arguments):
                self.check(appliance.run("serve", *arguments), appliance.USAGE, "", re.compile(arguments[0]))

    def test_a_certificate_that_expires_soon(self):
        with tempfile.TemporaryDirectory(prefix="iris-limits-") as folder:
            authority = certificates.Authority(folder, "ca")
            for name, days, warns in ("soon", 13, True), ("later", 15, False):
                with self.subTest(name):
                    identity = authority.issue(name, days=(-1, days))
                    before = time.time()
                    server = self.serve("--tls-cert", identity.cert, "--tls-key", identity.key)
                    told = [line for line in server.lines if "expires on" in line]
                    self.assertEqual(len(told), int(warns), told)
                    if warns:
                        self.assertIn(f"warning: the certificate {identity.cert} expires on 20", told[0])
                    left = self.value("iris_tls_certificate_expiry_timestamp_seconds") - before
                    self.assertAlmostEqual(left / 86400, days, delta=0.1)


if __name__ == "__main__":
    appliance.main()
