# SPDX-License-Identifier: Apache-2.0
"""Runs the binary under test (IRIS_BINARY) and ends what it started, and nothing else."""

import csv
import importlib
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import grpc
import grpc_tools.protoc

BINARY = os.path.realpath(os.environ.get("IRIS_BINARY", "build/static/iris-predictor"))
SOURCE = pathlib.Path(__file__).resolve().parents[2]
# Seconds; generous, since the machine may be busy. A build with sanitizers asks for more.
DEADLINE = float(os.environ.get("IRIS_DEADLINE", "20"))

# Exit codes: part of the contract (src/cli/command.h).
OK, CHECK_FAILED, USAGE, BAD_DATA, UNAVAILABLE, IO, CONFIGURATION = 0, 1, 64, 65, 69, 74, 78

# What a script or nohup starts in the background ignores these, and so would all that it starts in turn.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) == signal.SIG_IGN:
        signal.signal(number, handler)


def environment(**variables):
    """A clean environment: only PATH, the sanitizers' settings, and what is given."""
    kept = {name: value for name, value in os.environ.items() if name == "PATH" or name.endswith("SAN_OPTIONS")}
    return {**kept, **variables}


def run(*arguments, stdin=b"", env=None, timeout=DEADLINE, **popen):
    """Runs one command to its end; .stdout and .stderr are text."""
    popen.setdefault("stdout", subprocess.PIPE)
    popen.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run([BINARY, *arguments], input=stdin, env=environment(**(env or {})), timeout=timeout, **popen)
    for name in ("stdout", "stderr"):
        value = getattr(done, name)
        if value is not None:
            setattr(done, name, value.decode("utf-8", "replace"))
    return done


class Server:
    """`iris-predictor serve` on a free loopback port, until the with-block ends."""

    def __init__(self, *arguments, listen=("127.0.0.1:0",), plaintext=(), env=None, command=None, wait=True, **popen):
        words = list(command or [BINARY]) + ["serve", *arguments]
        for address in listen:
            words += ["--listen", address]
        for address in plaintext:
            words += ["--listen-plaintext", address]
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            words, env=environment(**(env or {})), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, **popen)
        self.lines = []  # everything seen on standard error
        self._queue = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.addresses = []
        if wait:
            try:
                for _ in range(max(1, len(listen) + len(plaintext))):
                    self.addresses.append(self.wait_for_line(r"^listening on (\S+)( \(TLS\))?$").group(1))
            except BaseException:
                self.kill()
                raise

    def _read(self):
        for line in self.process.stderr:
            line = line.decode("utf-8", "replace").rstrip("\n")
            self.lines.append(line)
            self._queue.put(line)
        self._queue.put(None)

    def wait_for_line(self, pattern, timeout=DEADLINE):
        """The match of the next line of standard error that fits."""
        end = time.monotonic() + timeout
        while True:
            try:
                line = self._queue.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line like {pattern!r} within {timeout} s; seen: {self.lines}") from None
            if line is None:
                raise AssertionError(f"ended with {self.process.wait()} before a line like {pattern!r}: {self.lines}")
            match = re.search(pattern, line)
            if match:
                return match

    @property
    def told(self):
        """The lines, without those that depend on the machine and on the day: how far the process could be confined, and
        that a test's certificate, which is made for two days, expires soon."""
        return [line for line in self.lines if not re.search(r"^confined: |^iris-predictor: warning: the certificate \S+ expires on", line)]

    @property
    def target(self):
        return self.addresses[0]

    @property
    def port(self):
        return self.addresses[0].rpartition(":")[2]

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, timeout=DEADLINE):
        """The exit code, once it has ended by itself; .lines is complete then."""
        code = self.process.wait(timeout)
        self._reader.join(timeout)
        return code

    def stop(self):
        """SIGTERM; the exit code."""
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join(DEADLINE)
        self.process.stderr.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                pass
        self.kill()


def load_stubs(proto):
    """(messages, services): Python stubs made now, by protoc, from one .proto file that imports nothing."""
    stem = proto.stem
    with tempfile.TemporaryDirectory(prefix="iris-stubs-") as folder:
        shutil.copy(proto, folder)
        code = grpc_tools.protoc.main(
            ["protoc", f"-I{folder}", f"--python_out={folder}", f"--grpc_python_out={folder}", proto.name])
        if code != 0:
            raise AssertionError(f"protoc ended with {code} for {proto}")
        sys.path.insert(0, folder)
        try:
            return importlib.import_module(f"{stem}_pb2"), importlib.import_module(f"{stem}_pb2_grpc")
        finally:
            sys.path.remove(folder)


def tutorial_stubs():
    return load_stubs(SOURCE / "tests/e2e/tutorial_iris.proto")


def iris_rows():
    """The 150 flowers of assets/iris.csv: [([4 floats], label 0..2)]."""
    classes = ["setosa", "versicolor", "virginica"]
    with open(SOURCE / "assets/iris.csv", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [([float(value) for value in row[:4]], classes.index(row[4])) for row in rows]


def channel(target, **options):
    """A plaintext channel; options as in channel("...", **{"grpc.some_option": 1})."""
    return grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0), *options.items()])


class Test(unittest.TestCase):
    """A test case that can check a whole command line at once."""

    maxDiff = None

    def check(self, done, code=OK, stdout=None, stderr=None):
        """`stdout` and `stderr` are the exact text, or a compiled pattern to be found; None: anything."""
        context = f"exit {done.returncode}\nstdout: {done.stdout}\nstderr: {done.stderr}"
        self.assertEqual(done.returncode, code, context)
        for name, expected in (("stdout", stdout), ("stderr", stderr)):
            actual = getattr(done, name)
            if isinstance(expected, re.Pattern):
                self.assertRegex(actual, expected, context)
            elif expected is not None:
                self.assertEqual(actual, expected, context)


def is_static():
    """Whether the binary under test needs nothing but the kernel (no PT_INTERP)."""
    done = subprocess.run(["readelf", "-lW", BINARY], stdout=subprocess.PIPE, check=True)
    return b"INTERP" not in done.stdout


class _Loader(unittest.TestLoader):
    """Finds a script's tests, without those that IRIS_LEFT_OUT names: "Class" or "Class.test", with commas between."""

    def __init__(self):
        super().__init__()
        self.left_out = set(filter(None, os.environ.get("IRIS_LEFT_OUT", "").split(",")))
        self.unknown = set(self.left_out)

    def getTestCaseNames(self, testCaseClass):
        kept = []
        for name in super().getTestCaseNames(testCaseClass):
            meant = {testCaseClass.__name__, f"{testCaseClass.__name__}.{name}"} & self.left_out
            self.unknown -= meant
            kept += [] if meant else [name]
        return kept


def main():
    """Runs the script's tests. Exits with 77, which CTest shows as skipped, where none could run; with IRIS_NO_SKIPS set
    (as .ci/run does) a single skipped test is a failure."""
    loader = _Loader()
    result = unittest.main(testLoader=loader, verbosity=2, exit=False).result
    if loader.unknown:
        sys.exit(f"IRIS_LEFT_OUT names what is no test of this script: {', '.join(sorted(loader.unknown))}")
    if not result.wasSuccessful():
        sys.exit(1)
    if result.skipped and os.environ.get("IRIS_NO_SKIPS"):
        sys.exit("IRIS_NO_SKIPS is set, and these did not run: " + "; ".join(f"{test} ({why})" for test, why in result.skipped))
    sys.exit(77 if len(result.skipped) >= result.testsRun else 0)
