#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A server that serves has given up all else: what foreign code in it would try is refused, and what it does itself goes
on. All other tests run with it, too: it is the default."""

import errno
import os
import pathlib
import platform
import re
import shutil
import signal
import socket
import struct
import tempfile
import unittest
import urllib.request

import appliance
import certificates
import contract
import manager
import puppet

# Numbers of system calls on x86-64.
MMAP, OPEN, SOCKET, KILL, EXECVE, MEMFD_CREATE, OPENAT, UNLINKAT, PTRACE = 9, 2, 41, 62, 59, 319, 257, 263, 101
HERE = -100  # AT_FDCWD


def predict(target):
    request = contract.ML.IrisPredictRequest(sepal_length=5.0, sepal_width=3.6, petal_length=1.3, petal_width=0.25)
    with appliance.channel(target) as channel:
        return contract.ML.IrisPredictorStub(channel).PredictIrisSpecies(request, timeout=appliance.DEADLINE).species


def landlock_version():
    """Of this kernel; 0: it has none."""
    return max(0, puppet.LIBC.syscall(444, None, 0, 1))


class Confinement(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-confinement-")
        cls.addClassCleanup(folder.cleanup)
        cls.base = pathlib.Path(folder.name)
        cls.trained = cls.base / "trained.json"
        assert appliance.run("train", "--out", str(cls.trained)).returncode == 0

    def setUp(self):
        self.folder = self.base / self.id().rpartition(".")[2]
        self.folder.mkdir()

    def put(self, path, source=None):
        """A model at `path`, renamed into place as a careful program does it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        shutil.copy(source or self.trained, new)
        os.replace(new, path)
        return path

    def serve(self, *arguments, **options):
        server = appliance.Server(*arguments, **options)
        self.addCleanup(server.__exit__)
        return server

    def states(self, server, field):
        """What /proc says of every thread."""
        found = set()
        for task in pathlib.Path(f"/proc/{server.process.pid}/task").iterdir():
            found |= set(re.findall(rf"^{field}:\s+(\S+)$", (task / "status").read_text(), re.MULTILINE))
        return found

    def metrics(self, server):
        admin = server.wait_for_line(r"^admin on (\S+)$").group(1)
        return urllib.request.urlopen(f"http://{admin}/metrics", timeout=appliance.DEADLINE).read().decode()

    def test_every_thread_is_confined_and_it_is_said(self):
        server = self.serve("--admin", "127.0.0.1:0")
        self.assertEqual(self.states(server, "NoNewPrivs"), {"1"})
        self.assertEqual(self.states(server, "Seccomp"), {"2"})
        page = self.metrics(server)
        self.assertRegex(server.lines[0], r"^confined: no-new-privileges, .*seccomp with \d+ system calls")
        self.assertEqual(f"Landlock ABI {min(landlock_version(), 7)}" in server.lines[0], landlock_version() > 0)
        self.assertIn('iris_confinement{mechanism="seccomp"} 1\n', page)
        self.assertIn('iris_confinement{mechanism="no_new_privileges"} 1\n', page)
        self.assertIn(f'iris_confinement{{mechanism="landlock"}} {min(landlock_version(), 1)}\n', page)

    def test_it_can_be_switched_off(self):
        for options in {"env": {"IRIS_CONFINE": "off"}}, {}:
            with self.subTest(**options):
                flags = [] if options else ["--confine", "off"]
                server = self.serve("--admin", "127.0.0.1:0", *flags, **options)
                page = self.metrics(server)
                self.assertEqual(self.states(server, "Seccomp"), {"0"})
                self.assertEqual(self.states(server, "NoNewPrivs"), {"0"})
                self.assertEqual(server.lines[0], "not confined: --confine is off")
                self.assertEqual(page.count("\niris_confinement{"), 3)
                self.assertNotRegex(page, r"iris_confinement\{[^}]*\} 1")

    @unittest.skipUnless(platform.machine() == "x86_64", "registers of another machine")
    def test_what_foreign_code_would_try_is_refused(self):
        model = self.put(self.folder / "in/model.json")
        outside = self.put(self.folder / "out/model.json")
        server = self.serve("--model", str(model))
        pid = server.process.pid
        with puppet.Puppet(pid) as taken:
            self.assertEqual(taken.call(SOCKET, socket.AF_INET, socket.SOCK_STREAM, 0), -errno.ENOSYS)
            self.assertEqual(taken.call(SOCKET, socket.AF_UNIX, socket.SOCK_STREAM, 0), -errno.ENOSYS)
            self.assertEqual(taken.call(MEMFD_CREATE, "x", 0), -errno.ENOSYS)
            self.assertEqual(taken.call(KILL, os.getpid(), 0), -errno.ENOSYS)
            self.assertEqual(taken.call(UNLINKAT, HERE, str(model), 0), -errno.ENOSYS)
            self.assertEqual(taken.call(MMAP, 0, 4096, 7, 0x22, -1, 0), -errno.EPERM)  # executable
            self.assertGreater(taken.call(MMAP, 0, 4096, 3, 0x22, -1, 0), 0)
            # The C library of the release has one way to open a file, that of a development build the other.
            self.assertIn(taken.call(OPENAT, HERE, str(model), os.O_RDWR, 0), (-errno.ENOSYS, -errno.EPERM))
            self.assertEqual(taken.call(OPEN, str(model), os.O_RDWR, 0), -errno.EPERM)
            self.assertGreater(taken.call(OPEN, str(model), os.O_RDONLY, 0), 0)
            refused = -errno.EACCES if landlock_version() else 1
            for path in str(outside), "/etc/passwd", f"/proc/{os.getpid()}/stat", "/":
                got = taken.call(OPEN, path, os.O_RDONLY, 0)
                self.assertEqual(got, refused, path) if landlock_version() else self.assertGreater(got, 0)
        self.assertEqual(predict(server.target), 0)  # it goes on, none the wiser
        self.assertTrue(model.exists())

    @unittest.skipUnless(platform.machine() == "x86_64", "registers of another machine")
    def test_what_only_foreign_code_does_is_its_end(self):
        for number, arguments in (EXECVE, ("/bin/true", 0, 0)), (PTRACE, (0, 0, 0, 0)):
            with self.subTest(number):
                server = self.serve()
                with puppet.Puppet(server.process.pid) as taken:
                    self.assertEqual(taken.call(number, *arguments), signal.SIGSYS)

    @unittest.skipUnless(platform.machine() == "x86_64", "registers of another machine")
    def test_without_confinement_the_same_is_allowed(self):
        """That the two above show the confinement and not something else."""
        server = self.serve("--confine", "off")
        with puppet.Puppet(server.process.pid) as taken:
            self.assertGreater(taken.call(SOCKET, socket.AF_INET, socket.SOCK_STREAM, 0), 0)
            self.assertGreater(taken.call(MMAP, 0, 4096, 7, 0x22, -1, 0), 0)
            self.assertGreater(taken.call(OPENAT, HERE, "/etc/passwd", os.O_RDONLY, 0), 0)

    def reload(self, server, line):
        server.signal(signal.SIGHUP)
        return server.wait_for_line(line)

    def test_a_model_that_is_replaced(self):
        model = self.put(self.folder / "model.json")
        server = self.serve("--model", str(model))
        done = appliance.run("train", "--cost", "2", "--out", str(self.base / "other.json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.put(model, self.base / "other.json")
        self.reload(server, "^reloaded the model ")
        self.put(model)
        self.reload(server, "^reloaded the model ")

    def test_releases_that_a_link_leads_to(self):
        for release in "1", "2":
            self.put(self.folder / "releases" / release / "model.json")
        link = self.folder / "current"
        link.symlink_to("releases/1")
        server = self.serve("--model", str(link / "model.json"))
        (self.folder / "next").symlink_to("releases/2")
        os.replace(self.folder / "next", link)
        self.reload(server, "^unchanged: the model ")

    @unittest.skipUnless(landlock_version(), "this kernel has no Landlock")
    def test_a_model_outside_is_refused_and_the_reason_told(self):
        model, outside = self.put(self.folder / "in/model.json"), self.put(self.folder / "out/model.json")
        server = self.serve("--model", str(model))
        model.unlink()
        model.symlink_to(outside)
        line = self.reload(server, "cannot reload the model").string
        self.assertIn("Permission denied", line)
        self.assertIn(f"{model} now lies outside what this server may read since it confined itself at its start "
                      f"({model.parent}): put it there, or restart the server; the old one stays", line)
        self.assertEqual(predict(server.target), 0)
        self.put(model)
        self.reload(server, "^unchanged: the model ")

    def test_certificates_as_certbot_and_as_kubernetes_renew_them(self):
        authority = certificates.Authority(self.folder, "ca")
        first, second = authority.issue("first"), authority.issue("second")
        for name in "certbot", "kubernetes":
            with self.subTest(name):
                live = self.folder / name / "live"
                live.mkdir(parents=True)
                links = {}  # what is switched, and where it leads to the first and the second time
                for number, identity in (1, first), (2, second):
                    folder = self.folder / name / "archive" if name == "certbot" else live / f"..{number}"
                    folder.mkdir(exist_ok=True)
                    for source, file in (identity.cert, "tls.crt"), (identity.key, "tls.key"):
                        kept = folder / (f"{number}.{file}" if name == "certbot" else file)
                        shutil.copy(source, kept)
                        switched = live / (file if name == "certbot" else "..data")
                        links.setdefault(switched, {})[number] = os.path.relpath(
                            kept if name == "certbot" else folder, live)
                if name == "kubernetes":
                    for file in "tls.crt", "tls.key":
                        (live / file).symlink_to(f"..data/{file}")
                for link, targets in links.items():
                    link.symlink_to(targets[1])
                server = self.serve("--tls-cert", str(live / "tls.crt"), "--tls-key", str(live / "tls.key"),
                                    "--tls-reload-interval", "0")
                for link, targets in links.items():
                    link.unlink()
                    link.symlink_to(targets[2])
                self.reload(server, "^reloaded the certificate ")
                self.assertEqual(server.stop(), 0)

    def test_the_configuration_file_and_everything_around(self):
        """Log level at SIGHUP, Unix sockets that go in the end, both sorts of notification socket, the admin endpoint."""
        config = self.folder / "iris.json"
        for path in None, str(self.folder / "notify"):
            config.write_text('{"serve": {"log-level": "info"}}')
            with manager.Notifications(path) as told:
                unix = self.folder / "grpc.sock"
                admin = self.folder / "admin.sock"
                server = self.serve("--config", str(config), "--admin", f"unix:{admin}", listen=[f"unix:{unix}"],
                                    env=told.environment(WATCHDOG_USEC="400000"))
                told.until("READY")
                config.write_text('{"serve": {"log-level": "debug"}}')
                self.reload(server, "the log level is now debug")
                told.until("RELOADING")
                told.until("READY")
                told.until("WATCHDOG")
                self.assertEqual(predict(f"unix:{unix}"), 0)
                with socket.socket(socket.AF_UNIX) as asking:
                    asking.connect(str(admin))
                    asking.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
                    page = b"".join(iter(lambda: asking.recv(65536), b"")).decode()
                for name in ("process_open_fds", "process_resident_memory_bytes", "process_start_time_seconds",
                             "process_threads", "iris_connections_open"):
                    self.assertRegex(page, rf"\n{name} [0-9.e+]+\n")
                self.assertEqual(server.stop(), 0)
                told.until("STOPPING")
                self.assertFalse(unix.exists())
                self.assertFalse(admin.exists())

    def test_large_messages_on_workers(self):
        server = self.serve("--threads", "2")
        with appliance.channel(server.target) as channel:
            rows = 20_000
            request = contract.INFERENCE.ModelInferRequest(model_name="iris")
            request.inputs.add(name="input-0", datatype="FP64", shape=[rows, 4])
            request.raw_input_contents.append(struct.pack("<4d", 5.0, 3.6, 1.3, 0.25) * rows)
            stub = contract.INFERENCE.GRPCInferenceServiceStub(channel)
            reply = stub.ModelInfer(request, timeout=appliance.DEADLINE)
            self.assertEqual(reply.outputs[0].shape[0], rows)


if __name__ == "__main__":
    appliance.main()
