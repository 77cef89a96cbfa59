#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Seed corpora for the fuzz targets: valid files that the program writes and reads, valid messages, and connections as
clients make them. seeds.py BINARY FOLDER writes FOLDER/TARGET/NAME."""

import gzip
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
import contract  # noqa: E402
import wire      # noqa: E402

import hpack                            # noqa: E402
from hyperframe import frame as frames  # noqa: E402

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FLOWER = [5.0, 3.6, 1.3, 0.25]


def tables():
    iris = (SOURCE / "assets/iris.csv").read_text().splitlines()
    rows = [iris[1], iris[51], iris[101], iris[2]]
    few = "\n".join([iris[0], *rows]) + "\n"
    yield "csv", "iris", b"\x00" + few.encode()
    yield "csv", "yes", b"\x28" + few.encode()
    yield "csv", "none", b"\x10" + "\n".join(rows).encode()
    yield "csv", "semicolons", b"\x04" + few.replace(",", ";").replace("\n", "\r\n").encode()
    yield "csv", "tabs", b"\x21" + b"\xef\xbb\xbf" + few.replace(",", "\t").encode()
    yield "csv", "quotes", b"\x00" + 'a,"b ""x""", species\n1,-2.5e-3,"one, or"\n+.5,1e9, two\n\n7,8,"one, or"\n'.encode()
    yield "csv", "first", b"\x40" + b"class,x,y\nhigh,1,2\nlow,3,4\n"
    yield "csv", "named", b"\x88" + b"x,species,y\n1,a,2\n3,b,4\n"
    yield "csv", "numbers", b"\x30" + b"1,2,0\n3,4,1\n5,6,1\n"
    for name, text in (("plain", "+1 1:0.5 3:-2e-3\n-1 2:1 4:7.25\n+1 1:1\n"), ("comments", "# a\n1 1:2 # b\n\n2\t1:3\r\n"),
                       ("real", "1.0 1:1e300\n2.5 2:-0\n")):
        for options in range(4):
            yield "libsvm", f"{name}-{options}", bytes([options]) + text.encode()
    yield "libsvm", "count", b"\x04" + b"1 1:2 7:3\n2 3:1\n"


def models(binary):
    with tempfile.TemporaryDirectory() as folder:
        def run(*arguments):
            subprocess.run([binary, *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        two = pathlib.Path(folder, "two.csv")
        two.write_text("x,class\n1,a\n2,b\n3,b\n0,a\n")
        for name, arguments in (("default", []), ("l1", ["--penalty", "l1"]), ("hinge", ["--loss", "hinge"]),
                                ("balanced", ["--class-weight", "balanced"]), ("two", ["--data", str(two)])):
            path = pathlib.Path(folder, name)
            run("train", *arguments, "--out", str(path))
            yield "json_model", name, path.read_bytes()
            run("convert", str(path), "--to", "liblinear", "--out", f"{path}.ll")
            yield "liblinear", name, pathlib.Path(f"{path}.ll").read_bytes()
            run("convert", f"{path}.ll", "--to", "json", "--out", f"{path}.foreign")
            yield "json_model", f"{name}-foreign", pathlib.Path(f"{path}.foreign").read_bytes()
    yield "liblinear", "cost", (b"solver_type L2R_L2LOSS_SVC\nnr_class 2\nlabel 1 -1\nnr_feature 3\nbias 1\nw\n0.5 \n-1 \n"
                                b"2e-3 \n0.25 \n")


def texts():
    yield "config", "serve", (b'{"serve": {"listen": ["[::]:50052", "unix:/run/iris.sock"], "drain-timeout": 20,\n'
                              b' "reflection": "off", "max-message-size": "64KiB"},\n'
                              b' "predict": {"host": "localhost", "json": true}, "train": {"cost": 0.5, "loss": "hinge"}}')
    yield "config", "odd", b'{"serve": {"listen": [], "model": null, "log-level": "debug"}, "bench": {}}'
    yield "config", "escapes", '{"serve": {"model": "/\\u00e9\\ud83c\\udf32\\n", "port": 1e3, "x": -0.0}}'.encode()
    for i, address in enumerate(("[::]:50052", "127.0.0.1:0", ":80", "unix:/run/iris.sock", "localhost:65535",
                                 "[fe80::1%eth0]:1", "unix:@x")):
        yield "listen_address", str(i), address.encode()
    yield "log_line", "plain", b"\x00\x02\x04peerlistening on [::]:50052"
    yield "log_line", "odd", b"\x01\x00\x05a\x1b[0mb\x00\xff\xc2\x85 \xe2\x80\xa8 \xf0\x9f\x8c\xb2 \"quoted\\\"\n"
    yield "log_line", "long", b"\x00\x01\x40" + "é🌲x".encode() * 80
    yield "environment", "all", b"/nonexistent/notify\n3000000\n$\n$\n2\ngrpc:admin"
    yield "environment", "abstract", b"@nobody-is-here\n1\n\n$\n1\n"
    yield "environment", "others", b"relative\n-1\n1\n1\n1\nx"
    yield "environment", "many", b"\n18446744073709551616\n$\n$\n3\na:b:c"


def certificates():
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in (("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]), ("rsa", ["rsa:2048"]), ("ed25519", ["ed25519"])):
            key, certificate = pathlib.Path(folder, "key"), pathlib.Path(folder, "certificate")
            subprocess.run(["openssl", "req", "-x509", "-newkey", *kind, "-nodes", "-keyout", key, "-out", certificate,
                            "-subj", "/CN=localhost", "-days", "36500"], check=True, stderr=subprocess.DEVNULL)
            yield "pem", name, certificate.read_bytes() + key.read_bytes()
            yield "pem", f"{name}-chain", b"a comment\n" + certificate.read_bytes() * 2


def infer_requests():
    raw = struct.pack("<8d", *FLOWER, *FLOWER)
    for datatype, field, values in (("FP64", "fp64_contents", FLOWER), ("FP32", "fp32_contents", FLOWER),
                                    ("INT32", "int_contents", [5, 3, 1, 0]), ("INT64", "int64_contents", [5, 3, 1, 0]),
                                    ("UINT8", "uint_contents", [5, 3, 1, 0])):
        request = contract.INFERENCE.ModelInferRequest(model_name="iris", id=datatype)
        tensor = request.inputs.add(name="input-0", datatype=datatype, shape=[2, 4])
        getattr(tensor.contents, field).extend(values * 2)
        yield datatype, request
    request = contract.INFERENCE.ModelInferRequest(model_name="iris", model_version="1", raw_input_contents=[raw])
    request.inputs.add(name="predict", datatype="FP64", shape=[2, 4])
    for name in ("label", "class", "decision", "contribution"):
        request.outputs.add(name=name)
    yield "raw", request
    request = contract.INFERENCE.ModelInferRequest(model_name="iris", raw_input_contents=[raw[:16]])
    request.inputs.add(name="input-0", datatype="FP16", shape=[2, 4])
    yield "half", request


def messages():
    for name, request in infer_requests():
        yield "inference", f"infer-{name}", b"\x04" + request.SerializeToString()
    request = contract.INFERENCE.ModelInferRequest(model_name="iris")
    tensor = request.inputs.add(name="input-0", datatype="FP64", shape=[3, 1])
    tensor.contents.fp64_contents.extend([1.0, -2.0, 0.0])
    yield "inference", "infer-two", b"\x05" + request.SerializeToString()
    feed = contract.V1.StreamPredictRequest(id="7", features=FLOWER * 3)
    yield "inference", "stream", b"\x00" + feed.SerializeToString()
    flower = contract.ML.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25)
    yield "inference", "iris", b"\x02" + flower.SerializeToString()

    def question(number, text):  # of ServerReflectionRequest: a field of text
        body = bytes([number << 3 | 2, len(text)]) + text.encode()
        return struct.pack(">H", len(body)) + body

    yield "reflection", "all", b"".join(question(*pair) for pair in (
        (7, ""), (3, "iris.proto"), (4, "ml.IrisPredictor"), (4, "inference.GRPCInferenceService.ModelInfer"),
        (6, "google.rpc.Status"), (4, "no.such.thing"), (3, "google/protobuf/any.proto"), (3, "iris.proto")))
    extension = bytes([5 << 3 | 2, 8]) + b"\x0a\x04ml.X\x10\x01"
    yield "reflection", "extension", struct.pack(">H", len(extension)) + extension

    text = flower.SerializeToString() * 20
    for piece in (0, 2, 254):
        yield "inflate", f"gzip-{piece}", bytes([piece | 1]) + gzip.compress(text, mtime=0)
        yield "inflate", f"deflate-{piece}", bytes([piece]) + zlib.compress(text)
    yield "inflate", "bomb", b"\x01" + gzip.compress(bytes(200_000), mtime=0)


class Client:
    """Writes a client's side of a connection down."""

    def __init__(self):
        self.encoder = hpack.Encoder()
        self.sent = wire.PREFACE + frames.SettingsFrame(0).serialize()
        self.stream = -1

    def add(self, *more):
        self.sent += b"".join(frame.serialize() for frame in more)

    def call(self, path, *bodies, end=True, flag=0, **headers):
        self.stream += 2
        fields = self.encoder.encode(wire.headers(path, **headers))
        self.add(frames.HeadersFrame(self.stream, data=fields, flags=["END_HEADERS"]))
        for i, body in enumerate(bodies):
            last = ["END_STREAM"] if end and i == len(bodies) - 1 else []
            self.add(frames.DataFrame(self.stream, data=wire.message(body, flag=flag), flags=last))
        return self


def connections():
    flower = contract.ML.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25)
    predict, iris = "/ml.IrisPredictor/PredictIrisSpecies", flower.SerializeToString()
    feed = contract.V1.StreamPredictRequest(id="1", features=FLOWER).SerializeToString()
    ack = frames.SettingsFrame(0, flags=["ACK"])
    yield "unary", Client().call(predict, iris).sent
    client = Client()
    client.add(ack)
    for _ in range(4):
        client.call(predict, iris, grpc_timeout="5S", user_agent="seed")
    client.add(frames.PingFrame(0, opaque_data=b"12345678"), frames.WindowUpdateFrame(0, window_increment=1000))
    yield "four", client.sent
    yield "gzip", Client().call(predict, gzip.compress(iris, mtime=0), flag=1, grpc_encoding="gzip").sent
    yield "deflate", Client().call(predict, zlib.compress(iris), flag=1, grpc_encoding="deflate").sent
    yield "feed", Client().call("/iris.v1.PredictionService/StreamPredict", feed, feed, feed).sent
    client = Client().call("/iris.v1.PredictionService/StreamPredict", feed, feed, end=False)
    client.add(frames.RstStreamFrame(client.stream, error_code=8))
    client.call(predict, iris)
    yield "cancelled", client.sent
    for name, request in infer_requests():
        yield f"infer-{name}", Client().call("/inference.GRPCInferenceService/ModelInfer", request.SerializeToString()).sent
    client = Client()
    for method in ("ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata"):
        client.call("/inference.GRPCInferenceService/" + method, b"\x0a\x04iris" if method.startswith("Model") else b"")
    client.call("/grpc.health.v1.Health/Check", b"").call("/grpc.health.v1.Health/Watch", b"", end=False)
    yield "metadata", client.sent
    client = Client().call("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", b"\x3a\x00",
                           b"\x22\x10ml.IrisPredictor", b"\x1a\x0airis.proto")
    client.call("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", b"\x3a\x00")
    yield "reflection", client.sent
    yield "unknown", Client().call("/no.Such/Method", b"").call(predict, b"\xff\xff\xff").sent
    client = Client()
    fields = client.encoder.encode(wire.headers(predict, x_long="y" * 300))
    client.add(frames.HeadersFrame(1, data=fields[:50]), frames.ContinuationFrame(1, data=fields[50:], flags=["END_HEADERS"]),
               frames.DataFrame(1, data=wire.message(iris)[:9]), frames.DataFrame(1, data=wire.message(iris)[9:],
                                                                                  flags=["END_STREAM"], pad_length=0))
    yield "continued", client.sent
    client = Client()
    client.add(frames.SettingsFrame(0, settings={3: 10, 4: 0, 5: 20000, 6: 1000}), frames.PriorityFrame(3, depends_on=1),
               frames.GoAwayFrame(0, last_stream_id=0))
    yield "settings", client.call(predict, iris).sent


def main():
    binary, folder = os.path.realpath(sys.argv[1]), pathlib.Path(sys.argv[2])
    seeds = [*tables(), *models(binary), *texts(), *certificates(), *messages(),
             *(("server", name, sent) for name, sent in connections())]
    for target, name, content in seeds:
        path = folder / target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists(), path
        path.write_bytes(content)
    print(f"{len(seeds)} seeds for {len({target for target, _, _ in seeds})} targets")


if __name__ == "__main__":
    main()
