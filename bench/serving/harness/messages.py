# SPDX-License-Identifier: Apache-2.0
"""The requests, as bytes in files, and whether servers answer them rightly."""

import csv
import importlib
import json
import struct
import sys

import grpc
from grpc_tools import protoc

PREDICT, INFER = "/ml.IrisPredictor/PredictIrisSpecies", "/inference.GRPCInferenceService/ModelInfer"
FLOWER = (6.4, 3.3, 6.0, 2.5)  # a virginica: its answer takes all of its seven bytes
ANSWER = bytes((0, 0, 0, 0, 2, 8, 2))
FIELDS = ("sepal_length", "sepal_width", "petal_length", "petal_width")
BATCHES = (1, 10, 100, 1_000, 10_000)


def with_prefix(message):
    """A message with gRPC's five bytes before it."""
    return b"\0" + struct.pack(">I", len(message)) + message


class Messages:
    def __init__(self, source, folder):
        self.folder = folder
        stubs = folder / "stubs"
        stubs.mkdir(parents=True, exist_ok=True)
        for name in ("iris.proto", "inference/inference.proto"):
            if protoc.main(["protoc", f"-I{source / 'proto'}", f"--python_out={stubs}", f"--grpc_python_out={stubs}",
                            name]) != 0:
                sys.exit(f"bench/serving/run: protoc cannot read {name}")
        sys.path.insert(0, str(stubs))
        self.iris = importlib.import_module("iris_pb2")
        self.inference = importlib.import_module("inference.inference_pb2")
        with open(source / "assets/iris.csv", encoding="utf-8", newline="") as file:
            self.flowers = [tuple(map(float, row[:4])) for row in list(csv.reader(file))[1:] if row]
        self._write("request", self._flower(FLOWER).SerializeToString())
        (folder / "answer").write_bytes(ANSWER)
        for rows in BATCHES:
            self._write(f"batch-{rows}", self._batch(rows).SerializeToString())

    def _write(self, name, message):
        (self.folder / name).write_bytes(with_prefix(message))

    def path(self, name):
        return self.folder / name

    def _flower(self, values):
        return self.iris.IrisPredictRequest(**dict(zip(FIELDS, values)))

    def _batch(self, rows):
        request = self.inference.ModelInferRequest(model_name="iris")
        request.inputs.add(name="input-0", datatype="FP64", shape=[rows, 4])
        request.raw_input_contents.append(
            b"".join(struct.pack("<4d", *self.flowers[i % len(self.flowers)]) for i in range(rows)))
        return request

    def expected(self, model):
        """The species of every flower by the model in the file, in plain Python."""
        with open(model, encoding="utf-8") as file:
            read = json.load(file)
        return [max(range(len(read["bias"])), key=lambda k: sum(
            w * x for w, x in zip(read["weights"][k], flower)) + read["bias"][k]) for flower in self.flowers]

    def check(self, port, expected):
        """What is wrong with a server's answers to the 150 flowers, or None."""
        with _channel(port) as channel:
            call = channel.unary_unary(PREDICT, self.iris.IrisPredictRequest.SerializeToString,
                                       self.iris.IrisPredictReply.FromString)
            try:
                got = [call(self._flower(flower), timeout=20).species for flower in self.flowers]
            except grpc.RpcError as error:
                return f"{error.code().name}: {error.details()}"
        wrong = [i for i, (a, b) in enumerate(zip(got, expected)) if a != b]
        return f"its answers to the flowers {wrong} differ from the model's" if wrong else None

    def check_batch(self, port, rows, expected):
        """Asks for one batch. Returns (what is wrong or None, the bytes of the answer with its prefix)."""
        with _channel(port) as channel:
            call = channel.unary_unary(INFER, self.inference.ModelInferRequest.SerializeToString,
                                       self.inference.ModelInferResponse.FromString)
            response = call(self._batch(rows), timeout=20)
        labels = struct.unpack(f"<{rows}i", response.raw_output_contents[0])
        wrong = sum(label != expected[i % len(expected)] for i, label in enumerate(labels))
        return f"{wrong} of {rows} rows are wrong" if wrong else None, 5 + response.ByteSize()


def _channel(port):
    return grpc.insecure_channel(f"127.0.0.1:{port}", options=[("grpc.enable_http_proxy", 0)])
