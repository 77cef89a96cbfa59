# SPDX-License-Identifier: Apache-2.0
"""Taking answers a little at a time, so that nothing ever stalls for long: by the windows, and from the socket.

In each stall timeout a sixteenth of what waited when it began must be taken, 1 KiB at least (or all of it) and 32 at
most: else the stream is reset, or the connection closed. The server looks four times in a stall timeout, and in the
first enough may have been taken: so the end comes within three, and two more where the machine is busy."""

import itertools
import time

from attack import Attack
from peer import FIRST_WINDOW, settings, window_update
import traffic
import windows_attacks
import wire

STALL = ("--stall-timeout", "1")
ENDED = 5.0  # seconds after a request until its stream is ended, and after twelve until the connection is closed
PAUSE = 0.6  # between two drops
DROP = 65536  # of a client that is slow, but takes several times as much as it must
TAKES = 0.4  # between two of those


def small(peer, first=1, last=2 * windows_attacks.STREAMS):
    """Unary calls, all at once; their numbers."""
    streams = range(first, last, 2)
    peer.send(b"".join(traffic.call(stream) for stream in streams))
    yield from streams


def large(peer, count=20):
    """Calls with answers of 0.8 MiB, one after the other; their numbers."""
    request, fields = wire.message(windows_attacks.rows_of_zeros(windows_attacks.ROWS)), traffic.block(traffic.INFER)
    for stream in range(1, 2 * count, 2):
        if not (peer.send(traffic.headers(stream, fields)) and peer.deliver(stream, request, 2)):
            break
        peer.send(traffic.data(stream, b""))
        yield stream


def one_then_small(peer):
    """The same, of which the first uses up the connection's window."""
    yield from large(peer, 1)
    peer.wait(lambda: peer.closed or peer.streams[1].size >= FIRST_WINDOW, 2)
    yield from small(peer, 3)


def of_streams(living):
    """A byte for each."""
    return b"".join(window_update(stream, 1) for stream in living)


def of_connection(living):
    """As many bytes as there are streams, to whom they may go."""
    return window_update(0, len(living))


def dripped(preface, requests, drop):
    """`requests(peer)` asks and yields the streams; drop(those that live) is sent again and again. Every stream must be
    ended by the server, or the connection closed."""
    def run(stage):
        peer, asked, due = stage.dial(preface=preface).open(), {}, 0.0
        for stream in itertools.chain(requests(peer), itertools.repeat(None)):
            now = time.monotonic()
            if stream:
                asked[stream] = now
            living = [one for one in asked if not peer.ended(one)]
            if peer.closed or stream is None and (not living or now > max(asked.values()) + ENDED):
                break
            if now >= due:
                peer.send(drop(living))
                due = now + PAUSE
            if stream is None:
                peer.pump(0.02)
        judge(stage, peer, asked)
    return run


def judge(stage, peer, asked):
    """Whether every stream was ended in time. One whose answer is so short that it was taken whole is no complaint."""
    over = {stream: peer.streams[stream].ended or peer.closed for stream in asked}
    left = sum(end is None for end in over.values())
    last = max((end - asked[stream] for stream, end in over.items() if end), default=0.0)
    stage.note = f"{left} streams left of {len(asked)}" + (f", ended within {last:.1f} s" if last else "")
    stage.expect(not left and last <= ENDED, f"streams that take a drop at a time were not ended within {ENDED:g} s")


def sipped(amount, pause):
    """Answers of 0.8 MiB for which there is window, to a client that takes so little from its socket."""
    def run(stage):
        peer = stage.dial(preface=windows_attacks.WIDE, buffer=4096).open()
        windows_attacks.ask_together(stage, peer)
        while not peer.closed and time.monotonic() < stage.began + ENDED:
            peer.pump(pause)
            peer.sip(amount)
    return run


def slow(preface, lend, buffer=None):
    """One answer, taken slowly, but by more than what must be: it comes whole."""
    def run(stage):
        peer = stage.dial(preface=preface, buffer=buffer).open()
        list(large(peer, 1))
        while not peer.closed and not peer.ended(1) and time.monotonic() < stage.began + 15:
            peer.reading = buffer is None
            peer.pump(TAKES)
            peer.sip(DROP)
            peer.send(lend)
        stage.note = f"{peer.streams[1].status} after {time.monotonic() - stage.began:.1f} s"
        stage.expect(peer.streams[1].status == "OK", f"a slow reader's call ended with {peer.streams[1].status}")
    return run


NO_WINDOW, WIDE, HELD = windows_attacks.NO_WINDOW, windows_attacks.WIDE, windows_attacks.HELD
WIDE_STREAMS = wire.PREFACE + settings((4, 2**31 - 1))
ATTACKS = [
    Attack("a window of a byte more every 0.6 s: 256 calls", dripped(NO_WINDOW, small, of_streams), options=STALL),
    Attack("a window of a byte more every 0.6 s: 20 replies of 0.8 MiB", dripped(NO_WINDOW, large, of_streams),
           options=STALL, memory=HELD),
    Attack("the connection's window dripped: 255 calls after a reply of 0.8 MiB",
           dripped(WIDE_STREAMS, one_then_small, of_connection), options=STALL),
    Attack("the connection's window dripped: 20 replies of 0.8 MiB", dripped(WIDE_STREAMS, large, of_connection),
           options=STALL, memory=HELD),
    # A byte makes no room that the client's kernel would tell of, so that to the server nothing is taken.
    Attack("a socket read a byte every half second: 12 replies of 0.8 MiB, any window", sipped(1, 0.5), ENDED,
           options=STALL, memory=HELD),
    # A small buffer emptied does: 6 KiB, where a sixteenth of what the server's kernel has kept (400 KB) is 24.
    Attack("a socket read 6 KiB every 0.8 s: 12 replies of 0.8 MiB, any window", sipped(8192, 0.8), ENDED,
           options=STALL, memory=HELD),
    Attack("no attack: a reply of 0.8 MiB, a window of 64 KiB every 0.4 s",
           slow(NO_WINDOW, window_update(0, DROP) + window_update(1, DROP)), options=STALL),
    Attack("no attack: a reply of 0.8 MiB, 64 KiB read every 0.4 s", slow(WIDE, b"", buffer=DROP // 2), options=STALL),
]
