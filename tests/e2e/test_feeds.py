#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""StreamPredict: order over long feeds, and flow control that keeps memory bounded while a caller does not read."""

import pathlib
import re
import threading
import time

import grpc

import appliance
import contract
import http2
import routes
import wire

V1 = contract.V1
PATH = "/" + routes.STREAM
ROWS = appliance.iris_rows()
# KiB by which the server may grow for one caller who sends and does not read. gRPC lets up to 4 MiB come in before it
# shuts its window; messages of 50 bytes have more than half as much again of overhead.
MOST_GROWTH = {"long": 8 << 10, "short": 12 << 10}


def message(number, rows=1, outputs=()):
    """A message of the feed, as bytes on the wire: flowers number, number + 1, ..."""
    features = [value for i in range(rows) for value in ROWS[(number + i) % 150][0]]
    return wire.message(V1.StreamPredictRequest(id=str(number), features=features, outputs=outputs).SerializeToString())


def answers(call):
    return [V1.StreamPredictResponse.FromString(data) for data in call.messages]


class Feeds(appliance.Test):
    @classmethod
    def setUpClass(cls):
        cls.server = appliance.Server()
        cls.addClassCleanup(cls.server.__exit__)
        known = appliance.run("predict", "--host", "127.0.0.1", "--port", cls.server.port, "--input",
                              str(appliance.SOURCE / "assets/iris.csv"))
        cls.labels = [int(line.split()[0]) for line in known.stdout.splitlines()]  # of each flower, by another method

    def resident(self):
        text = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", text).group(1))

    def assert_in_order(self, replies, count, rows=1):
        self.assertEqual([reply.id for reply in replies], [str(i) for i in range(count)])
        for i, reply in enumerate(replies):
            wanted = [self.labels[(i + k) % 150] for k in range(rows)]
            if list(reply.prediction.labels) != wanted:
                self.fail(f"message {i}: {reply}, expected {wanted}")

    def test_a_hundred_thousand_messages(self):
        count = 100_000
        with http2.Connection(self.server.target) as connection:
            stream = connection.start(PATH)
            feed = b"".join(message(i) for i in range(count))
            self.assertEqual(connection.send(stream, feed, end=True, timeout=40), len(feed))
            call = connection.calls[stream]
            self.assertTrue(connection.wait(lambda: call.ended, 40))
            self.assertEqual(call.status, "OK")
            self.assert_in_order(answers(call), count)

    def test_a_library_feeds_and_reads_at_once(self):
        count = 5_000
        sent = []

        def feed():
            for i in range(count):
                sent.append(i)
                yield V1.StreamPredictRequest(id=str(i), features=ROWS[i % 150][0])

        with appliance.channel(self.server.target) as channel:
            replies = V1.PredictionServiceStub(channel).StreamPredict(feed(), timeout=40)
            first = next(replies)
            self.assertEqual(first.id, "0")
            self.assert_in_order([first, *replies], count)

    def test_long_messages_beside_short_calls(self):
        """A feed of a message of 1 MB after every short one is answered in order, whichever thread does it, and so are
        all short calls meanwhile."""
        count, rows = 24, 31_000
        sizes = [rows if i % 2 else 1 for i in range(count)]
        feed = [message(i, rows=size) for i, size in enumerate(sizes)]
        self.assertGreater(len(feed[1]), 900_000)
        over, others = threading.Event(), []

        def ask():
            with appliance.channel(self.server.target) as channel:
                stub = contract.ML.IrisPredictorStub(channel)
                while not over.is_set():
                    flower = contract.ML.IrisPredictRequest(**dict(zip(
                        ("sepal_length", "sepal_width", "petal_length", "petal_width"), ROWS[len(others) % 150][0])))
                    try:
                        others.append(stub.PredictIrisSpecies(flower, timeout=appliance.DEADLINE).species)
                    except grpc.RpcError as error:
                        others.append(error.code().name)

        asker = threading.Thread(target=ask)
        asker.start()
        try:
            with http2.Connection(self.server.target) as connection:
                stream = connection.start(PATH)
                call = connection.calls[stream]
                for i, data in enumerate(feed):
                    self.assertEqual(connection.send(stream, data, end=i == count - 1, timeout=20), len(data))
                    if i % 4 == 0:  # otherwise the next message waits behind the one that is worked on
                        self.assertTrue(connection.wait(lambda: len(call.messages) > i, 20))
                self.assertTrue(connection.wait(lambda: call.ended, 20))
                self.assertEqual(call.status, "OK")
                replies = answers(call)
        finally:
            over.set()
            asker.join()
        self.assertEqual([reply.id for reply in replies], [str(i) for i in range(count)])
        for i, (reply, size) in enumerate(zip(replies, sizes)):
            self.assertEqual(list(reply.prediction.labels), [self.labels[(i + k) % 150] for k in range(size)])
        self.assertGreater(len(others), count)
        self.assertEqual(others, [self.labels[i % 150] for i in range(len(others))])

    def stall(self, make, connection, stream):
        """Sends until the server takes no more for two seconds, without reading; (messages begun, what is left of the
        last, growth of the server's memory in KiB)."""
        before, number = self.resident(), 0
        while True:
            data = make(number)
            sent = connection.send(stream, data, timeout=2)
            number += 1
            if sent < len(data):
                return number, data[sent:], self.resident() - before
            self.assertLess(number, 1_000_000, "the server goes on taking what it cannot answer")

    def test_a_reader_that_stops(self):
        """With messages long and short: the sender is blocked, the server's memory stays; then the reader reads on."""
        def long(number):
            return message(number, rows=250)

        def short(number):
            return message(number)

        for make, rows in ((long, 250), (short, 1)):
            with self.subTest(make=make.__name__):
                with http2.Connection(self.server.target) as warm:  # the first feed finds the server's buffers small
                    stream = warm.start(PATH)
                    warm.send(stream, b"".join(map(make, range(500))), end=True)
                    self.assertTrue(warm.wait(lambda: warm.calls[1].ended, 20))
                with http2.Connection(self.server.target, reading=False) as connection:
                    stream = connection.start(PATH)
                    count, rest, growth = self.stall(make, connection, stream)
                    print(f"\n  blocked in message {count}: {growth} KiB more than before", flush=True)
                    self.assertEqual(connection.room(stream), 0)
                    self.assertLess(growth, MOST_GROWTH[make.__name__])
                    self.assert_serves_others()
                    call = connection.calls[stream]
                    self.assertLess(len(call.messages), count)

                    connection.resume()
                    more = b"".join(map(make, range(count, count + 50)))
                    self.assertEqual(connection.send(stream, rest + more, end=True), len(rest + more))
                    self.assertTrue(connection.wait(lambda: call.ended, 40))
                    self.assertEqual(call.status, "OK")
                    self.assert_in_order(answers(call), count + 50, rows)

    def assert_serves_others(self):
        with http2.Connection(self.server.target) as other:
            stream = other.start(PATH)
            other.send(stream, message(0), end=True)
            self.assertTrue(other.wait(lambda: other.calls[stream].ended, 5))
            self.assertEqual(other.calls[stream].status, "OK")

    def test_many_readers_that_stop_and_leave(self):
        """Nothing of theirs stays."""
        sizes = []
        for _ in range(4):
            connections = [http2.Connection(self.server.target, reading=False) for _ in range(8)]
            for connection in connections:
                connection.send(connection.start(PATH), b"".join(message(i, rows=250) for i in range(300)), timeout=0.2)
            for connection in connections:
                connection.socket.close()
            time.sleep(0.5)
            sizes.append(self.resident())
        self.assertLess(sizes[-1] - sizes[1], 4 << 10, sizes)

    def test_a_deadline_ends_a_feed_that_waits(self):
        with http2.Connection(self.server.target) as connection:
            start = time.monotonic()
            stream = connection.start(PATH, grpc_timeout="700m")
            connection.send(stream, message(0))
            call = connection.calls[stream]
            self.assertTrue(connection.wait(lambda: call.ended, 5))
            self.assertEqual(call.status, "DEADLINE_EXCEEDED")
            self.assertLess(abs(call.ended - start - 0.7), 0.5)
            self.assert_in_order(answers(call), 1)
            connection.pump(0.3)
            self.assertEqual(call.afterwards, [], "frames of a call that had ended")

    def test_a_message_beyond_the_limit_ends_a_feed(self):
        with appliance.channel(self.server.target) as channel:
            feed = (V1.StreamPredictRequest(id=str(i), features=[0.0] * size) for i, size in enumerate([4, 1 << 20, 4]))
            replies = V1.PredictionServiceStub(channel).StreamPredict(feed, timeout=20)
            with self.assertRaises(grpc.RpcError) as raised:
                list(replies)
            self.assertEqual(raised.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)


if __name__ == "__main__":
    appliance.main()
