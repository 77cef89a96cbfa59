#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""As process 1 of a namespace, and in a root folder that holds nothing else."""

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


def can_unshare():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "--pid", "--fork", "--mount-proc", "true"], stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(can_unshare(), "needs root and the right to make a PID namespace")
class AsProcessOne(appliance.Test):
    def inner(self, outer):
        """The process id, as seen from here, of the only child: process 1 of its namespace."""
        (child,) = pathlib.Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        ids = re.search(r"^NSpid:\s+(.*)$", pathlib.Path(f"/proc/{child}/status").read_text(), re.M).group(1).split()
        self.assertEqual(ids[-1], "1")
        return int(child)

    def start(self, *arguments):
        server = appliance.Server(
            *arguments, command=["unshare", "--pid", "--fork", "--kill-child", "--mount-proc", appliance.BINARY])
        self.addCleanup(server.__exit__)
        return server, self.inner(server.process.pid)

    def test_terminate_and_interrupt(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(number=number):
                server, inner = self.start()
                self.assertEqual(calls.predict(server.target), 0)
                os.kill(inner, number)
                self.assertEqual(server.wait(), 0)

    def test_second_signal(self):
        server, inner = self.start("--drain-timeout", "60")
        call = calls.OpenCall(server.target)
        self.addCleanup(call.close)
        os.kill(inner, signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            server.wait(1.2)
        os.kill(inner, signal.SIGTERM)
        self.assertEqual(server.wait(2), 143)


@unittest.skipUnless(os.geteuid() == 0, "needs root for chroot")
@unittest.skipUnless(appliance.is_static(), "the binary is dynamic: an empty root holds no libraries for it")
class InAnEmptyRoot(appliance.Test):
    """A folder that holds the binary and nothing else: no /dev, /etc, /proc, /tmp, no libraries."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        shutil.copy(appliance.BINARY, f"{folder.name}/iris-predictor")
        self.command = ["chroot", folder.name, "/iris-predictor"]
        self.root = pathlib.Path(folder.name)

    def run_inside(self, *arguments, env=None):
        return subprocess.run([*self.command, *arguments], env=appliance.environment(**(env or {})), text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=appliance.DEADLINE)

    def test_everything_works_there(self):
        with appliance.Server(command=self.command, listen=["127.0.0.1:0"]) as server:
            self.assertEqual(calls.predict(server.target), 0)
            port = ("--port", server.port)
            self.check(self.run_inside("healthcheck", *port), stdout="", stderr="")
            self.check(self.run_inside("healthcheck", env={"IRIS_LISTEN": f"0.0.0.0:{server.port}"}))
            self.check(self.run_inside("predict", *port, "5.0", "3.6", "1.3", "0.25"), stdout="0 setosa\n")
            self.check(self.run_inside("predict", *port, "--host", "127.0.0.1", "6.3", "3.3", "6.0", "2.5"),
                       stdout="2 virginica\n")
            self.assertEqual(server.stop(), 0)
        self.check(self.run_inside("healthcheck", *port, "--timeout", "2"), appliance.CHECK_FAILED, "")
        self.check(self.run_inside("version"), stdout=re.compile("musl"))
        self.check(self.run_inside("train", "--out", "model.json"), stderr="")
        self.check(self.run_inside("predict", "--model", "/model.json", "5.0", "3.6", "1.3", "0.25"),
                   stdout="0 setosa\n")
        self.assertEqual(sorted(os.listdir(self.root)), ["iris-predictor", "model.json"])

    def test_it_touches_no_file_but_its_own(self):
        log = self.root.with_name(self.root.name + ".strace")
        self.addCleanup(log.unlink, missing_ok=True)
        words = ["strace", "-f", "-qq", "--signal=none", "-e", "trace=%file", "-o", str(log)]
        if shutil.which("strace") is None:
            self.skipTest("needs strace")
        with appliance.Server(command=[*words, *self.command]) as server:
            self.assertEqual(calls.predict(server.target), 0)
            self.assertEqual(self.run_inside("healthcheck", "--port", server.port).returncode, 0)
            inner = next(int(child) for child in self.descendants(server.process.pid))
            os.kill(inner, signal.SIGTERM)
            self.assertEqual(server.wait(), 0)
        own = log.read_text().partition('execve("/iris-predictor"')[2]
        self.assertTrue(own)  # else strace saw nothing, and this proves nothing
        calls_made = re.findall(r'^\d+ +(\w+)\((?:AT_FDCWD, )?"([^"]*)"(.*)$', own, re.M)
        self.assertTrue(calls_made)  # mimalloc asks for the kernel's overcommit setting: so the pattern above fits
        for call, path, rest in calls_made:
            # What the kernel tells of itself is not a file of anybody's; nothing of it is there in this root, either.
            self.assertRegex(path, "^/(proc|sys)/", f"{call} {rest}")
            self.assertNotRegex(rest, "O_(WRONLY|RDWR|CREAT)")
            self.assertIn("ENOENT", rest)

    def descendants(self, process):
        """The processes that chroot became, which strace started."""
        for _ in range(100):
            found = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
            if found:
                return found
            time.sleep(0.05)
        raise AssertionError("strace started nothing")

    def test_default_address(self):
        # In a network namespace of its own, so that port 50052 is free whatever runs here.
        script = ('ip link set lo up; "$@" serve & server=$!; '
                  'for try in $(seq 100); do "$@" healthcheck 2>/dev/null && break; sleep 0.05; done; '
                  '"$@" predict 5.0 3.6 1.3 0.25; kill "$server"; wait "$server"; echo "ended with $?"')
        if shutil.which("ip") is None:
            self.skipTest("needs the ip command")
        done = subprocess.run(["unshare", "--net", "sh", "-c", script, "sh", *self.command],
                              env=appliance.environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              timeout=60)
        self.check(done, 0, "0 setosa\nended with 0\n", re.compile(r"^listening on (\[::\]|0\.0\.0\.0):50052$", re.M))


if __name__ == "__main__":
    appliance.main()
