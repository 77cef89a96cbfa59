# SPDX-License-Identifier: Apache-2.0
"""A gRPC client, frame by frame, that shows what libraries hide: flow-control windows, GOAWAY, pings, and which of the
two sides ended a call. One thread. (python3-h2 hears nothing more once GOAWAY has come.)"""

import collections
import socket
import time

import hpack
from hyperframe import frame as frames

import appliance
import recording
import wire

FIRST_WINDOW = 65535  # of a stream and of the connection, in each direction
FRAME = 16384         # the most that one DATA frame holds


class Call:
    """One stream: what may be sent, and what has come so far."""

    def __init__(self, window):
        self.window = window
        self.fields, self.body = {}, bytearray()
        self.ended = None  # when the peer said its last, in time.monotonic()
        self.reset = None  # the error code, if that was RST_STREAM
        self.afterwards = []  # frames that came after the end, which must not be

    @property
    def status(self):
        """The status's name; None: there is none yet."""
        if "grpc-status" in self.fields:
            return wire.STATUSES[int(self.fields["grpc-status"])]
        return None if self.reset is None else wire.RESETS.get(self.reset, "INTERNAL")

    @property
    def messages(self):
        return [data for _, data in recording.split(bytes(self.body))]


class Connection:
    """`reading` False: what comes is not acknowledged, as by a program that does not read; `answering` False: nor are
    pings. `at_once`: no frame waits for the answer to the one before."""

    def __init__(self, target, reading=True, answering=True, at_once=False):
        host, _, port = target.rpartition(":")
        self.socket = socket.create_connection((host, int(port)))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, at_once)
        self.reading, self.answering = reading, answering
        self.window, self.first_window = FIRST_WINDOW, FIRST_WINDOW
        self.calls = {}
        self.goaway = []  # (error code, last stream, debug data) of each
        self.pings, self.pings_answered = 0, 0
        self.closed = None  # when, in time.monotonic()
        self._encoder, self._decoder = hpack.Encoder(), hpack.Decoder()
        self._data, self._owed = b"", collections.Counter()
        self._write(wire.PREFACE + frames.SettingsFrame(0).serialize())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _write(self, data):
        try:
            self.socket.settimeout(20)
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the reason has come, or comes, as GOAWAY

    def start(self, path, /, **headers):
        """Opens a call; its number."""
        stream = 2 * len(self.calls) + 1
        self.calls[stream] = Call(self.first_window)
        fields = self._encoder.encode(wire.headers(path, **headers))
        self._write(frames.HeadersFrame(stream, data=fields, flags=["END_HEADERS"]).serialize())
        return stream

    def room(self, stream):
        """Bytes that may be sent at this moment."""
        return max(0, min(self.window, self.calls[stream].window))

    def send(self, stream, data, end=False, timeout=appliance.DEADLINE):
        """Sends as much of `data` as the peer's windows let go within `timeout`; how much that was."""
        deadline, sent = time.monotonic() + timeout, 0
        while sent < len(data):
            size = min(self.room(stream), FRAME, len(data) - sent)
            if size > 0:
                last = end and sent + size == len(data)
                self._write(frames.DataFrame(stream, data=bytes(data[sent:sent + size]),
                                             flags=["END_STREAM"] if last else []).serialize())
                self.window -= size
                self.calls[stream].window -= size
                sent += size
            elif not self.pump(deadline - time.monotonic()):
                break
        return sent

    def end(self, stream):
        self._write(frames.DataFrame(stream, flags=["END_STREAM"]).serialize())

    def end_with(self, stream, **fields):
        """Ends it with trailers, which no client sends; "_" in a name stands for "-"."""
        block = self._encoder.encode([(name.replace("_", "-"), value) for name, value in fields.items()])
        self._write(frames.HeadersFrame(stream, data=block, flags=["END_HEADERS", "END_STREAM"]).serialize())

    def cancel(self, stream, code=8):
        self._write(frames.RstStreamFrame(stream, error_code=code).serialize())

    def ping(self):
        self._write(frames.PingFrame(0, opaque_data=b"iristest").serialize())

    def resume(self):
        """Acknowledges what was not, and what will come."""
        self.reading = True
        for stream, size in self._owed.items():
            self._acknowledge(stream, size)
        self._owed.clear()

    def _acknowledge(self, stream, size):
        self._write(frames.WindowUpdateFrame(0, window_increment=size).serialize() +
                    frames.WindowUpdateFrame(stream, window_increment=size).serialize())

    def pump(self, timeout):
        """Takes in what comes next; False when nothing did within `timeout` seconds, or the connection has ended."""
        if self.closed:
            return False
        self.socket.settimeout(max(timeout, 0.001))
        try:
            data = self.socket.recv(1 << 18)
        except TimeoutError:
            return False
        except ConnectionResetError:
            data = b""
        if not data:
            self.closed = time.monotonic()
            return False
        self._data += data
        while len(self._data) >= 9:
            frame, length = frames.Frame.parse_frame_header(memoryview(self._data[:9]))
            if len(self._data) < 9 + length:
                break
            frame.parse_body(memoryview(self._data[9:9 + length]))
            self._data = self._data[9 + length:]
            self._take_of_call(frame) if frame.stream_id else self._take(frame)
        return True

    def _take(self, frame):
        if isinstance(frame, frames.SettingsFrame) and "ACK" not in frame.flags:
            window = frame.settings.get(frames.SettingsFrame.INITIAL_WINDOW_SIZE, self.first_window)
            for call in self.calls.values():
                call.window += window - self.first_window
            self.first_window = window
            self._write(frames.SettingsFrame(0, flags=["ACK"]).serialize())
        elif isinstance(frame, frames.WindowUpdateFrame):
            self.window += frame.window_increment
        elif isinstance(frame, frames.GoAwayFrame):
            self.goaway.append((frame.error_code, frame.last_stream_id, frame.additional_data))
        elif isinstance(frame, frames.PingFrame) and "ACK" in frame.flags:
            self.pings_answered += 1
        elif isinstance(frame, frames.PingFrame):
            self.pings += 1
            if self.answering:
                self._write(frames.PingFrame(0, opaque_data=frame.opaque_data, flags=["ACK"]).serialize())

    def _take_of_call(self, frame):
        call = self.calls[frame.stream_id]
        if call.ended and not isinstance(frame, (frames.WindowUpdateFrame, frames.RstStreamFrame)):
            call.afterwards.append(frame)
        if isinstance(frame, frames.WindowUpdateFrame):
            call.window += frame.window_increment
        elif isinstance(frame, frames.HeadersFrame):
            fields = dict(self._decoder.decode(frame.data))
            call.fields = {**fields, **call.fields}
        elif isinstance(frame, frames.DataFrame):
            call.body += frame.data
            if self.reading:
                self._acknowledge(frame.stream_id, frame.flow_controlled_length)
            else:
                self._owed[frame.stream_id] += frame.flow_controlled_length
        elif isinstance(frame, frames.RstStreamFrame) and not call.ended:
            call.ended, call.reset = time.monotonic(), frame.error_code
        if "END_STREAM" in frame.flags:
            call.ended = call.ended or time.monotonic()

    def wait(self, condition, timeout):
        """Takes in what comes until `condition()`; whether it came true in time."""
        end = time.monotonic() + timeout
        while not condition():
            left = end - time.monotonic()
            if left <= 0 or self.closed:
                return bool(condition())
            self.pump(left)
        return True
