#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""bench: closed and open loops, batches, TLS, wrong answers, servers that are not there or go away, Ctrl-C, JSON."""

import json
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time

import jsonschema

import appliance
import tls_case
from appliance import BAD_DATA, CHECK_FAILED, CONFIGURATION, OK, UNAVAILABLE, USAGE

NUMBER, COUNT = {"type": "number", "minimum": 0}, {"type": "integer", "minimum": 0}
PERCENTILES = ["min", "mean", "p50", "p90", "p99", "p99_9", "p99_99", "max"]


def closed_object(**properties):
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


SCHEMA = closed_object(
    server={"type": "string"}, tls={"type": "boolean"}, method={"type": "string"}, rows_per_call=COUNT,
    loop={"enum": ["closed", "open"]}, connections=COUNT, in_flight=COUNT, threads=COUNT,
    rate={"type": ["number", "null"]}, warm_up_seconds=NUMBER, seconds=NUMBER, interrupted={"type": "boolean"},
    calls=closed_object(answered=COUNT, wrong=COUNT, failed=COUNT, not_sent=COUNT),
    failures={"type": "object", "additionalProperties": closed_object(count=COUNT, reason={"type": "string"})},
    calls_per_second=NUMBER, rows_per_second=NUMBER, sent_per_second={"type": ["number", "null"]},
    rate_held={"type": ["boolean", "null"]}, latest_start_seconds={"type": ["number", "null"]},
    latency_seconds={"anyOf": [{"type": "null"}, closed_object(**dict.fromkeys(PERCENTILES, NUMBER))]},
    processor_seconds_per_call=NUMBER)


def bench(port, *arguments, **options):
    return appliance.run("bench", "--host", "127.0.0.1", "--port", str(port), *arguments, timeout=60, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Bench(appliance.Test):
    def measure(self, port, *arguments, code=OK):
        """What --json says, checked for all that must always be so."""
        done = bench(port, "--json", *arguments)
        self.check(done, code)
        report = json.loads(done.stdout)
        jsonschema.validate(report, SCHEMA)
        if report["latency_seconds"]:
            latencies = [report["latency_seconds"][name] for name in PERCENTILES if name != "mean"]
            self.assertEqual(latencies, sorted(latencies))
        if report["seconds"]:
            self.assertAlmostEqual(report["calls_per_second"], report["calls"]["answered"] / report["seconds"], 3)
        self.assertAlmostEqual(report["rows_per_second"], report["calls_per_second"] * report["rows_per_call"], 3)
        return report


class Loads(Bench):
    def test_closed_loops(self):
        with appliance.Server() as server:
            for words, connections, in_flight, threads in (
                    ([], 1, 1, 1), (["--in-flight", "9"], 1, 9, 1),
                    (["--connections", "5", "--in-flight", "3", "--threads", "2"], 5, 3, 2),
                    (["--connections", "2", "--threads", "9"], 2, 1, 2)):
                with self.subTest(words=words):
                    report = self.measure(server.port, "--calls", "300", "--warm-up", "0", *words)
                    self.assertEqual(report["calls"], {"answered": 300, "wrong": 0, "failed": 0, "not_sent": 0})
                    self.assertEqual((report["loop"], report["connections"], report["in_flight"], report["threads"]),
                                     ("closed", connections, in_flight, threads))
                    self.assertIsNone(report["rate_held"])

    def test_a_duration(self):
        with appliance.Server() as server:
            report = self.measure(server.port, "--duration", "0.5", "--warm-up", "0.2")
        self.assertGreaterEqual(report["seconds"], 0.5)
        self.assertGreater(report["calls"]["answered"], 0)
        self.assertFalse(report["interrupted"])

    def test_an_open_loop(self):
        with appliance.Server() as server:
            report = self.measure(server.port, "--rate", "100", "--duration", "1", "--warm-up", "0.1")
        self.assertEqual(report["calls"], {"answered": 100, "wrong": 0, "failed": 0, "not_sent": 0})
        self.assertEqual((report["loop"], report["rate"], report["in_flight"]), ("open", 100, 100))
        self.assertTrue(report["rate_held"])
        self.assertGreater(report["latest_start_seconds"], 0)

    def test_connections_are_real(self):
        with appliance.Server() as server:
            process = subprocess.Popen(
                [appliance.BINARY, "bench", "--host", "127.0.0.1", "--port", server.port, "--connections", "7",
                 "--warm-up", "0", "--rate", "50", "--duration", "30"],
                env=appliance.environment(), stdout=subprocess.PIPE)
            try:
                most, end = 0, time.monotonic() + appliance.DEADLINE
                while most < 7 and time.monotonic() < end:
                    most = max(most, established(int(server.port)))
                    time.sleep(0.05)
                self.assertEqual(most, 7)
                time.sleep(1)  # for something to be measured
            finally:
                process.send_signal(signal.SIGINT)
                stdout, _ = process.communicate(timeout=appliance.DEADLINE)
            self.assertEqual(process.returncode, OK, stdout)

    def test_batches(self):
        with appliance.Server() as server:
            for rows in (1, 7, 10_000):
                with self.subTest(rows=rows):
                    report = self.measure(server.port, "--calls", "20", "--warm-up", "0", "--batch", str(rows))
                    self.assertEqual(report["calls"]["answered"], 20)
                    self.assertEqual(report["rows_per_call"], rows)
                    self.assertEqual(report["method"], "inference.GRPCInferenceService/ModelInfer")

    def test_text(self):
        with appliance.Server() as server:
            done = bench(server.port, "--calls", "100", "--warm-up", "0", "--connections", "2")
            self.check(done, OK, re.compile(
                r"\A127\.0\.0\.1:\d+, plaintext, ml\.IrisPredictor/PredictIrisSpecies\n"
                r"closed loop: 2 connections, 1 call in flight on each, 1 thread, \S+ m?s after 0 us of warming up\n\n"
                r"calls      100 answered, 0 wrong, 0 failed\nrate       [\d.]+ calls a second\nlatency\n"
                r"(  (p50|p90|p99|p99\.9|p99\.99|max|mean) +[\d.e+]+ (us|ms|s)\n){7}"
                r"processor  [\d.]+ (us|ms) a call, of this load generator\n\Z"), "")


def established(port):
    """Connections that the server side of a port has."""
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    return sum(1 for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "01")


class WrongOrMissing(Bench):
    def test_no_server(self):
        done = bench(free_port(), "--duration", "1")
        self.check(done, UNAVAILABLE, "", re.compile(r"no server answers at 127\.0\.0\.1:\d+ \(connection refused\)"))

    def test_a_server_that_never_answers(self):
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            done = bench(mute.getsockname()[1], "--timeout", "0.5", "--duration", "1")
        self.check(done, UNAVAILABLE, "", re.compile(r"no answer from 127\.0\.0\.1:\d+ within 0\.5 s"))

    def test_another_model(self):
        with tempfile.TemporaryDirectory(prefix="iris-bench-") as folder:
            model = f"{folder}/other.json"
            self.check(appliance.run("train", "--cost", "0.0001", "--out", model), OK)
            with appliance.Server("--model", model) as server:
                for words in ([], ["--batch", "10", "--model-name", "other"]):
                    done = bench(server.port, "--duration", "1", *words)
                    self.check(done, CHECK_FAILED, "", re.compile(r"flower \d+ is \d there and \d here .*--model"))
                    words += ["--model", model, "--calls", "200", "--warm-up", "0"]
                    self.assertEqual(self.measure(server.port, *words)["calls"]["answered"], 200)
                self.check(bench(server.port, "--batch", "10", "--duration", "1"), CONFIGURATION, "",
                           re.compile("--model-name"))

    def test_a_model_that_knows_no_flowers(self):
        with tempfile.TemporaryDirectory(prefix="iris-bench-") as folder:
            with open(f"{folder}/two.csv", "w", encoding="ascii") as table:
                table.write("x,y,class\n1,2,a\n3,1,b\n2,2,a\n4,1,b\n")
            self.check(appliance.run("train", "--data", f"{folder}/two.csv", "--out", f"{folder}/two.json"), OK)
            with appliance.Server("--model", f"{folder}/two.json") as server:
                self.check(bench(server.port), CHECK_FAILED, "", re.compile("refuses what it is asked"))
            self.check(bench(1, "--model", f"{folder}/two.json"), BAD_DATA, "", re.compile("2 features"))

    def test_the_server_is_killed(self):
        for words in ([], ["--rate", "200"]):
            with self.subTest(words=words), appliance.Server() as server:
                threading.Timer(1.5, server.process.kill).start()
                report = self.measure(server.port, "--warm-up", "0", "--duration", "3", *words, code=CHECK_FAILED)
                self.assertGreater(report["calls"]["answered"], 0)
                self.assertEqual(list(report["failures"]), ["UNAVAILABLE"])
                self.assertEqual(report["failures"]["UNAVAILABLE"]["count"], report["calls"]["failed"])
                self.assertLess(report["calls"]["failed"], 1000)

    def test_the_server_hangs(self):
        with appliance.Server() as server:
            threading.Timer(1.0, server.signal, [signal.SIGSTOP]).start()
            try:
                report = self.measure(server.port, "--warm-up", "0", "--duration", "2", "--timeout", "0.5", "--rate",
                                      "50", "--in-flight", "5", code=CHECK_FAILED)
            finally:
                server.signal(signal.SIGCONT)
        self.assertEqual(list(report["failures"]), ["DEADLINE_EXCEEDED"])
        self.assertGreater(report["calls"]["answered"], 0)
        self.assertGreater(report["calls"]["not_sent"], 0)
        self.assertFalse(report["rate_held"])

    def test_mistakes(self):
        for words in (["--connections", "0"], ["--rate", "0"], ["--rate", "fast"], ["--batch", "0"], ["--calls", "-1"],
                      ["--duration", "0"], ["--threads", "x"], ["flower"]):
            with self.subTest(words=words):
                self.check(bench(1, *words), USAGE, "")
        self.check(bench(1, env={"IRIS_RATE": "fast"}), CONFIGURATION, "", re.compile("IRIS_RATE"))


class OpenLoop(Bench):
    def test_a_rate_beyond_reach_is_said(self):
        with appliance.Server() as server:
            done = bench(server.port, "--rate", "1000000", "--in-flight", "1", "--duration", "0.5", "--warm-up", "0")
        self.check(done, OK, re.compile(r"[1-9]\d* not sent"), re.compile("the rate could not be held"))

    def test_waiting_for_a_stalled_server_counts(self):
        """No coordinated omission: a server that stands still for a second makes all calls of that second late, though
        only one at a time is on its way."""
        with appliance.Server() as server:
            def stall():
                server.signal(signal.SIGSTOP)
                time.sleep(1)
                server.signal(signal.SIGCONT)
            threading.Timer(0.7, stall).start()
            report = self.measure(server.port, "--rate", "100", "--in-flight", "1", "--calls", "300", "--warm-up", "0")
        self.assertEqual(report["calls"]["answered"], 300)
        self.assertGreater(report["latency_seconds"]["max"], 0.8)
        self.assertGreater(report["latency_seconds"]["p90"], 0.2)  # 100 of the 300 waited, half a second on average


class Interruption(Bench):
    def test_ctrl_c_prints_what_was_measured(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number), appliance.Server() as server:
                process = subprocess.Popen(
                    [appliance.BINARY, "bench", "--host", "127.0.0.1", "--port", server.port, "--warm-up", "0",
                     "--duration", "600", "--json"], env=appliance.environment(), stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE)
                time.sleep(1.5)
                process.send_signal(number)
                stdout, stderr = process.communicate(timeout=appliance.DEADLINE)
                self.assertEqual((process.returncode, stderr), (OK, b""))
                report = json.loads(stdout)
                jsonschema.validate(report, SCHEMA)
                self.assertTrue(report["interrupted"])
                self.assertGreater(report["calls"]["answered"], 0)
                self.assertLess(report["seconds"], 60)


class Tls(tls_case.WithCertificates):
    def test_tls(self):
        words = ["--calls", "50", "--warm-up", "0", "--connections", "3"]
        with self.serve() as server:
            done = bench(server.port, "--tls-ca", self.ca.cert, *words)
            self.check(done, OK, re.compile(r", TLS, .*\n(.*\n)*.* 50 answered"))
            for wrong in (["--tls-ca", self.stranger.cert], []):
                self.check(bench(server.port, *wrong, *words), UNAVAILABLE, "", re.compile("--tls-ca"))

    def test_mutual_tls(self):
        words = ["--calls", "50", "--warm-up", "0", "--tls-ca", self.ca.cert]
        with self.serve_mutually() as server:
            own = ["--tls-cert", self.client.cert, "--tls-key", self.client.key]
            self.check(bench(server.port, *words, *own), OK, re.compile(" 50 answered, 0 wrong, 0 failed"))
            self.check(bench(server.port, *words), UNAVAILABLE, "", re.compile("--tls-cert"))


if __name__ == "__main__":
    appliance.main()
