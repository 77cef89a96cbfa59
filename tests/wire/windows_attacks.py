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
# MiB: twice as much, and a bit: what comes while the server is busy fills its chunks of 64 KiB by half at least (patch 0028).
HELD_IN_CHUNKS = 144
STREAMS = 256
ROWS = 200_000  # of a request whose reply is of 0.8 MiB
# Ten references to 700 bytes: as much as the limit on metadata lets through, in ten bytes.
SEED = traffic.BLOCK + literal("x-held", "a" * 660, indexed=True)
BIG = traffic.BLOCK + b"\xbe" * 10


def rows_of_zeros(rows):
    """A ModelInferRequest of so many rows, as bytes; its reply is a quarter as long."""
    import contract
    return contract.INFERENCE.ModelInferRequest(
        model_name="iris", inputs=[{"name": "input-0", "datatype": "FP32", "shape": [rows, 4]}],
        raw_input_contents=[bytes(16 * rows)]).SerializeToString()


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
    while not over() and time.monotonic() < end:
        for peer in peers:
            peer.pump(0.02)
    left = sum(0 if peer.closed else together - sum(stream.ended is not None for stream in peer.streams.values())
               for peer in peers)
    stage.note = f"{left} streams left of {together * len(peers)}"
    stage.expect(left == 0, "streams that take nothing were not ended within 4 s")


def unread_batches(stage):
    """Replies of 0.8 MiB, one after the other, and no window for any."""
    request, fields = wire.message(rows_of_zeros(ROWS)), traffic.block(traffic.INFER)
    peer, count = stage.dial(preface=NO_WINDOW).open(), 0
    while count < 200 and not peer.closed and time.monotonic() < stage.began + 4:
        stream = 2 * count + 1
        peer.send(traffic.headers(stream, fields))
        if not peer.deliver(stream, request, 1):
            break
        peer.send(traffic.data(stream, b""))
        count += 1
    ended(stage, [peer], count)


def ask_together(stage, peer):
    """Twelve requests whose replies are of 0.8 MiB each, ended all at once; from then on nothing is read, and the time
    counts."""
    request, fields = wire.message(rows_of_zeros(ROWS)), traffic.block(traffic.INFER)
    streams = [stream for stream in range(1, 25, 2)
               if peer.send(traffic.headers(stream, fields)) and peer.deliver(stream, request, 2)]
    stage.expect(len(streams) == 12, "not all requests were taken")
    peer.reading, stage.began = False, time.monotonic()
    peer.send(b"".join(traffic.data(stream, b"") for stream in streams))


def unread_bytes(stage):
    """Replies for which there is window, to a client that takes nothing from its socket."""
    ask_together(stage, stage.dial(preface=WIDE, buffer=4096).open())


def unread_stream(stage):
    """Messages on one stream, without end; every one has an answer, and there is no window for any."""
    message = wire.message(b"\x12\x20" + struct.pack("<4d", 5.0, 3.6, 1.3, 0.25))
    peer = stage.dial(preface=NO_WINDOW).open()
    peer.send(traffic.headers(1, traffic.block(traffic.STREAM)))
    taken = peer.deliver(1, message * 1_000_000, 4)
    peer.wait(lambda: peer.closed or peer.streams[1].ended, 1)
    stage.note = peer.streams[1].status or ""
    stage.expect(not taken, "39 MB of messages were taken, and no answer")
    stage.expect(peer.closed or peer.streams[1].ended, "a stream that takes nothing was not ended within 5 s")


def packets(streams, rows, first=b""):
    """Messages of so many flowers to feeds that cannot answer, each in a packet of its own, until no window is left;
    `first` comes before, on another stream."""
    import contract
    message = wire.message(contract.V1.StreamPredictRequest(features=[5.0, 3.6, 1.3, 0.25] * rows).SerializeToString())

    def run(stage):
        peer, count = stage.dial(preface=NO_WINDOW, at_once=True).open(), 0
        if first:
            peer.send(traffic.headers(1))
            peer.deliver(1, first, 1)
        feeds, idle = range(3, 3 + 2 * streams, 2), 0
        peer.send(b"".join(traffic.headers(feed, traffic.block(traffic.STREAM)) for feed in feeds))
        for feed in feeds:
            peer.windows[feed] = peer.settings[4]
        while idle < 5 and time.monotonic() < stage.began + 6:
            ready = [feed for feed in feeds if peer.windows[feed] >= len(message)]
            sent = sum(peer.windows[0] >= len(message) and peer.deliver(feed, message, 1) for feed in ready)
            count += sent
            idle = 0 if sent else idle + 1
            if not sent:
                peer.pump(0.02)
        stage.note = f"{count} messages taken"
        stage.expect(count * len(message) >= streams * 100_000, "less was taken than the windows let go")
    return run


def beyond_window(stage):
    peer = stage.dial().open()
    peer.send(traffic.headers(1))
    peer.flood((traffic.bodies(1, wire.message(b"", length=4 << 20) + bytes(16379)) for _ in range(2000)), 2)


def unfinished(stage):
    """256 messages of 4 MiB that lack their last bytes. What is too much is refused; nobody else's connection ends."""
    peer, body = stage.dial().open(), wire.message(bytes(1 << 20), length=4 << 20)
    for stream in range(1, 2 * STREAMS, 2):
        if time.monotonic() > stage.began + 3 or not peer.send(traffic.headers(stream)):
            break
        peer.deliver(stream, body, 1)
    statuses = [one.status for one in peer.streams.values()]
    stage.note = f"{statuses.count('RESOURCE_EXHAUSTED')} of {len(range(1, stream + 1, 2))} refused"
    stage.expect("RESOURCE_EXHAUSTED" in statuses, "nothing was refused")


def crumbs(stage):
    """A message in frames of one byte, as fast as the windows let them go."""
    peer = stage.dial().open()
    peer.send(traffic.headers(1))
    peer.deliver(1, wire.message(bytes(4 << 20)), 2.5, most=1)
    stage.note = f"{peer.sent // 10} bytes taken"


ATTACKS = [
    Attack("zero window: 256 calls with 7 KiB of headers by reference", stalled(1), options=STALL),
    Attack("zero window: the same on 8 connections", stalled(8), options=STALL),
    Attack("zero window: 200 replies of 0.8 MiB", unread_batches, options=STALL, memory=HELD, processor=4),
    Attack("nothing is read: 12 replies of 0.8 MiB, any window", unread_bytes, 4, options=STALL, memory=HELD),
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
    Attack("a message of 4 MiB in frames of one byte", crumbs, memory=HELD, processor=4),
    Attack("a reader that stops: 3 feeds, a flower a message and a packet", packets(3, 1), memory=16),
    Attack("a reader that stops: 64 feeds, 40 flowers a message and a packet, after 1 MiB at once",
           packets(64, 40, wire.message(bytes(1 << 20), length=4 << 20)), memory=40),
    Attack("256 messages of 4 MiB that are not finished", unfinished, memory=HELD_IN_CHUNKS),
]
