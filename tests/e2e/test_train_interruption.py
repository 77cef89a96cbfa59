#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""train that takes its time: what it shows meanwhile, and how it ends when it is interrupted."""

import contextlib
import os
import pathlib
import pty
import select
import shutil
import signal
import subprocess
import time
import unittest

import appliance
import faults
import training
from appliance import IO, OK

ERASE = b"\r\x1b[K"


class Started(training.Folder):
    """A training that takes minutes, in a process of its own."""

    def start(self, *extra, command=(), **popen):
        words, data = training.endless()
        (self.folder / "data").mkdir()
        (self.folder / "out").mkdir()
        (self.folder / "data" / "table.csv").write_bytes(data)
        words[2] = str(self.folder / "data" / "table.csv")
        popen.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            [*command, appliance.BINARY, *words, "--out", str(self.folder / "out" / "model.json"), *extra],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=appliance.environment(), **popen)
        self.addCleanup(process.stdout.close)
        if process.stderr is not None:
            self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end_group(self, group):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)


class Interruption(Started):
    def test_control_c_ends_it_at_once_and_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                process = self.start()
                time.sleep(1)
                self.assertIsNone(process.poll())
                sent = time.monotonic()
                process.send_signal(number)
                # A shell shows this as 128 + the signal: 130 for Ctrl-C.
                self.assertEqual(process.wait(10), -number)
                self.assertLess(time.monotonic() - sent, 1)
                self.assertEqual(process.stdout.read() + process.stderr.read(), b"")
                self.assertEqual(os.listdir(self.folder / "out"), [])
            shutil.rmtree(self.folder)
            self.folder.mkdir()

    def test_a_shell_sees_130(self):
        # Ctrl-C goes to the whole group; the shell takes it and waits for what it has started.
        process = self.start(command=["sh", "-c", 'trap : INT; "$@"; echo $?', "sh"], start_new_session=True)
        self.addCleanup(self.end_group, process.pid)

        def at_work():
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            return [os.readlink(f"/proc/{child}/exe") for child in children] == [appliance.BINARY]

        self.assertTrue(faults.until(at_work))
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(process.stdout.read(), b"130\n")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to make a PID namespace")
    def test_as_process_1_of_a_container(self):
        process = self.start(command=["unshare", "--pid", "--fork", "--kill-child"])
        time.sleep(1)
        [child] = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGINT)
        self.assertEqual(process.wait(10), 128 + signal.SIGINT)  # no signal kills process 1, so it exits by itself
        self.assertEqual(os.listdir(self.folder / "out"), [])

    def test_what_is_ignored_stays_ignored(self):
        process = self.start(command=["nohup"])
        time.sleep(0.5)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(process.poll())

    @unittest.skipUnless(faults.can_trace(), "needs strace and the right to trace")
    def test_a_file_that_is_being_put_in_place_is_finished(self):
        out = self.folder / "model.json"
        process = subprocess.Popen(
            ["strace", "-f", "-o", str(self.folder / "trace"), "-einject=fsync:delay_enter=1500000:when=1",
             appliance.BINARY, "train", "--out", str(out)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=appliance.environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        staged = self.folder / ".model.json.tmp"
        end = time.monotonic() + appliance.DEADLINE
        while not staged.exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.2)
        self.assertTrue(staged.exists())
        [child] = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGINT)
        process.wait(appliance.DEADLINE)
        self.check(appliance.run("inspect", str(out)))
        self.assertFalse(staged.exists())


class Progress(Started):
    """On a terminal, and only there."""

    def terminal(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        return master, slave

    def read(self, master, seconds):
        """What the terminal shows within that time."""
        shown, end = b"", time.monotonic() + seconds
        while select.select([master], [], [], max(0, end - time.monotonic()))[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:  # the other end has been closed
                break
        return shown

    def test_one_line_that_control_c_erases(self):
        master, slave = self.terminal()
        process = self.start(stderr=slave)
        os.close(slave)
        shown = self.read(master, 2.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), -signal.SIGINT)
        shown += self.read(master, 0.5)
        self.assertRegex(shown, rb"\r\x1b\[Ktraining: cost 1(\.\d+)?, fold \d+ of 1000: class 1 against class 0")
        self.assertTrue(shown.endswith(ERASE), shown[-200:])
        self.assertNotIn(b"\n", shown)
        for line in shown.split(ERASE):
            self.assertLess(len(line), 80)
        self.assertGreater(shown.count(ERASE), 3)
        self.assertLess(shown.count(ERASE), 45)  # ten a second at most

    def test_it_is_erased_at_the_end_and_before_messages(self):
        data = training.table(4000, 20, 2, 3)
        for name, words, code in (("train", ["train", "--folds", "300", "--cost", "1,2,3"], OK),
                                  ("evaluate", ["evaluate", "--folds", "1000"], OK),
                                  ("failure", ["train", "--folds", "400", "--out", "/dev/full"], IO)):
            with self.subTest(name=name):
                path = self.folder / "table.csv"
                path.write_bytes(data)
                master, slave = self.terminal()
                with subprocess.Popen([appliance.BINARY, *words, "--data", str(path)], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=slave, env=appliance.environment()) as process:
                    os.close(slave)
                    # Read all along: a terminal whose buffer is full holds up who writes to it.
                    try:
                        shown = self.read(master, 6 * appliance.DEADLINE)
                        printed = process.communicate(timeout=appliance.DEADLINE)[0]
                    finally:
                        process.kill()
                self.assertEqual(process.returncode, code)
                self.assertIn(b"training: ", shown)
                if code == OK:
                    self.assertTrue(shown.endswith(ERASE), shown[-200:])
                else:
                    self.assertRegex(shown, rb"\r\x1b\[Kiris-predictor: cannot write /dev/full: [^\n]*\n$")
                self.assertNotIn(b"\x1b", printed)

    def test_nothing_for_quick_work_or_without_a_terminal(self):
        master, slave = self.terminal()
        subprocess.run([appliance.BINARY, "train"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave,
                       env=appliance.environment(), timeout=appliance.DEADLINE, check=True)
        os.close(slave)
        self.assertEqual(self.read(master, 0.2), b"")
        process = self.start()
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), -signal.SIGINT)
        self.assertEqual(process.stderr.read(), b"")


if __name__ == "__main__":
    appliance.main()
