# SPDX-License-Identifier: Apache-2.0
"""A TCP proxy that writes down what goes by, and what that was: the headers and messages of each call, as they were on
the wire."""

import dataclasses
import gzip
import socket
import struct
import threading
import zlib

import hpack
from hyperframe import frame as frames

import wire


@dataclasses.dataclass
class Side:
    """What one side sent in a call: header fields (of trailers, too) and messages as (compressed flag, bytes)."""
    fields: dict
    messages: list

    def plain(self):
        """The messages, uncompressed."""
        undo = {"gzip": gzip.decompress, "deflate": zlib.decompress}.get(self.fields.get("grpc-encoding"))
        return [undo(data) if flag else data for flag, data in self.messages]


def split(data):
    """The messages in what a call's DATA frames held."""
    messages = []
    while data:
        flag, length = struct.unpack(">BI", data[:5])
        messages.append((flag, data[5:5 + length]))
        data = data[5 + length:]
    return messages


def sides(data):
    """{stream: Side} of all that one side of a connection sent."""
    decoder, fields, bodies = hpack.Decoder(), {}, {}
    data = data.removeprefix(wire.PREFACE)
    while len(data) >= 9:
        frame, length = frames.Frame.parse_frame_header(memoryview(data[:9]))
        frame.parse_body(memoryview(data[9:9 + length]))
        data = data[9 + length:]
        if isinstance(frame, frames.HeadersFrame):
            assert "END_HEADERS" in frame.flags, "no CONTINUATION is expected here"
            fields.setdefault(frame.stream_id, {}).update(decoder.decode(frame.data))
        elif isinstance(frame, frames.DataFrame):
            bodies[frame.stream_id] = bodies.get(frame.stream_id, b"") + frame.data
    return {stream: Side(fields[stream], split(bodies.get(stream, b""))) for stream in fields}


class Proxy:
    """Stands before `target` for one connection. Within the with-block .target is its address; afterwards .requests and
    .replies are {stream: Side}."""

    def __init__(self, target):
        host, _, port = target.rpartition(":")
        self.upstream = (host, int(port))
        self.sent, self.received = bytearray(), bytearray()

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.target = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def _serve(self):
        client, _ = self.listener.accept()
        with client, socket.create_connection(self.upstream) as server:
            back = threading.Thread(target=self._copy, args=(server, client, self.received), daemon=True)
            back.start()
            self._copy(client, server, self.sent)
            back.join()

    @staticmethod
    def _copy(source, sink, record):
        try:
            while data := source.recv(65536):
                record += data
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:  # one of the two hung up
            pass

    def __exit__(self, *_):
        self.listener.close()
        self.thread.join(10)
        self.requests, self.replies = sides(bytes(self.sent)), sides(bytes(self.received))
