# SPDX-License-Identifier: Apache-2.0
"""gRPC calls as no gRPC library makes them: any headers, any bytes, frame by frame."""

import socket
import struct

import hpack
from hyperframe import frame as frames

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
STATUSES = ["OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
            "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
            "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED"]
# What a client makes of RST_STREAM (gRPC over HTTP/2, "Errors"); all others are INTERNAL.
RESETS = {7: "UNAVAILABLE", 8: "CANCELLED", 11: "RESOURCE_EXHAUSTED", 12: "PERMISSION_DENIED"}


def message(data, flag=0, length=None):
    """`data` with the five bytes before it that gRPC has: whether it is compressed, and its length."""
    return struct.pack(">BI", flag, len(data) if length is None else length) + data


def headers(path, /, **changes):
    """The headers of a call. A change to None leaves one out; "_" in a name stands for "-"; others are added."""
    fields = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "localhost",
              "content-type": "application/grpc", "te": "trailers"}
    for name, value in changes.items():
        name = name.replace("_", "-")
        fields[":" + name if ":" + name in fields else name] = value
    return [(name, value) for name, value in fields.items() if value is not None]


class Connection:
    """One connection, one call, stream 1."""

    def __init__(self, target, timeout):
        host, _, port = target.rpartition(":")
        self.socket = socket.create_connection((host, int(port)), timeout=timeout)
        self.data = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, *parts):
        """Frames, or bytes as they are. A peer that is gone already has said why before."""
        try:
            self.socket.sendall(b"".join(part if isinstance(part, bytes) else part.serialize() for part in parts))
        except (BrokenPipeError, ConnectionResetError):
            pass

    def read(self):
        """The next frame; None at the connection's end."""
        while True:
            if len(self.data) >= 9:
                frame, length = frames.Frame.parse_frame_header(memoryview(self.data[:9]))
                if len(self.data) >= 9 + length:
                    frame.parse_body(memoryview(self.data[9:9 + length]))
                    self.data = self.data[9 + length:]
                    return frame
            try:
                more = self.socket.recv(65536)
            except ConnectionResetError:
                more = b""
            if not more:
                return None
            self.data += more

    def open(self):
        """Both sides' settings are known, and known to be known: limits are in force."""
        self.send(PREFACE, frames.SettingsFrame(0))
        while True:
            frame = self.read()
            if frame is None:
                raise AssertionError("closed before it was open")
            if isinstance(frame, frames.SettingsFrame):
                if "ACK" in frame.flags:
                    return
                self.send(frames.SettingsFrame(0, flags=["ACK"]))

    def outcome(self):
        """(status, message) of the call; ("CLOSED", "") where the connection ended without one."""
        decoder, fields, body = hpack.Decoder(), {}, b""
        while True:
            frame = self.read()
            if frame is None or isinstance(frame, frames.GoAwayFrame) and frame.error_code != 0:
                return "CLOSED", ""
            if isinstance(frame, frames.PingFrame) and "ACK" not in frame.flags:
                self.send(frames.PingFrame(0, opaque_data=frame.opaque_data, flags=["ACK"]))
            if frame.stream_id != 1:
                continue
            if isinstance(frame, frames.RstStreamFrame) and "grpc-status" not in fields:
                return RESETS.get(frame.error_code, "INTERNAL"), f"RST_STREAM {frame.error_code}"
            if isinstance(frame, frames.HeadersFrame):
                fields.update(decoder.decode(frame.data))
            elif isinstance(frame, frames.DataFrame):
                body += frame.data
            if "END_STREAM" in getattr(frame, "flags", ()) or "grpc-status" in fields:
                if fields[":status"] != "200":
                    return "HTTP " + fields[":status"], ""
                return STATUSES[int(fields["grpc-status"])], fields.get("grpc-message", "") or body.hex()


def call(target, fields, body, timeout=10):
    """The outcome of a call with these headers and this body; None: END_STREAM comes with the headers."""
    with Connection(target, timeout) as connection:
        connection.open()
        ends = ["END_HEADERS"] + (["END_STREAM"] if body is None else [])
        connection.send(frames.HeadersFrame(1, data=hpack.Encoder().encode(fields), flags=ends))
        if body is not None:
            pieces = [body[i:i + 16384] for i in range(0, len(body), 16384)] or [b""]
            for piece in pieces[:-1]:
                connection.send(frames.DataFrame(1, data=piece))
            connection.send(frames.DataFrame(1, data=pieces[-1], flags=["END_STREAM"]))
        return connection.outcome()


def speak(target, *parts, timeout=10):
    """The outcome of a connection on which just this is sent."""
    with Connection(target, timeout) as connection:
        connection.send(*parts)
        return connection.outcome()
