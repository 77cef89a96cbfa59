#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How words are read: one command line a row, with the exit code and what is said of it."""

import json
import re

import appliance
from appliance import CONFIGURATION, IO, OK, USAGE

NUMBERS = "numbers, expected 4: sepal length, sepal width, petal length, petal width; or --input FILE.csv"
PORT = "expected a port from 1 to 65535"
SECONDS = "expected seconds from 0 to 86400"


def takes(command):
    return f"'iris-predictor {command} --help' shows what {command} takes"


def lists(command):
    return f"'iris-predictor {command} --help' lists the options"


# Words, environment, exit code, message.
REFUSED = (
    # Names are written out, in their case; what is near is offered.
    ("version -x", {}, USAGE, f"unknown option '-x'; {lists('version')}"),
    ("version -hx", {}, USAGE, f"unknown option '-hx'; {lists('version')}"),
    ("version --x=1", {}, USAGE, f"unknown option '--x'; {lists('version')}"),
    ("version --=1", {}, USAGE, f"unknown option '--'; {lists('version')}"),
    ("version --jso", {}, USAGE, "unknown option '--jso'; did you mean '--json'?"),
    ("version -json", {}, USAGE, "unknown option '-json'; did you mean '--json'?"),
    ("version ---json", {}, USAGE, "unknown option '---json'; did you mean '--json'?"),
    ("version --JSON", {}, USAGE, f"unknown option '--JSON'; {lists('version')}"),
    ("version --port 1", {}, USAGE, f"unknown option '--port'; {lists('version')}"),
    ("--json version", {}, USAGE, "unknown option '--json'; 'iris-predictor --help' lists the options"),
    ("config --check", {}, USAGE, f"unknown option '--check'; {lists('config')}"),
    # Words that are no options.
    ("version x", {}, USAGE, f"unexpected argument 'x'; {takes('version')}"),
    ("version -", {}, USAGE, f"unexpected argument '-'; {takes('version')}"),
    ("version ++", {}, USAGE, f"unexpected argument '++'; {takes('version')}"),
    ("version --json true", {}, USAGE, f"unexpected argument 'true'; {takes('version')}"),
    ("version -- --json", {}, USAGE, f"unexpected argument '--json'; {takes('version')}"),
    ("version -- --help", {}, USAGE, f"unexpected argument '--help'; {takes('version')}"),
    ("train -5", {}, USAGE, f"unexpected argument '-5'; {takes('train')}"),
    ("inspect a b", {}, USAGE, f"unexpected argument 'b'; {takes('inspect')}"),
    ("print proto a b", {}, USAGE, f"unexpected argument 'b'; {takes('print')}"),
    ("convert --to=json m n", {}, USAGE, f"unexpected argument 'n'; {takes('convert')}"),
    # Numbers, and all behind two dashes, are arguments; options may stand between them.
    ("predict -1.5 -.5 -1e-3 abc", {}, USAGE, "petal width: found 'abc', expected a number"),
    ("predict -- -1 -2 -3 x", {}, USAGE, "petal width: found 'x', expected a number"),
    ("predict 1 2 3 1e400", {}, USAGE, "petal width: found '1e400', expected a number"),
    ("predict [1,2] 3 4 5", {}, USAGE, "sepal length: found '[1,2]', expected a number"),
    ("predict 1 2 --json 3", {}, USAGE, f"found 3 {NUMBERS}"),
    ("predict 1 -- 2 --json 3 4 5", {}, USAGE, f"found 6 {NUMBERS}"),
    ("inspect -- -x", {}, IO, "cannot open -x: No such file or directory"),
    ("inspect -", {}, IO, "cannot open -: No such file or directory"),
    ("inspect -5", {}, IO, "cannot open -5: No such file or directory"),
    ("inspect [a]", {}, IO, "cannot open [a]: No such file or directory"),
    # The word behind an option is its value, whatever it looks like.
    ("predict --port --json 1 2 3 4", {}, USAGE, f"--port: found '--json', {PORT}"),
    ("predict --port -- 1 2 3 4", {}, USAGE, f"--port: found '--', {PORT}"),
    ("predict --port -1 1 2 3 4", {}, USAGE, f"--port: found '-1', {PORT}"),
    ("train --cost -.5", {}, USAGE, "--cost: found '-.5', expected a number greater than 0"),
    ("train --cost=-1", {}, USAGE, "--cost: found '-1', expected a number greater than 0"),
    ("train --cost [1,2]", {}, USAGE, "--cost: found '[1', expected a number greater than 0"),
    ("predict 1 2 3 4 --port", {}, USAGE, "--port: needs a value, PORT"),
    ("convert m --to", {}, USAGE, "--to: needs a value, json|liblinear"),
    ("serve --listen", {}, USAGE, "--listen: needs a value, ADDRESS"),
    # No text is a value, and is not made up for by the next word.
    ("predict --port= 1 2 3 4", {}, USAGE, f"--port: found '', {PORT}"),
    ("serve --listen=", {}, USAGE, "--listen: found '', expected ADDRESS"),
    # Of several the last counts; the first option in the order of help is told of; words without a place come last.
    ("predict 1 --port 1 --port x", {}, USAGE, f"--port: found 'x', {PORT}"),
    ("predict 1 2 3 --port x --port 1", {}, USAGE, f"found 3 {NUMBERS}"),
    ("predict 1 --timeout x --port y --host=", {}, USAGE, "--host: found '', expected HOST"),
    ("predict 1 --bogus --port y", {}, USAGE, f"--port: found 'y', {PORT}"),
    ("serve --listen :1 --listen nowhere", {}, USAGE,
     '--listen: cannot listen on "nowhere": no port; expected HOST:PORT, [IPV6]:PORT, :PORT or unix:PATH, for example '
     "[::]:50052"),
    # Flags.
    ("version --json=maybe", {}, USAGE, "--json: found 'maybe', expected no value"),
    ("version --json=", {}, USAGE, "--json: found '', expected no value"),
    ("version --help=x", {}, USAGE, "--help: found 'x', expected no value"),
    ("version --help=true", {}, USAGE, "--help: found 'true', expected no value"),
    # The environment: another exit code, and the variable's name.
    ("version", {"IRIS_JSON": "maybe"}, CONFIGURATION, "IRIS_JSON: found 'maybe', expected true or false"),
    ("predict 1", {"IRIS_PORT": "x"}, CONFIGURATION, f"IRIS_PORT: found 'x', {PORT}"),
    ("predict 1 2 3 --port 5", {"IRIS_PORT": "x"}, USAGE, f"found 3 {NUMBERS}"),
    ("predict 1 2 3", {"IRIS_PORT": ""}, USAGE, f"found 3 {NUMBERS}"),
    ("serve", {"IRIS_LISTEN": ","}, CONFIGURATION,
     "IRIS_LISTEN: found ',', expected ADDRESS or more, separated by commas"),
    ("serve", {"IRIS_DRAIN_TIMEOUT": "soon"}, CONFIGURATION, f"IRIS_DRAIN_TIMEOUT: found 'soon', {SECONDS}"),
    ("config", {"IRIS_LOG_LEVEL": " info"}, CONFIGURATION,
     "IRIS_LOG_LEVEL: found ' info', expected error or warning or info or debug"),
    ("serve", {"IRIS_CONFIG": "/nowhere/x"}, IO, "IRIS_CONFIG: cannot open /nowhere/x: No such file or directory"),
    ("serve --config /nowhere/x", {}, IO, "--config: cannot open /nowhere/x: No such file or directory"),
)
# What the flag --json makes of version, and of its variable.
TRUE = ("true", "TRUE", "yes", "on", "enable", "1", "2", "t", "y")
FALSE = ("false", "no", "OFF", "disable", "0", "-1", "f", "n")


class Words(appliance.Test):
    def test_refused(self):
        for words, env, code, message in REFUSED:
            with self.subTest(words=words, env=env):
                self.check(appliance.run(*words.split(), env=env), code, "", f"iris-predictor: {message}\n")

    def test_blanks_and_nothing_are_kept(self):
        for words, message in (
                (["version", ""], f"unexpected argument ''; {takes('version')}"),
                (["predict", "1", "2", "3", ""], "petal width: found '', expected a number"),
                (["predict", "1", "2", "3", " 4"], "petal width: found ' 4', expected a number"),
                (["predict", "--host", "", "1"], "--host: found '', expected HOST"),
                (["predict", "--port", " 1", "1"], f"--port: found ' 1', {PORT}")):
            with self.subTest(words=words):
                self.check(appliance.run(*words), USAGE, "", f"iris-predictor: {message}\n")

    def test_flags(self):
        text = appliance.run("version").stdout
        for words, env, as_json in (
                *((["version", f"--json={word}"], {}, True) for word in TRUE),
                *((["version"], {"IRIS_JSON": word}, True) for word in TRUE),
                *((["version", f"--json={word}"], {"IRIS_JSON": "1"}, False) for word in FALSE),
                *((["version"], {"IRIS_JSON": word}, False) for word in FALSE),
                (["version", "--json", "--json"], {}, True), (["version", "--json", "--json=false"], {}, False),
                (["version", "--json"], {"IRIS_JSON": "maybe"}, True), (["version"], {"IRIS_JSON": ""}, False),
                (["version", "--"], {}, False), (["--version"], {}, False)):
            with self.subTest(words=words, env=env):
                self.check(appliance.run(*words, env=env), OK, re.compile(r"^\{\n") if as_json else text, "")

    def test_values_arrive_as_they_were(self):
        words = ["config", "--json", "--listen", "[::]:1", "--listen=[a,b]", "--model", "-.5", "--drain-timeout=1e1",
                 "--access-log=yes", "--log-level", "debug", "--log-level", "info", "--tls-key", " x "]
        env = {"IRIS_LISTEN_PLAINTEXT": "a, b,,", "IRIS_TLS_CERT": " [c] "}
        shown = json.loads(appliance.run(*words, env=env).stdout)
        for name, value, source in (
                ("listen", ["[::]:1", "[a,b]"], "flag"), ("model", "-.5", "flag"), ("drain-timeout", 10, "flag"),
                ("access-log", True, "flag"), ("log-level", "info", "flag"), ("tls-key", " x ", "flag"),
                ("listen-plaintext", ["a", "b"], "environment"), ("tls-cert", " [c] ", "environment"),
                ("reflection", "on", "default")):
            with self.subTest(name=name):
                self.assertEqual((shown[name]["value"], shown[name]["source"]), (value, source))

    def test_help_of_help(self):
        self.check(appliance.run("help", "help"), OK, appliance.run("--help").stdout, "")


if __name__ == "__main__":
    appliance.main()
