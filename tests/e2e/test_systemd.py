#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""systemd: notifications, socket activation, the watchdog and the units that are printed; piece by piece with systemd's
own tools. What needs a systemd that runs, or a newer one than this machine's, stands in test_systemd_boot.py."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import appliance
import calls
import certificates
import manager

ASSETS = appliance.SOURCE / "assets/systemd"
VERIFY = """
mount --make-rprivate / && mount -t tmpfs none /usr/local/bin && install "$1" /usr/local/bin/iris-predictor &&
exec systemd-analyze verify "$2/iris-predictor.service" "$2/iris-predictor.socket"
"""


def needs(*programs):
    lacking = [program for program in programs if shutil.which(program) is None]
    return unittest.skipIf(lacking, f"needs {', '.join(lacking)} (package systemd)")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Notifies(appliance.Test):
    def test_the_whole_life(self):
        with tempfile.TemporaryDirectory() as folder:
            for path in (None, f"{folder}/notify"):
                with self.subTest(path), manager.Notifications(path) as told:
                    with appliance.Server("--drain-timeout", "2", env=told.environment()) as server:
                        starting = told.next()
                        self.assertGreater(int(starting["EXTEND_TIMEOUT_USEC"]), 60_000_000)
                        ready = told.until("READY")
                        self.assertEqual(ready["READY"], "1")
                        self.assertEqual(calls.predict(server.target), 0)
                        environment = pathlib.Path(f"/proc/{server.process.pid}/environ").read_bytes()
                        self.assertIn(b"NOTIFY_SOCKET", environment)  # as it was given; the process itself took it out

                        before = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
                        server.signal(signal.SIGHUP)
                        reloading = told.until("RELOADING")
                        self.assertEqual(reloading["RELOADING"], "1")
                        self.assertGreaterEqual(int(reloading["MONOTONIC_USEC"]), before)
                        self.assertLess(int(reloading["MONOTONIC_USEC"]) - before, 10_000_000)
                        self.assertRegex(told.next()["STATUS"], "^serving; reloaded at 20")

                        server.signal(signal.SIGTERM)
                        stopping = told.until("STOPPING")
                        self.assertEqual(int(stopping["EXTEND_TIMEOUT_USEC"]), 7_000_000)
                        self.assertEqual(server.wait(), 0)
                        self.assertEqual(told.drain(), [])

    def test_ready_means_that_it_answers(self):
        for _ in range(5):
            port = free_port()
            with manager.Notifications() as told, \
                    appliance.Server(listen=[f"127.0.0.1:{port}"], env=told.environment(), wait=False):
                told.until("READY")
                with socket.create_connection(("127.0.0.1", port), timeout=1):
                    pass

    def test_a_manager_that_is_gone_is_no_reason_to_end(self):
        told = manager.Notifications()
        with appliance.Server(env=told.environment()) as server:
            told.close()
            server.signal(signal.SIGHUP)
            server.wait_for_line("cannot tell the service manager")
            self.assertEqual(calls.predict(server.target), 0)
            self.assertEqual(server.stop(), 0)


class Watchdog(appliance.Test):
    def test_it_hears_of_life(self):
        with manager.Notifications() as told:
            with appliance.Server(env=told.environment(WATCHDOG_USEC="1000000")):
                told.until("READY")
                times = []
                for _ in range(6):
                    told.until("WATCHDOG", 1.0)  # never later than the interval
                    times.append(time.monotonic())
                self.assertGreater(times[-1] - times[0], 0.7)  # four times in it, not more

    def test_another_process_is_watched(self):
        with manager.Notifications() as told, \
                appliance.Server(env=told.environment(WATCHDOG_USEC="100000", WATCHDOG_PID="1")) as server:
            told.until("READY")
            time.sleep(0.5)
            self.assertEqual(told.drain(), [])
            self.assertEqual(server.stop(), 0)

    def test_a_thread_that_hangs_silences_it(self):
        # Each of the threads that serve is stopped in turn: the first thread, which would send the messages, goes on, and
        # sends none. Threads for long calls, and of libraries, may stand still.
        with manager.Notifications() as told, \
                appliance.Server(env=told.environment(WATCHDOG_USEC="400000")) as server:
            told.until("READY")
            self.assertEqual(calls.predict(server.target), 0)
            silencing = 0
            for thread in manager.threads(server.process.pid):
                told.until("WATCHDOG")
                try:
                    frozen = manager.Frozen(thread)
                except OSError as error:
                    self.skipTest(f"a thread of another process cannot be stopped here: {error}")
                with frozen:
                    time.sleep(0.25)  # a beat that was on its way
                    told.drain()
                    time.sleep(0.6)
                    silent = not any("WATCHDOG" in fields for fields in told.drain())
                    if silent:
                        silencing += 1
                        server.wait_for_line("a serving thread has not come round for [0-9]+ ms")
                if silent:
                    told.until("WATCHDOG")
                    server.wait_for_line("the serving threads come round again")
            self.assertGreaterEqual(silencing, 2)  # the one that accepts, and at least one queue's
            self.assertEqual(calls.predict(server.target), 0)
            self.assertEqual(server.stop(), 0)


class Activation(appliance.Test):
    def activated(self, *arguments, names=None, socket_options=(), listen=None, env=None, wait=True):
        """serve as systemd-socket-activate starts it, at the first connection."""
        port = free_port()
        words = ["systemd-socket-activate", "--listen", listen or f"127.0.0.1:{port}", *socket_options]
        if names:
            words.append(f"--fdname={names}")
        kept = appliance.environment(**(env or {}))
        words += [f"--setenv={name}" for name in kept if name.startswith("IRIS_TLS_") or name.endswith("SAN_OPTIONS")]
        server = appliance.Server(*arguments, listen=(), command=[*words, appliance.BINARY], env=env, wait=False)
        self.addCleanup(server.__exit__)
        server.wait_for_line("^Listening on ")
        return server, port

    @needs("systemd-socket-activate")
    def test_it_serves_the_socket_and_no_other(self):
        server, port = self.activated()
        self.assertEqual(calls.predict(f"127.0.0.1:{port}"), 0)
        server.wait_for_line(rf"^listening on 127\.0\.0\.1:{port}$")
        self.assertEqual(server.stop(), 0)
        self.assertEqual([line for line in server.lines if line.startswith("listening on")],
                         [f"listening on 127.0.0.1:{port}"])

    @needs("systemd-socket-activate")
    def test_addresses_that_are_given_are_opened_as_well(self):
        server, port = self.activated("--listen", "127.0.0.1:0")
        self.assertEqual(calls.predict(f"127.0.0.1:{port}"), 0)
        server.wait_for_line(rf"^listening on 127\.0\.0\.1:{port}$")
        other = server.wait_for_line(r"^listening on (\S+)$").group(1)
        self.assertEqual(calls.predict(other), 0)
        self.assertEqual(server.stop(), 0)

    @needs("systemd-socket-activate")
    def test_a_unix_socket_stays_where_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            server, _ = self.activated(listen=f"{folder}/s")
            self.assertEqual(calls.predict(f"unix:{folder}/s"), 0)
            self.assertEqual(server.stop(), 0)
            self.assertTrue(os.path.exists(f"{folder}/s"))  # it is systemd's

    @needs("systemd-socket-activate")
    def test_a_socket_of_datagrams_is_refused(self):
        server, port = self.activated(socket_options=["--datagram"])
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(b"x", ("127.0.0.1", port))
        self.assertEqual(server.wait(), appliance.CONFIGURATION)
        self.assertRegex(server.lines[-1], "^iris-predictor: socket activation: descriptor 3 .* is a datagram socket, "
                                           "expected a listening stream socket")

    @needs("systemd-socket-activate")
    def test_a_connection_in_place_of_a_listener_is_refused(self):
        server, port = self.activated(socket_options=["--accept"])
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            server.wait_for_line("is a stream socket that does not listen.*Accept=no")
        server.kill()

    @needs("systemd-socket-activate")
    def test_names_say_what_is_spoken(self):
        with tempfile.TemporaryDirectory() as folder:
            identity = certificates.Authority(folder, "ca").issue("server")
            tls = {"IRIS_TLS_CERT": identity.cert, "IRIS_TLS_KEY": identity.key}
            for name, env, line, code in (
                    ("plaintext", tls, r"^listening on \S+$", 0), ("anything", tls, r"^listening on \S+ \(TLS\)$", 0),
                    ("tls", tls, r"^listening on \S+ \(TLS\)$", 0), ("anything", {}, r"^listening on \S+$", 0),
                    ("admin", {"IRIS_LISTEN": "127.0.0.1:0"}, r"^admin on \S+$", 0),
                    ("tls", {}, 'is named "tls", and there is no certificate', appliance.CONFIGURATION)):
                with self.subTest(name=name, env=env):
                    arguments = ["--listen", env["IRIS_LISTEN"]] if "IRIS_LISTEN" in env else []
                    server, port = self.activated(*arguments, names=name, env=env)
                    with socket.socket() as client:
                        client.settimeout(5)
                        with contextlib.suppress(ConnectionResetError):  # a server that refuses may have ended by now
                            client.connect(("127.0.0.1", port))
                        server.wait_for_line(line)
                    if code == 0:
                        server.signal(signal.SIGTERM)
                    self.assertEqual(server.wait(), code)

    def inherit(self, sockets, *arguments, pid="self", count=None, names=None):
        """serve with descriptors 3 and up, as a manager leaves them; after --listen 127.0.0.1:0."""
        script = ("import fcntl, os, sys\n"
                  "os.environ['LISTEN_PID'] = sys.argv[1].replace('self', str(os.getpid()))\n"
                  "os.environ['LISTEN_FDS'] = sys.argv[2]\n"
                  "sys.argv[3] and os.environ.__setitem__('LISTEN_FDNAMES', sys.argv[3])\n"
                  "high = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 200) for fd in sys.argv[4].split()]\n"
                  "os.closerange(3, 200)\n"
                  "for i, fd in enumerate(high): os.dup2(fd, 3 + i, inheritable=True)\n"
                  "os.execv(sys.argv[5], sys.argv[5:])\n")
        fds = [each.fileno() for each in sockets]
        return appliance.Server(
            *arguments, listen=(), wait=False, pass_fds=fds,
            command=["/usr/bin/python3", "-c", script, pid, str(len(fds) if count is None else count), names or "",
                     " ".join(map(str, fds)), appliance.BINARY])

    def listening(self):
        created = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(created.close)
        return created

    def test_several_sockets(self):
        one, two = self.listening(), self.listening()
        with self.inherit([one, two], names="a:b") as server:
            for each in (one, two):
                self.assertEqual(calls.predict(f"127.0.0.1:{each.getsockname()[1]}"), 0)
            self.assertEqual(server.stop(), 0)
        # They are the manager's: who connects now waits for the next server, and is not refused.
        with socket.create_connection(one.getsockname(), timeout=5):
            pass

    def test_sockets_of_another_process_are_left_alone(self):
        one = self.listening()
        with self.inherit([one], "--listen", "127.0.0.1:0", pid="1") as server:
            address = server.wait_for_line(r"^listening on (\S+)$").group(1)
            self.assertNotEqual(address, f"127.0.0.1:{one.getsockname()[1]}")
            self.assertEqual(calls.predict(address), 0)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(len([line for line in server.lines if line.startswith("listening")]), 1)

    def test_what_makes_no_sense_is_refused(self):
        one = self.listening()
        for options, message in (
                ({"count": "x"}, 'LISTEN_FDS is "x"'), ({"names": "a:b"}, 'LISTEN_FDNAMES is "a:b"'),
                ({"count": 2}, "descriptor 4 .unknown. is not open"), ({"pid": "me"}, 'LISTEN_PID is "me"')):
            with self.subTest(options), self.inherit([one], **options) as server:
                self.assertEqual(server.wait(), appliance.CONFIGURATION, server.lines)
                self.assertRegex(server.lines[-1], f"^iris-predictor: socket activation: {message}")


class Units(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-units-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for what in ("unit", "socket"):
            self.check(appliance.run("print", what, "--out", folder.name), stderr="")

    def test_they_are_those_of_the_source_tree(self):
        unit = (ASSETS / "iris-predictor.service").read_text()
        self.check(appliance.run("print", "unit", "--systemd-version", "252"), stdout=unit, stderr="")
        self.check(appliance.run("print", "socket"), stdout=(ASSETS / "iris-predictor.socket").read_text(), stderr="")
        told = appliance.run("print", "unit", "--systemd-version", "253").stdout
        self.assertIn("\nType=notify-reload\n", told)
        self.assertNotRegex(told, "(?m)^(ExecReload|Type=notify$)")

    @needs("systemctl")
    def test_the_unit_suits_this_machine(self):
        version = int(re.match(r"systemd (\d+)", subprocess.run(
            ["systemctl", "--version"], capture_output=True, text=True, check=True).stdout).group(1))
        unit = (self.folder / "iris-predictor.service").read_text()
        self.assertIn("\nType=notify-reload\n" if version >= 253 else "\nType=notify\n", unit)

    @needs("systemd-analyze")
    def test_they_are_hardened(self):
        done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=12", "--no-pager",
                               str(self.folder / "iris-predictor.service")], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"Overall exposure level for iris-predictor.service: (0|1\.[0-2]) ")

    @needs("systemd-analyze", "unshare")
    @unittest.skipIf(os.geteuid() != 0, "needs root: a mount namespace with the binary in /usr/local/bin")
    def test_systemd_finds_nothing_to_say_of_them(self):
        done = subprocess.run(["unshare", "--mount", "sh", "-c", VERIFY, "verify", appliance.BINARY, str(self.folder)],
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_times_fit_together(self):
        # The drain (its default, and the farewell) is over before systemd loses patience.
        unit = (ASSETS / "iris-predictor.service").read_text()
        stop = int(re.search(r"(?m)^TimeoutStopSec=(\d+)$", unit).group(1))
        help_text = appliance.run("serve", "--help").stdout
        drain = int(re.search(r"--drain-timeout.*?\[?default:? (\d+)", help_text, re.S | re.I).group(1))
        self.assertGreaterEqual(stop, drain + 5)


if __name__ == "__main__":
    appliance.main()
