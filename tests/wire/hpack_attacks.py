# SPDX-License-Identifier: Apache-2.0
"""Header blocks that cost more to read than to send (CVE-2023-33953 and its kin; RFC 7541)."""

from attack import Attack
from peer import CONTINUATION, END_HEADERS, HEADERS, frame, literal, number, string
import traffic

REFUSED = ("COMPRESSION_ERROR", "ENHANCE_YOUR_CALM", "PROTOCOL_ERROR")
FULL = 16384


def continued(first, rest, frames=1500):
    """A header block that begins with `first` and goes on with `rest`, a frame each, and does not end."""
    yield frame(HEADERS, 0, 1, first)
    following = frame(CONTINUATION, 0, 1, rest)
    for _ in range(frames):
        yield following


def whole(payload):
    """A header block in as many frames as it takes."""
    pieces = [payload[i:i + FULL] for i in range(0, len(payload), FULL)]
    kinds = [HEADERS] + [CONTINUATION] * (len(pieces) - 1)
    return b"".join(frame(kind, END_HEADERS if i + 1 == len(pieces) else 0, 1, piece)
                    for i, (kind, piece) in enumerate(zip(kinds, pieces)))


def flooding(first, rest):
    return lambda stage: stage.dial().open().flood(continued(first, rest), 3)


def sending(payload):
    """The block, then silence."""
    return lambda stage: stage.dial().open().send(whole(payload))


def referring(count, value):
    """Puts one long field into the table and refers to it `count` times, in one byte each."""
    return traffic.BLOCK + literal("x-bomb", "a" * value, indexed=True) + b"\xbe" * count


def exhausted_or_closed(payload):
    """The stream is refused, or the connection."""
    def run(stage):
        peer = stage.dial().open()
        peer.send(whole(payload))
        peer.wait(lambda: peer.closed or peer.streams[1].ended, 2)
        status = peer.streams[1].status
        stage.note = status or ""
        if peer.closed or peer.error is not None:
            stage.expect(peer.wait_closed(2), "told to go, but not closed")
        else:
            stage.expect(status in ("RESOURCE_EXHAUSTED", "RST_STREAM ENHANCE_YOUR_CALM"), f"not refused: {status}")
    return run


HUGE = 1 << 30
ATTACKS = [
    Attack("HPACK: a name of 1 GiB announced, 24 MiB of CONTINUATION",
           flooding(b"\0" + string(b"a" * 9000, HUGE), b"a" * FULL), 2, REFUSED),
    Attack("HPACK: a value of 1 GiB announced, 24 MiB of CONTINUATION",
           flooding(b"\0" + string(b"x") + string(b"a" * 9000, HUGE), b"a" * FULL), 2, REFUSED),
    Attack("HPACK: the same, Huffman-coded",
           flooding(b"\0" + string(b"x") + number(HUGE, 7, 0x80) + b"\x18" * 9000, b"\x18" * FULL), 2, REFUSED),
    Attack("HPACK: a name of 1 GiB announced, never sent", sending(b"\0" + string(b"a", HUGE)), 2, REFUSED),
    Attack("HPACK: an integer that never ends, leading zeros",
           flooding(b"\0\x7f" + b"\x80" * 9000, b"\x80" * FULL), 2, REFUSED),
    Attack("HPACK: an integer beyond 2^32",
           sending(traffic.BLOCK + b"\0\x7f" + b"\xff" * 8 + b"\x7f"), 2, REFUSED),
    Attack("HPACK: 20,000 fields in a block", exhausted_or_closed(traffic.BLOCK + literal("a", "") * 20000)),
    Attack("HPACK: a field of 4,000 bytes referred to 16,000 times",
           exhausted_or_closed(referring(16000, 4000))),
    Attack("HPACK: an empty field referred to 64,000 times", exhausted_or_closed(referring(64000, 0))),
    Attack("HPACK: 100,000 table size updates in a block",
           sending(b"\x20\x3f\x01" * 50000 + traffic.BLOCK), 2, REFUSED),
    Attack("HPACK: a table size update in the middle of a block", sending(traffic.BLOCK + b"\x20" + literal("a", "b")),
           2, REFUSED),
    Attack("HPACK: a table emptied and filled again, over and over",
           flooding(traffic.BLOCK, b"".join(literal("x", "a" * 3000, indexed=True) for _ in range(5))), 2, REFUSED),
    Attack("CONTINUATION: 100,000 empty frames", flooding(traffic.BLOCK, b""), 2, REFUSED),
    Attack("CONTINUATION: one byte a frame",
           lambda stage: stage.dial().open().flood(
               (frame(HEADERS, 0, 1, traffic.BLOCK), *([b"".join(frame(CONTINUATION, 0, 1, bytes((byte,)))
                                                                 for byte in literal("a", "b") * 200)] * 100)), 3),
           2, REFUSED),
    Attack("CONTINUATION: full frames that carry fields without end",
           flooding(traffic.BLOCK, literal("x-filler", "a" * 100) * 145), 2, REFUSED),
]
