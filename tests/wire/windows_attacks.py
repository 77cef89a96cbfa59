# SPDX-License-Identifier: Apache-2.0
"""Making the server hold what it may not send, or what it was sent (CVE-2026-49975, CVE-2019-9511, CVE-2019-9517)."""

import struct
import time

from attack import Attack
from peer import literal, settings, window_update
import traffic
import wire

STALL = ("--stall-timeout", "2")
NO_WINDOW = wire.PREFACE + settings((4, 0))
WIDE = wire.PREFACE + settings((4, 2**31 - 1)) + window_update(0, 2**31 - 1 - 65535)
HELD = 96  # MiB: what one connection may make the server hold (--max-connection-memory) and half as much again
STREAMS = 256
# Ten references to 700 bytes: as much as the limit on metadata lets through, in ten bytes.
SEED = traffic.BLOCK + literal("x-held", "a" * 660, indexed=True)
BIG = traffic.BLOCK + b"\xbe" * 10


def rows_of_zeros(rows):
    """A ModelInferRequest of so many rows, as bytes; its reply is a quarter as long."""
    import contract
    return contract.INFERENCE.ModelInferRequest(
        model_name="iris", inputs=[{"name": "input-0", "datatype": "FP64", "shape": [rows, 4]}],
        raw_input_contents=[bytes(32 * rows)]).SerializeToString()


def stalled(connections, together=STREAMS):
    """Calls with big headers, all answered, and no window for an answer."""
    def run(stage):
        calls = traffic.call(1, SEED) + b"".join(traffic.call(2 * i + 1, BIG) for i in range(1, together))
        peers = [stage.dial(preface=NO_WINDOW).open() for _ in range(connections)]
        for peer in peers:
            peer.send(calls)
        ended(stage, peers, together)
    return run


def ended(stage, peers, together):
    """Every stream must be ended by the server, or its connection closed."""
    def over():
        return all(peer.closed or sum(stream.ended is not None for stream in peer.streams.values()) >= together
                   for peer in peers)
    end = time.monotonic() + 4
    for peer in peers:
        peer.wait(over, max(0.0, end - time.monotonic()))
    left = sum(0 if peer.closed else together - sum(stream.ended is not None for stream in peer.streams.values())
               for peer in peers)
    stage.note = f"{left} streams left of {together * len(peers)}"
    stage.expect(left == 0, "streams that take nothing were not ended within 4 s")


def unread_batches(preface, **options):
    """Replies of 1 MiB, hundreds of them."""
    def run(stage):
        request = wire.message(rows_of_zeros(100_000))
        peer = stage.dial(preface=preface, **options)
        if peer.reading:
            peer.open()
        fields = traffic.block(traffic.INFER)
        peer.flood((traffic.headers(i, fields) + traffic.bodies(i, request) + traffic.data(i, b"")
                    for i in range(1, 401, 2)), 5)
    return run


def unread_stream(stage):
    """Messages on one stream, without end; every one has an answer."""
    message = wire.message(b"\x12\x20" + struct.pack("<4d", 5.0, 3.6, 1.3, 0.25))
    peer = stage.dial(preface=NO_WINDOW).open()
    peer.send(traffic.headers(1, traffic.block(traffic.STREAM)))
    peer.flood((traffic.bodies(1, message * 400) for _ in range(10_000)), 4)
    peer.wait(lambda: peer.closed or peer.streams[1].ended, 1)
    stage.note = peer.streams[1].status or ""
    stage.expect(peer.closed or peer.streams[1].ended, "a stream that takes nothing was not ended within 5 s")


def beyond_window(stage):
    peer = stage.dial().open()
    peer.send(traffic.headers(1))
    peer.flood((traffic.bodies(1, wire.message(b"", length=4 << 20) + bytes(16379)) for _ in range(2000)), 2)


def unfinished(stage):
    """256 messages of 4 MiB that lack their last bytes."""
    peer = stage.dial().open()
    body = wire.message(bytes(1 << 20), length=4 << 20)
    peer.flood((traffic.headers(i) + traffic.bodies(i, body) for i in range(1, 2 * STREAMS, 2)), 3)


def crumbs(stage):
    """A message of 4 MiB in frames of one byte."""
    peer = stage.dial().open()
    peer.send(traffic.headers(1) + traffic.data(1, wire.message(b"", length=4 << 20), end=False))
    chunk = traffic.data(1, b"x", end=False) * 2000
    peer.flood((chunk for _ in range(1000)), 2.5)


ATTACKS = [
    Attack("zero window: 256 calls with 7 KiB of headers by reference", stalled(1), options=STALL),
    Attack("zero window: the same on 8 connections", stalled(8), options=STALL),
    Attack("zero window: 200 replies of 0.8 MiB", unread_batches(NO_WINDOW), 4, options=STALL, memory=HELD,
           processor=4),
    Attack("nothing is read: 200 replies of 0.8 MiB, any window", unread_batches(WIDE, reading=False, buffer=4096), 6,
           options=STALL, memory=HELD, processor=4),
    Attack("zero window: a stream of messages, each answered", unread_stream, options=STALL),
    Attack("a window of one byte: 256 calls", lambda stage: (lambda peer: (
        peer.send(b"".join(traffic.call(i) for i in range(1, 2 * STREAMS, 2))), ended(stage, [peer], STREAMS)))(
            stage.dial(preface=wire.PREFACE + settings((4, 1))).open()), options=STALL),
    Attack("window of the connection beyond 2^31-1",
           lambda stage: stage.dial().open().send(window_update(0, 2**31 - 1) * 2), 2, ("FLOW_CONTROL_ERROR",)),
    Attack("window of all streams beyond 2^31-1, by SETTINGS",
           lambda stage: stage.dial().open().send(traffic.headers(1) + window_update(1, 2**31 - 1 - 65535) +
                                                  settings((4, 2**31 - 1))), 2, ("FLOW_CONTROL_ERROR",)),
    Attack("more DATA than the server gave windows for", beyond_window, 2,
           ("FLOW_CONTROL_ERROR", "ENHANCE_YOUR_CALM"), memory=HELD),
    Attack("a message of 2 MB in frames of one byte", crumbs, memory=HELD, processor=4),
    Attack("256 messages of 4 MiB that are not finished", unfinished, 4, ("FLOW_CONTROL_ERROR", "ENHANCE_YOUR_CALM"),
           memory=HELD),
]
