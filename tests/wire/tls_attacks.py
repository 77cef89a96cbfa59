# SPDX-License-Identifier: Apache-2.0
"""What is not TLS, is TLS only by half, or is too much of it."""

import os
import socket
import ssl
import subprocess
import time

from attack import Attack
from connections_attacks import HANDSHAKE, HELLO, IDLE, silent, speaking
from peer import settings
import traffic
import wire


def context(stage, version=None):
    tls = ssl.create_default_context(cafile=stage.authority.cert)
    tls.set_alpn_protocols(["h2"])
    if version:
        tls.maximum_version = version
    return tls


def client_hello(stage):
    """The first flight of a real handshake."""
    out = ssl.MemoryBIO()
    half = context(stage).wrap_bio(ssl.MemoryBIO(), out, server_hostname="localhost")
    try:
        half.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return out.read()


def half_handshakes(part, connections):
    def run(stage):
        hello = client_hello(stage)
        for _ in range(connections):
            stage.dial(preface=part(hello), answering=False)
    return run


def unspoken(stage):
    """Handshakes, then nothing."""
    tls = context(stage)
    for _ in range(50):
        stage.dial(preface=b"", tls=tls, answering=False)


class Raw:
    """TLS whose records go through our hands, so that others can be put among them."""

    def __init__(self, stage, version=None):
        self.peer = stage.dial(preface=b"", answering=False)
        sock = self.peer.socket
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context(stage, version).wrap_bio(incoming, outgoing, server_hostname="localhost")
        self.outgoing = outgoing
        sock.setblocking(True)
        sock.settimeout(5)
        while True:
            try:
                self.tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                sock.sendall(outgoing.read())
                incoming.write(sock.recv(65536))
        sock.sendall(outgoing.read())
        sock.setblocking(False)

    def records(self, data):
        self.tls.write(data)
        return self.outgoing.read()


def garbage_after(data, version=None):
    """A handshake, the preface, and then what no TLS record looks like."""
    def run(stage):
        raw = Raw(stage, version)
        raw.peer.send(raw.records(wire.PREFACE + settings()), data)
    return run


def damaged(stage):
    """A record of which one bit is wrong."""
    raw = Raw(stage)
    record = bytearray(raw.records(wire.PREFACE + settings()))
    record[-1] ^= 1
    raw.peer.send(bytes(record))


def handshakes(count, **options):
    """Whole handshakes, one after the other, as fast as one client can."""
    def run(stage):
        tls = context(stage, **options)
        host, _, port = stage.target.rpartition(":")
        for _ in range(count):
            with socket.create_connection((host, int(port)), timeout=5) as plain, \
                    tls.wrap_socket(plain, server_hostname="localhost"):
                pass
    return run


def s_client(command, version, times, pause):
    """`command` of openssl's s_client, over and over, on an established connection; what it printed."""
    def run(stage):
        client = subprocess.Popen(
            ["openssl", "s_client", "-connect", stage.target, "-alpn", "h2", version, "-CAfile", stage.authority.cert],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        time.sleep(0.5)
        try:
            for _ in range(times):
                os.write(client.stdin.fileno(), command + b"\n")
                time.sleep(pause)
        except BrokenPipeError:
            pass
        try:
            output = client.communicate(timeout=1)[0]
        except subprocess.TimeoutExpired:
            client.kill()
            output = client.communicate()[0]
        output = output.decode("utf-8", "replace")
        stage.expect("CONNECTED" in output, "openssl s_client did not connect")
        return output
    return run


def renegotiation(stage):
    """The client that has asked once waits for an answer, which is a refusal; were it granted, it would ask again."""
    asked = s_client(b"R", "-tls1_2", 3, 0.3)(stage).count("RENEGOTIATING")
    stage.note = f"asked {asked} times"
    stage.expect(asked == 1, f"asked {asked} times in 3: renegotiation was not refused")


def plaintext_call(stage):
    stage.dial(preface=wire.PREFACE + settings() + traffic.call(1), answering=False)


ATTACKS = [
    Attack("plaintext HTTP/2 spoken to the TLS port", plaintext_call, 2),
    Attack("garbage to the TLS port", speaking(b"\xff" * 4096), 2),
    Attack("a TLS record of 64 KiB announced", speaking(b"\x16\x03\x01\xff\xff" + bytes(20000)), 2),
    Attack("a ClientHello that is empty", speaking(HELLO + bytes(6)), 2),
    Attack("half a ClientHello, then silence, 200 connections",
           half_handshakes(lambda hello: hello[:len(hello) // 2], 200), 4, options=HANDSHAKE),
    Attack("a ClientHello, then silence, 200 connections", half_handshakes(lambda hello: hello, 200), 4,
           options=HANDSHAKE, processor=4),
    Attack("nothing said to the TLS port, 200 connections", silent(b"", 200), 4, options=HANDSHAKE),
    Attack("TLS handshakes, then silence, 50 connections", unspoken, 4, options=HANDSHAKE),
    Attack("TLS 1.3: garbage after the handshake", garbage_after(b"\xff" * 200), 2),
    Attack("TLS 1.2: garbage after the handshake", garbage_after(b"\xff" * 200, ssl.TLSVersion.TLSv1_2), 2),
    Attack("a TLS record with a wrong tag", damaged, 2),
    Attack("half a TLS record after the handshake, then silence", garbage_after(b"\x17\x03\x03\x40\x00" + bytes(99)), 4,
           options=IDLE),
    Attack("300 TLS handshakes in a row", handshakes(300), processor=4),
    Attack("TLS 1.2: renegotiation", renegotiation),
    Attack("TLS 1.3: 300 key updates", s_client(b"K", "-tls1_3", 300, 0.003)),
]
for attack in ATTACKS:
    attack.tls = True
    attack.lines = r"grpc: (Handshake failed|Corruption detected|error:|Decryption error)"  # once in ten seconds, each
