# SPDX-License-Identifier: Apache-2.0
"""Streams that are numbered wrongly, and frames that are padded wrongly: on one connection after the other, each of
which must be closed. What is an error of the connection closes it at once; what is none (conformance.py: skipped as a
frame that carries nothing, or answered as an error of the call) does when there is too much of it."""

import time

from attack import Attack
from peer import DATA, END_HEADERS, END_STREAM, HEADERS, PADDED, Peer, frame, window_update
import traffic

WRONG, CALM = ("PROTOCOL_ERROR",), ("ENHANCE_YOUR_CALM",)
SOON = 2.0  # seconds within which a connection must be closed
IN_ALL = 10  # and all of them
MOST = 4000  # frames or calls on a connection: more than are forgiven
TOGETHER = 100  # calls at once


def in_a_row(count, attack):
    """attack(peer, i) on the i-th of so many connections, each of which is closed before the next is opened."""
    def run(stage):
        last = 0.0
        for i in range(count):
            peer = Peer(stage.target, at_once=True).open()
            stage.peers.append(peer)
            began = time.monotonic()
            attack(peer, i)
            if not peer.wait_closed(SOON):
                stage.expect(False, f"the {i + 1}. connection was not closed within {SOON:g} s")
                break
            last = max(last, peer.closed - began)
            peer.socket.close()
        stage.note = f"each within {last:.2f} s"
        stage.expect(last <= SOON, f"a connection was closed after {last:.1f} s")
    return run


def sending(*frames):
    """One of `frames`, in turn."""
    return lambda peer, i: peer.send(frames[i % len(frames)])


def after(calls, frames):
    """`calls`, which are answered, then `frames` over and over."""
    def attack(peer, _):
        peer.send(b"".join(calls))
        peer.wait(lambda: sum(one.ended is not None for one in peer.streams.values()) == len(calls), SOON)
        peer.flood((frames * 100 for _ in range(MOST // 100)), SOON)
    return attack


def padded(*endings):
    """Calls whose DATA are one of `endings`, in turn; no more at once than may be."""
    def attack(peer, i):
        ending = endings[i % len(endings)]
        for first in range(1, 2 * MOST, 2 * TOGETHER):
            streams = range(first, first + 2 * TOGETHER, 2)
            peer.send(b"".join(traffic.headers(stream) + frame(DATA, END_STREAM | PADDED, stream, ending)
                               for stream in streams))
            if not peer.wait(lambda: all(peer.ended(stream) for stream in streams), SOON):
                break
    return attack


def opened(payload):
    return frame(HEADERS, END_HEADERS | END_STREAM | PADDED, 1, payload)


PART = traffic.BLOCK[:20]
ATTACKS = [
    Attack("streams of even numbers, 200 connections in a row",
           in_a_row(200, sending(traffic.call(2), traffic.call(2**31 - 2), traffic.headers(2))), IN_ALL, WRONG),
    Attack("streams numbered backwards, 200 connections in a row",
           in_a_row(200, after([traffic.call(1), traffic.call(5)], traffic.headers(3, end=True))), IN_ALL, CALM),
    Attack("a stream's number used again, 200 connections in a row",
           in_a_row(200, after([traffic.call(1)], traffic.call(1))), IN_ALL, CALM),
    Attack("DATA of a stream that was never opened, 200 connections in a row",
           in_a_row(200, sending(traffic.data(1), traffic.data(2**31 - 1, b""))), IN_ALL, WRONG),
    Attack("WINDOW_UPDATE of a stream that was never opened, 200 connections in a row",
           in_a_row(200, sending(window_update(1, 1), window_update(2**31 - 1, 1))), IN_ALL, WRONG),
    Attack("HEADERS with more padding than frame, or with nothing but the flag, 200 connections in a row",
           in_a_row(200, sending(opened(b"\x15" + PART), opened(b"\x14" + PART), opened(b"\xff" + PART), opened(b""))),
           IN_ALL, WRONG),
    Attack("DATA with more padding than frame, or with nothing but the flag, 30 connections in a row",
           in_a_row(30, padded(b"\x06" + bytes(5), b"\x05" + bytes(5), b"\xff" + bytes(5), b"")), IN_ALL, CALM,
           processor=4),
]
