#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How connections are kept and ended: age, idleness, keepalive, too many pings."""

import time

import appliance
import contract
import http2
import routes
import wire

PATH = "/" + routes.STREAM
MESSAGE = wire.message(contract.V1.StreamPredictRequest(features=[5.0, 3.6, 1.3, 0.25]).SerializeToString())
UNARY = "/" + routes.UNARY
FLOWER = wire.message(contract.ML.IrisPredictRequest(petal_length=5, petal_width=2).SerializeToString())
NO_ERROR, ENHANCE_YOUR_CALM = 0, 11


class Connections(appliance.Test):
    def serve(self, *arguments):
        server = appliance.Server(*arguments)
        self.addCleanup(server.__exit__)
        return server

    def dial(self, server, **options):
        connection = http2.Connection(server.target, **options)
        self.addCleanup(connection.__exit__)
        return connection

    def feed(self, connection):
        """A call that is open and has been answered once."""
        stream = connection.start(PATH)
        self.exchange(connection, stream)
        return stream

    def exchange(self, connection, stream, end=False):
        call = connection.calls[stream]
        answered = len(call.messages)
        connection.send(stream, MESSAGE, end=end)
        self.assertTrue(connection.wait(lambda: len(call.messages) > answered, appliance.DEADLINE))

    def test_age(self):
        """GOAWAY comes when it is time; the call in flight goes on to its end, and the connection ends with it."""
        connection = self.dial(self.serve("--max-connection-age", "1"))
        start = time.monotonic()
        stream = self.feed(connection)
        self.assertTrue(connection.wait(lambda: connection.goaway, 5))
        self.assertGreater(time.monotonic() - start, 0.85)  # gRPC varies it by a tenth
        connection.wait(lambda: connection.closed, 1)
        self.assertIsNone(connection.closed)
        self.exchange(connection, stream)
        self.exchange(connection, stream, end=True)
        call = connection.calls[stream]
        self.assertTrue(connection.wait(lambda: connection.closed, 5))
        self.assertEqual((call.status, len(call.messages)), ("OK", 3))
        self.assertEqual([code for code, _, _ in connection.goaway], [NO_ERROR] * len(connection.goaway))
        self.assertGreaterEqual(connection.goaway[-1][1], stream)

    def test_age_is_not_noticed_by_a_library(self):
        """Calls one after the other over three lives of a connection: all are answered."""
        server = self.serve("--max-connection-age", "0.5")
        with appliance.channel(server.target) as channel:
            stub = contract.ML.IrisPredictorStub(channel)
            end = time.monotonic() + 2
            count = 0
            while time.monotonic() < end:
                self.assertEqual(stub.PredictIrisSpecies(contract.ML.IrisPredictRequest(), timeout=10).species, 1)
                count += 1
        self.assertGreater(count, 100)

    def test_grace(self):
        """A call that does not end is ended when the grace period is over."""
        connection = self.dial(self.serve("--max-connection-age", "0.5", "--max-connection-age-grace", "0.5"))
        start = time.monotonic()
        stream = self.feed(connection)
        self.assertTrue(connection.wait(lambda: connection.closed, 5))
        self.assertGreater(connection.closed - start, 0.9)
        self.assertLess(connection.closed - start, 3)
        self.assertEqual(connection.calls[stream].status, "UNAVAILABLE")

    def test_idleness(self):
        server = self.serve("--max-connection-idle", "0.5")
        idle, busy = self.dial(server), self.dial(server)
        stream = self.feed(busy)
        self.assertTrue(idle.wait(lambda: idle.closed, 5))
        self.assertTrue(idle.goaway)
        self.assertEqual([code for code, _, _ in idle.goaway], [NO_ERROR] * len(idle.goaway))
        self.assertFalse(busy.wait(lambda: busy.goaway or busy.closed, 1))  # its call is open
        self.exchange(busy, stream, end=True)
        self.assertTrue(busy.wait(lambda: busy.closed, 5))
        self.assertEqual(busy.calls[stream].status, "OK")

    def test_keepalive(self):
        """A connection with a call is pinged; whoever answers stays, whoever does not is given up."""
        server = self.serve("--keepalive-time", "0.5", "--keepalive-timeout", "0.5")
        dead = self.dial(server, answering=False)
        self.feed(dead)
        start = time.monotonic()
        self.assertTrue(dead.wait(lambda: dead.closed, 5))
        self.assertGreater(dead.closed - start, 0.8)
        alive = self.dial(server)
        stream = self.feed(alive)
        self.assertFalse(alive.wait(lambda: alive.closed, 2.5))
        self.assertGreaterEqual(alive.pings, 3)
        self.exchange(alive, stream)

    def test_keepalive_is_quiet_by_default(self):
        connection = self.dial(self.serve())
        self.feed(connection)
        connection.wait(lambda: False, 0.5)
        pings = connection.pings  # gRPC measures the line with some
        self.assertFalse(connection.wait(lambda: connection.pings > pings or connection.closed, 2))

    def ping(self, connection, count, interval):
        for _ in range(count):
            answered = connection.pings_answered
            connection.ping()
            if not connection.wait(lambda: connection.pings_answered > answered, 2):
                return
            connection.wait(lambda: connection.closed, interval)

    def test_too_many_pings(self):
        for with_a_call in (False, True):
            with self.subTest(with_a_call=with_a_call):
                server = self.serve()
                connection, other = self.dial(server), self.dial(server)
                if with_a_call:
                    self.feed(connection)
                self.ping(connection, 10, 0)
                self.assertTrue(connection.wait(lambda: connection.closed, 5))
                [(code, _, text)] = connection.goaway
                self.assertEqual((code, text), (ENHANCE_YOUR_CALM, b"too_many_pings"))
                self.feed(other)  # the one who did not is still served

    def test_pings_that_are_allowed(self):
        connection = self.dial(self.serve("--min-ping-interval", "0.1"))
        stream = self.feed(connection)
        self.ping(connection, 10, 0.2)
        self.assertEqual((connection.pings_answered, connection.goaway, connection.closed), (10, [], None))
        self.exchange(connection, stream)

    def test_calls_given_up_before_they_are_sent(self):
        """gRPC's own clients send RST_STREAM for a call whose HEADERS they have not sent; the connection's other calls
        are none the worse for it."""
        with appliance.channel(self.serve().target) as channel:
            predict = contract.ML.IrisPredictorStub(channel).PredictIrisSpecies
            for _ in range(400):
                calls = [predict.future(contract.ML.IrisPredictRequest(), timeout=appliance.DEADLINE)
                         for _ in range(60)]
                for given_up in calls[::2]:
                    given_up.cancel()
                for awaited in calls[1::2]:
                    self.assertEqual(awaited.result().species, 1)

    def test_calls_that_are_answered_before_their_end(self):
        """Node's clients, and proxies, send the end of a call as a frame of its own, which may come when it has been
        answered. They may give up as many calls as others may."""
        connection = self.dial(self.serve(), at_once=True)
        for _ in range(2000):
            stream = connection.start(UNARY)
            connection.send(stream, FLOWER)
            self.assertTrue(connection.wait(lambda: connection.calls[stream].ended, 5), connection.goaway)
            self.assertEqual(connection.calls[stream].status, "OK")
            connection.end(stream)
            connection.cancel(connection.start(UNARY))

    def test_calls_that_are_refused_before_their_end(self):
        """What was on its way when a method was found not to be there is not held against the connection, which a proxy
        shares among many."""
        connection = self.dial(self.serve(), at_once=True)
        for _ in range(1500):
            stream = connection.start("/ml.IrisPredictor/Nothing")
            self.assertTrue(connection.wait(lambda: connection.calls[stream].ended, 5), connection.goaway)
            self.assertEqual(connection.calls[stream].status, "UNIMPLEMENTED")
            connection.send(stream, FLOWER)
            connection.end(stream)
            connection.cancel(stream)


if __name__ == "__main__":
    appliance.main()
