#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Serving a model, signals, draining."""

import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time

import grpc
from hyperframe import frame as frames

import appliance
import calls
import faults
import http2
import wire


def feed_message(rows, output):
    """A StreamPredictRequest (features = 2, outputs = 3), by hand: its stubs and the tutorial's exclude each other."""
    features = struct.pack("<4d", 5.0, 3.6, 1.3, 0.25) * rows
    length, rest = bytearray(), len(features)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    return b"\x12" + bytes(length) + bytes([rest]) + features + b"\x1a\x01" + bytes([output])


class Models(appliance.Test):
    def test_a_saved_model_is_served(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/model.json"
            self.check(appliance.run("train", "--out", path))
            with appliance.Server("--model", path) as server:
                self.assertEqual(calls.predict(server.target), 0)

    def test_a_model_of_another_shape_is_served_but_not_by_the_iris_method(self):
        tables = {"two features": b"1,2,a\n2,1,b\n", "five features, four classes":
                  b"1,0,0,0,1,a\n0,1,0,0,2,b\n0,0,1,0,3,c\n0,0,0,1,4,d\n"}
        for name, table in tables.items():
            with self.subTest(name=name), tempfile.TemporaryDirectory() as folder:
                path = f"{folder}/model.json"
                self.check(appliance.run("train", "--data", "-", "--out", path, stdin=table))
                with appliance.Server("--model", path) as server:
                    self.check(appliance.run("healthcheck", "--host", "127.0.0.1", "--port", server.port))
                    with self.assertRaises(grpc.RpcError) as caught:
                        calls.predict(server.target)
                    self.assertEqual(caught.exception.code(), grpc.StatusCode.FAILED_PRECONDITION)
                    self.assertRegex(caught.exception.details(), rf"takes {table.splitlines()[0].count(b',')} features")

    def test_its_name(self):
        with tempfile.TemporaryDirectory() as folder:
            path = f"{folder}/flowers.v2.json"
            self.check(appliance.run("train", "--out", path))
            for arguments, name in (((), b"iris"), (("--model", path), b"flowers.v2"),
                                    (("--model", path, "--model-name", "roses"), b"roses")):
                with self.subTest(arguments), appliance.Server(*arguments) as server, \
                        appliance.channel(server.target) as channel:
                    ready = channel.unary_unary("/inference.GRPCInferenceService/ModelReady")
                    for asked in (b"iris", b"flowers.v2", b"roses"):
                        # ModelReadyRequest: name = 1; ModelReadyResponse: ready = 1.
                        request = b"\x0a" + bytes([len(asked)]) + asked
                        try:
                            answer = ready(request, timeout=appliance.DEADLINE)
                        except grpc.RpcError as error:
                            self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)
                            answer = b""
                        self.assertEqual(answer, b"\x08\x01" if asked == name else b"")


class Signals(appliance.Test):
    def test_terminate_and_interrupt_end_it_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number), appliance.Server() as server:
                self.assertEqual(calls.predict(server.target), 0)
                begin = time.monotonic()
                server.signal(number)
                self.assertEqual(server.wait(), 0)
                self.assertLess(time.monotonic() - begin, 2.0)
                self.assertEqual(server.told, [f"listening on {server.target}"])

    def test_hang_up_does_not_end_it(self):
        with appliance.Server() as server:
            for _ in range(3):
                server.signal(signal.SIGHUP)
            self.assertEqual(calls.predict(server.target), 0)
            self.assertEqual(server.stop(), 0)

    def test_a_call_in_flight_finishes(self):
        with appliance.Server("--drain-timeout", "30") as server:
            call = calls.OpenCall(server.target)
            self.addCleanup(call.close)
            server.signal(signal.SIGTERM)
            with self.assertRaises(subprocess.TimeoutExpired):
                server.wait(0.5)
            with self.assertRaises(grpc.RpcError) as caught:
                calls.predict(server.target)  # nobody new
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNAVAILABLE)
            self.assertEqual(call.finish(), 2)
            self.assertEqual(server.wait(5), 0)
            self.assertEqual(server.told, [f"listening on {server.target}"])

    def test_idle_connections_do_not_hold_up_the_end(self):
        # Clients that hold a connection and do nothing, not even answer: there is no call to wait for.
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])  # and empty SETTINGS
        for sent in (b"", preface):
            with self.subTest(sent=sent), appliance.Server("--drain-timeout", "10") as server:
                with socket.create_connection(("127.0.0.1", int(server.port)), timeout=10) as idle:
                    idle.sendall(sent)
                    time.sleep(0.2)
                    server.signal(signal.SIGTERM)
                    self.assertEqual(server.wait(5), 0)
                    self.assertEqual(server.told, [f"listening on {server.target}"])

    def test_a_call_that_does_not_finish_is_cut_off_at_the_deadline(self):
        with appliance.Server("--drain-timeout", "0.5") as server:
            call = calls.OpenCall(server.target)
            self.addCleanup(call.close)
            begin = time.monotonic()
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0)
            self.assertGreater(time.monotonic() - begin, 0.4)
            self.assertLess(time.monotonic() - begin, 3.0)
            self.assertRegex(server.lines[-1], "^iris-predictor: .*cancelled")
            with self.assertRaises(grpc.RpcError):
                call.finish()

    def test_a_second_signal_ends_it_at_once(self):
        for second, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
            with self.subTest(second=second), appliance.Server("--drain-timeout", "60") as server:
                call = calls.OpenCall(server.target)
                self.addCleanup(call.close)
                server.signal(signal.SIGTERM)
                with self.assertRaises(subprocess.TimeoutExpired):
                    server.wait(1.2)
                server.signal(signal.SIGHUP)  # which does not count
                with self.assertRaises(subprocess.TimeoutExpired):
                    server.wait(0.3)
                server.signal(second)
                self.assertEqual(server.wait(2), code)

    def test_a_doubled_signal_is_one(self):
        # As from `timeout`, which signals its child and then the group, and from Ctrl-C with a wrapper.
        with appliance.Server("--drain-timeout", "30") as server:
            call = calls.OpenCall(server.target)
            self.addCleanup(call.close)
            for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGINT):
                server.signal(number)
                time.sleep(0.1)
            self.assertEqual(call.finish(), 2)
            self.assertEqual(server.wait(5), 0)
            self.assertEqual(server.told, [f"listening on {server.target}"])

    def test_ending_at_once_leaves_no_socket_file(self):
        with tempfile.TemporaryDirectory() as folder:
            with appliance.Server("--drain-timeout", "60", listen=["127.0.0.1:0", f"unix:{folder}/s"]) as server:
                call = calls.OpenCall(server.target)
                self.addCleanup(call.close)
                server.signal(signal.SIGTERM)
                time.sleep(1.2)
                server.signal(signal.SIGTERM)
                self.assertEqual(server.wait(2), 143)
                self.assertEqual(os.listdir(folder), [])

    def test_a_signal_ends_it_while_it_waits_for_its_model(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkfifo(f"{folder}/model")
            for number, code in ((signal.SIGTERM, 143), (signal.SIGINT, 130)):
                with self.subTest(number=number), appliance.Server("--model", f"{folder}/model", wait=False) as server:
                    status = pathlib.Path(f"/proc/{server.process.pid}/status")
                    self.assertTrue(faults.until(  # else the kernel's default, which ends it, would still hold
                        lambda: int(re.search(r"SigBlk:\s+(\w+)", status.read_text())[1], 16) >> signal.SIGHUP - 1 & 1))
                    time.sleep(0.5)
                    server.signal(signal.SIGHUP)
                    with self.assertRaises(subprocess.TimeoutExpired):
                        server.wait(0.2)
                    server.signal(number)
                    self.assertEqual(server.wait(2), code)
                    self.assertEqual(server.lines, ["iris-predictor: signal during the start: ending at once"])

    def test_a_signal_at_any_moment_of_the_start_ends_it_well(self):
        for delay in range(0, 30, 3):
            with self.subTest(delay=delay), appliance.Server(wait=False) as server:
                time.sleep(delay / 1000)
                server.signal(signal.SIGTERM)
                # Before the first instruction of main the kernel's default still holds; a dynamic binary takes long
                # to get there.
                early = delay < 10 or not appliance.is_static()
                self.assertIn(server.wait(), (0, 143, -signal.SIGTERM) if early else (0, 143))

    def test_load_meets_right_answers_and_then_refusals(self):
        # A call that comes too late is refused as UNAVAILABLE, never CANCELLED: it was not run, another server may be asked.
        with appliance.Server() as server:
            outcomes = set()
            answered = threading.Event()

            def load():
                with appliance.channel(server.target) as channel:
                    stub = calls.RPC.IrisPredictorStub(channel)
                    end = time.monotonic() + appliance.DEADLINE
                    while time.monotonic() < end:
                        try:
                            outcomes.add(stub.PredictIrisSpecies(calls.SETOSA, timeout=5).species)
                            answered.set()
                        except grpc.RpcError as error:
                            outcomes.add(error.code())
                            return

            threads = [threading.Thread(target=load) for _ in range(4)]
            for thread in threads:
                thread.start()
            self.assertTrue(answered.wait(10))
            time.sleep(0.2)
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0)
            for thread in threads:
                thread.join(appliance.DEADLINE)
            self.assertIn(0, outcomes)
            self.assertLessEqual(outcomes, {0, grpc.StatusCode.UNAVAILABLE})

    def test_streams_at_work_do_not_break_the_end(self):
        message = feed_message(30_000, 2)
        for timeout in ("0", "0", "0.05", "0.2"):
            with self.subTest(timeout=timeout), appliance.Server("--drain-timeout", timeout) as server:
                def feed():
                    with appliance.channel(server.target, **{"grpc.max_receive_message_length": -1}) as channel:
                        method = channel.stream_stream("/iris.v1.PredictionService/StreamPredict")
                        try:
                            for _ in method(iter([message] * 200), timeout=appliance.DEADLINE):
                                started.set()
                        except grpc.RpcError:
                            pass  # cancelled, or refused: as it should be

                started = threading.Event()
                threads = [threading.Thread(target=feed) for _ in range(3)]
                for thread in threads:
                    thread.start()
                self.assertTrue(started.wait(appliance.DEADLINE))
                self.assertEqual(server.stop(), 0, server.lines)
                for thread in threads:
                    thread.join(appliance.DEADLINE)

    def test_a_client_that_reads_nothing_does_not_hold_up_the_end(self):
        # Its windows are wide open, so what keeps the answers is the kernel's buffer.
        message = wire.message(feed_message(1500, 3))
        with appliance.Server("--drain-timeout", "1") as server, \
                http2.Connection(server.target, reading=False, answering=False) as client:
            settings = frames.SettingsFrame(0, settings={frames.SettingsFrame.INITIAL_WINDOW_SIZE: 2**31 - 1})
            client._write(settings.serialize() +
                          frames.WindowUpdateFrame(0, window_increment=2**31 - 1 - http2.FIRST_WINDOW).serialize())
            client.socket.settimeout(2)
            try:
                for _ in range(160):
                    stream = client.start("/iris.v1.PredictionService/StreamPredict")
                    for i in range(0, len(message), http2.FRAME):
                        client.socket.sendall(frames.DataFrame(stream, data=message[i:i + http2.FRAME]).serialize())
            except OSError:
                pass  # the server takes no more of one who does not read
            time.sleep(0.5)
            start = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - start, 5)


if __name__ == "__main__":
    appliance.main()
