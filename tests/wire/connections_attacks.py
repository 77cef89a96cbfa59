# SPDX-License-Identifier: Apache-2.0
"""Connections that are opened and not used, used slowly, or are not HTTP/2 (CVE-2023-4785 is the one that ran out of
descriptors)."""

import resource
import select
import socket
import struct
import time

from attack import Attack
from peer import PING, frame, settings
import traffic
import wire

HANDSHAKE = ("--handshake-timeout", "2")
IDLE = ("--max-connection-idle", "1")
SHORTAGE = "cannot accept connections"
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500)


def speaking(first):
    """What is said must end the connection."""
    return lambda stage: stage.dial(preface=first, answering=False)


def silent(first, connections=20):
    """The same on several connections, then silence."""
    def run(stage):
        for _ in range(connections):
            stage.dial(preface=first, answering=False)
    return run


def one_byte_at_a_time(data, connections=50, seconds=4.5):
    """Several connections, on each a byte a second."""
    def run(stage):
        peers = [stage.dial(preface=b"", answering=False) for _ in range(connections)]
        for i in range(int(seconds)):
            for peer in peers:
                peer.send(data[i:i + 1])
            for peer in peers:
                peer.pump(1 / len(peers))
    return run


def dial(stage):
    host, _, port = stage.target.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=5)


def crowd(count, seconds, must_close=True):
    """So many connections that say nothing."""
    def run(stage):
        for _ in range(count):
            stage.sockets.append(dial(stage))
        poll, open_ones = select.poll(), {connection.fileno() for connection in stage.sockets}
        for descriptor in open_ones:
            poll.register(descriptor, select.POLLRDHUP)
        end = stage.began + seconds
        while open_ones and time.monotonic() < end:
            for descriptor, _ in poll.poll(max(0.0, end - time.monotonic()) * 1000):
                poll.unregister(descriptor)
                open_ones.discard(descriptor)
        stage.note = f"{len(open_ones)} of {count} still open after {time.monotonic() - stage.began:.1f} s"
        stage.expect(not must_close or not open_ones, f"not all were closed within {seconds} s")
    return run


def out_of_descriptors(stage):
    """More connections than descriptors, of which there are fewer than at the start, so that the limit that follows from
    those is not met first; then they go, all at once."""
    resource.prlimit(stage.server.process.pid, resource.RLIMIT_NOFILE, (32, 40))
    for _ in range(200):
        stage.sockets.append(dial(stage))
    time.sleep(2)
    for connection in stage.sockets:
        connection.close()


def churn(last, rate=None):
    """2,000 connections that come and go, `rate` a second; `last` is the way they go."""
    def run(stage):
        for i in range(2000):
            with dial(stage) as connection:
                last(connection)
            if rate:
                time.sleep(max(0.0, stage.began + i / rate - time.monotonic()))
    return run


def abort(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def introduce(connection):
    connection.sendall(wire.PREFACE + settings() + frame(PING, 0, 0, b"iristest"))


PREFACE = wire.PREFACE + settings()
ATTACKS = [
    Attack("bad preface: HTTP/1.1",
           speaking(b"POST /ml.IrisPredictor/PredictIrisSpecies HTTP/1.1\r\nHost: x\r\n\r\n"), 2),
    Attack("bad preface: the last byte is wrong", speaking(wire.PREFACE[:-1] + b"x" + settings()), 2),
    Attack("bad preface: 1 MiB of zeros", speaking(bytes(1 << 20)), 2),
    Attack("TLS spoken to the plaintext port", speaking(HELLO), 2),
    Attack("a preface, then a frame other than SETTINGS", speaking(wire.PREFACE + frame(PING, 0, 0, bytes(8))), 2),
    Attack("a frame of 16 MiB announced", speaking(PREFACE + frame(0, 0, 1, b"x", length=0xffffff)), 2,
           ("FRAME_SIZE_ERROR", "PROTOCOL_ERROR")),
    Attack("half a preface, then silence", silent(wire.PREFACE[:12]), 4, options=HANDSHAKE),
    Attack("a preface without SETTINGS, then silence", silent(wire.PREFACE), 4, options=HANDSHAKE),
    Attack("half of the SETTINGS frame, then silence", silent(wire.PREFACE + settings((3, 100))[:11]), 4,
           options=HANDSHAKE),
    # No call has begun: an established connection may be silent for as long as --max-connection-idle allows.
    Attack("half a HEADERS frame, then silence, 200 connections",
           silent(PREFACE + traffic.headers(1)[:60], 200), 4, options=IDLE, memory=16),
    Attack("one byte a second, 50 connections", one_byte_at_a_time(PREFACE), 4, options=HANDSHAKE),
    # They come all at once: who asks in that very moment waits behind them, and all share two processors.
    Attack("2,000 connections that say nothing", crowd(2000, 5), options=HANDSHAKE, p99=0.25),
    # Who has a connection keeps it; a new one has to wait.
    Attack("200 connections, 40 descriptors", out_of_descriptors, descriptors=40, lines=SHORTAGE, reconnect=False,
           processor=0.5),
    # As fast as one client can: a new connection waits for those before it.
    Attack("2,000 connections that come and go", churn(lambda connection: None), p99=1.0),
    Attack("2,000 connections that come and go, 1,000 a second", churn(lambda connection: None, 1000)),
    Attack("2,000 connections that are aborted, 1,000 a second", churn(abort, 1000)),
    Attack("2,000 connections that go after their first frames, 1,000 a second", churn(introduce, 1000)),
]
