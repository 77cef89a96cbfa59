# SPDX-License-Identifier: Apache-2.0
"""Frames that cost work or an answer and carry nothing, without end; with answers read, and not."""

import struct
import time

from attack import Attack
from peer import (ACK, DATA, GOAWAY, PADDED, PING, PRIORITY, PUSH_PROMISE, SETTINGS, frame, reset, settings,
                  window_update)
import traffic

CALM = ("ENHANCE_YOUR_CALM",)
SECONDS = 2.5


def flood(frames, first=b"", **options):
    """Sends `frames` over and over."""
    def run(stage):
        peer = stage.dial(**options)
        if peer.reading:
            peer.open()
        peer.send(first)
        chunk = frames * max(1, 20000 // len(frames))
        peer.flood((chunk for _ in range(1 << 20)), SECONDS)
    return run


def greedy(stage):
    """Nothing but right calls, as many at once as may be and as fast as they are answered."""
    peer, answered = stage.dial().open(), 0
    together, end = peer.settings.get(3, 256), time.monotonic() + SECONDS
    for first in range(1, 1 << 30, 2 * together):
        batch = range(first, first + 2 * together, 2)
        peer.send(b"".join(traffic.call(stream) for stream in batch) + window_update(0, 7 * together))
        peer.wait(lambda: peer.closed or all(peer.streams[stream].ended for stream in batch), 5)
        answered += sum(peer.streams[stream].status == "OK" for stream in batch)
        if peer.closed or time.monotonic() > end:
            break
    stage.note = f"{answered} answered"
    stage.expect(not peer.closed and answered == (first - 1) // 2 + together, "not all of its calls were answered")


OPENED = traffic.headers(1)
PINGS = frame(PING, 0, 0, b"iristest")
TOGGLED = settings((4, 0)) + settings((4, 2**31 - 1))
FLOODS = [
    ("PING", PINGS, b""),
    ("SETTINGS, empty", settings(), b""),
    ("SETTINGS that change every window", TOGGLED, b"".join(traffic.headers(i) for i in range(1, 400, 2))),
    ("SETTINGS of 2,000 unknown values", settings(*[(0x7000, i) for i in range(2000)]), b""),
    ("PRIORITY", frame(PRIORITY, 0, 1, struct.pack(">IB", 0, 1)), OPENED),
    ("PRIORITY, idle streams",
     b"".join(frame(PRIORITY, 0, i, struct.pack(">IB", 0, 1)) for i in range(1, 999, 2)), b""),
    ("WINDOW_UPDATE by 1, connection", window_update(0, 1), b""),
    ("WINDOW_UPDATE by 1, stream", window_update(1, 1), OPENED),
    ("WINDOW_UPDATE by 1, a stream long ended", window_update(1, 1), traffic.call(1)),
    ("empty DATA", frame(DATA, 0, 1), OPENED),
    ("DATA that is padding only", frame(DATA, PADDED, 1, b"\0"), OPENED),
    ("frames of an unknown type, empty", frame(0x77, 0, 0), b""),
    ("frames of an unknown type, full", frame(0x77, 0, 0, bytes(16384)), b""),
    ("SETTINGS ACK that nobody waits for", frame(SETTINGS, ACK, 0), b""),
    ("PING ACK that nobody waits for", frame(PING, ACK, 0, b"iristest"), b""),
    ("RST_STREAM of a stream long ended", reset(1), traffic.call(1)),
    ("HEADERS of a stream long ended", traffic.headers(1, end=True), traffic.call(1) + traffic.call(3)),
    ("GOAWAY", frame(GOAWAY, 0, 0, bytes(8)), b""),
    ("PUSH_PROMISE", frame(PUSH_PROMISE, 4, 1, struct.pack(">I", 2) + traffic.BLOCK), OPENED),
]
# Some of these frames are errors by themselves, whatever their number.
ENDED = CALM + ("PROTOCOL_ERROR", "STREAM_CLOSED")
UNREAD = [("PING", PINGS), ("SETTINGS", settings()), ("WINDOW_UPDATE of 0", window_update(1, 0))]

ATTACKS = [Attack("flood: " + name, flood(frames, first), 2, ENDED) for name, frames, first in FLOODS]
ATTACKS += [Attack(f"flood, answers unread: {name}", flood(frames, reading=False), 2, ENDED) for name, frames in UNREAD]
ATTACKS += [Attack("no attack: right calls, as fast as they are answered", greedy, processor=5)]
