# SPDX-License-Identifier: Apache-2.0
"""Requests as bytes, made once: an attacker that encodes while it attacks is a slow one."""

from peer import DATA, END_HEADERS, END_STREAM, HEADERS, block, frame
import wire
from witness import flower

UNARY = "/ml.IrisPredictor/PredictIrisSpecies"
STREAM = "/iris.v1.PredictionService/StreamPredict"
INFER = "/inference.GRPCInferenceService/ModelInfer"
HEALTH = "/grpc.health.v1.Health/Check"


BLOCK = block(UNARY)
BODY = wire.message(flower((6.4, 3.3, 6.0, 2.5)))


def headers(stream, fields=BLOCK, end=False):
    return frame(HEADERS, END_HEADERS | (END_STREAM if end else 0), stream, fields)


def data(stream, body=BODY, end=True):
    return frame(DATA, END_STREAM if end else 0, stream, body)


def call(stream, fields=BLOCK, body=BODY):
    """A whole call."""
    return headers(stream, fields) + data(stream, body)


def bodies(stream, body, size=16384):
    """A long body in frames of the usual size; the stream is not ended."""
    return b"".join(data(stream, body[i:i + size], end=False) for i in range(0, len(body), size))
