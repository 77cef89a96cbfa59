# SPDX-License-Identifier: Apache-2.0
"""Malformed requests of every method but ModelInfer: what is no message, or names what there is not."""

import math

import wire
from contract import INFERENCE, ML, V1
from malformed import (EXHAUSTED, HEALTH, INVALID, LIMIT, NOT_FOUND, SERVICE, STREAMS, UNARY_METHODS, UNIMPLEMENTED,
                       Case, by_library, with_metadata)
from routes import FIELDS, INFER, STREAM, UNARY


def flowers():
    for field in FIELDS:
        for value in (math.nan, math.inf, -math.inf):
            request = ML.IrisPredictRequest(**{field: value}).SerializeToString()
            yield Case(f"{field} is {value}", by_library(UNARY, request), INVALID,
                       f"{field} must be a finite number, got {value}")
    request = ML.IrisPredictRequest(**dict.fromkeys(FIELDS, math.nan)).SerializeToString()
    yield Case("nothing is a number", by_library(UNARY, request), INVALID,
               "; ".join(f"{field} must be a finite number, got nan" for field in FIELDS))


def bytes_that_are_no_message():
    for path, kind in UNARY_METHODS + STREAMS:
        for name, data in (("no tag", b"\xff"), ("less than its length", b"\x0a\x7fabc"), ("field 0", b"\x00\x01")):
            yield Case(f"{path}: {name}", by_library(path, data), INVALID, kind)
    for name, data in (
            ("a number cut short", b"\x09\x00\x00"), ("the end of a group that did not begin", b"\x0c"),
            ("a group that does not end", b"\x0b"), ("a varint of 11 bytes", b"\x28" + b"\xff" * 10 + b"\x01"),
            ("wire type 6", b"\x0e\x00"), ("wire type 7", b"\x0f\x00"), ("text", b"5.0,3.6,1.3,0.25"),
            ("JSON", b'{"sepal_length": 5.0}'), ("groups in groups, 1000 deep", b"\x2b" * 1000 + b"\x2c" * 1000),
            ("a length of 2 GiB", b"\x2a\xff\xff\xff\xff\x07abc"),
            ("a length below 0", b"\x2a" + b"\xff" * 9 + b"\x01")):
        yield Case(f"{UNARY}: {name}", by_library(UNARY, data), INVALID, "ml.IrisPredictRequest")
    for path, name, data in (
            (INFER, "model name", b"\x0a\x01\xff"), (INFER, "id", b"\x1a\x02\xc3\x28"),
            (SERVICE + "ModelReady", "name", b"\x0a\x03\xed\xa0\x80"),
            (SERVICE + "ModelMetadata", "version", b"\x12\x01\x80"),
            (HEALTH + "Check", "service", b"\x0a\x01\xfe"), (STREAM, "id", b"\x0a\x02\xc0\x80")):
        yield Case(f"{path}: {name} is not UTF-8", by_library(path, data), INVALID, "Request")
    # Protocol Buffers: a field of another wire type is one that the reader does not know.
    yield Case(f"{UNARY}: sepal_length is a varint", by_library(UNARY, b"\x08\x05"), "OK", "")
    yield Case(f"{UNARY}: sepal_length is text", by_library(UNARY, b"\x0a\x035.0"), "OK", "")


def numbers_of_messages():
    for path, kind in UNARY_METHODS + STREAMS[:1]:
        yield Case(f"{path}: no message", by_library(path), INVALID, kind)
    for path, _ in STREAMS[1:]:
        yield Case(f"{path}: no message", by_library(path), "OK", "")


def names_of_methods():
    for path in ("ml.IrisPredictor/Nothing", "ml.IrisPredictor/predictirisspecies", "ml.Nothing/PredictIrisSpecies",
                 "IrisPredictor/PredictIrisSpecies", "ml.IrisPredictor/PredictIrisSpecies/", "ml.IrisPredictor", "",
                 "/", SERVICE + "RepositoryIndex", SERVICE + "ModelStreamInfer",
                 "inference.grpcinferenceservice/ServerLive", "iris.v2.PredictionService/StreamPredict",
                 HEALTH + "Nothing", "grpc.reflection.v2.ServerReflection/X",
                 "tensorflow.serving.PredictionService/Predict", "../../etc/passwd", "a" * 4000):
        yield Case(f"/{path[:60]}", by_library(path, b""), UNIMPLEMENTED, "/" + path[:30])


def names_of_models():
    for method in ("ModelReady", "ModelMetadata", "ModelInfer"):
        prefix = "model_" if method == "ModelInfer" else ""
        for name, version, text in (("rose", "", '"rose"'), ("", "", '""'), ("Iris", "", '"Iris"'),
                                    ("i" * 100_000, "", '"iiii'), ("../iris", "", '"../iris"'),
                                    ("iris\0", "", r"iris\x00"),
                                    ("iris", "0", 'no version "0" of model "iris"'), ("iris", "latest", '"latest"')):
            fields = {prefix + "name": name, prefix + "version": version}
            request = getattr(INFERENCE, method + "Request")(**fields).SerializeToString()
            yield Case(f"{method}: model {name[:10]!r} version {version!r}", by_library(SERVICE + method, request),
                       NOT_FOUND, text)
    for service in ("ml.Nothing", "ml.irispredictor", "/ml.IrisPredictor", "x" * 10_000):
        request = b"\x0a" + frame_length(len(service)) + service.encode()
        yield Case(f"Check: service {service[:20]!r}", by_library(HEALTH + "Check", request), NOT_FOUND, service[:20])


def frame_length(number):
    """`number` as a varint."""
    return bytes([number]) if number < 128 else bytes([number & 127 | 128]) + frame_length(number >> 7)


def feed(name, text, code=INVALID, **fields):
    """A message of a stream, whose error comes in the place of its answer."""
    def send(server):
        call = server.channel.stream_stream("/" + STREAM)(iter([request, good]), timeout=10)
        first, second = (V1.StreamPredictResponse.FromString(reply) for reply in call)
        if list(second.prediction.labels) != [2]:
            raise AssertionError(f"the feed did not go on: {second}")
        return wire.STATUSES[first.error.code], first.error.message
    request = V1.StreamPredictRequest(**fields).SerializeToString()
    good = V1.StreamPredictRequest(features=[6.4, 3.3, 6.0, 2.5]).SerializeToString()
    return Case(f"StreamPredict: {name}", send, code, text)


def feeds():
    yield feed("five features", "features: number of values 5, expected whole rows of 4", features=[1, 2, 3, 4, 5])
    for value in (math.nan, math.inf, -math.inf):
        yield feed(f"a feature that is {value}", f"features[6]: is {value}", features=[1, 2, 3, 4, 5, 6, value, 8])
    yield feed("output 0", "outputs[0]: found 0", features=[1, 2, 3, 4], outputs=[0])
    yield feed("output 99", "outputs[1]: found 99", features=[1, 2, 3, 4], outputs=[1, 99])
    yield feed("an output twice", "outputs[2]: output 1 is asked for twice", features=[1, 2, 3, 4], outputs=[1, 2, 1])
    yield feed("an id of 1025 bytes", "id: is 1025 bytes long", id="i" * 1025)
    rows = 120_000
    yield feed("a reply beyond the limit", "more than the limit of 4194304", EXHAUSTED, features=[0.0] * (4 * rows),
               outputs=[2, 3])
    bad = V1.StreamPredictRequest(features=[1, 2, 3, 4]).SerializeToString()
    yield Case("StreamPredict: garbage after a message", by_library(STREAM, bad, b"\xff"), INVALID,
               "iris.v1.StreamPredictRequest")


def sizes():
    large = bytes(LIMIT + 1)
    for path, _ in UNARY_METHODS + STREAMS:
        yield Case(f"{path}: {len(large)} bytes", by_library(path, large), EXHAUSTED, "4194304")
    for name, metadata in (("one of 9 KiB", [("x-large", "v" * 9000)]),
                           ("one name of 9 KiB", [("x-" + "n" * 9000, "v")]),
                           ("300 small ones", [(f"x-{i}", "v") for i in range(300)])):
        for path in (UNARY, INFER, STREAM):
            yield Case(f"{path}: metadata, {name}", with_metadata(path, metadata), EXHAUSTED, "metadata size")
