#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whatever client calls, by whatever method and over whatever transport: the same 150 flowers get the same labels, and
errors say the same. Prints the table of all routes."""

import base64
import json
import math
import pathlib
import tempfile

import grpc

import appliance
import certificates
import contract
import routes

# What a linear SVM with C = 1 says of the five flowers that it gets wrong (0-based).
WRONG = {70: 2, 83: 2, 84: 2, 129: 1, 133: 1}
# By `buf curl` the unary method costs a process a flower: every tenth, and the wrong ones.
SAMPLE = sorted({*range(0, 150, 10), *WRONG})
CLIENTS = {
    "python3-grpcio": routes.python,
    "@grpc/grpc-js": routes.node,
    "buf curl, reflection v1": routes.buf("grpc-v1", SAMPLE),
    "buf curl, reflection v1alpha": routes.buf("grpc-v1alpha", SAMPLE),
    "iris-predictor predict": routes.predict,
}
KSERVE = {"model_name": "iris", "inputs": [{
    "name": "input-0", "datatype": "FP32", "shape": [2, 4],
    "contents": {"fp32_contents": [6.8, 2.8, 4.8, 1.4, 6.0, 3.4, 4.5, 1.6]}}]}


class Conformance(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-conformance-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.plaintext = cls.serve(listen=["127.0.0.1:0", f"unix:{folder.name}/iris.sock"])
        cls.tcp, cls.unix = (routes.Transport(name, address)
                             for name, address in zip(("plaintext TCP", "Unix socket"), cls.plaintext.addresses))

    @classmethod
    def serve(cls, *arguments, **options):
        server = appliance.Server(*arguments, **options)
        cls.addClassCleanup(server.__exit__)
        return server


class Labels(Conformance):
    def transports(self):
        ca, clients = certificates.Authority(self.folder, "ca"), certificates.Authority(self.folder, "clients")
        identity, client = ca.issue("server"), clients.issue("client", san="")
        tls = self.serve("--tls-cert", identity.cert, "--tls-key", identity.key)
        mutual = self.serve("--tls-cert", identity.cert, "--tls-key", identity.key, "--tls-client-ca", clients.cert)
        return [self.tcp, routes.Transport("TLS", tls.target, ca.cert),
                routes.Transport("mTLS", mutual.target, ca.cert, client.cert, client.key), self.unix]

    def test_every_route_gives_the_same_labels(self):
        rows = appliance.iris_rows()
        expected = [WRONG.get(i, label) for i, (_, label) in enumerate(rows)]
        self.assertEqual(len(expected), 150)
        samples = [sample for sample, _ in rows]
        transports = self.transports()
        counts = {}
        for transport in transports:
            for client, classify in CLIENTS.items():
                with self.subTest(transport=transport.name, client=client):
                    for method, labels in classify(transport, samples).items():
                        sampled = method == routes.UNARY and client.startswith("buf")
                        self.assertEqual(labels, [expected[i] for i in SAMPLE] if sampled else expected, method)
                        counts[method, client, transport.name] = f"{len(labels)}{'*' if sampled else ' '}"
        self.show(counts, [transport.name for transport in transports])

    def show(self, counts, transports):
        print("\n\nFlowers whose label is the expected one, by method, client and transport:")
        for method in routes.METHODS:
            print(f"\n{method:60}" + "".join(f"{name:>14}" for name in transports))
            for client in CLIENTS:
                if any((method, client, name) in counts for name in transports):
                    print(f"  {client:58}" + "".join(f"{counts.get((method, client, name), 'wrong'):>14}"
                                                     for name in transports))
        print(f"\n* a process a flower: a sample\n{len(counts)} routes\n", flush=True)
        self.assertEqual(len(counts), len(transports) * (4 * len(routes.METHODS) + 1))


class Errors(Conformance):
    """What comes back when something is wrong, for a program: python3-grpcio and @grpc/grpc-js decode the same."""

    # (method, request in JSON, code, violations)
    CASES = [
        (routes.UNARY, {"sepal_length": 5, "sepal_width": "NaN", "petal_length": 1, "petal_width": "-Infinity"},
         "INVALID_ARGUMENT", [("sepal_width", "must be a finite number, got nan"),
                              ("petal_width", "must be a finite number, got -inf")]),
        (routes.UNARY, dict.fromkeys(routes.FIELDS, "Infinity"), "INVALID_ARGUMENT",
         [(field, "must be a finite number, got inf") for field in routes.FIELDS]),
        (routes.INFER, {**KSERVE, "inputs": [{**KSERVE["inputs"][0], "shape": [2, 3]}]}, "INVALID_ARGUMENT",
         [("inputs[0].shape", "shape [2,3] does not fit; expected [n,4] with n of 0 or more, or [4]")]),
        (routes.INFER, {**KSERVE, "inputs": [{**KSERVE["inputs"][0], "shape": [1, 4],
                                              "contents": {"fp32_contents": [1, 2, "NaN", 4]}}]}, "INVALID_ARGUMENT",
         [("inputs[0].contents.fp32_contents[2]",
           'value 2 (row 0, "petal_length") is nan, expected a finite number')]),
        (routes.INFER, {**KSERVE, "model_name": "rose"}, "NOT_FOUND",
         [("model_name", 'no model "rose" is served here; expected "iris"')]),
    ]

    def test_fields_at_fault_are_told(self):
        answers = routes.ask_node(self.tcp, [(method, [request]) for method, request, _, _ in self.CASES])
        for (method, request, code, violations), [answer] in zip(self.CASES, answers):
            with self.subTest(method=method, request=request):
                by_node = [(found["field"], found["description"]) for found in answer["violations"]]
                self.assertEqual((answer["code"], by_node), (code, violations))
                error = self.call_python(method, request)
                self.assertEqual(error.code().name, code)
                status = contract.rich_status(error)
                self.assertEqual(contract.violations(status), violations)
                # Both ways of telling say the same.
                self.assertEqual((status.code, status.message), (error.code().value[0], error.details()))
                self.assertEqual((answer["status"]["code"], answer["status"]["message"], answer["message"]),
                                 (status.code, status.message, status.message))
                for field, description in violations:
                    self.assertIn(description, status.message)
                    if method == routes.UNARY:
                        self.assertIn(field, status.message)

    def call_python(self, method, request):
        types = {routes.UNARY: contract.ML.IrisPredictRequest, routes.INFER: contract.INFERENCE.ModelInferRequest}
        message = contract.parse_json(request, types[method]())
        with self.tcp.channel() as channel, self.assertRaises(grpc.RpcError) as raised:
            channel.unary_unary("/" + method)(message.SerializeToString(), timeout=appliance.DEADLINE)
        return raised.exception

    def test_buf_curl_shows_them(self):
        method, request, _, violations = self.CASES[0]
        done = routes.run_buf(self.tcp, method, [request])
        self.assertEqual(done.returncode, grpc.StatusCode.INVALID_ARGUMENT.value[0] << 3, done.stderr)
        [detail] = json.loads(done.stderr)["details"]
        self.assertEqual(detail["type"], "google.rpc.BadRequest")
        bad_request = contract.DETAILS.BadRequest.FromString(base64.b64decode(detail["value"] + "=="))
        self.assertEqual([(found.field, found.description) for found in bad_request.field_violations], violations)

    def test_a_stream_tells_them_in_place_of_an_answer_and_goes_on(self):
        feed = [{"id": "a", "features": [5, 3.6, 1.3, 0.25]}, {"id": "b", "features": [1, 2, "Infinity", 4]},
                {"id": "c", "features": [6.4, 3.3, 6.0, 2.5, 1]}, {"id": "d", "features": [6.4, 3.3, 6.0, 2.5]}]
        expected = {"b": [("features[2]", 'is inf (row 0, "petal_length"), expected a finite number')],
                    "c": [("features", "number of values 5, expected whole rows of 4")]}
        [by_node] = routes.ask_node(self.tcp, [(routes.STREAM, feed)])
        with self.tcp.channel() as channel:
            stub = contract.V1.PredictionServiceStub(channel)
            by_python = list(stub.StreamPredict(
                iter([contract.parse_json(message, contract.V1.StreamPredictRequest()) for message in feed]),
                timeout=appliance.DEADLINE))
        self.assertEqual([answer.id for answer in by_python], list("abcd"))
        self.assertEqual([answer["reply"]["id"] for answer in by_node], list("abcd"))
        for mine, theirs in zip(by_python, by_node):
            if mine.id in expected:
                self.assertEqual(mine.error.code, grpc.StatusCode.INVALID_ARGUMENT.value[0])
                self.assertEqual(contract.violations(mine.error), expected[mine.id])
                self.assertEqual([(found["field"], found["description"]) for found in theirs["violations"]],
                                 expected[mine.id])
            else:
                label = 0 if mine.id == "a" else 2
                self.assertEqual(list(mine.prediction.labels), [label])
                self.assertEqual(theirs["reply"]["prediction"]["labels"], [label])


class OpenInference(Conformance):
    def ask(self, method, request):
        """The one answer of three clients, in protobuf's JSON."""
        method = "inference.GRPCInferenceService/" + method
        name = method.partition("/")[2]
        request_type, reply_type = (getattr(contract.INFERENCE, name + end) for end in ("Request", "Response"))
        with self.tcp.channel() as channel:
            call = getattr(contract.INFERENCE.GRPCInferenceServiceStub(channel), name)
            reply = call(contract.parse_json(request, request_type()), timeout=appliance.DEADLINE)
        [[answer]] = routes.ask_node(self.tcp, [(method, [request])])
        self.assertEqual(contract.parse_json(answer["reply"], reply_type()), reply)
        [printed] = routes.ask_buf(self.tcp, method, [request])
        self.assertEqual(contract.parse_json(printed, reply_type()), reply)
        return reply

    def test_the_published_iris_request(self):
        reply = self.ask("ModelInfer", {**KSERVE, "id": "kserve"})
        self.assertEqual(reply, contract.parse_json(
            {"model_name": "iris", "model_version": reply.model_version, "id": "kserve",
             "outputs": [{"name": "label", "datatype": "INT32", "shape": [2], "contents": {"int_contents": [1, 1]}}]},
            contract.INFERENCE.ModelInferResponse()))

    def test_state(self):
        self.assertIs(self.ask("ServerLive", {}).live, True)
        self.assertIs(self.ask("ServerReady", {}).ready, True)
        self.assertIs(self.ask("ModelReady", {"name": "iris"}).ready, True)

    def test_metadata(self):
        server = self.ask("ServerMetadata", {})
        version = json.loads(appliance.run("version", "--json").stdout)["version"]
        self.assertEqual((server.name, server.version, list(server.extensions)), ("iris-predictor", version, []))
        model = self.ask("ModelMetadata", {"name": "iris"})
        self.assertEqual((model.name, len(model.versions), model.platform), ("iris", 1, "iris-predictor_linear_svm"))
        self.assertEqual([(each.name, each.datatype, list(each.shape)) for each in model.inputs],
                         [("input-0", "FP64", [-1, 4])])
        self.assertEqual([(each.name, each.datatype, list(each.shape)) for each in model.outputs],
                         [("label", "INT32", [-1]), ("class", "BYTES", [-1]), ("decision", "FP64", [-1, 3]),
                          ("contribution", "FP64", [-1, 3, 4])])
        self.assertEqual(self.ask("ModelMetadata", {"name": "iris", "version": model.versions[0]}), model)
        self.assertIs(self.ask("ModelReady", {"name": "iris", "version": model.versions[0]}).ready, True)

    def test_all_that_metadata_announces_is_answered_as_announced(self):
        model = self.ask("ModelMetadata", {"name": "iris"})
        [tensor] = KSERVE["inputs"]
        contents = {"fp64_contents": [6.8, 2.8, 4.8, 1.4, 6.0, 3.4, 4.5, 1.6]}
        reply = self.ask("ModelInfer", {
            "model_name": model.name, "model_version": model.versions[0],
            "inputs": [{**tensor, "datatype": model.inputs[0].datatype, "contents": contents}],
            "outputs": [{"name": each.name} for each in model.outputs]})
        for announced, given in zip(model.outputs, reply.outputs, strict=True):
            self.assertEqual((given.name, given.datatype), (announced.name, announced.datatype))
            self.assertEqual(list(given.shape), [2, *announced.shape[1:]])
        label, name, decision, contribution = (output.contents for output in reply.outputs)
        self.assertEqual(list(label.int_contents), [1, 1])
        self.assertEqual(list(name.bytes_contents), [b"versicolor", b"versicolor"])
        biases = [reply.outputs[3].parameters[f"bias[{k}]"].double_param for k in range(3)]
        for i in range(2):
            values = decision.fp64_contents[3 * i:3 * i + 3]
            self.assertEqual(values.index(max(values)), 1)
            for k in range(3):
                terms = contribution.fp64_contents[12 * i + 4 * k:12 * i + 4 * k + 4]
                self.assertTrue(math.isclose(values[k], math.fsum([*terms, biases[k]]), rel_tol=1e-12))


if __name__ == "__main__":
    appliance.main()
