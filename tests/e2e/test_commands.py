#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What all commands share: help, mistakes, the standard descriptors; and version."""

import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import threading

import appliance
from appliance import IO, OK, USAGE

COMMANDS = ["serve", "train", "predict", "evaluate", "inspect", "convert", "healthcheck", "bench", "print", "version"]


class Help(appliance.Test):
    def test_the_program(self):
        done = appliance.run("--help")
        self.check(done, OK, re.compile(r"^Example:\n  iris-predictor "), "")
        for command in COMMANDS:
            self.assertRegex(done.stdout, rf"(?m)^  {command} +\S")
        for words in (["-h"], ["help"]):
            self.check(appliance.run(*words), OK, done.stdout, "")

    def test_every_command(self):
        for command in COMMANDS:
            done = appliance.run(command, "--help")
            self.check(done, OK, re.compile(rf"^Example:\n  iris-predictor {command}"), "")
            self.check(appliance.run(command, "-h"), OK, done.stdout, "")
            self.check(appliance.run("help", command), OK, done.stdout, "")
            # Nothing in the environment keeps help away.
            self.check(appliance.run(command, "--help", env={"IRIS_PORT": "abc", "IRIS_JSON": "abc"}), OK, done.stdout)

    def test_no_command(self):
        self.check(appliance.run(), USAGE, "", re.compile("^Example:"))

    def test_mistakes(self):
        for words, message in (
                (["serv"], "unknown command 'serv'; did you mean 'serve'?"),
                (["perdict", "1", "2", "3", "4"], "unknown command 'perdict'; did you mean 'predict'?"),
                (["xyzzy"], "unknown command 'xyzzy'; 'iris-predictor --help' lists the commands"),
                (["serve", "--lisen", "x"], "unknown option '--lisen'; did you mean '--listen'?"),
                (["--hepl"], "unknown option '--hepl'; did you mean '--help'?"),
                (["train", "flowers.csv"],
                 "unexpected argument 'flowers.csv'; 'iris-predictor train --help' shows what train takes")):
            with self.subTest(words=words):
                self.check(appliance.run(*words), USAGE, "", f"iris-predictor: {message}\n")


class Version(appliance.Test):
    def test_text_and_json(self):
        done = appliance.run("version")
        self.check(done, OK, re.compile(r"^iris-predictor \d+\.\d+\.\d+ \("), "")
        self.check(appliance.run("--version"), OK, done.stdout, "")
        facts = json.loads(appliance.run("version", "--json").stdout)
        self.assertIn(facts["version"], done.stdout)
        self.assertEqual(facts["licence"], "Apache-2.0")
        self.assertEqual(facts["libc"] == "musl", appliance.is_static())


class StandardDescriptors(appliance.Test):
    def test_a_full_device(self):
        message = "iris-predictor: cannot write to standard output: No space left on device\n"
        for words in (["--help"], ["train", "--help"], ["version"], ["train"], ["train", "--json"], ["evaluate"],
                      ["evaluate", "--json"], ["print", "proto"]):
            with self.subTest(words=words), open("/dev/full", "wb") as full:
                self.check(appliance.run(*words, stdout=full), IO, stderr=message)

    def test_no_standard_output(self):
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "model.json"
            done = subprocess.run(["sh", "-c", 'exec "$@" >&-', "sh", appliance.BINARY, "train", "--out", str(out)],
                                  env=appliance.environment(), stderr=subprocess.PIPE, text=True, timeout=20)
            self.assertEqual(done.returncode, IO)
            self.assertEqual(done.stderr, "iris-predictor: cannot write to standard output: Bad file descriptor\n")
            self.check(appliance.run("inspect", str(out)), OK)  # the report did not end up in the model file
            self.assertEqual(os.listdir(folder), ["model.json"])

    def test_no_descriptors_at_all(self):
        done = subprocess.run(["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", appliance.BINARY, "version"],
                              env=appliance.environment(), timeout=20)
        self.assertEqual(done.returncode, IO)

    def test_no_standard_input(self):
        done = subprocess.run(["sh", "-c", 'exec "$@" <&-', "sh", appliance.BINARY, "train", "--data", "-"],
                              env=appliance.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              timeout=20)
        # A dynamic binary's libraries have opened something in its place before ours can tell.
        self.check(done, IO, "", "iris-predictor: cannot read standard input: Bad file descriptor\n"
                   if appliance.is_static() else re.compile("cannot read standard input"))

    def test_control_c_ends_what_waits_for_input(self):
        process = subprocess.Popen([appliance.BINARY, "train", "--data", "-"], stdin=subprocess.PIPE,
                                   stdout=subprocess.DEVNULL, env=appliance.environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.stdin.close)
        interrupter = threading.Timer(0.5, process.send_signal, [signal.SIGINT])
        interrupter.start()
        self.assertEqual(process.wait(10), -signal.SIGINT)


if __name__ == "__main__":
    appliance.main()
