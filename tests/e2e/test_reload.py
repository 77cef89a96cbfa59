#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""SIGHUP: model and certificates are read again under load; and how the process starts, ends and lives as process 1."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import unittest

import grpc

import appliance
import certificates
import contract
import manager

V1, ML, INFERENCE = contract.V1, contract.ML, contract.INFERENCE
SETOSA = [5.0, 3.6, 1.3, 0.25]
BATCH = 500


def turned_round():
    """Fisher's Iris from its end, where the last class is the first: its model calls a setosa 2."""
    header, *rows = (appliance.SOURCE / "assets/iris.csv").read_text().splitlines()
    return "\n".join([header, *reversed(rows), ""]).encode()


class WithModels(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-reload-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.right, cls.turned = cls.folder / "right.json", cls.folder / "turned.json"
        done = appliance.run("train", "--out", str(cls.right))
        assert done.returncode == 0, done
        done = appliance.run("train", "--data", "-", "--out", str(cls.turned), stdin=turned_round())
        assert done.returncode == 0, done

    def setUp(self):
        self.model = self.folder / f"{self.id().rpartition('.')[2]}.json"
        self.put(self.right)

    def put(self, source):
        new = self.model.with_suffix(".new")
        shutil.copy(source, new)
        os.replace(new, self.model)

    def species(self, target):
        with appliance.channel(target) as channel:
            return ML.IrisPredictorStub(channel).PredictIrisSpecies(
                ML.IrisPredictRequest(**dict(zip(("sepal_length", "sepal_width", "petal_length", "petal_width"), SETOSA))),
                timeout=appliance.DEADLINE).species


class Reload(WithModels):
    def test_another_model(self):
        with appliance.Server("--model", str(self.model)) as server:
            first = self.species(server.target)
            self.put(self.turned)
            self.assertEqual(self.species(server.target), first)  # nothing happens by itself
            server.signal(signal.SIGHUP)
            server.wait_for_line(rf"^reloaded the model {self.model}: 4 features, 3 classes$")
            self.assertNotEqual(self.species(server.target), first)
            server.signal(signal.SIGHUP)
            server.wait_for_line(rf"^unchanged: the model {self.model}$")
            self.put(self.right)
            server.signal(signal.SIGHUP)
            server.wait_for_line("^reloaded the model")
            self.assertEqual(self.species(server.target), first)
            self.assertEqual(server.stop(), 0)

    def test_what_is_no_model_leaves_the_old_one(self):
        good = self.right.read_bytes()
        bad = {"junk": b"junk", "empty": b"", "half": good[:len(good) // 2], "changed": good.replace(b"0.", b"1.", 1)}
        with appliance.Server("--model", str(self.model)) as server:
            first = self.species(server.target)
            for name, content in bad.items():
                with self.subTest(name):
                    self.model.write_bytes(content)
                    server.signal(signal.SIGHUP)
                    server.wait_for_line(rf"^iris-predictor: cannot reload the model: .*{self.model}.*; the old one stays$")
                    self.assertEqual(self.species(server.target), first)
            self.model.unlink()
            server.signal(signal.SIGHUP)
            server.wait_for_line(r"^iris-predictor: cannot reload the model: .*No such file.*; the old one stays$")
            os.mkfifo(self.model)  # which would keep a reader waiting for ever
            server.signal(signal.SIGHUP)
            server.wait_for_line(r"^iris-predictor: cannot reload the model: .*no regular file.*; the old one stays$")
            self.assertEqual(self.species(server.target), first)
            self.assertEqual(server.stop(), 0)
        self.model.unlink()

    def test_failures_are_counted(self):
        with appliance.Server("--model", str(self.model), "--admin", "127.0.0.1:0") as server:
            admin = server.wait_for_line(r"^admin on (\S+)$").group(1)

            def counted(result):
                import urllib.request
                opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
                with opener.open(f"http://{admin}/metrics", timeout=appliance.DEADLINE) as answer:
                    lines = answer.read().decode().splitlines()
                return [line for line in lines if "reload" in line and 'model"' in line and result in line]

            self.model.write_bytes(b"junk")
            before = counted("")
            server.signal(signal.SIGHUP)
            server.wait_for_line("cannot reload the model")
            self.put(self.turned)
            server.signal(signal.SIGHUP)
            server.wait_for_line("reloaded the model")
            after = counted("")
            self.assertTrue(before)
            self.assertGreaterEqual(len(set(after) - set(before)), 2, after)  # one failure, one success

    def test_no_answer_mixes_two_models(self):
        # Clients of every kind, while the model changes as fast as it can: nothing fails, and every answer, be it of
        # hundreds of rows, is that of one model alone. A feed sees the new model from some message on.
        seen, wrong = set(), []
        stop = threading.Event()

        def note(labels, what):
            if len(set(labels)) != 1:
                wrong.append(f"{what}: {sorted(set(labels))}")
            seen.add((what, labels[0]))

        def guarded(work):
            def run():
                try:
                    with appliance.channel(server.target, **{"grpc.use_local_subchannel_pool": 1}) as channel:
                        work(channel)
                except grpc.RpcError as error:
                    wrong.append(f"{work.__name__}: {error.code()} {error.details()}")
            return run

        def unary(channel):
            stub = ML.IrisPredictorStub(channel)
            request = ML.IrisPredictRequest(**dict(zip(("sepal_length", "sepal_width", "petal_length", "petal_width"),
                                                       SETOSA)))
            while not stop.is_set():
                note([stub.PredictIrisSpecies(request, timeout=appliance.DEADLINE).species], "unary")

        def tensors(channel):
            stub = INFERENCE.GRPCInferenceServiceStub(channel)
            request = INFERENCE.ModelInferRequest(model_name="flowers")
            tensor = request.inputs.add(name="input-0", datatype="FP64", shape=[BATCH, 4])
            tensor.contents.fp64_contents.extend(SETOSA * BATCH)
            while not stop.is_set():
                reply = stub.ModelInfer(request, timeout=appliance.DEADLINE)
                [labels] = [output for output in reply.outputs if output.datatype == "INT32"]
                values = list(labels.contents.int_contents)
                self.assertEqual(len(values), BATCH)
                note(values, "tensors")

        def feed(channel):
            def messages():
                number = 0
                while not stop.is_set():
                    yield V1.StreamPredictRequest(id=str(number), features=SETOSA * BATCH)
                    number += 1
            for reply in V1.PredictionServiceStub(channel).StreamPredict(messages(), timeout=60):
                note(list(reply.prediction.labels), "feed")

        with appliance.Server("--model", str(self.model), "--model-name", "flowers") as server:
            threads = [threading.Thread(target=guarded(work)) for work in (unary, tensors, feed, unary)]
            for thread in threads:
                thread.start()
            end = time.monotonic() + 6
            number = 0
            while time.monotonic() < end:
                number += 1
                self.put((self.turned, self.right)[number % 2])
                server.signal(signal.SIGHUP)
                time.sleep(0.01)
            stop.set()
            for thread in threads:
                thread.join(appliance.DEADLINE)
            self.assertEqual(wrong, [])
            self.assertEqual(seen, {(what, label) for what in ("unary", "tensors", "feed") for label in (0, 2)})
            self.assertGreater(number, 50)
            self.assertEqual(server.stop(), 0)

    def test_a_signal_to_end_during_a_storm_of_reloads(self):
        with appliance.Server("--model", str(self.model)) as server:
            for _ in range(50):
                server.signal(signal.SIGHUP)
            server.signal(signal.SIGTERM)
            self.assertEqual(server.wait(), 0)

    def test_certificate_and_model_at_once(self):
        ca = certificates.Authority(str(self.folder), "ca")
        used = [self.folder / "used.crt", self.folder / "used.key"]

        def issue(name):
            identity = ca.issue(name)
            for target, source in zip(used, (identity.cert, identity.key)):
                shutil.copy(source, target)

        issue("one")
        with appliance.Server("--model", str(self.model), "--tls-cert", str(used[0]), "--tls-key", str(used[1]),
                              "--tls-reload-interval", "0") as server:
            issue("two")
            self.model.write_bytes(b"junk")  # the one does not hold up the other
            server.signal(signal.SIGHUP)
            server.wait_for_line("cannot reload the model")
            server.wait_for_line("^reloaded the certificate")
            self.assertEqual(server.stop(), 0)


class Start(WithModels):
    def test_failures_end_it_before_anything_is_announced(self):
        ca = certificates.Authority(str(self.folder), "start")
        one, other = ca.issue("a"), ca.issue("b")
        self.model.write_bytes(b"junk")
        with appliance.Server() as taken:
            cases = (
                (("--model", str(self.model)), {}, appliance.BAD_DATA),
                (("--model", "/nonexistent"), {}, appliance.IO),
                (("--tls-cert", one.cert, "--tls-key", other.key), {}, appliance.CONFIGURATION),
                (("--listen", taken.target), {}, appliance.IO),
                (("--listen", "nonsense"), {}, appliance.USAGE),
                ((), {"IRIS_DRAIN_TIMEOUT": "x"}, appliance.CONFIGURATION),
                (("--nonsense",), {}, appliance.USAGE),
            )
            for arguments, env, code in cases:
                with self.subTest(arguments), manager.Notifications() as told:
                    if "--listen" not in arguments:
                        arguments += ("--listen", "127.0.0.1:0")
                    done = appliance.run("serve", *arguments, env=told.environment(**env))
                    self.check(done, code, stdout="")
                    self.assertNotIn("listening on", done.stderr)
                    messages = told.drain()
                    self.assertFalse([fields for fields in messages if "READY" in fields])
                    if messages:  # and the manager is told the same as the log
                        self.assertIn(messages[-1]["STATUS"][:40], done.stderr)


@unittest.skipIf(os.geteuid() != 0, "needs root: a PID namespace")
class Process1(WithModels):
    def server(self, *arguments):
        return appliance.Server(*arguments, command=["unshare", "--pid", "--fork", "--kill-child", "--mount-proc",
                                                     appliance.BINARY])

    def inner(self, server):
        outer = server.process.pid
        return int(pathlib.Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number), self.server("--model", str(self.model)) as server:
                pid = self.inner(server)
                first = self.species(server.target)
                self.put(self.turned)
                os.kill(pid, signal.SIGHUP)
                server.wait_for_line("^reloaded the model")
                self.assertNotEqual(self.species(server.target), first)
                os.kill(pid, number)
                self.assertEqual(server.wait(), 0)
                self.put(self.right)

    def test_orphans_do_not_stay_as_zombies(self):
        with self.server() as server:
            pid = self.inner(server)
            for _ in range(3):  # whoever starts the sleep ends first, so that process 1 inherits it
                subprocess.run(["nsenter", "--target", str(pid), "--pid", "--mount", "sh", "-c", "sleep 0.2 &"],
                               check=True, timeout=appliance.DEADLINE)
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
            self.assertTrue(children.read_text().split())
            end = time.monotonic() + 5
            while children.read_text().split() and time.monotonic() < end:
                time.sleep(0.05)
            self.assertEqual(children.read_text().split(), [])
            os.kill(pid, signal.SIGTERM)
            self.assertEqual(server.wait(), 0)


if __name__ == "__main__":
    appliance.main()
