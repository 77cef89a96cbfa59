# SPDX-License-Identifier: Apache-2.0
"""Loads, and h2load, which puts them on."""

import dataclasses
import os
import pathlib
import re
import resource
import subprocess
import tempfile

from . import messages
from .percentiles import percentiles

CALLS_EACH = 5  # at least, of a connection, where calls are counted
WARM = 0.2  # share of the logged calls, the first ones, that do not count


@dataclasses.dataclass(frozen=True)
class Load:
    connections: int
    in_flight: int  # a connection

    @property
    def name(self):
        return f"{self.connections}×{self.in_flight}"

    @property
    def counted(self):
        """Whether its runs end after so many calls instead of so much time: h2load may spend that on connecting."""
        return self.connections > 100

    @property
    def title(self):
        return f"{self.connections:,} connection{'s' if self.connections > 1 else ''} × {self.in_flight} in flight"


ONE, STREAMS, EVEN, MANY, WIDE = Load(1, 1), Load(1, 64), Load(8, 8), Load(50, 20), Load(1000, 1)
LOADS = (ONE, STREAMS, EVEN, MANY, WIDE)


class Failed(Exception):
    """A load that did not go as it has to, with why."""


def command(load, port, request, tls, *more):
    return ["h2load", "-t1", f"-c{load.connections}", f"-m{load.in_flight}", *more, "-d", str(request),
            "-H", "content-type: application/grpc", "-H", "te: trailers",
            f"http{'s' if tls else ''}://127.0.0.1:{port}{messages.PREDICT}"]


def raise_descriptor_limit():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _run(words, seconds):
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60 + 10 * seconds)
    except subprocess.TimeoutExpired:
        raise Failed("h2load did not end") from None
    calls = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", done.stdout)
    answers = re.search(r"status codes: (\d+) 2xx", done.stdout)
    data = re.search(r"\((\d+)\) data$", done.stdout, re.MULTILINE)
    if done.returncode != 0 or not (calls and answers and data):
        raise Failed(f"h2load: {(done.stderr + done.stdout)[-300:]}")
    count, good, *bad = map(int, calls.groups())
    if count == 0 or good != count or any(bad):
        raise Failed(f"h2load: of {count} calls {good} succeeded")
    return done.stdout, count, int(answers[1]), int(data[1])


def extent(load, seconds, rate):
    """What has a run at `rate` calls a second take as long as that."""
    if load.counted:
        return "-n", str(max(CALLS_EACH * load.connections, round(rate * seconds)))
    return "-D", f"{round(1000 * seconds)}ms"


def measure(load, server, request, tls, seconds, rate=0.0):
    """One run. Returns rate (a second), processor time a call of the server and of h2load."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    before = server.processor_seconds()
    said, count, answers, data = _run(command(load, server.port, request, tls, *extent(load, seconds, rate)), seconds)
    spent = server.processor_seconds() - before
    now = resource.getrusage(resource.RUSAGE_CHILDREN)
    # h2load takes any answer for a success. A refusal has no data, and a wrong species (0) fewer bytes.
    if abs(data - len(messages.ANSWER) * answers) > len(messages.ANSWER) * load.connections * load.in_flight:
        raise Failed(f"{answers} answers hold {data} bytes of data, not {len(messages.ANSWER)} each")
    took = re.search(r"finished in ([\d.]+)(us|ms|s)", said)
    elapsed = float(took[1]) * {"us": 1e-6, "ms": 1e-3, "s": 1}[took[2]]
    client = now.ru_utime + now.ru_stime - children.ru_utime - children.ru_stime
    return {"rate": count / elapsed, "server_seconds": spent / count, "client_seconds": client / count}


def latencies(load, server, request, tls, seconds, rate=0.0):
    """Another run, which writes down what each call took: that costs h2load a system call a call, hence apart."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        log = pathlib.Path(folder) / "calls"
        _run(command(load, server.port, request, tls, *extent(load, seconds, rate), f"--log-file={log}"), seconds)
        with open(log, encoding="ascii") as file:
            took = [int(line.rsplit("\t", 1)[1]) * 1e-6 for line in file if "\t200\t" in line]
    if not took:
        raise Failed("h2load wrote down no call")
    return percentiles(took[int(WARM * len(took)):])


def calls(load, server, request, count):
    """`count` calls in all."""
    _run(command(load, server.port, request, False, "-n", str(count)), 300)
