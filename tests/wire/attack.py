# SPDX-License-Identifier: Apache-2.0
"""One attack, with what must hold meanwhile and afterwards; arena.py runs it and judges."""

import dataclasses
import time

import peer


@dataclasses.dataclass
class Attack:
    """`run(stage)` attacks. What must hold: all attacking connections are closed within `closed` seconds (None: they
    may live) with a GOAWAY of one of `codes` (names; empty: any or none; who reads nothing need not get it); the honest
    client's p99 is at most `p99` seconds more than that of a server beside it that nobody attacks; the server takes at
    most `memory` MiB more than idle (`left` afterwards) and `processor` seconds of processor time. Options that the binary
    does not know are left out. `lines` is what it may write on standard error; `descriptors` is its limit on them; without
    `reconnect` the honest client keeps the connection that it has."""
    name: str
    run: object
    closed: float = None
    codes: tuple = ()
    options: tuple = ()
    p99: float = 0.1
    memory: int = 48
    processor: float = 2.0
    left: int = 24
    lines: str = None
    tls: bool = False
    descriptors: int = None
    reconnect: bool = True

    def bound(self):
        parts = [f"closed ≤ {self.closed:g} s"] if self.closed else []
        parts += [f"p99 +{self.p99 * 1000:g} ms", f"≤ {self.memory} MiB", f"≤ {self.processor:g} s CPU"]
        return ", ".join(parts)


class Stage:
    """What an attack sees of the server, and where it tells what it found."""

    def __init__(self, server, attack, authority):
        self.server, self.target, self.attack, self.authority = server, server.target, attack, authority
        self.peers, self.sockets, self.complaints, self.note = [], [], [], ""
        self.began = time.monotonic()

    def dial(self, target=None, **options):
        """A connection that must be closed in time."""
        connection = peer.Peer(target or self.target, **options)
        self.peers.append(connection)
        return connection

    def expect(self, condition, complaint):
        if not condition:
            self.complaints.append(complaint)
