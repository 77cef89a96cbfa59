# SPDX-License-Identifier: Apache-2.0
"""Tries the cases of conformance.py on a server and compares what came of them."""

import peer as peers
from peer import PING, frame, window_update

HEADING = "| section | what is sent | allowed | outcome | result |\n|---|---|---|---|---|"
MAX_FRAME_SIZE = 5
MARK = b"conforms"  # in the PING that tells that everything before it was read


def outcome(peer, stream):
    if peer.error is not None and peer.wait_closed(2):
        return "GOAWAY " + peers.code_name(peer.error)
    if peer.closed:
        return "closed"
    return peer.streams[stream].status or "open"


def act(peer, part, case):
    """Sends bytes, or waits for what a word stands for."""
    if isinstance(part, bytes):
        peer.send(part)
    elif part == "answer":
        peer.wait(lambda: peer.closed or peer.streams[1].ended, 5)
        if peer.streams[1].status != "OK":
            raise AssertionError(f"not answered: {peer.streams[1].status}")
        peer.streams[1].reset = None
    elif part == "acknowledged":
        acknowledged = peer.frames[peers.SETTINGS]
        peer.wait(lambda: peer.closed or peer.frames[peers.SETTINGS] > acknowledged, 5)
        if peer.frames[peers.SETTINGS] <= acknowledged:
            raise AssertionError("SETTINGS were not acknowledged")
    elif part == "drip":
        for _ in range(20):  # an answer of seven bytes; one more is lent at a time
            size = peer.streams[1].size
            peer.wait(lambda: peer.closed or peer.streams[1].ended or peer.streams[1].size > size, 2)
            if peer.streams[1].size > size + 1:
                raise AssertionError("more than one byte came into a window of one")
            if peer.closed or peer.streams[1].ended:
                break
            peer.send(window_update(1, 1))
    else:
        _, kind, stream = part  # "oversize": the beginning of a frame that is longer than announced
        peer.send(frame(kind, 0, stream, bytes(1000), length=peer.settings.get(MAX_FRAME_SIZE, 1 << 14) + 1))


def attempt(target, case):
    """What came of one case."""
    preface = {"preface": b"", "answering": False} if case.raw else {}
    with peers.Peer(target, **preface) as peer:
        if not case.raw:
            peer.open()
        for part in case.parts:
            act(peer, part, case)
        expected = (case.deviation[0],) if case.deviation else case.allowed
        if case.ping:
            peer.send(frame(PING, 0, 0, MARK))
            peer.wait(lambda: peer.closed or MARK in peer.pings, 5)
        # Everything was read; an answer, or the connection's end, may still be on its way.
        peer.wait(lambda: peer.closed or peer.streams[case.stream].ended, 0.2 if "open" in expected else 2)
        peer.wait(lambda: peer.closed, 0.02)
        return outcome(peer, case.stream)


def complaint(case, found):
    """What is wrong with this outcome; None: nothing."""
    if case.deviation:
        return None if found == case.deviation[0] else f"stated was another deviation, {case.deviation[0]}"
    return None if found in case.allowed else f"allowed is {' or '.join(case.allowed)}"


def row(case, found):
    wrong = complaint(case, found)
    verdict = f"**fails**: {wrong}" if wrong else f"deviates: {case.deviation[1]}" if case.deviation else "conforms"
    return f"| {case.section} | {case.what} | {', '.join(case.allowed)} | {found} | {verdict} |"
