#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""predict and healthcheck, asking a server."""

import re
import socket
import tempfile

import appliance
from appliance import BAD_DATA, CHECK_FAILED, CONFIGURATION, IO, OK, UNAVAILABLE, USAGE

SETOSA = ("5.0", "3.6", "1.3", "0.25")


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


class WithServer(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name
        cls.server = appliance.Server(listen=["127.0.0.1:0", f"unix:{folder.name}/iris.sock"])
        cls.addClassCleanup(cls.server.__exit__)
        cls.at = ("--host", "127.0.0.1", "--port", cls.server.port)

    def test_predict(self):
        self.check(appliance.run("predict", *self.at, *SETOSA), OK, "0 setosa\n", "")
        self.check(appliance.run("predict", *SETOSA, *self.at), OK, "0 setosa\n", "")
        self.check(appliance.run("predict", *self.at, "--json", *SETOSA), OK, '{"species":0,"name":"setosa"}\n', "")
        self.check(appliance.run("predict", "--port", self.server.port, "6.3", "3.3", "6.0", "2.5"), OK,
                   "2 virginica\n", "")
        self.check(appliance.run("predict", "--host", f"unix:{self.folder}/iris.sock", *SETOSA), OK, "0 setosa\n", "")
        self.check(appliance.run("predict", *SETOSA, env={"IRIS_HOST": "127.0.0.1", "IRIS_PORT": self.server.port}),
                   OK, "0 setosa\n", "")

    def test_flags_beat_the_environment(self):
        env = {"IRIS_HOST": "192.0.2.1", "IRIS_PORT": "1", "IRIS_MODEL": "/no/such", "IRIS_INPUT": "/no/such"}
        self.check(appliance.run("predict", *self.at, *SETOSA, env=env), OK, "0 setosa\n", "")

    def test_the_server_refuses_what_is_not_finite(self):
        for bad in ("nan", "inf", "-inf"):
            self.check(appliance.run("predict", *self.at, "5.0", bad, "1.3", "0.25"), USAGE, "",
                       re.compile("sepal_width"))

    def test_many_rows_in_order(self):
        rows = appliance.iris_rows()
        count = 20_000
        lines = "".join(",".join(map(repr, rows[i % 150][0])) + "\n" for i in range(count)).encode()
        one = appliance.run("predict", *self.at, "--input", str(appliance.SOURCE / "assets/iris.csv"))
        self.check(one, OK, stderr="")
        done = appliance.run("predict", *self.at, "--input", "-", stdin=lines, timeout=120)
        self.check(done, OK, stderr="")
        expected = one.stdout.splitlines()
        self.assertEqual(done.stdout.splitlines(), [expected[i % 150] for i in range(count)])
        json_lines = appliance.run("predict", *self.at, "--json", "--input", "-", stdin=lines[:lines.index(b"\n") + 1])
        self.check(json_lines, OK, '{"species":0,"name":"setosa"}\n', "")

    def test_usage(self):
        expected = "expected 4: sepal length, sepal width, petal length, petal width; or --input FILE.csv"
        for numbers, found in (([], "no numbers"), (["1"], "1 number"), (list("12345"), "5 numbers")):
            self.check(appliance.run("predict", *self.at, *numbers), USAGE, "",
                       f"iris-predictor: found {found}, {expected}\n")
        self.check(appliance.run("predict", *self.at, "1", "2", "3", "four"), USAGE, "",
                   "iris-predictor: petal width: found 'four', expected a number\n")
        self.check(appliance.run("predict", "--port", "0", *SETOSA), USAGE, "",
                   "iris-predictor: --port: found '0', expected a port from 1 to 65535\n")
        self.check(appliance.run("predict", *SETOSA, env={"IRIS_PORT": "http"}), CONFIGURATION, "",
                   "iris-predictor: IRIS_PORT: found 'http', expected a port from 1 to 65535\n")
        self.check(appliance.run("predict", *self.at, "--input", "x.csv", *SETOSA), USAGE, "",
                   "iris-predictor: numbers and --input exclude each other; give one of them\n")

    def test_bad_input(self):
        self.check(appliance.run("predict", *self.at, "--input", "/no/such.csv"), IO, "", re.compile("/no/such.csv"))
        self.check(appliance.run("predict", *self.at, "--input", "-", stdin=b"1,2,3,4\n1,x,3,4\n"), BAD_DATA, "",
                   re.compile("standard input:2:"))

    def test_nobody_there(self):
        port = unused_port()
        done = appliance.run("predict", "--host", "127.0.0.1", "--port", port, "--timeout", "5", *SETOSA)
        self.check(done, UNAVAILABLE, "", re.compile(f"127.0.0.1:{port}"))
        self.check(appliance.run("predict", "--host", "no-such-host.invalid", "--timeout", "5", *SETOSA), UNAVAILABLE,
                   "", re.compile("no-such-host.invalid"))
        self.check(appliance.run("predict", "--host", f"unix:{self.folder}/none.sock", "--timeout", "5", *SETOSA),
                   UNAVAILABLE, "", re.compile("none.sock"))

    def test_a_server_that_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = str(silent.getsockname()[1])
            done = appliance.run("predict", "--host", "127.0.0.1", "--port", port, "--timeout", "0.3", *SETOSA)
            self.check(done, UNAVAILABLE, "")
            done = appliance.run("healthcheck", "--host", "127.0.0.1", "--port", port, "--timeout", "0.3")
            self.check(done, CHECK_FAILED, "")

    def test_healthcheck(self):
        self.check(appliance.run("healthcheck", *self.at), OK, "", "")
        self.check(appliance.run("healthcheck", *self.at, "--service", "ml.IrisPredictor"), OK, "", "")
        self.check(appliance.run("healthcheck", *self.at, "--service", "ml.Nothing"), CHECK_FAILED, "",
                   re.compile("ml.Nothing"))

    def test_healthcheck_follows_the_servers_settings(self):
        port = self.server.port
        for listen in (f"127.0.0.1:{port}", f"0.0.0.0:{port}", f"[::]:{port}", f"unix:{self.folder}/iris.sock",
                       f"127.0.0.1:{port},192.0.2.1:1"):
            with self.subTest(listen=listen):
                self.check(appliance.run("healthcheck", env={"IRIS_LISTEN": listen}), OK, "", "")
        self.check(appliance.run("healthcheck", *self.at, env={"IRIS_LISTEN": "nonsense"}), OK, "", "")
        self.check(appliance.run("healthcheck", env={"IRIS_LISTEN": "nonsense"}), CONFIGURATION, "",
                   re.compile("IRIS_LISTEN"))
        self.check(appliance.run("healthcheck", env={"IRIS_LISTEN": "127.0.0.1:0"}), CONFIGURATION, "",
                   re.compile("--port"))

    def test_healthcheck_of_nobody(self):
        self.check(appliance.run("healthcheck", "--port", unused_port(), "--timeout", "5"), CHECK_FAILED, "",
                   re.compile("^iris-predictor: "))


if __name__ == "__main__":
    appliance.main()
