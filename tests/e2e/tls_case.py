# SPDX-License-Identifier: Apache-2.0
"""What the TLS tests share: certificates of every sort, servers that use them, an independent client."""

import pathlib
import tempfile

import grpc

import appliance
import calls
import certificates

SETOSA = [5.0, 3.6, 1.3, 0.25]


def read(path):
    return pathlib.Path(path).read_bytes()


def dial(target, ca, identity=None, name=None):
    """A TLS channel of python3-grpcio."""
    cert, key = identity.read() if identity else (None, None)
    credentials = grpc.ssl_channel_credentials(read(ca), key, cert)
    options = [("grpc.enable_http_proxy", 0), ("grpc.use_local_subchannel_pool", 1)]
    if name:
        options.append(("grpc.ssl_target_name_override", name))
    return grpc.secure_channel(target, credentials, options)


def classify(channel, samples):
    stub = calls.RPC.IrisPredictorStub(channel)
    names = ("sepal_length", "sepal_width", "petal_length", "petal_width")
    return [stub.PredictIrisSpecies(calls.PB.IrisPredictRequest(**dict(zip(names, sample))),
                                    timeout=appliance.DEADLINE).species for sample in samples]


class WithCertificates(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.ca = certificates.Authority(folder.name, "ca")
        cls.clients = certificates.Authority(folder.name, "clients")
        cls.stranger = certificates.Authority(folder.name, "stranger")
        cls.server_identity = cls.ca.issue("server", extensions="extendedKeyUsage=serverAuth\n")
        cls.elsewhere = cls.ca.issue("elsewhere", san="DNS:elsewhere.example")
        cls.expired = cls.ca.issue("expired", days=(-3, -1))
        cls.client = cls.clients.issue("client", san="", extensions="extendedKeyUsage=clientAuth\n")
        cls.not_clients = {
            "expired": cls.clients.issue("old", san="", days=(-3, -1)),
            "not yet valid": cls.clients.issue("young", san="", days=(1, 2)),
            "of another CA": cls.stranger.issue("client", san=""),
            "of the servers' CA": cls.ca.issue("client", san=""),
            "made for servers only": cls.clients.issue("server", extensions="extendedKeyUsage=serverAuth\n"),
        }

    def serve(self, identity=None, *arguments, **options):
        identity = identity or self.server_identity
        return appliance.Server("--tls-cert", identity.cert, "--tls-key", identity.key, *arguments, **options)

    def serve_mutually(self, *arguments, **options):
        return self.serve(None, "--tls-client-ca", self.clients.cert, *arguments, **options)

    def assert_not_served(self, channel):
        with channel, self.assertRaises(grpc.RpcError) as raised:
            classify(channel, [SETOSA])
        self.assertEqual(raised.exception.code(), grpc.StatusCode.UNAVAILABLE, raised.exception)

    def assert_serves(self, server, identity=None):
        with dial(server.target, self.ca.cert, identity) as channel:
            self.assertEqual(classify(channel, [SETOSA]), [0])
