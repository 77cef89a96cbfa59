# SPDX-License-Identifier: Apache-2.0
"""What older and newer releases of gRPC fell to, and this one must not: each on a connection that other clients could
be behind, too, which has to live on, or to be closed, but never to misunderstand what follows."""

from attack import Attack
from peer import literal, number
import traffic

WITHOUT_PATH = b"".join(literal(name, value) for name, value in (
    (":method", "POST"), (":scheme", "http"), (":authority", "localhost"), ("content-type", "application/grpc"),
    ("te", "trailers")))


def then(first, second, statuses, lives=True):
    """Two calls; the first ends with one of `statuses`, the second is right. Unless the connection `lives`, it may be
    closed instead."""
    def run(stage):
        peer = stage.dial().open()
        peer.send(traffic.call(1, first))
        peer.wait(lambda: peer.closed or peer.streams[1].ended, 2)
        peer.send(traffic.call(3, second))
        peer.wait(lambda: peer.closed or peer.streams[3].ended, 2)
        one, two = peer.streams[1].status, peer.streams[3].status
        stage.note = f"{one}, then {'closed' if peer.closed else two}"
        stage.expect(one in statuses or peer.closed and not lives, f"the call ended with {one}")
        stage.expect(two == "OK" or peer.closed and not lives, f"the next call ended with {two}")
    return run


FAILED = ("UNAVAILABLE", "INVALID_ARGUMENT", "RST_STREAM PROTOCOL_ERROR", "RST_STREAM INTERNAL_ERROR")
TOO_MUCH = ("RESOURCE_EXHAUSTED", "RST_STREAM ENHANCE_YOUR_CALM")
PATH = literal(":path", traffic.UNARY, indexed=True)
LARGE = literal("x-large", "a" * 9000)
TABLED = number(62, 7, 0x80)  # the entry that came last
ATTACKS = [
    Attack("CVE-2023-32732: a -bin header that is not base64",
           then(traffic.BLOCK + literal("x-bin", "!!!"), traffic.BLOCK, FAILED)),
    Attack("CVE-2023-1428: te, then more than 8 KB",
           then(WITHOUT_PATH.replace(b"trailers", b"trailerz") + literal(":path", traffic.UNARY) + LARGE, traffic.BLOCK,
                TOO_MUCH + FAILED)),
    Attack("CVE-2023-1428: :scheme, then more than 8 KB",
           then(traffic.BLOCK.replace(b"http", b"xttp", 1) + LARGE, traffic.BLOCK, TOO_MUCH + FAILED)),
    Attack("CVE-2023-1428: grpclb_client_stats, then more than 8 KB",
           then(traffic.BLOCK + literal("grpclb_client_stats", "x") + LARGE, traffic.BLOCK, TOO_MUCH + FAILED)),
    Attack("CVE-2023-32731: a field put into the table after the limit was passed",
           then(traffic.BLOCK + LARGE + PATH, TABLED + WITHOUT_PATH, TOO_MUCH, lives=False)),
    Attack("CVE-2024-7246: a field put into the table after one that is misencoded",
           then(traffic.BLOCK + literal("x-bin", "!!!", indexed=True) + PATH, TABLED + WITHOUT_PATH, FAILED,
                lives=False)),
    Attack("CVE-2024-7246: the misencoded field itself, referred to",
           then(traffic.BLOCK + literal("x-bin", "!!!", indexed=True), TABLED + traffic.BLOCK, FAILED, lives=False)),
]
