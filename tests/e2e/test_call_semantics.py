#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What holds for a call of any method: compression, limits, deadlines, cancellation, and methods that are not there."""

import gzip
import hashlib
import json
import os
import pathlib
import re
import tempfile
import time
import zlib

import grpc

import appliance
import contract
import http2
import recording
import routes
import wire

FLOWERS = [sample for sample, _ in appliance.iris_rows()]
INFER = "/" + routes.INFER
MIB = 1 << 20
Code = grpc.StatusCode


def batch(samples, *outputs):
    request = routes.infer_request(samples)
    request.inputs[0].contents.fp64_contents.extend(value for sample in samples for value in sample)
    for name in outputs:
        request.outputs.add(name=name)
    return request


def raw_batch(rows, features):
    """A ModelInferRequest of a byte a value."""
    return contract.INFERENCE.ModelInferRequest(
        model_name="iris", inputs=[{"name": "input-0", "datatype": "INT8", "shape": [rows, features]}],
        raw_input_contents=[bytes(rows * features)])


def infer(channel):
    return contract.INFERENCE.GRPCInferenceServiceStub(channel).ModelInfer


def processor_seconds(server):
    """What the server has used so far."""
    fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def most_memory(server):
    """MiB that were resident at one time, at most."""
    text = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+) kB", text).group(1)) / 1024


class Semantics(appliance.Test):
    def serve(self, *arguments):
        server = appliance.Server(*arguments)
        self.addCleanup(server.__exit__)
        return server

    def dial(self, server, **options):
        channel = appliance.channel(server.target, **{"grpc.use_local_subchannel_pool": 1, **options})
        self.addCleanup(channel.close)
        return channel

    def assert_ends(self, code, method, request, **options):
        with self.assertRaises(grpc.RpcError) as raised:
            method(request, timeout=appliance.DEADLINE, **options)
        self.assertEqual(raised.exception.code(), code, raised.exception)
        return raised.exception.details()


class Compression(Semantics):
    def converse(self, compression):
        """{path: (request, reply)} as they were on the wire: two calls with long replies, one with a short one."""
        v1 = contract.V1
        feed = [v1.StreamPredictRequest(id=str(i), features=FLOWERS[0] * 50, outputs=[v1.OUTPUT_DECISION])
                for i in range(3)]
        with recording.Proxy(self.serve().target) as proxy, appliance.channel(proxy.target) as channel:
            options = {"compression": compression, "timeout": appliance.DEADLINE}
            infer(channel)(batch(FLOWERS, "decision"), **options)
            list(v1.PredictionServiceStub(channel).StreamPredict(iter(feed), **options))
            contract.ML.IrisPredictorStub(channel).PredictIrisSpecies(contract.ML.IrisPredictRequest(), **options)
        return {side.fields[":path"]: (side, proxy.replies[stream]) for stream, side in proxy.requests.items()}

    def test_answers_come_as_requests_came(self):
        plain = self.converse(grpc.Compression.NoCompression)
        for path, (request, reply) in plain.items():
            for side in (request, reply):
                self.assertNotIn("grpc-encoding", side.fields, path)
                self.assertEqual({flag for flag, _ in side.messages}, {0}, path)
        packed = self.converse(grpc.Compression.Gzip)
        self.assertEqual(set(packed), set(plain))
        for path in (INFER, "/" + routes.STREAM):
            with self.subTest(path=path):
                for side, as_it_was in zip(packed[path], plain[path]):
                    self.assertEqual(side.fields["grpc-encoding"], "gzip")
                    self.assertEqual({flag for flag, _ in side.messages}, {1})
                    self.assertEqual(side.plain(), as_it_was.plain())
                    self.assertLess(sum(len(data) for _, data in side.messages), sum(map(len, side.plain())))

    def test_what_would_grow_is_sent_as_it_is(self):
        _, reply = self.converse(grpc.Compression.Gzip)["/" + routes.UNARY]
        self.assertEqual([(flag, len(data)) for flag, data in reply.messages], [(0, 2)])

    def test_only_what_the_caller_takes(self):
        request = batch(FLOWERS, "decision").SerializeToString()
        server = self.serve()
        for sent, pack in (("gzip", gzip.compress), ("deflate", zlib.compress)):
            for taken, wanted in (("identity", None), ("identity,gzip", "gzip"), ("identity,deflate", "deflate")):
                with self.subTest(sent=sent, taken=taken), http2.Connection(server.target) as connection:
                    stream = connection.start(INFER, grpc_encoding=sent, grpc_accept_encoding=taken)
                    connection.send(stream, wire.message(pack(request), flag=1), end=True)
                    call = connection.calls[stream]
                    self.assertTrue(connection.wait(lambda: call.ended, appliance.DEADLINE))
                    self.assertEqual(call.status, "OK")
                    self.assertEqual(call.fields.get("grpc-encoding"), wanted)
                    self.assertEqual([flag for flag, _ in recording.split(bytes(call.body))], [1 if wanted else 0])

    def test_limits_hold_for_what_is_unpacked(self):
        """A message that is small only while it is packed is refused, and not unpacked as a whole to find that out."""
        server = self.serve()
        # Packed, each is less than the 64 KiB that a stream may have before any settings: wire.call sends all at once.
        for size, pack in ((5 * MIB, gzip.compress), (5 * MIB, zlib.compress), (60 * MIB, gzip.compress)):
            with self.subTest(size=size, pack=pack):
                before = most_memory(server)
                encoding = "gzip" if pack is gzip.compress else "deflate"
                code, text = wire.call(server.target, wire.headers(INFER, grpc_encoding=encoding),
                                       wire.message(pack(bytes(size)), flag=1), timeout=appliance.DEADLINE)
                self.assertEqual(code, "RESOURCE_EXHAUSTED", text)
                self.assertLess(most_memory(server) - before, 32)


class Limits(Semantics):
    def test_messages(self):
        for arguments, limit in (((), 4 * MIB), (("--max-message-size", "64KiB"), 64 << 10),
                                 (("--max-message-size", "8MiB"), 8 * MIB)):
            with self.subTest(limit=limit):
                channel = self.dial(self.serve(*arguments), **{"grpc.max_send_message_length": -1,
                                                               "grpc.max_receive_message_length": -1})
                fits, beyond = raw_batch(limit // 8, 4), raw_batch(limit // 4, 4)
                for _ in range(2):
                    [labels] = infer(channel)(fits, timeout=appliance.DEADLINE).raw_output_contents
                    self.assertEqual(len(labels), limit // 2)
                    self.assertIn(str(limit), self.assert_ends(Code.RESOURCE_EXHAUSTED, infer(channel), beyond))

    def test_replies(self):
        """Of a request that is within the limit, when they would not be."""
        channel = self.dial(self.serve("--max-message-size", "64KiB"))
        request = raw_batch(1000, 4)
        self.assertEqual(len(infer(channel)(request, timeout=appliance.DEADLINE).raw_output_contents), 1)
        request.outputs.add(name="contribution")
        self.assertIn(str(64 << 10), self.assert_ends(Code.RESOURCE_EXHAUSTED, infer(channel), request))

    def test_metadata(self):
        for arguments, limit in (((), 8 << 10), (("--max-metadata-size", "2KiB"), 2 << 10),
                                 (("--max-metadata-size", "64KiB"), 64 << 10)):
            with self.subTest(limit=limit):
                server = self.serve(*arguments)

                stub = contract.ML.IrisPredictorStub(self.dial(server))

                def call(size):
                    return stub.PredictIrisSpecies(contract.ML.IrisPredictRequest(), timeout=appliance.DEADLINE,
                                                   metadata=(("x", "y" * size),)).species

                self.assertEqual(call(limit - 1024), 1)
                with self.assertRaises(grpc.RpcError) as raised:
                    call(limit + 1)
                self.assertEqual(raised.exception.code(), Code.RESOURCE_EXHAUSTED)
                self.assertIn(str(limit), raised.exception.details())
                self.assertEqual(call(limit - 1024), 1)

    def test_methods_that_are_not_there(self):
        channel = self.dial(self.serve("--reflection", "off"))
        for path in ("/ml.IrisPredictor/Predict", "/ml.irispredictor/PredictIrisSpecies", "/nothing.Here/AtAll",
                     "/inference.GRPCInferenceService/RepositoryIndex",
                     "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"):
            with self.subTest(path=path):
                self.assertIn("no method", self.assert_ends(Code.UNIMPLEMENTED, channel.unary_unary(path), b""))
                with self.assertRaises(grpc.RpcError) as raised:
                    list(channel.stream_stream(path)(iter([b"", b""]), timeout=appliance.DEADLINE))
                self.assertEqual(raised.exception.code(), Code.UNIMPLEMENTED)


class WorkThatNobodyWaitsFor(Semantics):
    """A batch that is many seconds of work: 24 million rows, 1,000 classes."""
    ROWS = 24_000_000

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-semantics-")
        cls.addClassCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "iris.json"
        appliance.run("train", "--out", str(path))
        model = json.loads(path.read_text())
        del model["checksum"]
        model.update(classes=[f"class {i}" for i in range(1000)], features=["x"], bias=[0.0] * 1000, certificates=[],
                     weights=[[i / 1000] for i in range(1000)])
        text = json.dumps(model, indent=2)[:-2] + ",\n  "
        text += f'"checksum": "{hashlib.sha256(text.encode()).hexdigest()}"\n}}\n'
        path.write_text(text)
        cls.server = appliance.Server("--model", str(path), "--max-message-size", "256MiB")
        cls.addClassCleanup(cls.server.__exit__)
        cls.request = raw_batch(cls.ROWS, 1)

    def working(self, seconds):
        """Seconds of a processor that the server uses within the next `seconds`."""
        before = processor_seconds(self.server)
        time.sleep(seconds)
        return processor_seconds(self.server) - before

    def assert_stops(self):
        """Within a second from now."""
        time.sleep(1)
        self.assertLessEqual(self.working(1), 0.03)

    def others_are_answered(self):
        with appliance.channel(self.server.target, **{"grpc.use_local_subchannel_pool": 1}) as channel:
            live = contract.INFERENCE.GRPCInferenceServiceStub(channel).ServerLive
            return live(contract.INFERENCE.ServerLiveRequest(), timeout=5).live

    def test_a_deadline(self):
        channel = self.dial(self.server, **{"grpc.max_send_message_length": -1})
        start = time.monotonic()
        call = infer(channel).future(self.request, timeout=2)
        time.sleep(0.8)
        self.assertGreater(self.working(0.8), 0.1, "there is nothing to stop")
        self.assertEqual(call.exception().code(), Code.DEADLINE_EXCEEDED)
        self.assertLess(abs(time.monotonic() - start - 2), 0.5)
        self.assert_stops()

    def test_a_deadline_that_the_client_leaves_to_the_server(self):
        with http2.Connection(self.server.target) as connection:
            start = time.monotonic()
            stream = connection.start(INFER, grpc_timeout="2000m")
            connection.send(stream, wire.message(self.request.SerializeToString()), end=True)
            call = connection.calls[stream]
            self.assertTrue(connection.wait(lambda: call.ended, 5))
            self.assertEqual(call.status, "DEADLINE_EXCEEDED")
            self.assertLess(abs(call.ended - start - 2), 0.5)
            self.assert_stops()
            connection.pump(0.1)
            self.assertEqual(call.afterwards, [], "frames of a call that had ended")

    def test_a_deadline_that_has_passed_already(self):
        before = processor_seconds(self.server)
        channel = self.dial(self.server, **{"grpc.max_send_message_length": -1})
        self.assertEqual(infer(channel).future(self.request, timeout=0).exception().code(), Code.DEADLINE_EXCEEDED)
        self.assert_stops()
        self.assertLess(processor_seconds(self.server) - before, 0.2)

    def test_a_cancellation(self):
        channel = self.dial(self.server, **{"grpc.max_send_message_length": -1})
        call = infer(channel).future(self.request)
        time.sleep(0.8)
        self.assertGreater(self.working(0.6), 0.1, "there is nothing to stop")
        self.assertTrue(self.others_are_answered())
        call.cancel()
        self.assert_stops()

    def test_a_connection_that_is_gone(self):
        with http2.Connection(self.server.target) as connection:
            stream = connection.start(INFER)
            connection.send(stream, wire.message(self.request.SerializeToString()), end=True)
            time.sleep(0.3)
            self.assertGreater(self.working(0.6), 0.1, "there is nothing to stop")
        self.assert_stops()
        self.assertTrue(self.others_are_answered())


if __name__ == "__main__":
    appliance.main()
