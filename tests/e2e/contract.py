# SPDX-License-Identifier: Apache-2.0
"""Python stubs of everything in proto/ that predicts, made now. Not together with calls.py, whose stubs are made from
the tutorial's file: the messages of both have the same names."""

import importlib
import sys
import tempfile
import types

import grpc_tools.protoc
from google.protobuf import json_format

import appliance

PROTO = appliance.SOURCE / "proto"
FILES = ["iris.proto", "inference/inference.proto", "iris/v1/prediction.proto", "google/rpc/status.proto",
         "google/rpc/error_details.proto"]


def _load():
    with tempfile.TemporaryDirectory(prefix="iris-stubs-") as folder:
        common = grpc_tools.__path__[0] + "/_proto"  # google/protobuf
        code = grpc_tools.protoc.main(["protoc", f"-I{PROTO}", f"-I{common}", f"--python_out={folder}",
                                       f"--grpc_python_out={folder}", *FILES])
        if code != 0:
            raise AssertionError(f"protoc ended with {code} for {FILES}")
        sys.path.insert(0, folder)
        try:
            def both(name):
                names = vars(importlib.import_module(name + "_pb2")) | vars(importlib.import_module(name + "_pb2_grpc"))
                return types.SimpleNamespace(**{key: names[key] for key in names if not key.startswith("__")})

            return (both("iris"), both("inference.inference"), both("iris.v1.prediction"),
                    importlib.import_module("google.rpc.status_pb2"),
                    importlib.import_module("google.rpc.error_details_pb2"))
        finally:
            sys.path.remove(folder)


ML, INFERENCE, V1, STATUS, DETAILS = _load()


def parse_json(fields, message):
    """`message`, filled from protobuf's JSON."""
    return json_format.ParseDict(fields, message)


def rich_status(error):
    """The google.rpc.Status that came with a failed call (what grpcio-status does); None: there was none."""
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            return STATUS.Status.FromString(value)
    return None


def violations(status):
    """[(field, description)] of a google.rpc.Status."""
    found = []
    for detail in status.details:
        bad_request = DETAILS.BadRequest()
        if not detail.Unpack(bad_request):
            raise AssertionError(f"a detail of another type: {detail.type_url}")
        found += [(violation.field, violation.description) for violation in bad_request.field_violations]
    return found
