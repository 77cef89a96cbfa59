#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Connections as clients make them (tests/fuzz/seeds.py), changed at random but the same at each run, against the binary
itself: it ends each whose client has said its last, keeps nothing of it, and is whole afterwards. IRIS_MUTATIONS: how many
connections (default 1500); IRIS_MUTATION_SEED: other ones."""

import os
import pathlib
import random
import socket
import sys
import time

import appliance

sys.path.insert(0, str(appliance.SOURCE / "tests/fuzz"))
import contract  # noqa: E402
import seeds  # noqa: E402
import wire  # noqa: E402

COUNT = int(os.environ.get("IRIS_MUTATIONS", "1500"))
SEED = int(os.environ.get("IRIS_MUTATION_SEED", "1"))
KEPT = 48 << 20  # bytes of memory that all of them together may make the server keep
EDGES = [0, 1, 2, 0x7F, 0x80, 0xFF, 0x3FFF, 0x4000, 0x4001, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def split(data):
    """[preface, (length, type, flags, stream, payload), ...]"""
    parts, data = [data[:len(wire.PREFACE)]], data[len(wire.PREFACE):]
    while len(data) >= 9:
        length = int.from_bytes(data[:3], "big")
        parts.append([length, data[3], data[4], int.from_bytes(data[5:9], "big"), bytes(data[9:9 + length])])
        data = data[9 + length:]
    return parts


def join(parts):
    return parts[0] + b"".join((length % (1 << 24)).to_bytes(3, "big") + bytes([kind, flags]) +
                               (stream % (1 << 32)).to_bytes(4, "big") + payload
                               for length, kind, flags, stream, payload in parts[1:])


def change(parts, others, rng):
    """One change that means something to a reader of frames."""
    at = rng.randrange(1, len(parts))
    frame = parts[at]
    choice = rng.randrange(12)
    if choice == 0 and len(parts) > 2:
        del parts[at]
    elif choice == 1:
        parts.insert(rng.randrange(1, len(parts) + 1), list(frame))
    elif choice == 2:
        other = rng.randrange(1, len(parts))
        parts[at], parts[other] = parts[other], parts[at]
    elif choice == 3:
        frame[1] = rng.randrange(12)
    elif choice == 4:
        frame[2] ^= 1 << rng.randrange(8)
    elif choice == 5:
        frame[3] = rng.choice([*range(12), *EDGES])
    elif choice == 6:
        frame[0] = rng.choice([*range(40), *EDGES])
    elif choice == 7:  # a control frame with a value at the edges
        kind, size = rng.choice([(2, 5), (3, 4), (4, 6), (4, 0), (6, 8), (7, 8), (8, 4), (9, 0), (0, 0), (10, 9)])
        value = rng.choice(EDGES).to_bytes(4, "big")
        payload = (value * 3)[:size]
        parts.insert(rng.randrange(1, len(parts) + 1), [len(payload), kind, rng.choice([0, 0, 1, 4]), frame[3], payload])
    elif choice == 8:  # of another connection
        parts.insert(at, list(rng.choice(split(rng.choice(others))[1:])))
    elif choice == 9:  # again and again
        parts[at:at] = [list(frame) for _ in range(rng.randrange(1, 50))]
    else:
        payload = bytearray(frame[4])
        for _ in range(rng.randrange(1, 4)):
            if not payload or rng.randrange(4) == 0:
                payload[rng.randrange(len(payload) + 1):0] = rng.randbytes(rng.randrange(1, 9))
            elif rng.randrange(4) == 0:
                del payload[rng.randrange(len(payload)):][:rng.randrange(1, 9)]
            else:
                payload[rng.randrange(len(payload))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        frame[4], frame[0] = bytes(payload), len(payload)


def resident(pid):
    """Bytes of memory that the process has."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) << 10
    raise AssertionError("no such process")


class Mutations(appliance.Test):
    def predict(self, target):
        with appliance.channel(target, **{"grpc.use_local_subchannel_pool": 1}) as channel:
            return contract.ML.IrisPredictorStub(channel).PredictIrisSpecies(
                contract.ML.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25),
                timeout=appliance.DEADLINE).species

    def play(self, target, data, pieces):
        """One connection; how long after its client's last byte it was over."""
        host, _, port = target.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=appliance.DEADLINE) as client:
            try:
                for piece in pieces(data):
                    client.sendall(piece)
                client.settimeout(0.004)
                try:
                    while client.recv(65536):
                        pass
                    return 0.0
                except TimeoutError:
                    pass
                client.settimeout(appliance.DEADLINE)
                client.shutdown(socket.SHUT_WR)
                start = time.monotonic()
                while client.recv(65536):
                    pass
                return time.monotonic() - start
            except (BrokenPipeError, ConnectionResetError):
                return 0.0  # closed while we spoke: which it may

    def test_connections(self):
        valid = [sent for _, sent in seeds.connections()]
        rng = random.Random(SEED)
        longest = 0.0

        def pieces(data):
            if rng.randrange(4):
                return [data]
            cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(1, 6)))
            return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)])]

        with appliance.Server() as server:
            for data in valid:  # so that what is kept once is not counted
                self.play(server.target, data, lambda whole: [whole])
            before = resident(server.process.pid)
            for number in range(COUNT):
                parts = split(rng.choice(valid))
                for _ in range(rng.choice([1, 1, 2, 3, 8])):
                    if len(parts) > 1:
                        change(parts, valid, rng)
                data = join(parts)
                if rng.randrange(10) == 0:
                    data = data[:rng.randrange(len(data))]
                context = f"connection {number} of seed {SEED}: {data[:400].hex()}"
                try:
                    longest = max(longest, self.play(server.target, data, pieces))
                except TimeoutError:
                    self.fail(f"not ended: {context}")
                if server.process.poll() is not None:
                    self.fail(f"the server ended with {server.wait()}: {server.lines[-5:]}, {context}")
                if number % 100 == 99:
                    self.assertEqual(self.predict(server.target), 0, context)
                    self.assertLess(resident(server.process.pid) - before, KEPT, context)
            kept = resident(server.process.pid) - before
            print(f"{COUNT} connections of seed {SEED}: the server keeps {kept >> 10} KiB more, "
                  f"ended them within {longest:.2f} s")
            self.assertEqual(server.stop(), 0)
            self.assertEqual([line for line in server.lines if "panic" in line or "assert" in line.lower()], [])


if __name__ == "__main__":
    appliance.main()
