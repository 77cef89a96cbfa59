# SPDX-License-Identifier: Apache-2.0
"""Runs one attack against a server of its own and judges it: how an honest client fared meanwhile, what it cost the
server, when the attacking connections were closed and with which code, and whether the server is whole afterwards."""

import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

import appliance
from attack import Stage
import certificates
import peer
import process
import witness

WITNESS = pathlib.Path(witness.__file__).resolve()
MEBIBYTE = 1024  # KiB
MOST_RESIDENT = 1024 * MEBIBYTE  # the witness ends a server that is larger
RIGHT = 145  # of the 150 flowers: what the embedded model classifies as the botanist did


def knows(option):
    """Whether the binary under test has the option."""
    if not hasattr(knows, "help"):
        knows.help = appliance.run("serve", "--help").stdout
    return f"  {option} " in knows.help


def known(options):
    """`options`, pairs of a name and a value, without those that the binary does not know."""
    pairs = zip(options[::2], options[1::2])
    return [word for name, value in pairs if knows(name) for word in (name, value)]


def ask_all(target, ca):
    """How many of the 150 flowers are classified right."""
    client, right = witness.Client(target, ca), 0
    try:
        for values, label in appliance.iris_rows():
            reply = client.ask(witness.flower(values))
            right += reply == (bytes((8, label)) if label else b"")
    finally:
        client.hang_up()
    return right


def until(condition, timeout):
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


class Witness:
    """An honest client of a server (witness.py)."""

    def __init__(self, server, ca=None, reconnect=True):
        words = [sys.executable, "-B", str(WITNESS), server.target, str(server.process.pid),
                 str(MOST_RESIDENT), str(40 if reconnect else 1 << 30)] + ([ca] if ca else [])
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ready(self):
        if self.process.stdout.readline() != "ready\n":
            raise AssertionError("an honest client had no answer before the attack")

    def seen(self):
        return json.loads(self.process.communicate()[0])


class Arena:
    """Where attacks are run, within a with-block. A second server that nobody attacks shows how late answers are on
    this machine as it is, which may have other work to do."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="iris-wire-")
        self.ca = certificates.Authority(self.folder.name, "ca")
        self.identity = self.ca.issue("server")
        self.bystander = appliance.Server()
        return self

    def __exit__(self, *_):
        self.bystander.__exit__()
        self.folder.cleanup()

    def _serve(self, attack):
        words = known(attack.options)
        if attack.tls:
            words += ["--tls-cert", self.identity.cert, "--tls-key", self.identity.key]
        command = None
        if attack.descriptors:
            command = ["sh", "-c", f'ulimit -n {attack.descriptors}; exec "$0" "$@"', appliance.BINARY]
        return appliance.Server(*words, command=command)

    def run(self, attack, again=True):
        """What was measured, as JSON would have it; "complaints" is empty where everything held. `again`: once more, if
        it was only for the latency that it did not."""
        outcome = self._once(attack)
        if again and outcome["complaints"] and all(text.startswith("p99") for text in outcome["complaints"]):
            outcome = self._once(attack)  # another program's work on this machine must not count for the server's
        return outcome

    def _once(self, attack):
        ca = self.ca.cert if attack.tls else None
        with self._serve(attack) as server:
            pid = server.process.pid
            if ask_all(server.target, ca) != RIGHT:
                raise AssertionError("the server was not right before the attack")
            usual = list(server.lines)
            before = {"resident": process.resident(pid), "descriptors": process.descriptors(pid)}
            watching = [Witness(server, ca, attack.reconnect), Witness(self.bystander)]
            for one in watching:
                one.ready()
            cost, stage = process.processor_time(pid), Stage(server, attack, self.ca)
            try:
                attack.run(stage)
                self._wait_closed(stage)
            except OSError as error:
                stage.complaints.append(f"the attack broke off: {error}")
            time.sleep(0.2)  # what comes of it is to be seen, too
            alive = server.process.poll() is None
            spent = process.processor_time(pid) - cost if alive else None
            peak = process.high_water(pid) if alive else None
            seen, beside = (one.seen() for one in watching)
            outcome = self._measured(stage, seen, before, peak, spent)
            outcome["beside"] = round(beside["p99"], 4)
            for connection in stage.peers + stage.sockets:
                getattr(connection, "socket", connection).close()
            if server.process.poll() is None:
                self._whole(stage, before, usual, ca)
            else:
                stage.complaints.append(f"the server ended with {server.process.returncode}")
            outcome["complaints"] = self._judged(stage, outcome) + stage.complaints
            return outcome

    @staticmethod
    def _wait_closed(stage):
        if stage.attack.closed:
            end = stage.began + stage.attack.closed + 0.5
            for connection in stage.peers:
                connection.wait_closed(max(0.05, end - time.monotonic()))

    @staticmethod
    def _measured(stage, seen, before, peak, spent):
        peak = max(peak or 0, seen["peak"]) - before["resident"]
        closed = [connection.closed and round(connection.closed - stage.began, 2) for connection in stage.peers]
        codes = sorted({peer.code_name(connection.error) for connection in stage.peers if connection.error})
        return {"closed": max(closed) if closed and None not in closed else None, "open": closed.count(None),
                "codes": codes, "mebibytes": round(peak / MEBIBYTE, 1), "processor": spent and round(spent, 2),
                "p99": round(seen["p99"], 4), "max": round(seen["max"], 4), "calls": seen["calls"],
                "wrong": seen["wrong"], "failed": seen["failed"], "failures": seen["failures"],
                "ended": seen["ended"], "note": stage.note}

    @staticmethod
    def _whole(stage, before, usual, ca):
        """Adds to the complaints what is not as it was."""
        server, pid = stage.server, stage.server.process.pid
        expect = stage.expect
        expect(until(lambda: process.descriptors(pid) <= before["descriptors"], 5),
               "connections were left open after the attack")
        try:
            right = ask_all(server.target, ca)
            expect(right == RIGHT, f"afterwards {right} of 150 flowers were right, {RIGHT} before")
            client = witness.Client(server.target, ca, "/grpc.health.v1.Health/Check")
            expect(client.ask(b"") == b"\x08\x01", "afterwards health was not SERVING")
            client.hang_up()
        except OSError as error:
            expect(False, f"afterwards it did not answer: {error}")
        # Threads give back what they have freed once they have been quiet for a while: see docs/security.md.
        left = stage.attack.left
        limit = before["resident"] + left * MEBIBYTE
        expect(until(lambda: process.resident(pid) <= limit, 8), f"memory did not come back to {left} MiB above idle")
        server.signal(signal.SIGTERM)
        try:
            code = server.wait(20)
            expect(code == appliance.OK, f"SIGTERM: exit {code}")
        except subprocess.TimeoutExpired:
            expect(False, "SIGTERM: not ended within 20 s")
        lines = [line for line in server.lines[len(usual):]
                 if not (stage.attack.lines and re.search(stage.attack.lines, line))]
        expect(not lines, f"standard error: {lines[:3]}")

    @staticmethod
    def _judged(stage, outcome):
        attack, complaints = stage.attack, []
        if outcome["ended"]:
            complaints.append(f"grew beyond {MOST_RESIDENT // MEBIBYTE} MiB and was ended")
        if attack.closed and (outcome["closed"] is None or outcome["closed"] > attack.closed):
            complaints.append(f"not closed within {attack.closed:g} s")
        if attack.codes and not set(outcome["codes"]) <= set(attack.codes):
            complaints.append(f"GOAWAY {outcome['codes']}, not {' or '.join(attack.codes)}")
        if attack.codes and any(one.closed and one.reading and one.error is None for one in stage.peers):
            complaints.append("closed without a reason")
        if outcome["mebibytes"] > attack.memory:
            complaints.append(f"{outcome['mebibytes']} MiB above idle")
        if (outcome["processor"] or 0) > attack.processor:
            complaints.append(f"{outcome['processor']} s of processor time")
        if outcome["wrong"] or outcome["failed"]:
            complaints.append(f"of {outcome['calls']} honest calls {outcome['wrong']} wrong, "
                              f"{outcome['failed']} failed: {outcome['failures']}")
        if outcome["p99"] > attack.p99 + outcome["beside"]:
            complaints.append(f"p99 {outcome['p99'] * 1000:.0f} ms, {outcome['beside'] * 1000:.0f} ms without attack")
        return complaints
