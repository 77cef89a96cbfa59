# SPDX-License-Identifier: Apache-2.0
"""Calls that are not what they say, and limits that were announced but not acknowledged."""

import time

from attack import Attack
from peer import DATA, block, frame, literal
import traffic
import wire

SOON = 1.0  # seconds within which a call that can only be refused must be
HANDSHAKE = ("--handshake-timeout", "2")
KEEPALIVE = ("--keepalive-time", "1", "--keepalive-timeout", "1")


def refused(parts, statuses, within=SOON, lives=True):
    """The call on stream 1 ends with one of `statuses`; another one on the same connection is answered."""
    def run(stage):
        peer = stage.dial().open()
        start = time.monotonic()
        for part, pause in parts:
            peer.send(part)
            peer.wait(lambda: peer.streams[1].ended, pause)
        peer.wait(lambda: peer.closed or peer.streams[1].ended, max(0.0, start + within - time.monotonic()))
        status = peer.streams[1].status
        stage.note = str(status)
        stage.expect(status in statuses, f"{status}, not {' or '.join(statuses)} within {within:g} s")
        if lives and status in statuses:
            peer.send(traffic.call(3))
            peer.wait(lambda: peer.closed or peer.streams[3].ended, 2)
            stage.expect(peer.streams[3].status == "OK", "the connection did not live on")
    return run


def dripping(body, count=40):
    """One byte after the other, 20 a second."""
    return [(body, 0.05)] + [(traffic.data(1, b"x", end=False), 0.05) for _ in range(count)]


def path(value, statuses=("INVALID_ARGUMENT", "RST_STREAM PROTOCOL_ERROR")):
    return refused([(traffic.call(1, block(value)), 0)], statuses)


def unacknowledged_streams(stage):
    """HEADERS from the first byte on, no SETTINGS acknowledged: only as many calls as announced may be begun."""
    peer = stage.dial(answering=False)
    peer.send(b"".join(traffic.headers(i) for i in range(1, 1001, 2)))
    peer.pump(1)
    limit = peer.settings.get(3)
    refusals = sum((stream.reset or 0) == 7 for stream in peer.streams.values())
    stage.note = f"announced {limit}, refused {refusals} of 500"
    stage.expect(limit is not None, "no limit on streams is announced")
    stage.expect(limit is not None and refusals >= 500 - limit, f"{refusals} of 500 streams refused, limit {limit}")


def unacknowledged_metadata(stage):
    peer = stage.dial(answering=False)
    peer.send(traffic.call(1, traffic.BLOCK + literal("x-much", "a" * 12000)))
    peer.wait(lambda: peer.closed or peer.streams[1].ended, 2)
    stage.note = str(peer.streams[1].status)
    stage.expect(peer.streams[1].status in ("RESOURCE_EXHAUSTED", "RST_STREAM ENHANCE_YOUR_CALM"),
                 f"{stage.note}: 12 KB of metadata passed a limit of 8 KiB")


def half_frames(stage):
    """Calls whose DATA end in the middle of a frame; then not even a PING is answered."""
    peers = [stage.dial().open() for _ in range(50)]
    stage.began = time.monotonic()
    for peer in peers:
        peer.answering = False
        peer.send(traffic.headers(1) + frame(DATA, 0, 1, wire.message(b"", length=16384), length=16384))


def trickling(connections, streams, first, drop, seconds=5):
    """Calls whose messages come a byte a second each: first(stream) opens one, drop(stream) is the byte. Such calls may
    live, and so there is no time within which they must end: how long a call may take is for its client to say, by
    grpc-timeout. They must only hold little, and cost nobody else's time."""
    def run(stage):
        numbers = range(1, 2 * streams, 2)
        begin, more = (b"".join(make(stream) for stream in numbers) for make in (first, drop))
        peers = [stage.dial().open() for _ in range(connections)]
        for part in [begin] + [more] * seconds:
            for peer in peers:
                peer.send(part)
            end = time.monotonic() + 1
            while time.monotonic() < end:
                for peer in peers:
                    peer.pump(0.005)
        living = sum(not peer.closed and stream not in peer.streams for peer in peers for stream in numbers)
        stage.note = f"{living} of {connections * streams} calls live"
    return run


def announced(stream):
    return traffic.headers(stream) + traffic.data(stream, wire.message(b"", length=4 << 20), end=False)


TOO_LONG = wire.message(b"x", length=5 << 20)
ATTACKS = [
    Attack("a message of 4 GiB announced",
           refused([(traffic.headers(1) + traffic.data(1, wire.message(b"x", length=2**32 - 1), end=False), 0)],
                   ("RESOURCE_EXHAUSTED",))),
    Attack("a message of 5 MiB announced, 20 bytes a second",
           refused([(traffic.headers(1), 0)] + dripping(traffic.data(1, TOO_LONG, end=False)),
                   ("RESOURCE_EXHAUSTED",))),
    Attack("the same on a stream of messages",
           refused([(traffic.headers(1, block(traffic.STREAM)), 0)] + dripping(traffic.data(1, TOO_LONG, end=False)),
                   ("RESOURCE_EXHAUSTED",))),
    Attack("half a DATA frame, then silence, 50 connections", half_frames, 4, options=KEEPALIVE),
    Attack("messages of 4 MiB, a byte a second: 2,048 calls on 8 connections",
           trickling(8, 256, announced, lambda stream: traffic.data(stream, b"x", end=False))),
    Attack("DATA frames of 16 KiB, a byte a second: 200 connections",
           trickling(200, 1, lambda stream: announced(stream) + frame(DATA, 0, stream, length=16384), lambda _: b"x")),
    Attack(":path without a slash", path("ml.IrisPredictor/PredictIrisSpecies")),
    Attack(":path that is empty", path("")),
    Attack(":path of 7 KiB", path("/" + "a" * 7000, ("UNIMPLEMENTED",))),
    Attack("SETTINGS never acknowledged", lambda stage: stage.dial(answering=False).send(traffic.call(1)), 4,
           ("SETTINGS_TIMEOUT",), HANDSHAKE),
    Attack("SETTINGS never acknowledged: 500 calls", unacknowledged_streams, options=HANDSHAKE),
    Attack("SETTINGS never acknowledged: 12 KB of metadata", unacknowledged_metadata, options=HANDSHAKE),
]
