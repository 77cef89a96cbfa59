#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A host that is short of things or behaves oddly: little memory, a clock that starts elsewhere, time that passes while
the process does not run, a log that nobody reads, that may not grow, or that is gone."""

import fcntl
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import appliance
import calls
import certificates
import faults
import http2
import wire

OUT_OF_MEMORY = "iris-predictor: out of memory; give the process more, or smaller input"
PATH = "/ml.IrisPredictor/PredictIrisSpecies"


def limited(mebibytes, *more):
    """The binary in so much address space."""
    return ["prlimit", f"--as={mebibytes << 20}", "--core=0", *more, appliance.BINARY]


@unittest.skipUnless(appliance.is_static(), "sanitizers reserve terabytes of addresses")
class Memory(appliance.Test):
    def test_every_amount_gives_an_answer_or_says_why_not(self):
        # From where the program can be mapped at all (its own size, and as much again for the loader's ends).
        least = (os.path.getsize(appliance.BINARY) >> 20) + 4
        table = (appliance.SOURCE / "assets/iris.csv").read_bytes()
        for words in (["version"], ["train", "--data", "-"], ["serve", "--check", "--listen", "127.0.0.1:0"]):
            codes = []
            for room in (least, least + 6, 24, 32, 34, 36, 40, 44, 48, 56, 64, 96, 256):
                with self.subTest(words[0], room=room):
                    done = subprocess.run([*limited(room), *words], input=table, env=appliance.environment(),
                                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=appliance.DEADLINE)
                    context = f"exit {done.returncode}: {done.stderr}"
                    self.assertIn(done.returncode, (appliance.OK, appliance.IO), context)
                    if done.returncode == appliance.IO:
                        self.assertRegex(done.stderr.decode(), rf"{OUT_OF_MEMORY}|cannot (start|be had)|memory", context)
                    codes.append(done.returncode)
            self.assertEqual(codes, sorted(codes, reverse=True), words)  # more is never worse
            self.assertEqual(codes[-1], appliance.OK)
            print(f"{words[0]}: {codes}")

    def test_a_server_that_runs_out_says_so_and_ends(self):
        # Large messages on many connections, none of which ends: what is held grows until there is no more.
        with appliance.Server(command=limited(84)) as server:
            connections = []
            try:
                for _ in range(60):
                    connection = http2.Connection(server.target)
                    connections.append(connection)
                    stream = connection.start(PATH)
                    connection.send(stream, wire.message(b"", length=4_000_000) + bytes(3_900_000), timeout=2)
                    if server.process.poll() is not None:
                        break
            except ConnectionRefusedError:
                pass
            finally:
                for connection in connections:
                    connection.socket.close()
            if not faults.until(lambda: server.process.poll() is not None, 2):
                self.assertEqual(calls.predict(server.target), 0)  # it refused what it could not hold: then it is whole
                self.assertEqual(server.stop(), 0)
                return
            self.assertEqual(server.wait(), appliance.IO, server.lines)
            self.assertIn(OUT_OF_MEMORY, server.lines)


def can_unshare_time():
    return subprocess.run(["unshare", "--time", "--boottime", "1000", "true"], stderr=subprocess.DEVNULL).returncode == 0


class Clocks(appliance.Test):
    @unittest.skipUnless(can_unshare_time(), "needs the right to make a time namespace")
    def test_a_host_that_has_just_started_or_runs_for_a_century(self):
        # Of the clock that only goes forward. (That of the day cannot be set for one process alone.)
        uptime = int(float(pathlib.Path("/proc/uptime").read_text().split()[0]))
        for offset in (-uptime + 2, 100 * 365 * 86400):
            with self.subTest(offset=offset):
                command = ["unshare", "--time", "--monotonic", str(offset), "--boottime", str(offset), "--fork",
                           "--kill-child", appliance.BINARY]
                with appliance.Server("--drain-timeout", "1", "--access-log", command=command) as server:
                    self.assertEqual(calls.predict(server.target), 0)
                    server.wait_for_line(r"PredictIrisSpecies")
                    idle = http2.Connection(server.target)
                    held = calls.OpenCall(server.target)  # so that the end has to wait for its timer
                    outer = server.process.pid
                    inner = int(pathlib.Path(f"/proc/{outer}/task/{outer}/children").read_text().split()[0])
                    start = time.monotonic()
                    os.kill(inner, signal.SIGTERM)
                    server.wait()
                    self.assertLess(time.monotonic() - start, 10)
                    held.close()
                    idle.socket.close()

    def test_time_that_passes_while_it_is_stopped(self):
        # As on a laptop that sleeps, or in a frozen container: every clock has jumped when it runs again.
        ca = certificates.Authority(tempfile.mkdtemp(prefix="iris-clock-"), "clock")
        identity = ca.issue("localhost")
        arguments = ("--max-connection-idle", "1", "--keepalive-time", "1", "--keepalive-timeout", "1",
                     "--drain-timeout", "2", "--tls-cert", identity.cert, "--tls-key", identity.key)
        with appliance.Server(*arguments, listen=("127.0.0.1:0",), plaintext=("127.0.0.1:0",)) as server:
            target = server.addresses[1]
            idle = http2.Connection(target)
            held = http2.Connection(target)
            stream = held.start("/iris.v1.PredictionService/StreamPredict")
            server.signal(signal.SIGSTOP)
            time.sleep(4)
            server.signal(signal.SIGCONT)
            self.assertEqual(calls.predict(target), 0)
            self.assertTrue(idle.wait(lambda: idle.closed, 10))  # its time was over
            idle.socket.close()
            self.assertEqual(calls.predict(target), 0)
            held.cancel(stream)
            held.socket.close()
            start = time.monotonic()
            self.assertEqual(server.stop(), 0)
            self.assertLess(time.monotonic() - start, 10)


    @unittest.skipUnless(faults.can_trace() and appliance.is_static(), "needs strace, and the release's own runtime")
    def test_no_timer_waits_for_a_time_of_day(self):
        # Set back by an hour, the clock of the day would hold up for an hour whatever waits for it: handshakes that never
        # end, answers that nobody reads, deadlines, the drain.
        folder = tempfile.TemporaryDirectory(prefix="iris-timers-")
        self.addCleanup(folder.cleanup)
        log = pathlib.Path(folder.name, "log")
        command = ["strace", "-D", "-f", "-o", str(log), "-etrace=futex,clock_nanosleep,timerfd_settime", appliance.BINARY]
        arguments = ("--max-connection-idle", "1", "--drain-timeout", "1")
        with appliance.Server(*arguments, command=command) as server:
            idle = http2.Connection(server.target)
            held = calls.OpenCall(server.target)
            self.assertEqual(calls.predict(server.target), 0)
            self.assertTrue(idle.wait(lambda: idle.closed, 10))  # a timer of gRPC's ran
            idle.socket.close()
            self.assertEqual(server.stop(), 0)
            held.close()
        waits = [line for line in log.read_text().splitlines() if re.search(r"\{tv_sec=", line)]
        self.assertTrue([line for line in waits if "FUTEX_WAIT" in line], "nobody waited for a limited time")
        self.assertEqual([line for line in waits if re.search(r"CLOCK_REALTIME|TFD_TIMER_ABSTIME", line)], [])


@unittest.skipUnless(os.geteuid() == 0 and appliance.is_static(), "needs root, and nobody's threads but ours")
class Threads(appliance.Test):
    NOBODY = 64_999  # who runs nothing else: the limit is on a user's threads
    REFUSED = re.compile(r"^iris-predictor: cannot start .*; raise the limit on processes \(.*\n$")

    def test_every_number_of_threads_gives_an_answer_or_says_why_not(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-threads-")
        self.addCleanup(folder.cleanup)
        os.chmod(folder.name, 0o755)
        binary = shutil.copy(appliance.BINARY, folder.name)

        def limited(count):
            user = str(self.NOBODY)
            return ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "prlimit", f"--nproc={count}", binary]

        served, refused = [], []
        with appliance.Server() as other:
            for count in range(1, 21):
                with self.subTest(threads=count):
                    with appliance.Server(command=limited(count), wait=False) as server:
                        try:
                            target = server.wait_for_line(r"^listening on (\S+)$").group(1)
                        except AssertionError:
                            self.assertEqual(server.wait(), appliance.IO, server.lines)
                            self.assertRegex(server.told[-1] + "\n", self.REFUSED)
                            refused.append(count)
                        else:
                            self.assertEqual(calls.predict(target), 0)
                            self.assertEqual(server.stop(), 0)
                            served.append(count)
                    for words in (["predict", "5.1", "3.5", "1.4", "0.2"], ["bench", "--calls", "20", "--warm-up", "0"]):
                        done = subprocess.run([*limited(count), *words, "--port", other.port], text=True,
                                              env=appliance.environment(), stdin=subprocess.DEVNULL,
                                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=appliance.DEADLINE)
                        if done.returncode != appliance.OK:
                            self.check(done, appliance.IO, None, self.REFUSED)
        self.assertTrue(served and refused and max(refused) < min(served), (served, refused))
        print(f"serves with {min(served)} threads and more")


class Environment(appliance.Test):
    # What gRPC 1.51 reads, with values that change what it does.
    GRPC = {"GRPC_POLL_STRATEGY": "none", "GRPC_VERBOSITY": "DEBUG", "GRPC_TRACE": "all",
            "GRPC_EXPERIMENTS": "tcp_frame_size_tuning,no_such_thing", "GRPC_ABORT_ON_LEAKS": "true",
            "GRPC_ENABLE_FORK_SUPPORT": "1", "GRPC_SSL_CIPHER_SUITES": "NULL", "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": "/none"}
    # The allocator's.
    MIMALLOC = {"MIMALLOC_LIMIT_OS_ALLOC": "1", "MIMALLOC_VERBOSE": "1", "MIMALLOC_SHOW_STATS": "1"}

    def test_libraries_are_set_up_by_us_alone(self):
        foreign = self.GRPC | self.MIMALLOC
        with appliance.Server(env=foreign) as server, appliance.Server() as plain:
            for one in (server, plain):
                self.assertEqual(calls.predict(one.target), 0)
                done = appliance.run("predict", "--port", one.port, "5.1", "3.5", "1.4", "0.2", env=foreign)
                self.assertEqual((done.returncode, done.stderr), (0, ""))
                self.assertEqual(one.stop(), 0)
            self.assertEqual([line.replace(server.target, plain.target) for line in server.lines], plain.lines)


class Log(appliance.Test):
    def flood(self, target, calls_made=300):
        with appliance.channel(target) as channel:
            stub = calls.RPC.IrisPredictorStub(channel)
            for _ in range(calls_made):
                self.assertEqual(stub.PredictIrisSpecies(calls.SETOSA, timeout=appliance.DEADLINE).species, 0)

    def serve(self, stderr, *arguments, command=(appliance.BINARY,)):
        folder = tempfile.TemporaryDirectory(prefix="iris-log-")
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name, "socket")
        process = subprocess.Popen([*command, "serve", "--listen", f"unix:{path}", "--access-log", "--access-log-rate",
                                    "100000", "--log-level", "debug", *arguments], stdin=subprocess.DEVNULL,
                                   stderr=stderr, env=appliance.environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        self.assertTrue(faults.until(path.exists))
        return process, f"unix:{path}"

    def end(self, process):
        start = time.monotonic()
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(appliance.DEADLINE), 0)
        self.assertLess(time.monotonic() - start, 10)

    def test_a_pipe_that_nobody_reads(self):
        reader, writer = os.pipe()
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 16384)
        process, target = self.serve(writer)
        os.close(writer)
        self.flood(target)  # some 30 KiB of lines
        held = os.read(reader, 65536)
        self.assertGreater(len(held), 8000)  # it was full, or this shows nothing
        self.flood(target, 1)
        self.assertIn(b"lines were lost here", os.read(reader, 65536))  # whoever reads again is told
        self.end(process)
        os.close(reader)

    def test_a_pipe_whose_reader_is_gone(self):
        reader, writer = os.pipe()
        process, target = self.serve(writer)
        os.close(writer)
        os.close(reader)
        self.flood(target)
        self.end(process)

    def test_a_file_that_may_not_grow(self):
        with tempfile.TemporaryFile() as log:
            process, target = self.serve(log, command=("prlimit", "--fsize=2000", appliance.BINARY))
            self.flood(target)
            self.assertEqual(os.fstat(log.fileno()).st_size, 2000)
            self.end(process)

    def test_a_full_device(self):
        with open("/dev/full", "wb") as full:
            process, target = self.serve(full)
            self.flood(target)
            self.end(process)

    def test_none_at_all(self):
        process, target = self.serve(None, command=("sh", "-c", 'exec "$0" "$@" 2>&-', appliance.BINARY))
        self.flood(target)
        self.end(process)


if __name__ == "__main__":
    appliance.main()
