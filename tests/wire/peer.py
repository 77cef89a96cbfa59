# SPDX-License-Identifier: Apache-2.0
"""One end of an attack: a connection on which anything may be sent, and that notes what came back and when it was
closed. (tests/e2e/http2.py is a client that behaves; this one need not.)"""

import collections
import select
import socket
import struct
import time

import hpack

import wire

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM = ACK = 1
FIRST_WINDOW = 65535
END_HEADERS, PADDED, PRIORITIZED = 4, 8, 32
NAMES = ["NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT", "STREAM_CLOSED",
         "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR", "CONNECT_ERROR", "ENHANCE_YOUR_CALM",
         "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"]


def code_name(code):
    return NAMES[code] if code < len(NAMES) else str(code)


def frame(kind, flags, stream, payload=b"", length=None):
    """Any frame, right or wrong; hyperframe writes none that is wrong."""
    length = len(payload) if length is None else length
    return length.to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def settings(*pairs):
    return frame(SETTINGS, 0, 0, b"".join(struct.pack(">HI", *pair) for pair in pairs))


def window_update(stream, increment):
    return frame(WINDOW_UPDATE, 0, stream, struct.pack(">I", increment))


def reset(stream, code=8):
    return frame(RST_STREAM, 0, stream, struct.pack(">I", code))


def number(value, bits, first=0):
    """An HPACK integer (RFC 7541, 5.1), `first` being what stands above its prefix."""
    most = (1 << bits) - 1
    if value < most:
        return bytes((first | value,))
    data, value = [first | most], value - most
    while value > 127:
        data.append(value & 127 | 128)
        value >>= 7
    return bytes(data + [value])


def string(data, length=None):
    return number(len(data) if length is None else length, 7) + data


def literal(name, value, indexed=False):
    """A header field that is written out."""
    name, value = (text.encode() if isinstance(text, str) else text for text in (name, value))
    return (b"\x40" if indexed else b"\0") + string(name) + string(value)


def block(path, /, **changes):
    """The headers of a call, without the use of any table, so that they are the same bytes every time."""
    return b"".join(literal(name, value) for name, value in wire.headers(path, **changes))


class Stream:
    """What came on one stream."""

    def __init__(self):
        self.fields, self.size, self.reset, self.ended = {}, 0, None, None

    @property
    def status(self):
        """The status's name; None: there is none yet."""
        if "grpc-status" in self.fields:
            return wire.STATUSES[int(self.fields["grpc-status"])]
        if self.fields.get(":status", "200") != "200":
            return "HTTP " + self.fields[":status"]
        return None if self.reset is None else "RST_STREAM " + code_name(self.reset)


class Peer:
    """`reading` False: never takes a byte that comes. `answering` False: neither SETTINGS nor PING are acknowledged.
    `preface` are the first bytes. `tls` is an ssl.SSLContext. `at_once`: what is sent waits for nothing, and so is a
    packet of its own."""

    def __init__(self, target, preface=wire.PREFACE + settings(), reading=True, answering=True, tls=None, buffer=None,
                 at_once=False):
        host, _, port = target.rpartition(":")
        self.socket = socket.socket(socket.AF_INET)
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, at_once)
        self.socket.settimeout(10)
        self.socket.connect((host, int(port)))
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.socket.setblocking(False)
        self.reading, self.answering = reading, answering
        self.opened, self.closed = time.monotonic(), None
        self.goaways, self.settings = [], {}
        self.acknowledged = False  # whether our SETTINGS were
        self.frames = collections.Counter()
        self.windows = collections.Counter()  # {stream: bytes that may be sent}, 0 is the connection
        self.windows[0] = FIRST_WINDOW
        self.pings = set()  # what came in those that were answered
        self.streams = collections.defaultdict(Stream)
        self.sent = self.received = 0
        self._decoder = hpack.Decoder()
        self._in, self._out = bytearray(), bytearray()
        self._poll = select.poll()
        self._poll.register(self.socket, 0)
        self.send(preface)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    @property
    def error(self):
        """The code of the GOAWAY that was no farewell; None: there was none."""
        return next((code for code, *_ in self.goaways if code), None)

    @property
    def debug(self):
        return next((text for code, _, text in self.goaways if code), b"").decode("utf-8", "replace")

    def send(self, *parts, timeout=5):
        """Sends `parts`; False where the connection was closed, or took nothing more, before all was sent."""
        self._out += b"".join(parts)
        end = time.monotonic() + timeout
        while self._out and not self.closed and time.monotonic() < end:
            self._step(end - time.monotonic())
        return not self._out and not self.closed

    def pump(self, timeout):
        """Takes in what comes within `timeout` seconds, or until the connection is closed."""
        self.wait(lambda: False, timeout)

    def wait(self, condition, timeout):
        """Whether `condition()` came true in time."""
        end = time.monotonic() + timeout
        while not condition():
            left = end - time.monotonic()
            if left <= 0 or self.closed:
                return bool(condition())
            self._step(left)
        return True

    def sip(self, most):
        """Takes in so many bytes of what has come, at most."""
        if not self.closed:
            self._read(most)

    def wait_closed(self, timeout):
        return self.wait(lambda: self.closed, timeout)

    def open(self):
        """Both sides' settings are known, and known to be known."""
        if not self.wait(lambda: self.acknowledged, 10):
            raise AssertionError("the connection was not opened: " + (self.debug or "silence"))
        return self

    def flood(self, chunks, seconds):
        """Sends one chunk after the other while the connection takes them, for so many seconds at most."""
        end = time.monotonic() + seconds
        for chunk in chunks:
            if not self.send(chunk, timeout=max(0.0, end - time.monotonic())) or time.monotonic() > end:
                break
        self._out.clear()

    def deliver(self, stream, body, timeout, most=1 << 14):
        """Sends as much of `body` as the windows let go within `timeout`, in frames of `most` bytes, unless the stream
        has ended; whether that was all. (All of a stream's DATA is sent this way, or none; the server's first SETTINGS have come.)"""
        end, sent = time.monotonic() + timeout, 0
        if stream not in self.windows:
            self.windows[stream] = self.settings.get(4, FIRST_WINDOW)
        while sent < len(body) and not self.closed and not self.ended(stream) and time.monotonic() < end:
            size = min(self.windows[0], self.windows[stream], len(body) - sent, max(most, 1 << 14))
            if size <= 0:
                self.pump(min(0.02, max(0.0, end - time.monotonic())))
            elif self.send(*(frame(DATA, 0, stream, body[i:min(i + most, sent + size)])
                             for i in range(sent, sent + size, most)), timeout=max(0.0, end - time.monotonic())):
                self.windows[0] -= size
                self.windows[stream] -= size
                sent += size
        return sent == len(body)

    def ended(self, stream):
        return stream in self.streams and self.streams[stream].ended

    def _step(self, timeout):
        wanted = (select.POLLIN if self.reading else select.POLLRDHUP) | (select.POLLOUT if self._out else 0)
        self._poll.modify(self.socket, wanted)
        pending = self.reading and getattr(self.socket, "pending", lambda: 0)()
        events = [(0, select.POLLIN)] if pending else self._poll.poll(max(0.0, timeout) * 1000)
        for _, event in events:
            if event & select.POLLOUT:
                self._write()
            if event & select.POLLIN:
                self._read()
            elif event & (select.POLLHUP | select.POLLERR | select.POLLRDHUP):
                self._end()

    def _write(self):
        try:
            done = self.socket.send(self._out)
            self.sent += done
            del self._out[:done]
        except BlockingIOError:
            pass
        except OSError as error:
            if "Want" not in type(error).__name__:  # ssl.SSLWantReadError, ssl.SSLWantWriteError
                self._end()

    def _read(self, most=1 << 18):
        try:
            data = self.socket.recv(most)
        except BlockingIOError:
            return
        except OSError as error:
            if "Want" in type(error).__name__:
                return
            data = b""
        if not data:
            self.closed = self.closed or time.monotonic()
            return
        self.received += len(data)
        self._in += data
        while len(self._in) >= 9:
            length = int.from_bytes(self._in[:3], "big")
            if len(self._in) < 9 + length:
                break
            kind, flags = self._in[3], self._in[4]
            stream = int.from_bytes(self._in[5:9], "big") & 0x7fffffff
            payload = bytes(self._in[9:9 + length])
            del self._in[:9 + length]
            self._take(kind, flags, stream, payload)

    def _end(self):
        """Closed; what the peer had said before is heard now."""
        self.closed = self.closed or time.monotonic()
        for _ in range(1000):
            before = self.received
            self._read()
            if self.received == before:
                break

    def _take(self, kind, flags, stream, payload):
        self.frames[kind] += 1
        if kind == SETTINGS and flags & ACK:
            self.acknowledged = True
        elif kind == SETTINGS:
            self.settings.update(struct.unpack(">HI", payload[i:i + 6]) for i in range(0, len(payload), 6))
            if self.answering:
                self._out += frame(SETTINGS, ACK, 0)
        elif kind == PING and not flags & ACK and self.answering:
            self._out += frame(PING, ACK, 0, payload)
        elif kind == WINDOW_UPDATE:
            self.windows[stream] += int.from_bytes(payload, "big")
        elif kind == PING and flags & ACK:
            self.pings.add(payload)
        elif kind == GOAWAY:
            last, code = struct.unpack(">II", payload[:8])
            self.goaways.append((code, last, payload[8:]))
        elif kind == HEADERS:
            self.streams[stream].fields.update(self._decoder.decode(payload))
        elif kind == DATA:
            self.streams[stream].size += len(payload)
        elif kind == RST_STREAM:
            self.streams[stream].reset = int.from_bytes(payload, "big")
        if kind == RST_STREAM or kind in (HEADERS, DATA) and flags & END_STREAM:
            self.streams[stream].ended = self.streams[stream].ended or time.monotonic()
