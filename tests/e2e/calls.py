# SPDX-License-Identifier: Apache-2.0
"""The calls that several tests make."""

import appliance

PB, RPC = appliance.tutorial_stubs()
SETOSA = PB.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25)
VIRGINICA = PB.IrisPredictRequest(sepal_length=6.4, sepal_width=3.3, petal_length=6.0, petal_width=2.5)


def predict(target):
    with appliance.channel(target) as channel:
        return RPC.IrisPredictorStub(channel).PredictIrisSpecies(SETOSA, timeout=appliance.DEADLINE).species


class OpenCall:
    """A prediction that is in flight until told. The server has answered, but this client has room for five of the
    answer's seven bytes and does not read: the call ends with .finish(), or with .close(), which cancels it."""

    def __init__(self, target):
        options = {"grpc.http2.lookahead_bytes": 5, "grpc.http2.bdp_probe": 0}
        self.channel = appliance.channel(target, **options)
        method = self.channel.stream_stream(
            "/ml.IrisPredictor/PredictIrisSpecies", PB.IrisPredictRequest.SerializeToString,
            PB.IrisPredictReply.FromString)
        self.call = method(iter([VIRGINICA]), timeout=60)
        self.call.initial_metadata()  # which the server sends with its answer

    def finish(self):
        """The species that was predicted."""
        [reply] = list(self.call)
        self.channel.close()
        return reply.species

    def close(self):
        self.call.cancel()
        self.channel.close()
