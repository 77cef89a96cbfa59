# SPDX-License-Identifier: Apache-2.0
"""Malformed requests that no gRPC library sends: compression, framing, headers, other protocols."""

import gzip
import zlib

from hyperframe import frame as frames

import wire
from malformed import EXHAUSTED, FLOWER, INVALID, LIMIT, UNARY_METHODS, UNIMPLEMENTED, Case, by_socket, by_wire
from routes import INFER, STREAM, UNARY


def compression():
    flower = FLOWER.SerializeToString()
    packed = gzip.compress(flower, mtime=0)
    for path in (UNARY, INFER, STREAM):
        for name, encoding, data in (
                ("not gzip", "gzip", b"not gzip at all"), ("gzip cut short", "gzip", packed[:-9]),
                ("gzip with a wrong checksum", "gzip", packed[:-8] + b"\0\0\0\0" + packed[-4:]),
                ("gzip with a wrong length", "gzip", packed[:-4] + b"\xff" * 4),
                ("gzip with something behind it", "gzip", packed + b"more"),
                ("not deflate", "deflate", b"not deflate"), ("gzip as deflate", "deflate", packed)):
            yield Case(f"{path}: {name}", by_wire(path, wire.message(data, 1), grpc_encoding=encoding), INVALID,
                       encoding)
        for encoding in ("snappy", "br", "GZIP", "", "gzip,deflate", "identity", None):
            yield Case(f"{path}: compressed, grpc-encoding {encoding}",
                       by_wire(path, wire.message(zlib.compress(flower), 1), grpc_encoding=encoding), UNIMPLEMENTED, "")
        bomb = gzip.compress(bytes(5 * LIMIT), mtime=0)
        yield Case(f"{path}: {5 * LIMIT} bytes in gzip", by_wire(path, wire.message(bomb, 1), grpc_encoding="gzip"),
                   EXHAUSTED, "4194304")
    # Says how messages may be compressed; this one is not.
    yield Case("not compressed, but grpc-encoding gzip", by_wire(grpc_encoding="gzip"), "OK", "0000000002" "0802")
    yield Case("gzip", by_wire(body=wire.message(packed, 1), grpc_encoding="gzip"), "OK", "")


def framing():
    flower = FLOWER.SerializeToString()
    for path, kind in UNARY_METHODS:
        yield Case(f"{path}: fewer bytes than announced", by_wire(path, wire.message(b"", length=100)), INVALID, kind)
    for name, length in (("4 GiB announced", 2**32 - 1), ("5 MiB announced", 5 << 20)):
        yield Case(name, by_wire(body=wire.message(flower, length=length)), EXHAUSTED, str(length))
    for name, body in (("three bytes of the prefix", b"\0\0\0"), ("an empty body", b""), ("no body", None)):
        yield Case(name, by_wire(body=body), INVALID, "ml.IrisPredictRequest")
    # One message is read; what comes behind it is nobody's.
    yield Case("two messages", by_wire(body=2 * wire.message(flower)), "OK", "0802")
    for flag in (2, 128, 255):
        yield Case(f"flags {flag}", by_wire(body=wire.message(flower, flag)), INVALID, "")


def request_headers():
    for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "post", "X"):
        yield Case(f":method {method}", by_wire(method=method), INVALID, "method")
    yield Case("GET without a body", by_wire(method="GET", body=None), INVALID, "method")
    for change, value in (("method", None), ("path", None), ("scheme", None), ("scheme", "ftp"), ("authority", None),
                          ("te", None), ("te", "gzip")):
        yield Case(f"{change} is {value}", by_wire(**{change: value}), INVALID, change)
    for value in ("text/html", "application/json", "application/grpc-web", "application/grpcx", "", None):
        yield Case(f"content-type {value}", by_wire(content_type=value), INVALID, "content-type")
    for value in ("application/grpc+proto", "application/grpc;charset=utf-8"):
        yield Case(f"content-type {value}", by_wire(content_type=value), "OK", "0802")
    for value in ("", "1", "S", "-1S", "1.5S", "1X", "1s", "S1", "x" * 100):
        yield Case(f"grpc-timeout {value[:20]!r}", by_wire(grpc_timeout=value), INVALID, "grpc-timeout")
    for value in ("99999999H", "123456789S"):
        yield Case(f"grpc-timeout {value}", by_wire(grpc_timeout=value), "OK", "0802")
    yield Case("grpc-timeout 0S", by_wire(grpc_timeout="0S"), "DEADLINE_EXCEEDED", "")
    yield Case("metadata that is not base64", by_wire(x_bin="!!!"), "UNAVAILABLE", "")
    for values, code, text in (
            (("", "ml.IrisPredictor/PredictIrisSpecies", "*", "http://localhost/ml.IrisPredictor/PredictIrisSpecies"),
             INVALID, "path"),
            (("/", "//ml.IrisPredictor/PredictIrisSpecies", "/ml.IrisPredictor/PredictIrisSpecies?x=1",
              "/ml.IrisPredictor/Predict%49risSpecies", "/\xff"), UNIMPLEMENTED, "no method")):
        for value in values:
            yield Case(f":path {value}", lambda server, value=value: wire.call(
                server.target, wire.headers(value), wire.message(b"")), code, text)


def other_protocols():
    settings = frames.SettingsFrame(0)
    for name, parts in (
            ("HTTP/1.1", [b"POST /ml.IrisPredictor/PredictIrisSpecies HTTP/1.1\r\nHost: x\r\n\r\n"]),
            ("HTTP/1.0", [b"GET / HTTP/1.0\r\n\r\n"]),
            ("TLS", [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)]),
            ("SSH", [b"SSH-2.0-OpenSSH_9.2\r\n"]), ("zeros", [bytes(100)]),
            ("a preface, then text", [wire.PREFACE, b"hello" * 9]),
            ("a frame of 16 MiB", [wire.PREFACE, settings, b"\xff\xff\xff\0\0\0\0\0\1" + bytes(100)])):
        yield Case(name, by_socket(*parts), "CLOSED", "")
    garbage = frames.HeadersFrame(1, data=b"\xff" * 8, flags=["END_HEADERS"])
    yield Case("headers that are no HPACK", by_socket(wire.PREFACE, settings, garbage), "UNAVAILABLE", "")
