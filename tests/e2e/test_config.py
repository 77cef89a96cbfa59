#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Configuration, logs, completions and man page, as a person or a program outside meets them."""

import json
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import appliance
import calls
from appliance import CONFIGURATION, IO, OK, USAGE, Server


class Case(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-config-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def config(self, text, name="iris.json"):
        path = self.folder / name
        path.write_text(text if isinstance(text, str) else json.dumps(text))
        return str(path)


class Configuration(Case):
    def test_a_server_takes_its_settings_from_the_file(self):
        path = self.folder / "s"
        config = self.config({"serve": {"listen": [f"unix:{path}"], "drain-timeout": 1, "log-format": "json"}})
        with Server("--config", config, listen=(), wait=False) as server:
            line = json.loads(server.wait_for_line("listening").string)
            self.assertEqual(line["message"], f"listening on unix:{path}")
            self.check(appliance.run("healthcheck", "--config", config), OK, "", "")
            self.check(appliance.run("healthcheck", env={"IRIS_CONFIG": config}), OK, "", "")
            self.assertEqual(server.stop(), OK)

    def test_an_unknown_setting_is_refused_before_anything_is_announced(self):
        config = self.config('{"serve": {\n  "lissten": [":0"]}}')
        for words in (["serve"], ["serve", "--check"], ["config"]):
            done = appliance.run(*words, "--config", config)
            self.check(done, CONFIGURATION, "",
                       f"iris-predictor: {config}:2:3: unknown setting 'lissten'; did you mean 'listen'?\n")

    def test_a_misspelled_variable_is_told(self):
        words = ["serve", "--check", "--listen", "127.0.0.1:0"]
        done = appliance.run(*words, env=appliance.environment(IRIS_DRAIN_TIMOUT="3", IRIS_SERVICE_HOST="x", IRIS_COST="1"))
        self.check(done, OK, stderr="iris-predictor: warning: the variable IRIS_DRAIN_TIMOUT is no setting; did you mean "
                                    "IRIS_DRAIN_TIMEOUT?\n")

    def test_what_never_ends_is_no_configuration(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for words in (["serve"], ["config"], ["healthcheck"]):
            done = appliance.run(*words, "--config", str(pipe))
            self.check(done, CONFIGURATION, "", f"iris-predictor: {pipe}: found no regular file, expected one\n")

    def test_config_shows_every_option_of_serve_and_no_secret(self):
        key = self.folder / "key.pem"
        key.write_text("-----BEGIN PRIVATE KEY-----\nsecret\n")
        done = appliance.run("config", "--json", "--tls-key", str(key))
        self.check(done, OK, stderr="")
        shown = json.loads(done.stdout)
        listed = set(re.findall(r"^  --([a-z-]+)", appliance.run("serve", "--help").stdout, re.M))
        self.assertEqual(set(shown), listed - {"check", "help"})
        self.assertEqual(shown["tls-key"], {"value": str(key), "source": "flag"})
        self.assertNotIn("secret", done.stdout)
        text = appliance.run("config", env={"IRIS_REFLECTION": "off"})
        self.check(text, OK, stderr="")
        self.assertRegex(text.stdout, r"(?m)^reflection +off +IRIS_REFLECTION$")

    def test_full_devices_and_closed_pipes(self):
        for words in (["config"], ["config", "--json"], ["print", "man"], ["print", "completion"], ["serve", "--check"]):
            with open("/dev/full", "w") as full:
                env = {"IRIS_LISTEN": "127.0.0.1:0"}
                done = appliance.run(*words, stdout=full, env=env)
                self.assertEqual(done.returncode, IO, words)
                self.assertEqual(done.stderr, "iris-predictor: cannot write to standard output: No space left on device\n")
            reader, writer = os.pipe()
            os.close(reader)
            done = appliance.run(*words, stdout=writer, env=env)
            os.close(writer)
            self.assertEqual((done.returncode, done.stderr), (IO, ""), words)


class Check(Case):
    def check_serve(self, *words, **options):
        return appliance.run("serve", "--check", *words, **options)

    def test_all_is_well(self):
        done = self.check_serve("--listen", "127.0.0.1:0")
        self.check(done, OK, stderr="")
        self.assertRegex(done.stdout, r"\Amodel iris: 3 classes, 4 features\n"
                                      r"listening on 127\.0\.0\.1:\d+\nall is well; serve would start\n\Z")

    def test_each_kind_of_fault_has_its_code(self):
        (self.folder / "model.json").write_text("{}")
        for words, code in ((["--model", str(self.folder / "model.json")], appliance.BAD_DATA),
                            (["--model", str(self.folder / "none.json")], IO),
                            (["--tls-cert", "x"], CONFIGURATION),
                            (["--listen", "nonsense"], USAGE),
                            (["--listen", "192.0.2.1:1"], CONFIGURATION),
                            (["--listen", f"unix:{self.folder}/none/s"], IO),
                            (["--admin", "192.0.2.1:1"], CONFIGURATION),
                            (["--log-level", "loud"], USAGE)):
            done = self.check_serve("--listen", "127.0.0.1:0", *words)
            self.assertEqual((done.returncode, done.stdout), (code, ""), (words, done.stderr))
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_beside_the_running_server(self):
        path = self.folder / "s"
        with Server(listen=("127.0.0.1:0", f"unix:{path}")) as server:
            done = self.check_serve("--listen", server.addresses[0], "--listen", f"unix:{path}")
            self.assertEqual(done.returncode, OK, done.stderr)
            self.assertEqual(done.stderr.count("(no fault of the settings if it is the running server)"), 2)
            self.assertEqual(calls.predict(server.target), 0)
            self.assertTrue(path.exists())
            self.assertEqual(server.stop(), OK)

    def test_an_address_given_twice(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        port = address.rpartition(":")[2]
        for words in (("--listen", address), ("--listen", f"localhost:{port}"), ("--listen", f"0.0.0.0:{port}"),
                      ("--admin", f"0.0.0.0:{port}")):
            with self.subTest(words=words):
                done = self.check_serve("--listen", address, *words)
                self.assertEqual(done.returncode, IO, done.stderr)

    def test_it_leaves_nothing_behind(self):
        path = self.folder / "s"
        self.assertEqual(self.check_serve("--listen", f"unix:{path}").returncode, OK)
        self.assertFalse(path.exists())


class Logs(Case):
    def healthcheck(self, server):
        self.check(appliance.run("healthcheck", "--host", "127.0.0.1", "--port", server.port), OK, "", "")

    def test_access_lines_only_when_asked_for(self):
        with Server() as server:
            self.healthcheck(server)
            self.assertEqual(server.stop(), OK)
            self.assertFalse([line for line in server.lines if line.startswith("call ")])
        with Server("--access-log") as server:
            self.healthcheck(server)
            server.wait_for_line(r"^call /grpc\.health\.v1\.Health/Check OK [0-9.]+ ms from ipv4:127\.0\.0\.1:\d+, "
                                 r"received 1, sent 1$")
            self.assertEqual(server.stop(), OK)

    def test_every_json_line_is_one(self):
        with Server("--access-log", "--log-format", "json", wait=False) as server:
            address = json.loads(server.wait_for_line("listening").string)["message"].split()[-1]
            done = appliance.run("healthcheck", "--host", "127.0.0.1", "--port", address.rpartition(":")[2])
            self.check(done, OK, "", "")
            self.assertEqual(server.stop(), OK)
        lines = [json.loads(line) for line in server.lines]
        self.assertTrue(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["time"]) for line in lines))
        [call] = [line for line in lines if "method" in line]
        self.assertEqual((call["method"], call["code"]), ("/grpc.health.v1.Health/Check", "OK"))
        self.assertGreater(call["elapsed_seconds"], 0)

    def test_priorities_for_the_journal_and_nobody_else(self):
        # The journal's end is a socket; a pipe has a device and an inode just as well.
        reader, writer = os.pipe()
        status = os.fstat(writer)
        for stream, begin in ((f"{status.st_dev}:{status.st_ino}", b"<6>confined: "), ("1:2", b"confined: ")):
            process = subprocess.Popen([appliance.BINARY, "serve", "--listen", "127.0.0.1:0"], stderr=writer,
                                       env=appliance.environment(JOURNAL_STREAM=stream))
            try:
                self.assertTrue(select.select([reader], [], [], appliance.DEADLINE)[0])
                self.assertTrue(os.read(reader, 4096).startswith(begin))
            finally:
                process.terminate()
                self.assertEqual(process.wait(appliance.DEADLINE), OK)
                while select.select([reader], [], [], 0)[0]:  # the rest, which is not the next one's
                    os.read(reader, 4096)
        os.close(reader)
        os.close(writer)

    def test_the_level_is_read_again(self):
        config = self.config({"serve": {"log-level": "warning"}})
        with Server("--config", config, listen=("127.0.0.1:0",), wait=False) as server:
            time.sleep(1)  # silent: the announcement is an info
            config = self.config({"serve": {"log-level": "debug"}})
            server.signal(signal.SIGHUP)
            server.wait_for_line("^the log level is now debug, and was warning$")
            self.config('{"serve": {"log-level": "loud"}}')
            server.signal(signal.SIGHUP)
            server.wait_for_line("^iris-predictor: cannot reload the configuration: .*:1:25: log-level: found 'loud'")
            self.assertEqual(server.stop(), OK)


def printed(*words):
    done = appliance.run("print", *words)
    assert done.returncode == OK, done.stderr
    return done.stdout


class Shells(Case):
    def bash(self, *words):
        """What bash offers for the last of `words`."""
        script = self.folder / "bash"
        script.write_text(printed("completion", "bash"))
        done = subprocess.run(
            ["bash", "--norc", "-c",
             'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _iris_predictor; printf "%s\\n" '
             '"${COMPREPLY[@]}"', "bash", script, "iris-predictor", *words],
            capture_output=True, text=True, timeout=appliance.DEADLINE, cwd=self.folder)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return set(done.stdout.split("\n")) - {""}

    def test_bash(self):
        script = printed("completion", "bash")
        checked = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        commands = set(re.findall(r"^  ([a-z]+) ", appliance.run("--help").stdout.split("Commands:")[1], re.M))
        self.assertEqual(self.bash(""), commands | {"help", "--help", "--version"})
        self.assertEqual(self.bash("ser"), {"serve"})
        self.assertEqual(self.bash("serve", "--log-f"), {"--log-format"})
        self.assertEqual(self.bash("serve", "--log-format", ""), {"text", "json"})
        self.assertEqual(self.bash("serve", "--log-format", "=", "j"), {"json"})
        self.assertEqual(self.bash("serve", "--log-format", "="), {"text", "json"})
        self.assertIn("completion", self.bash("print", ""))
        self.assertEqual(self.bash("help", "tr"), {"train"})
        (self.folder / "my model.json").write_text("")
        self.assertIn("my model.json", self.bash("inspect", "my"))
        self.assertIn("my model.json", self.bash("serve", "--model", "my"))
        self.assertEqual(self.bash("serve", "--drain-timeout", ""), set())

    @unittest.skipUnless(shutil.which("fish"), "no fish here")
    def test_fish(self):
        script = self.folder / "iris-predictor.fish"
        script.write_text(printed("completion", "fish"))

        def fish(line):
            done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{line}'"],
                                  capture_output=True, text=True, timeout=60, cwd=self.folder,
                                  env={**os.environ, "HOME": str(self.folder)})
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            return {row.split("\t")[0] for row in done.stdout.splitlines()}

        self.assertEqual(fish("iris-predictor ser"), {"serve"})
        self.assertEqual(fish("iris-predictor serve --log-f"), {"--log-format"})
        self.assertEqual(fish("iris-predictor serve --log-format "), {"text", "json"})
        self.assertEqual(fish("iris-predictor serve --log-format=j"), {"--log-format=json"})
        self.assertIn("completion", fish("iris-predictor print "))

    @unittest.skipUnless(shutil.which("zsh"), "no zsh here")
    def test_zsh(self):
        (self.folder / "_iris-predictor").write_text(printed("completion", "zsh"))
        checked = subprocess.run(["zsh", "-n", self.folder / "_iris-predictor"], capture_output=True, text=True)
        self.assertEqual((checked.returncode, checked.stderr), (0, ""))
        pid, terminal = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe("zsh", ["zsh", "-f", "-i"], {"PATH": os.environ["PATH"], "TERM": "dumb", "PS1": "> ",
                                                    "HOME": str(self.folder)})
        self.addCleanup(os.waitpid, pid, 0)
        self.addCleanup(os.kill, pid, signal.SIGKILL)

        def say(text, pattern):
            os.write(terminal, text.encode())
            seen, end = "", time.monotonic() + 30
            while not re.search(pattern, seen):
                ready = select.select([terminal], [], [], max(0, end - time.monotonic()))[0]
                self.assertTrue(ready, f"after {text!r}: no {pattern!r} in {seen!r}")
                seen += os.read(terminal, 4096).decode("utf-8", "replace")

        say("fpath=($PWD $fpath); autoload -U compinit; compinit -u -D; print rea''dy\n", r"ready\r?\n")
        say("iris-predictor serv\t", r"serve ")
        say("--log-fo\t", r"--log-format")
        say("\x15iris-predictor serve --log-format js\t", r"json")
        say("\x15iris-predictor print compl\t", r"completion")

    @unittest.skipUnless(shutil.which("mandoc"), "no mandoc here")
    def test_man_page(self):
        page = printed("man")
        linted = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, capture_output=True, text=True)
        self.assertEqual((linted.stdout, linted.stderr), ("", ""))
        shown = subprocess.run(["mandoc", "-T", "utf8"], input=page, capture_output=True, text=True, check=True).stdout
        shown = re.sub(".\x08", "", shown)
        for wanted in ("CONFIGURATION FILE", "EXIT STATUS", "--drain-timeout SECONDS", "IRIS_DRAIN_TIMEOUT",
                       "iris-predictor serve --listen 127.0.0.1:50052"):
            self.assertIn(wanted, shown)


if __name__ == "__main__":
    appliance.main()
