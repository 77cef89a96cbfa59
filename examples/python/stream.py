# SPDX-License-Identifier: Apache-2.0
"""Classifies flowers from standard input, four numbers and commas a line, as they come. A bad line does not end it."""

import argparse
import pathlib
import sys

import grpc

from iris.v1 import prediction_pb2, prediction_pb2_grpc

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--target", default="localhost:50052")
parser.add_argument("--tls-ca", type=pathlib.Path, help="speak TLS; the authority of the server's certificate (PEM)")
options = parser.parse_args()

# gRPC asks for the next message when the last one is on its way, so a feed may be endless.
feed = (prediction_pb2.StreamPredictRequest(id=str(number), features=map(float, line.split(",")),
                                            outputs=[prediction_pb2.OUTPUT_CLASS])
        for number, line in enumerate(sys.stdin, 1))

if options.tls_ca:
    channel = grpc.secure_channel(options.target, grpc.ssl_channel_credentials(options.tls_ca.read_bytes()))
else:
    channel = grpc.insecure_channel(options.target)
with channel:
    for answer in prediction_pb2_grpc.PredictionServiceStub(channel).StreamPredict(feed):
        if answer.HasField("error"):
            print(f"line {answer.id}: {answer.error.message}")
        else:
            print(f"line {answer.id}:", *answer.prediction.classes)
