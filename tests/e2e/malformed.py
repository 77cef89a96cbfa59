# SPDX-License-Identifier: Apache-2.0
"""One malformed request and how it must end, and ways to send it. What each code stands for:

INVALID_ARGUMENT    the bytes, or what they say, are not what the method takes; the same again will not do
NOT_FOUND           another model, version or service than there is
RESOURCE_EXHAUSTED  beyond a limit: message, metadata, reply
UNIMPLEMENTED       no such method; a compression that is not taken
DEADLINE_EXCEEDED   no time was given
UNAVAILABLE         headers that cannot be read: the connection may be at fault
OK                  odd, but it can be understood
CLOSED              not HTTP/2: nobody is there whom a status could be told

INTERNAL and UNKNOWN, which would say that the server is at fault, are never among them."""

import collections
import threading

import grpc

import appliance
import contract
import wire
from routes import STREAM, UNARY

Case = collections.namedtuple("Case", "name send code text")
SERVICE = "inference.GRPCInferenceService/"
HEALTH = "grpc.health.v1.Health/"
# (method, its request's type)
UNARY_METHODS = [(UNARY, "ml.IrisPredictRequest"), (HEALTH + "Check", "grpc.health.v1.HealthCheckRequest"),
                 (HEALTH + "List", "grpc.health.v1.HealthListRequest")]
UNARY_METHODS += [(SERVICE + name, f"inference.{name}Request") for name in (
    "ServerLive", "ServerReady", "ServerMetadata", "ModelReady", "ModelMetadata", "ModelInfer")]
STREAMS = [(HEALTH + "Watch", "grpc.health.v1.HealthCheckRequest"), (STREAM, "iris.v1.StreamPredictRequest")]
STREAMS += [(f"grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
             f"grpc.reflection.{version}.ServerReflectionRequest") for version in ("v1", "v1alpha")]
FLOWER = contract.ML.IrisPredictRequest(sepal_length=6.4, sepal_width=3.3, petal_length=6.0, petal_width=2.5)
LIMIT = 4 << 20
INVALID, NOT_FOUND, EXHAUSTED, UNIMPLEMENTED = ("INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNIMPLEMENTED")


def by_library(path, *messages, metadata=()):
    """Sends these bytes, a message each, through python3-grpcio."""
    def send(server):
        return call_on(server.channel, path, messages, metadata)
    return send


def call_on(channel, path, messages, metadata):
    try:
        return "OK", b"".join(channel.stream_stream("/" + path)(iter(messages), timeout=10, metadata=metadata)).hex()
    except grpc.RpcError as error:
        return error.code().name, error.details()


def with_metadata(path, metadata):
    """Sends metadata, and a message only later. On a connection of its own, because gRPC ends one that has had too much
    metadata: what was still being sent then could hide the answer."""
    def send(server):
        answered = threading.Event()

        def later():
            answered.wait(10)
            yield FLOWER.SerializeToString()

        with appliance.channel(server.target, **{"grpc.use_local_subchannel_pool": 1}) as channel:
            grpc.channel_ready_future(channel).result(10)
            try:
                return call_on(channel, path, later(), metadata)
            finally:
                answered.set()
    return send


def by_wire(path=UNARY, /, body=wire.message(FLOWER.SerializeToString()), **changes):
    fields = wire.headers("/" + path, **changes)
    return lambda server: wire.call(server.target, fields, body)


def by_socket(*parts):
    return lambda server: wire.speak(server.target, *parts)
