#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An honest client in a process of its own, and an eye on the server's: asks for a prediction at a steady rate, checks
every answer, takes each latency from the moment at which the call was due (a late answer does not hide that the next
was late, too) less what it overslept itself, and ends the server if it grows beyond all measure.

    witness.py HOST:PORT PID MOST_RESIDENT_KIB CALLS_A_CONNECTION [CA.pem]

Says "ready" after the first right answer, goes on until its standard input ends, then prints what it saw, as JSON."""

import json
import os
import select
import signal
import socket
import ssl
import struct
import sys
import time

import hpack

import process

PERIOD = 0.01  # between two calls
PATIENCE = 5.0  # for an answer



def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + struct.pack(">I", stream) + payload


def flower(values):
    """An IrisPredictRequest."""
    return b"".join(bytes((9 + 8 * i,)) + struct.pack("<d", value) for i, value in enumerate(values))


FLOWERS = [(flower(values), reply) for values, reply in (
    ((5.0, 3.6, 1.3, 0.25), b""), ((6.4, 3.3, 6.0, 2.5), b"\x08\x02"), ((5.7, 2.8, 4.1, 1.3), b"\x08\x01"))]


class Client:
    """Makes one call after the other, each on its own stream of one connection."""

    def __init__(self, target, ca=None, path="/ml.IrisPredictor/PredictIrisSpecies"):
        host, _, port = target.rpartition(":")
        self.address = host, int(port)
        self.tls = None
        if ca:
            self.tls = ssl.create_default_context(cafile=ca)
            self.tls.set_alpn_protocols(["h2"])
        self.socket = None
        headers = [(":method", "POST"), (":scheme", "https" if ca else "http"),
                   (":path", path), (":authority", "localhost"),
                   ("content-type", "application/grpc"), ("te", "trailers")]
        self.block = b"".join(b"\0" + bytes((len(name),)) + name.encode() + bytes((len(value),)) + value.encode()
                              for name, value in headers)

    def dial(self):
        self.socket = socket.create_connection(self.address, timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.tls:
            self.socket = self.tls.wrap_socket(self.socket, server_hostname="localhost")
        self.decoder, self.data, self.stream, self.calls = hpack.Decoder(), b"", 1, 0
        self.socket.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))

    def hang_up(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def ask(self, message):
        """The reply's bytes; None: it ended otherwise. Raises OSError where there is none."""
        if self.socket is None:
            self.dial()
        stream, self.stream, self.calls = self.stream, self.stream + 2, self.calls + 1
        self.socket.sendall(frame(1, 4, stream, self.block) +
                            frame(0, 1, stream, b"\0" + struct.pack(">I", len(message)) + message))
        body, fields = b"", {}
        while True:
            while len(self.data) >= 9 and len(self.data) >= (end := 9 + int.from_bytes(self.data[:3], "big")):
                kind, flags, payload = self.data[3], self.data[4], self.data[9:end]
                its = int.from_bytes(self.data[5:9], "big")
                self.data = self.data[end:]
                if kind == 4 and not flags & 1:
                    self.socket.sendall(frame(4, 1, 0, b""))
                elif kind == 6 and not flags & 1:
                    self.socket.sendall(frame(6, 1, 0, payload))
                elif kind == 7 and payload[4:8] != bytes(4):
                    raise OSError("GOAWAY: " + payload[8:].decode("utf-8", "replace"))
                elif kind == 3 and its == stream:
                    raise OSError("RST_STREAM " + str(payload[3]))
                elif kind == 1:
                    fields.update(self.decoder.decode(payload))
                elif kind == 0:
                    body += payload
                if its == stream and flags & 1 and kind in (0, 1):
                    return body[5:] if fields.get("grpc-status") == "0" else None
            more = self.socket.recv(65536)
            if not more:
                raise OSError("closed")
            self.data += more


def main():
    target, pid, most, together = sys.argv[1], *map(int, sys.argv[2:5])
    client = Client(target, sys.argv[5] if len(sys.argv) > 5 else None)
    latencies, failures, wrong, peak, ended = [], [], 0, 0, False
    stdin, asked = select.poll(), 0
    stdin.register(0, select.POLLIN | select.POLLHUP)
    due = free = time.monotonic()
    while not stdin.poll(max(0.0, due - time.monotonic()) * 1000):
        while time.monotonic() < due:  # stdin.poll counts whole milliseconds
            time.sleep(0.0002)
        overslept = time.monotonic() - max(due, free)  # because of this machine, not of the server
        request, answer = FLOWERS[asked % len(FLOWERS)]
        asked += 1
        try:
            if client.socket is not None and client.calls >= together:
                client.hang_up()
            reply = client.ask(request)
            latencies.append(time.monotonic() - due - overslept)
            wrong += reply != answer
        except OSError as error:
            latencies.append(time.monotonic() - due - overslept)
            failures.append(str(error) or type(error).__name__)
            client.hang_up()
        free = time.monotonic()
        try:
            size = process.resident(pid)
            peak = max(peak, size)
            if size > most:
                os.kill(pid, signal.SIGKILL)
                ended = True
        except (OSError, IndexError):
            break  # the server is gone
        if asked == 1:
            print("ready", flush=True)
        due += PERIOD
        if due < time.monotonic() - PATIENCE:  # the calls of so long are lost: they count, but are not made up for
            missed = int((time.monotonic() - due) / PERIOD)
            latencies += [time.monotonic() - due - i * PERIOD for i in range(missed)]
            due += missed * PERIOD
    latencies.sort()
    count = len(latencies)
    print(json.dumps({
        "calls": count, "wrong": wrong, "failed": len(failures), "failures": sorted(set(failures))[:5],
        "p50": latencies[count // 2] if count else None, "p99": latencies[min(count - 1, count * 99 // 100)],
        "max": latencies[-1] if count else None, "peak": peak, "ended": ended}))


if __name__ == "__main__":
    main()
