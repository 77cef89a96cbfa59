# SPDX-License-Identifier: Apache-2.0
"""Classifies many flowers in one call of the Open Inference Protocol. Prints for each its class and decision values."""

import argparse
import pathlib

import grpc

from inference import inference_pb2, inference_pb2_grpc

FLOWERS = [[6.8, 2.8, 4.8, 1.4], [6.0, 3.4, 4.5, 1.6], [5.0, 3.6, 1.3, 0.25]]

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--target", default="localhost:50052")
parser.add_argument("--tls-ca", type=pathlib.Path, help="speak TLS; the authority of the server's certificate (PEM)")
options = parser.parse_args()

request = inference_pb2.ModelInferRequest(
    model_name="iris",
    inputs=[{"name": "input-0", "datatype": "FP32", "shape": [len(FLOWERS), 4],
             "contents": {"fp32_contents": [value for flower in FLOWERS for value in flower]}}],
    outputs=[{"name": "class"}, {"name": "decision"}])

if options.tls_ca:
    channel = grpc.secure_channel(options.target, grpc.ssl_channel_credentials(options.tls_ca.read_bytes()))
else:
    channel = grpc.insecure_channel(options.target)
with channel:
    reply = inference_pb2_grpc.GRPCInferenceServiceStub(channel).ModelInfer(request, timeout=5)
names, decisions = (output.contents for output in reply.outputs)
for i, name in enumerate(names.bytes_contents):
    print(name.decode(), *(f"{value:.3f}" for value in decisions.fp64_contents[3 * i:3 * i + 3]))
