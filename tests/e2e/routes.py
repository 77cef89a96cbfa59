# SPDX-License-Identifier: Apache-2.0
"""Every way to have flowers classified: four clients that share no code, each by four methods, over any transport. A
client is a function (transport, samples) that returns {method: [label, ...]}."""

import base64
import concurrent.futures
import dataclasses
import json
import pathlib
import struct
import subprocess
import tempfile

import grpc

import appliance
import contract
import npm_tools

UNARY = "ml.IrisPredictor/PredictIrisSpecies"
INFER = "inference.GRPCInferenceService/ModelInfer"
STREAM = "iris.v1.PredictionService/StreamPredict"
TYPED, RAW = INFER + ", FP64 typed", INFER + ", FP64 raw"
METHODS = [UNARY, TYPED, RAW, STREAM]
FIELDS = ["sepal_length", "sepal_width", "petal_length", "petal_width"]


@dataclasses.dataclass
class Transport:
    """Where a server is, as gRPC writes it, and files in PEM; ca None: plaintext."""
    name: str
    target: str
    ca: str = None
    cert: str = None
    key: str = None

    def channel(self):
        """A channel of python3-grpcio."""
        options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
        if self.ca is None:
            return grpc.insecure_channel(self.target, options)
        files = [pathlib.Path(path).read_bytes() if path else None for path in (self.ca, self.key, self.cert)]
        return grpc.secure_channel(self.target, grpc.ssl_channel_credentials(*files), options)


def infer_request(samples):
    return contract.INFERENCE.ModelInferRequest(
        model_name="iris", inputs=[{"name": "input-0", "datatype": "FP64", "shape": [len(samples), 4]}])


def as_bytes(samples):
    return b"".join(struct.pack("<4d", *sample) for sample in samples)


def python(transport, samples):
    """python3-grpcio with stubs made from proto/."""
    ml, v1 = contract.ML, contract.V1
    with transport.channel() as channel:
        unary = ml.IrisPredictorStub(channel).PredictIrisSpecies
        calls = [unary.future(ml.IrisPredictRequest(**dict(zip(FIELDS, sample))), timeout=appliance.DEADLINE)
                 for sample in samples]
        infer = contract.INFERENCE.GRPCInferenceServiceStub(channel).ModelInfer
        typed, raw = infer_request(samples), infer_request(samples)
        typed.inputs[0].contents.fp64_contents.extend(value for sample in samples for value in sample)
        raw.raw_input_contents.append(as_bytes(samples))
        [raw_labels] = infer(raw, timeout=appliance.DEADLINE).raw_output_contents
        feed = (v1.StreamPredictRequest(id=str(i), features=sample) for i, sample in enumerate(samples))
        answers = list(v1.PredictionServiceStub(channel).StreamPredict(feed, timeout=appliance.DEADLINE))
        in_order([answer.id for answer in answers], samples)
        return {UNARY: [call.result().species for call in calls],
                TYPED: list(infer(typed, timeout=appliance.DEADLINE).outputs[0].contents.int_contents),
                RAW: list(struct.unpack(f"<{len(samples)}i", raw_labels)),
                STREAM: [label for answer in answers for label in answer.prediction.labels]}


def in_order(ids, samples):
    if ids != [str(i) for i in range(len(samples))]:
        raise AssertionError(f"the stream's answers came as {ids}")


def infer_json(samples, raw):
    """A ModelInferRequest in protobuf's JSON."""
    tensor = {"name": "input-0", "datatype": "FP64", "shape": [len(samples), 4]}
    request = {"model_name": "iris", "inputs": [tensor]}
    if raw:
        request["raw_input_contents"] = [base64.b64encode(as_bytes(samples)).decode()]
    else:
        tensor["contents"] = {"fp64_contents": [value for sample in samples for value in sample]}
    return request


def raw_labels(text):
    data = base64.b64decode(text)
    return list(struct.unpack(f"<{len(data) // 4}i", data))


def ask_node(transport, calls):
    """The answers of node_client.js to [(method, [request, ...])], a list a call."""
    node, environment = npm_tools.node()
    # To Node.js an address is no name that a TLS server could be asked for.
    address = transport.target.replace("127.0.0.1", "localhost") if transport.ca else transport.target
    job = {"address": address, "proto": str(contract.PROTO), "ca": transport.ca, "cert": transport.cert,
           "key": transport.key, "calls": [{"method": method, "requests": requests} for method, requests in calls]}
    done = subprocess.run([node, appliance.SOURCE / "tests/e2e/node_client.js"], input=json.dumps(job), text=True,
                          capture_output=True, env=environment, timeout=3 * appliance.DEADLINE, check=False)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f"node_client.js ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def node(transport, samples):
    """@grpc/grpc-js with @grpc/proto-loader; one process."""
    unary, typed, raw, stream = ask_node(transport, [
        (UNARY, [dict(zip(FIELDS, sample)) for sample in samples]),
        (INFER, [infer_json(samples, raw=False)]),
        (INFER, [infer_json(samples, raw=True)]),
        (STREAM, [{"id": str(i), "features": sample} for i, sample in enumerate(samples)])])
    in_order([answer["reply"]["id"] for answer in stream], samples)
    return {UNARY: [answer["reply"].get("species", 0) for answer in unary],
            TYPED: typed[0]["reply"]["outputs"][0]["contents"]["int_contents"],
            RAW: raw_labels(raw[0]["reply"]["raw_output_contents"][0]),
            STREAM: [label for answer in stream for label in answer["reply"]["prediction"]["labels"]]}


def run_buf(transport, method, requests, reflection="grpc-v1"):
    """One `buf curl`, which knows nothing but what reflection tells it."""
    where = transport.target
    words = [npm_tools.buf(), "curl", "--protocol", "grpc", "--reflect-protocol", reflection, "--data", "@-"]
    if where.startswith("unix:"):
        words += ["--unix-socket", where.removeprefix("unix:")]
        where = "localhost"
    for option, path in (("--cacert", transport.ca), ("--cert", transport.cert), ("--key", transport.key)):
        if path:
            words += [option, path]
    words.append(f"{'https' if transport.ca else 'http'}://{where}/{method}")
    with tempfile.TemporaryDirectory(prefix="iris-buf-") as home:
        return subprocess.run(words, input="\n".join(map(json.dumps, requests)), text=True, capture_output=True,
                              env=appliance.environment(HOME=home), timeout=3 * appliance.DEADLINE, check=False)


def ask_buf(transport, method, requests, reflection="grpc-v1"):
    """The replies that it prints."""
    done = run_buf(transport, method, requests, reflection)
    if done.returncode != 0:
        raise AssertionError(f"buf curl ended with {done.returncode}: {done.stderr}")
    replies, rest, decoder = [], done.stdout.strip(), json.JSONDecoder()
    while rest:
        reply, end = decoder.raw_decode(rest)
        replies.append(reply)
        rest = rest[end:].lstrip()
    return replies


def buf(reflection, sample_of):
    """`buf curl`. By the unary method a process a flower: for the flowers of `sample_of` alone."""
    def classify(transport, samples):
        jobs = [(UNARY, [dict(zip(FIELDS, samples[i]))]) for i in sample_of]
        jobs += [(INFER, [infer_json(samples, raw=False)]), (INFER, [infer_json(samples, raw=True)]),
                 (STREAM, [{"id": str(i), "features": sample} for i, sample in enumerate(samples)])]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            *unary, [typed], [raw], stream = pool.map(lambda job: ask_buf(transport, *job, reflection), jobs)
        in_order([answer["id"] for answer in stream], samples)
        return {UNARY: [reply.get("species", 0) for [reply] in unary],
                TYPED: typed["outputs"][0]["contents"]["intContents"],
                RAW: raw_labels(raw["rawOutputContents"][0]),
                STREAM: [label for answer in stream for label in answer["prediction"]["labels"]]}
    return classify


def predict(transport, samples):
    """Our own command, which calls the unary method."""
    lines = "".join(",".join(map(repr, sample)) + "\n" for sample in samples)
    host, _, port = transport.target.rpartition(":")
    words = ["--host", transport.target] if host == "unix" else ["--host", host, "--port", port]
    for option, path in (("--tls-ca", transport.ca), ("--tls-cert", transport.cert), ("--tls-key", transport.key)):
        if path:
            words += [option, path]
    done = appliance.run("predict", *words, "--input", "-", stdin=lines.encode())
    if done.returncode != 0:
        raise AssertionError(f"predict ended with {done.returncode}: {done.stderr}")
    return {UNARY: [int(line.split()[0]) for line in done.stdout.splitlines()]}
