# SPDX-License-Identifier: Apache-2.0
"""A server with an admin endpoint, what that says, and calls for it to speak of. (Those of calls.py are made with the
tutorial's own messages, which cannot be in one process with those of proto/.)"""

import contextlib
import http.client
import socket
import time

from prometheus_client import parser

import appliance
import contract

LABELS = ("grpc_type", "grpc_service", "grpc_method")
SETOSA = contract.ML.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25)
VIRGINICA = contract.ML.IrisPredictRequest(sepal_length=6.4, sepal_width=3.3, petal_length=6.0, petal_width=2.5)


def predict(target):
    with appliance.channel(target) as channel:
        return contract.ML.IrisPredictorStub(channel).PredictIrisSpecies(SETOSA, timeout=appliance.DEADLINE).species


class OpenCall:
    """A prediction that is answered, and in flight until its caller, who has room for five of the answer's seven bytes,
    reads on or hangs up."""

    def __init__(self, target, timeout=60):
        self.channel = appliance.channel(target, **{"grpc.http2.lookahead_bytes": 5, "grpc.http2.bdp_probe": 0})
        method = self.channel.stream_stream(
            "/ml.IrisPredictor/PredictIrisSpecies", lambda request: request.SerializeToString(),
            contract.ML.IrisPredictReply.FromString)
        self.call = method(iter([VIRGINICA]), timeout=timeout)
        self.call.initial_metadata()

    def finish(self):
        list(self.call)
        self.channel.close()

    def close(self):
        self.call.cancel()
        self.channel.close()


class Admin:
    """`serve --admin` on a port of its own, and requests to it."""

    def __init__(self, *arguments, **options):
        self.server = appliance.Server("--admin", "127.0.0.1:0", *arguments, **options)
        self.address = self.server.wait_for_line(r"^admin on (\S+)$").group(1)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.server.__exit__(*error)

    @property
    def host_and_port(self):
        host, _, port = self.address.rpartition(":")
        return host, int(port)

    def connect(self, timeout=10):
        return socket.create_connection(self.host_and_port, timeout)

    def ask(self, path, method="GET", headers=None, body=None):
        """(status, headers, text)"""
        connection = http.client.HTTPConnection(*self.host_and_port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read().decode()

    def metrics(self):
        """{(sample name, its labels as a frozenset of pairs): value}"""
        _, _, text = self.ask("/metrics")
        found = {}
        for family in parser.text_string_to_metric_families(text):
            for sample in family.samples:
                found[sample.name, frozenset(sample.labels.items())] = sample.value
        return found

    def value(self, name, **labels):
        return self.metrics()[name, frozenset(labels.items())]

    def handled(self):
        """{(method, code): calls}, those that there were."""
        found = {}
        for (name, labels), value in self.metrics().items():
            if name == "grpc_server_handled_total" and value:
                known = dict(labels)
                found[tuple(known[label] for label in LABELS), known["grpc_code"]] = value
        return found

    def wait_for_handled(self, expected):
        """A call is counted when the server has seen its end, which may be just after its caller has."""
        end = time.monotonic() + appliance.DEADLINE
        while (found := self.handled()) != expected:
            if time.monotonic() > end:
                raise AssertionError(f"{found}, expected {expected}")
            time.sleep(0.02)
