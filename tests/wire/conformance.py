# SPDX-License-Identifier: Apache-2.0
"""The cases of RFC 9113 and RFC 7541 that apply to a gRPC server (h2spec's list, for the most part), each with what is
sent and what may come of it.

An outcome is one of
    closed              the connection was closed without a reason; allowed where an error of the connection is asked
                        for
    GOAWAY code         the connection was closed, with this reason
    RST_STREAM code     the stream was, and the connection lives
    OK, or another status of gRPC; "HTTP n", if that is all there is
    open                nothing came of it; the connection lives

`allowed` is what the RFC allows. Where the server does something else there is a Deviation: what it does instead, and
why that is harmless. It is not a pass, and the test fails when the behaviour changes."""

import dataclasses
import struct

import wire
from peer import (ACK, CONTINUATION, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PADDED, PING, PRIORITIZED,
                  PRIORITY, PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE, block, frame, literal, number, reset,
                  settings, string, window_update)
from traffic import BLOCK, BODY, UNARY, call, data, headers


@dataclasses.dataclass
class Case:
    """`parts` are sent on an open connection (`raw`: as the very first bytes), then a PING (unless `ping` is False,
    where it would be an error itself); the outcome is that of stream `stream`, if anything came on it. A part is bytes,
    or says what to wait for or to make of what the server announced (test_conformance.py, `act`)."""
    section: str
    what: str
    parts: tuple
    allowed: tuple
    deviation: tuple = None  # (outcome, why it is harmless)
    raw: bool = False
    ping: bool = True
    stream: int = 1


def connection(*codes):
    """An error of the connection."""
    return tuple(f"GOAWAY {code}" for code in codes) + ("closed",)


def stream(*codes):
    """An error of the stream, which may be taken for one of the connection."""
    return tuple(f"RST_STREAM {code}" for code in codes) + connection(*codes)


P, F, S, Z, C = "PROTOCOL_ERROR", "FLOW_CONTROL_ERROR", "STREAM_CLOSED", "FRAME_SIZE_ERROR", "COMPRESSION_ERROR"
# A malformed request may be answered, with an error (8.1.1): gRPC's are these.
MALFORMED = stream(P) + ("INVALID_ARGUMENT", "UNAVAILABLE", "UNIMPLEMENTED")
OPEN, OK = ("open",), ("OK",)
PREFACE = wire.PREFACE + settings()
DEPENDENCY = struct.pack(">IB", 0, 15)
PLAIN = [(":method", "POST"), (":scheme", "http"), (":path", UNARY), (":authority", "localhost"),
         ("content-type", "application/grpc"), ("te", "trailers")]


def fields(*pairs):
    return b"".join(literal(name, value) for name, value in pairs)


def without(name):
    return fields(*(pair for pair in PLAIN if pair[0] != name))


def opened(payload=BLOCK, flags=0, stream=1):
    return frame(HEADERS, flags, stream, payload)


def more(payload=b"", flags=0, stream=1):
    return frame(CONTINUATION, flags, stream, payload)


HALF = len(BLOCK) // 2
# Why a deviation is harmless.
STRICT = "it is taken for an error; no client sets flags that are not defined"
CODE = "the connection ends, as it must; only the code is less exact"
SKIPPED = "it is skipped, and counts as a frame that carries nothing, of which there may not be many"
UNSENT = "gRPC's own clients send it for a call cancelled before its HEADERS were; it counts as a frame with nothing"
UNPADDED = "padding is not understood, which ends the call or the connection; no client of gRPC's pads"
METADATA = "it is metadata like any other, of which nothing is made: it is not passed on, and not written into a log"
LAST = "the last one counts; there is nobody else who could have decided by the first"
LENGTH = "what counts is the length before the message, which is checked"
CODED = "the padding is not looked at; the field's length is limited all the same"

CASES = [
    # Connection preface
    Case("3.4", "preface and SETTINGS", (PREFACE, frame(SETTINGS, ACK, 0)), OPEN, raw=True),
    Case("3.4", "a preface that is wrong", (b"INVALID CONNECTION PREFACE\r\n\r\n",), connection(P), raw=True,
         ping=False),
    Case("3.4", "a first frame that is not SETTINGS", (wire.PREFACE, frame(PING, 0, 0, bytes(8))), connection(P),
         raw=True, ping=False),
    # Frames
    Case("4.1", "a frame of an unknown type", (frame(0x16, 0, 0, bytes(8)),), OPEN),
    Case("4.1", "a flag that is not defined", (frame(PING, 0x16, 0, bytes(8)),), OPEN,
         deviation=("GOAWAY PROTOCOL_ERROR", STRICT)),
    Case("4.1", "the reserved bit of a stream's number", (frame(PING, 0, 0x80000000, bytes(8)),), OPEN),
    Case("4.2", "DATA of 2^14 bytes",
         (headers(1), data(1, wire.message(bytes(16379)), end=True)), OK + ("INVALID_ARGUMENT",)),
    Case("4.2", "DATA of one byte more than announced", (headers(1), ("oversize", DATA, 1)), stream(Z), ping=False),
    Case("4.2", "HEADERS of one byte more than announced", (("oversize", HEADERS, 1),), connection(Z), ping=False),
    Case("4.2", "SETTINGS of one byte more than announced", (("oversize", SETTINGS, 0),), connection(Z), ping=False),
    # Header compression
    Case("4.3", "a header block that is no HPACK", (opened(b"\xff" * 8, END_HEADERS | END_STREAM),), connection(C)),
    Case("4.3", "PRIORITY within a header block", (opened(), frame(PRIORITY, 0, 1, DEPENDENCY)), connection(P),
         ping=False),
    Case("4.3", "HEADERS of another stream within a header block", (opened(), headers(3)), connection(P), ping=False),
    # Stream states
    Case("5.1", "idle: DATA", (data(1),), connection(P, S)),
    Case("5.1", "idle: RST_STREAM", (reset(3), call(1)), connection(P), deviation=("OK", UNSENT)),
    Case("5.1", "idle: RST_STREAM, of a number that no client may use", (reset(2),), connection(P)),
    Case("5.1", "idle: WINDOW_UPDATE", (window_update(1, 100),), connection(P)),
    Case("5.1", "idle: CONTINUATION", (more(BLOCK, END_HEADERS),), connection(P)),
    Case("5.1", "idle: PRIORITY", (frame(PRIORITY, 0, 1, DEPENDENCY), call(1)), OK),
    Case("5.1", "half-closed (remote): DATA", (headers(1), data(1), data(1)), stream(S) + OK),
    Case("5.1", "half-closed (remote): HEADERS", (headers(1), data(1), headers(1, end=True)), stream(S) + OK),
    Case("5.1", "half-closed (remote): CONTINUATION", (call(1), more(BLOCK, END_HEADERS)), connection(P, S)),
    Case("5.1", "half-closed (remote): PRIORITY", (call(1), frame(PRIORITY, 0, 1, DEPENDENCY)), OK),
    Case("5.1", "closed by RST_STREAM: DATA", (headers(1), reset(1), data(1)), stream(S) + OPEN),
    Case("5.1", "closed by RST_STREAM: HEADERS", (headers(1), reset(1), headers(1)), stream(S) + connection(P),
         deviation=("open", SKIPPED)),
    Case("5.1", "closed by RST_STREAM: CONTINUATION", (headers(1), reset(1), more(BLOCK, END_HEADERS)),
         connection(P, S)),
    Case("5.1", "closed: WINDOW_UPDATE", (call(1), "answer", window_update(1, 1)), OK),
    Case("5.1", "closed: DATA", (call(1), "answer", data(1)), stream(S), deviation=("OK", SKIPPED)),
    Case("5.1", "closed: HEADERS", (call(1), "answer", headers(1, end=True)), connection(S, P),
         deviation=("OK", SKIPPED)),
    Case("5.1", "closed: CONTINUATION", (call(1), "answer", more(BLOCK, END_HEADERS)), connection(P, S)),
    Case("5.1.1", "an even number", (call(2),), connection(P), stream=2),
    Case("5.1.1", "a number that is less than before", (call(5), call(3)), connection(P), stream=3,
         deviation=("open", SKIPPED)),
    Case("5.1.1", "HEADERS on stream 0", (headers(0, end=True),), connection(P)),
    Case("5.1.1", "numbers left out", (call(101),), OK, stream=101),
    Case("5.1.2", "more streams than announced", tuple(headers(i) for i in range(1, 1201, 2)),
         stream(P, "REFUSED_STREAM"), stream=1199),
    Case("5.3.1", "HEADERS: a stream that depends on itself (obsolete in RFC 9113)",
         (opened(struct.pack(">IB", 1, 15) + BLOCK, END_HEADERS | PRIORITIZED), data(1)), stream(P) + OK),
    Case("5.3.1", "PRIORITY: the same", (frame(PRIORITY, 0, 1, struct.pack(">IB", 1, 15)), call(1)), stream(P) + OK),
    Case("5.4.1", "after an error of the connection", (frame(PING, 0, 0, bytes(6)),), connection(Z),
         deviation=("GOAWAY PROTOCOL_ERROR", CODE)),
    Case("5.5", "an extension's frame within a header block", (opened(BLOCK[:HALF]), frame(0x16, 0, 1)), connection(P),
         ping=False),
    # Frame definitions
    Case("6.1", "DATA on stream 0", (data(0),), connection(P)),
    Case("6.1", "DATA, padding", (headers(1), frame(DATA, END_STREAM | PADDED, 1, b"\x05" + BODY + bytes(5))), OK,
         deviation=("INVALID_ARGUMENT", UNPADDED)),
    Case("6.1", "DATA, padding longer than the frame",
         (headers(1), frame(DATA, END_STREAM | PADDED, 1, b"\x06" + bytes(5))),
         connection(P), deviation=("INVALID_ARGUMENT", UNPADDED)),
    Case("6.1", "DATA, padding without its length", (headers(1), frame(DATA, END_STREAM | PADDED, 1)),
         connection(Z, P), deviation=("INVALID_ARGUMENT", UNPADDED)),
    Case("6.2", "HEADERS, padding and priority",
         (opened(b"\x04" + DEPENDENCY + BLOCK + bytes(4), END_HEADERS | PADDED | PRIORITIZED), data(1)), OK,
         deviation=("GOAWAY PROTOCOL_ERROR", UNPADDED)),
    Case("6.2", "HEADERS, padding longer than the frame",
         (opened(b"\xff" + BLOCK[:20], END_HEADERS | END_STREAM | PADDED),), connection(P)),
    Case("6.2", "HEADERS, priority cut short", (opened(bytes(3), END_HEADERS | END_STREAM | PRIORITIZED),),
         connection(Z, P, C)),
    Case("6.2", "HEADERS without END_HEADERS, then DATA", (opened(), data(1)), connection(P), ping=False),
    Case("6.3", "PRIORITY on stream 0", (frame(PRIORITY, 0, 0, DEPENDENCY),), connection(P),
         deviation=("open", SKIPPED)),
    Case("6.3", "PRIORITY of 4 bytes", (frame(PRIORITY, 0, 1, bytes(4)),), stream(Z)),
    Case("6.4", "RST_STREAM on stream 0", (reset(0),), connection(P)),
    Case("6.4", "RST_STREAM of 3 bytes", (headers(1), frame(RST_STREAM, 0, 1, bytes(3))), connection(Z),
         deviation=("GOAWAY PROTOCOL_ERROR", CODE)),
    Case("6.5", "SETTINGS ACK with a payload", (frame(SETTINGS, ACK, 0, bytes(6)),), connection(Z),
         deviation=("GOAWAY PROTOCOL_ERROR", CODE)),
    Case("6.5", "SETTINGS on stream 1", (frame(SETTINGS, 0, 1),), connection(P)),
    Case("6.5", "SETTINGS of 3 bytes", (frame(SETTINGS, 0, 0, bytes(3)),), connection(Z),
         deviation=("GOAWAY PROTOCOL_ERROR", CODE)),
    Case("6.5.2", "ENABLE_PUSH 2", (settings((2, 2)),), connection(P)),
    Case("6.5.2", "INITIAL_WINDOW_SIZE 2^31", (settings((4, 2**31)),), connection(F)),
    Case("6.5.2", "MAX_FRAME_SIZE 2^14-1", (settings((5, 2**14 - 1)),), connection(P)),
    Case("6.5.2", "MAX_FRAME_SIZE 2^24", (settings((5, 2**24)),), connection(P)),
    Case("6.5.2", "an unknown setting", (settings((0xff, 1)), call(1)), OK),
    Case("6.5.3", "the same setting twice: the last counts", (settings((4, 100), (4, 0)), call(1)), OPEN),
    Case("6.5.3", "SETTINGS are acknowledged", (settings((3, 100)), "acknowledged"), OPEN),
    Case("6.6", "PUSH_PROMISE from a client",
         (headers(1), frame(PUSH_PROMISE, END_HEADERS, 1, struct.pack(">I", 2) + BLOCK)),
         connection(P), deviation=("open", SKIPPED)),
    Case("6.7", "PING ACK that nobody waits for", (frame(PING, ACK, 0, bytes(8)),), OPEN),
    Case("6.7", "PING on stream 1", (frame(PING, 0, 1, bytes(8)),), connection(P)),
    Case("6.7", "PING of 6 bytes", (frame(PING, 0, 0, bytes(6)),), connection(Z),
         deviation=("GOAWAY PROTOCOL_ERROR", CODE)),
    Case("6.8", "GOAWAY on stream 1", (frame(GOAWAY, 0, 1, bytes(8)),), connection(P)),
    Case("6.8", "GOAWAY of 4 bytes", (frame(GOAWAY, 0, 0, bytes(4)),), connection(Z),
         deviation=("GOAWAY PROTOCOL_ERROR", CODE)),
    Case("6.9", "WINDOW_UPDATE of 0, connection", (window_update(0, 0),), connection(P)),
    Case("6.9", "WINDOW_UPDATE of 0, stream", (headers(1), window_update(1, 0)), stream(P)),
    Case("6.9", "WINDOW_UPDATE of 3 bytes", (headers(1), frame(WINDOW_UPDATE, 0, 1, bytes(3))), connection(Z),
         deviation=("GOAWAY PROTOCOL_ERROR", CODE)),
    Case("6.9.1", "a window of 1: one byte comes at a time", (settings((4, 1)), call(1), "drip"), OK),
    Case("6.9.1", "window of the connection beyond 2^31-1", (window_update(0, 2**31 - 1),), connection(F)),
    Case("6.9.1", "window of a stream beyond 2^31-1", (headers(1), window_update(1, 2**31 - 1)), stream(F)),
    Case("6.9.2", "a window that was 0 grows by SETTINGS",
         (settings((4, 0)), call(1), settings((4, 65535))), OK),
    Case("6.9.2", "a window below 0 is not written into", (settings((4, 3)), call(1), settings((4, 2))), OPEN),
    Case("6.10", "CONTINUATION, several",
         (opened(BLOCK[:9]), more(BLOCK[9:HALF]), more(BLOCK[HALF:], END_HEADERS), data(1)), OK),
    Case("6.10", "CONTINUATION, then another frame", (opened(BLOCK[:HALF]), more(BLOCK[HALF:]), data(1)), connection(P),
         ping=False),
    Case("6.10", "CONTINUATION on stream 0", (opened(BLOCK[:HALF]), more(BLOCK[HALF:], END_HEADERS, 0)), connection(P),
         ping=False),
    Case("6.10", "CONTINUATION after HEADERS with END_HEADERS", (headers(1), more(BLOCK, END_HEADERS)), connection(P)),
    Case("6.10", "CONTINUATION after CONTINUATION with END_HEADERS",
         (opened(BLOCK[:HALF]), more(BLOCK[HALF:], END_HEADERS), more(BLOCK, END_HEADERS)), connection(P)),
    Case("6.10", "CONTINUATION after DATA", (headers(1), data(1, end=False), more(BLOCK, END_HEADERS)), connection(P)),
    # Error codes
    Case("7", "GOAWAY with an unknown code", (frame(GOAWAY, 0, 0, struct.pack(">II", 0, 0xff)),), OPEN + ("closed",)),
    Case("7", "RST_STREAM with an unknown code", (headers(1), reset(1, 0xff), call(3)), OK, stream=3),
    # Requests
    Case("8.1", "trailers",
         (headers(1), data(1, end=False), opened(fields(("x-trailer", "1")), END_HEADERS | END_STREAM)), OK),
    Case("8.1", "a second HEADERS without END_STREAM",
         (headers(1), data(1, end=False), opened(fields(("x-trailer", "1")), END_HEADERS)), MALFORMED),
    Case("8.1.1", "content-length is more than came", (call(1, block(UNARY, content_length="99")),), MALFORMED,
         deviation=("OK", LENGTH)),
    Case("8.1.1", "content-length is less than came", (call(1, block(UNARY, content_length="1")),), MALFORMED,
         deviation=("OK", LENGTH)),
    Case("8.2.1", "a name in capitals", (call(1, BLOCK + literal("X-Test", "ok")),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.2.1", "a name with a space", (call(1, BLOCK + literal("x test", "ok")),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.2.1", "a name that is empty", (call(1, BLOCK + literal("", "ok")),), MALFORMED, deviation=("OK", METADATA)),
    Case("8.2.1", "a value with a line break", (call(1, BLOCK + literal("x-test", "a\r\nb: c")),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.2.1", "a value with a zero", (call(1, BLOCK + literal("x-test", "a\0b")),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.2.2", "connection: keep-alive", (call(1, BLOCK + literal("connection", "keep-alive")),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.2.2", "transfer-encoding: chunked", (call(1, BLOCK + literal("transfer-encoding", "chunked")),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.2.2", "te: other than trailers", (call(1, block(UNARY, te="gzip")),), MALFORMED),
    Case("8.3", "an unknown pseudo-header", (call(1, literal(":test", "ok") + BLOCK),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.3", "a pseudo-header of responses", (call(1, literal(":status", "200") + BLOCK),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.3", "a pseudo-header among trailers",
         (headers(1), data(1, end=False), opened(fields((":method", "POST")), END_HEADERS | END_STREAM)), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.3", "a pseudo-header after others", (call(1, fields(*PLAIN[1:], PLAIN[0])),), MALFORMED,
         deviation=("OK", METADATA)),
    Case("8.3.1", ":path is empty", (call(1, block("")),), MALFORMED),
    Case("8.3.1", "no :method", (call(1, without(":method")),), MALFORMED),
    Case("8.3.1", "no :scheme", (call(1, without(":scheme")),), MALFORMED),
    Case("8.3.1", "no :path", (call(1, without(":path")),), MALFORMED),
    Case("8.3.1", ":method twice", (call(1, fields((":method", "GET"), *PLAIN)),), MALFORMED,
         deviation=("OK", LAST)),
    Case("8.3.1", ":scheme twice", (call(1, fields((":scheme", "ftp"), *PLAIN)),), MALFORMED,
         deviation=("OK", LAST)),
    Case("8.3.1", ":path twice", (call(1, fields((":path", "/other"), *PLAIN)),), MALFORMED,
         deviation=("OK", LAST)),
    Case("8.3.1", ":authority that differs from host", (call(1, BLOCK + literal("host", "elsewhere")),),
         OK + MALFORMED),
    # HPACK
    Case("7541 2.3.3", "an index beyond the tables", (call(1, BLOCK + number(70, 7, 0x80)),), connection(C)),
    Case("7541 2.3.3", "a literal whose name is beyond the tables",
         (call(1, BLOCK + number(70, 6, 0x40) + string(b"x")),), connection(C)),
    Case("7541 4.2", "a size update at the end of a block", (call(1, BLOCK + b"\x20"),), connection(C)),
    Case("7541 4.2", "a size update at the beginning", (call(1, b"\x20" + BLOCK),), OK),
    Case("7541 5.1", "an integer in more bytes than it needs",
         (call(1, BLOCK + b"\0" + b"\x7f\x80\x80\x00" + b"a" * 127 + string(b"x")),), OK + connection(C)),
    Case("7541 5.2", "Huffman code padded by more than 7 bits",
         (call(1, BLOCK + b"\0" + string(b"x") + b"\x82\x1f\xff"),), connection(C), deviation=("OK", CODED)),
    Case("7541 5.2", "Huffman code padded with zeros", (call(1, BLOCK + b"\0" + string(b"x") + b"\x81\x18"),),
         connection(C), deviation=("OK", CODED)),
    Case("7541 5.2", "Huffman code of the end itself",
         (call(1, BLOCK + b"\0" + string(b"x") + b"\x84\xff\xff\xff\xff"),), connection(C), deviation=("OK", CODED)),
    Case("7541 6.1", "index 0", (call(1, BLOCK + b"\x80"),), connection(C)),
    Case("7541 6.2.1", "a field that is put into the table, and used",
         (call(1, literal(":path", UNARY, indexed=True) + without(":path")), "answer",
          call(3, b"\xbe" + without(":path"))), OK, stream=3),
    Case("7541 6.2.3", "a field that must never be put there",
         (call(1, BLOCK + b"\x10" + string(b"x") + string(b"y")),), OK),
    Case("7541 6.3", "a size update beyond what was announced", (call(1, number(65536, 5, 0x20) + BLOCK),),
         connection(C)),
]
