# SPDX-License-Identifier: Apache-2.0
"""What h2load does not measure: single calls, batches, calls after silence, starts."""

import json
import os
import subprocess

from . import messages
from .h2load import Failed


def run(command, timeout=120, program=None):
    """What a program printed as JSON."""
    name = program or os.path.basename(str(command[0]))
    try:
        done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Failed(f"{name} was not done after {timeout} s") from None
    if done.returncode != 0:
        raise Failed(f"{name}: {done.stderr.strip()[-300:] or f'exit code {done.returncode}'}")
    return json.loads(done.stdout)


class Probes:
    def __init__(self, folder):
        self.folder = folder

    def call_times(self, ports, path, request, count, warm=0, pause=0.0, answer=None):
        """Seconds, a list a port."""
        words = [self.folder / "call_times", f"ports={','.join(map(str, ports))}", f"path={path}",
                 f"request={request}", f"count={count}", f"warm={warm}", f"pause={pause}"]
        words += [f"answer={answer}"] if answer else []
        return run(words, 120 + 2 * pause * (count + warm))["seconds"]

    def ping_pong(self, port, sent, answered, count, warm=0, pause=0.0):
        words = [self.folder / "ping_pong", f"port={port}", f"bytes={sent}", f"reply={answered}", f"count={count}",
                 f"warm={warm}", f"pause={pause}"]
        return run(words, 120 + 2 * pause * (count + warm))["seconds"][0]

    def open_loop(self, port, request, answer, connections, rate, warm, seconds):
        """{"seconds": latencies from when each call was due, "late": how much later it was started}."""
        return run([self.folder / "open_loop", f"port={port}", f"path={messages.PREDICT}", f"request={request}",
                    f"answer={answer}", f"connections={connections}", f"rate={rate}", f"warm={warm}",
                    f"seconds={seconds}"], 60 + 4 * seconds)

    def first_answer(self, port, request, command):
        """Seconds from starting the command to its first answer, and its resident bytes then."""
        return run([self.folder / "first_answer", f"port={port}", f"path={messages.PREDICT}", f"request={request}",
                    "patience=60", "--", *command])

    def handler(self, product, model, request, count):
        return run([product / "infer_ours", f"model={model}", f"request={request}", f"count={count}"])
