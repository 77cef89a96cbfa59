# SPDX-License-Identifier: Apache-2.0
"""A server as a process: started, watched from outside, ended."""

import re
import signal
import socket
import subprocess
import time

PATIENCE = 60.0  # seconds: Python's imports on a busy machine


class Server:
    def __init__(self, name, command, folder):
        self.name = name
        self._log = folder / f"{name}.log"
        with open(self._log, "wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.port = None

    def wait(self):
        """Until it listens. Returns what went wrong, or None."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            said = self._log.read_text(encoding="utf-8", errors="replace")
            if match := re.search(r"listening on 127\.0\.0\.1:(\d+)", said):
                self.port = int(match[1])
                return None
            if self.process.poll() is not None:
                return f"ended with {self.process.returncode}: {said.strip()[-300:]}"
            time.sleep(0.02)
        return f"does not listen after {PATIENCE:.0f} s"

    def processor_seconds(self):
        """Of all its threads, those that ended included, to the nanosecond: by the clock of clock_getcpuclockid()."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def memory(self, field="VmRSS"):
        """Bytes; VmRSS: now, VmHWM: the most so far."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return 1024 * next(int(line.split()[1]) for line in file if line.startswith(f"{field}:"))

    def alive(self):
        return self.process.poll() is None

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
