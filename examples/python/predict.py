# SPDX-License-Identifier: Apache-2.0
"""Classifies one flower: `predict.py 5.0 3.6 1.3 0.25` prints 0, setosa. Errors are told field by field."""

import argparse
import pathlib
import sys

import grpc
from google.rpc import error_details_pb2, status_pb2

import iris_pb2
import iris_pb2_grpc

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--target", default="localhost:50052")
parser.add_argument("--tls-ca", type=pathlib.Path, help="speak TLS; the authority of the server's certificate (PEM)")
for name in ("sepal_length", "sepal_width", "petal_length", "petal_width"):
    parser.add_argument(name, type=float, help="cm")
flower = vars(parser.parse_args())
target, ca = flower.pop("target"), flower.pop("tls_ca")

if ca:
    channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(ca.read_bytes()))
else:
    channel = grpc.insecure_channel(target)
with channel:
    try:
        stub = iris_pb2_grpc.IrisPredictorStub(channel)
        print(stub.PredictIrisSpecies(iris_pb2.IrisPredictRequest(**flower), timeout=5).species)
    except grpc.RpcError as error:
        print(f"{error.code().name}: {error.details()}", file=sys.stderr)
        status = status_pb2.Status.FromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
        for detail in status.details:
            bad_request = error_details_pb2.BadRequest()
            if detail.Unpack(bad_request):
                for violation in bad_request.field_violations:
                    print(f"  {violation.field}: {violation.description}", file=sys.stderr)
        sys.exit(1)
