#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The system calls that the filter lets through are those that a server makes. A life of one, with everything that it can
do, is traced from its confinement to its end: what is allowed and was never made needs a reason here, and nothing is made
that is refused."""

import os
import pathlib
import platform
import re
import shutil
import signal
import tempfile
import time
import unittest
import urllib.request

import grpc

import appliance
import certificates
import contract
import faults
import kernel_filter
import manager
import routes

# What a life does not need, or only by chance, and the server all the same.
NOT_SEEN = {
    "accept": "musl's accept4 tries it when a listener was shut down while somebody asked for it",
    "brk": "musl's own allocator, once more functions than 32 are to run at exit",
    "clock_gettime": "the vDSO answers; it asks the kernel where the machine's clock cannot be read by a program",
    "getcpu": "the same; and mimalloc, on machines with more than one node of memory",
    "getegid": "OpenSSL looks whether the environment may be believed, where it would read a path from it",
    "geteuid": "with getegid",
    "getgid": "with getegid",
    "getuid": "with getegid",
    "ioctl": "out of memory: whether the last words go to a terminal",
    "lseek": "stdio, when a file that was read in part is closed",
    "readv": "stdio, for files that libraries read",
    "nanosleep": "Abseil, when threads meet at a lock; libc++'s sleep",
    "restart_syscall": "the kernel's, when a wait goes on after a stop",
    "rt_sigaction": "abort",
    "sched_getparam": "Abseil, when threads queue for a lock",
    "sched_getscheduler": "with sched_getparam",
    "sched_yield": "with nanosleep",
    "writev": "stdio: last words of gRPC's and Abseil's before abort",
}
# What is tried and refused, and what comes of that.
REFUSED = {
    "socket": "gRPC looks which protocols there are and what can be set; its listeners are ours and need neither",
}


@unittest.skipUnless(appliance.is_static() and platform.machine() == "x86_64", "the release's calls, of this machine")
@unittest.skipUnless(faults.can_trace() and kernel_filter.NUMBERS.exists(), "needs strace and linux-libc-dev")
class Calls(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-calls-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.trace = kernel_filter.Trace(Life(cls.folder).log)

    def test_what_is_allowed_is_made_or_has_a_reason(self):
        print(f"allowed {len(self.trace.allowed)}, made {len(self.trace.made)} of them")
        never = self.trace.allowed - set(self.trace.made)
        self.assertEqual(sorted(never - set(NOT_SEEN)), [], "allowed, never made, and without a reason")
        self.assertEqual(sorted(set(NOT_SEEN) - self.trace.allowed), [], "reasons for what is not allowed")

    def test_what_is_made_is_allowed(self):
        self.assertEqual({name: line for name, line in self.trace.refused.items() if name not in REFUSED}, {})

    def test_what_it_may_not_ask_any_more_it_has_asked_before(self):
        # How much memory it may use: its control group says, and Landlock keeps that from it.
        self.assertIn('"/proc/self/cgroup"', self.trace.before)
        self.assertNotIn("/cgroup", self.trace.after)


class Life:
    """A server that is asked in every way, reloads all that it can, is watched and drained."""

    def __init__(self, folder):
        self.folder, self.log = folder, folder / "trace"
        self.ca = certificates.Authority(folder, "ca")
        self.identities = [self.ca.issue(name) for name in ("first", "second")]
        for number, cost in enumerate("12"):
            (folder / f"release-{number}").mkdir()
            done = appliance.run("train", "--cost", cost, "--out", str(folder / f"release-{number}/iris.json"))
            assert done.returncode == 0, done.stderr
        self.put(0, "info")
        with manager.Notifications(str(folder / "notify")) as told:
            command = ["strace", "-D", "-f", "-o", str(self.log), *kernel_filter.OPTIONS, appliance.BINARY]
            with appliance.Server(
                    "--config", "config.json", "--model", "current/iris.json", "--tls-cert", "tls.crt", "--tls-key",
                    "tls.key", "--tls-reload-interval", "1", "--admin", "127.0.0.1:0", "--access-log",
                    "--max-connection-idle", "1", "--keepalive-time", "1", "--threads", "2", "--drain-timeout", "1",
                    listen=["127.0.0.1:0"], plaintext=[f"unix:{folder}/grpc", "127.0.0.1:0"], command=command, cwd=folder,
                    env=told.environment(WATCHDOG_USEC="400000")) as server:
                self.live(server, told)
        self.wait_for_the_log(server.process.pid)

    def put(self, number, level):
        """Release `number`, as programs that know how do it: what is served is renamed into place."""
        identity = self.identities[number]
        (self.folder / "config.new").write_text(f'{{"serve": {{"log-level": "{level}"}}}}')
        (self.folder / "link.new").symlink_to(f"release-{number}")
        shutil.copy(identity.cert, self.folder / "crt.new")
        shutil.copy(identity.key, self.folder / "key.new")
        for source, target in (("config.new", "config.json"), ("link.new", "current"), ("crt.new", "tls.crt"),
                               ("key.new", "tls.key")):
            os.replace(self.folder / source, self.folder / target)

    def live(self, server, told):
        admin = server.wait_for_line(r"^admin on (\S+)$").group(1)
        told.until("READY")
        secure, local, plain = server.addresses
        for transport in (routes.Transport("TLS", secure, self.ca.cert), routes.Transport("unix", local),
                          routes.Transport("plaintext", plain)):
            self.ask(transport)
        for page in "metrics", "healthz", "readyz":
            with urllib.request.urlopen(f"http://{admin}/{page}", timeout=appliance.DEADLINE) as answer:
                assert answer.status == 200, page
        self.put(1, "debug")
        server.signal(signal.SIGHUP)
        server.wait_for_line("^reloaded the model ")
        server.wait_for_line("the log level is now debug")
        (self.folder / "current/iris.json").write_text("no model")
        server.signal(signal.SIGHUP)
        server.wait_for_line("cannot reload the model")
        self.ask(routes.Transport("TLS", secure, self.ca.cert))
        told.until("WATCHDOG")
        server.signal(signal.SIGSTOP)
        time.sleep(0.5)
        server.signal(signal.SIGCONT)
        time.sleep(5)  # idle connections end, memory goes back, certificates are looked at
        with routes.Transport("plaintext", plain).channel() as channel:
            call = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=appliance.DEADLINE)
            next(call)
            assert server.stop() == 0, server.lines
            call.cancel()

    def ask(self, transport):
        samples = [sample for sample, _ in appliance.iris_rows()]
        for _, labels in routes.python(transport, samples).items():
            assert len(labels) == len(samples)
        with transport.channel() as channel:
            many = routes.infer_request(samples * 200)
            many.raw_input_contents.append(routes.as_bytes(samples * 200))
            infer = contract.INFERENCE.GRPCInferenceServiceStub(channel).ModelInfer
            for compression in grpc.Compression.NoCompression, grpc.Compression.Gzip:
                reply = infer(many, timeout=appliance.DEADLINE, compression=compression)
                assert len(reply.raw_output_contents[0]) == 4 * 200 * len(samples)
            channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=appliance.DEADLINE)
            reflect = channel.stream_stream("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
            assert len(list(reflect(iter([b"\x3a\x00"]), timeout=appliance.DEADLINE))) == 1  # list_services: ""
            try:
                channel.unary_unary("/no.Such/Method")(b"", timeout=appliance.DEADLINE)
                raise AssertionError("it was answered")
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNIMPLEMENTED, error

    def wait_for_the_log(self, process):
        end = re.compile(rf"^{process} +\+\+\+ exited", re.M)
        if not faults.until(lambda: end.search(self.log.read_text(errors="replace"))):
            raise AssertionError("strace has not written the end")


if __name__ == "__main__":
    appliance.main()
