#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""examples/: its README's commands, as they stand there, print what stands behind them; and the programs over TLS."""

import ctypes
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

import appliance
import certificates
import contract
import npm_tools

EXAMPLES = appliance.SOURCE / "examples"
README = (EXAMPLES / "README.md").read_text()
SETOSA = ["5.0", "3.6", "1.3", "0.25"]
CLONE_NEWNET = 0x40000000


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def commands():
    """[(command, what it prints)] of the README. A command goes on until the shell has a whole one."""
    found = []
    for block in blocks("console"):
        for text in re.split(r"^\$ ", block, flags=re.M)[1:]:
            lines = text.splitlines(keepends=True)
            end = next(i for i in range(1, len(lines) + 1) if is_whole("".join(lines[:i])))
            found.append(("".join(lines[:end]), "".join(lines[end:])))
    return found


def is_whole(text):
    if text.endswith("\\\n"):
        return False
    try:
        shlex.split(text)
    except ValueError:  # a quote is open
        return False
    return True


def own_network():
    """Takes this process into a network of its own, where the default port is free. False where that may not be."""
    if shutil.which("ip") is None or ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        return False
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    return True


class Examples(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="iris-examples-")
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name)
        cls.work = cls.root / "examples"
        shutil.copytree(EXAMPLES, cls.work)

        tools = cls.root / "bin"  # what the README calls by name
        tools.mkdir()
        _, cls.env = npm_tools.node()
        for name, path in (("iris-predictor", appliance.BINARY), ("python3", sys.executable), ("buf", npm_tools.buf())):
            (tools / name).symlink_to(path)
        cls.env = {**cls.env, "PATH": f"{tools}:{os.environ['PATH']}", "HOME": folder.name, "CXX": "clang++-19",
                   "CMAKE_GENERATOR": "Ninja", "CMAKE_BUILD_PARALLEL_LEVEL": "2", "PYTHONDONTWRITEBYTECODE": "1"}

        ca = certificates.Authority(folder.name, "ca")
        identity = ca.issue("server", extensions="extendedKeyUsage=serverAuth\n")
        cls.ca = ca.cert
        at = "localhost:50052" if own_network() else "localhost:0"  # after the packages were fetched
        cls.server = appliance.Server("--tls-cert", identity.cert, "--tls-key", identity.key, listen=["127.0.0.1:0"],
                                      plaintext=[at.replace("localhost", "127.0.0.1")])
        cls.addClassCleanup(cls.server.__exit__)
        cls.tls_target, cls.target = (address.replace("127.0.0.1", "localhost") for address in cls.server.addresses)
        cls.results = [(command, expected, cls.shell(command)) for command, expected in commands()]

    @classmethod
    def shell(cls, command):
        """What it prints. The README's address stands for the server's, which is the same if the port was free."""
        command = command.replace("localhost:50052", cls.target)
        if cls.target != "localhost:50052":
            command = re.sub(r"(python/\w+\.py|node/\w+\.js)", rf"\1 --target {cls.target}", command)
        return subprocess.run(["sh", "-c", command], cwd=cls.work, env=cls.env, text=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=6 * appliance.DEADLINE,
                              check=False).stdout

    def test_the_readme(self):
        tools = [command.split()[0] for command, _, _ in self.results]
        self.assertGreaterEqual(tools.count("buf"), 5)
        for command, expected, printed in self.results:
            with self.subTest(command=command):
                if expected != "...\n":
                    self.assertEqual(printed.rstrip("\n"), expected.rstrip("\n"))

    def test_every_example_is_run_there_and_short(self):
        run = "".join(command for command, _, _ in self.results)
        programs = [path for path in EXAMPLES.rglob("*") if path.suffix in (".py", ".js", ".cc")]
        self.assertEqual(len(programs), 6)
        for path in programs:
            with self.subTest(path=path.name):
                self.assertIn("cpp/build/predict" if path.suffix == ".cc" else f"{path.parent.name}/{path.name}", run)
                self.assertLess(len(path.read_text().splitlines()), 40)

    def run_program(self, *words, stdin=""):
        return subprocess.run(words, cwd=self.work, env=self.env, input=stdin, text=True, capture_output=True,
                              timeout=3 * appliance.DEADLINE, check=False)

    def programs(self, target, ca=None):
        """[(name, outcome)] of all of them, asking for the same flower where they ask for one."""
        at = ["--target", target] + (["--tls-ca", ca] if ca else [])
        for name, words, stdin in (
                ("predict.py", ["python3", "python/predict.py", *at, *SETOSA], ""),
                ("infer.py", ["python3", "python/infer.py", *at], ""),
                ("stream.py", ["python3", "python/stream.py", *at], "5.0,3.6,1.3,0.25\n"),
                ("predict.js", ["node", "node/predict.js", *at, *SETOSA], ""),
                ("infer.js", ["node", "node/infer.js", *at], ""),
                ("predict", ["cpp/build/predict", target, *SETOSA] + ([ca] if ca else []), "")):
            yield name, self.run_program(*words, stdin=stdin)

    def test_over_tls(self):
        last = {"predict.py": "0", "infer.py": "setosa 1.492 -0.988 -7.254", "stream.py": "line 1: setosa",
                "predict.js": "0", "infer.js": "setosa", "predict": "0"}
        for name, done in self.programs(self.tls_target, self.ca):
            with self.subTest(name=name):
                self.check(done, 0, stderr="")
                self.assertEqual(done.stdout.splitlines()[-1], last[name])

    def test_tls_is_not_left_out(self):
        """Without its option none of them is answered by the server's TLS address."""
        for name, done in self.programs(self.tls_target):
            with self.subTest(name=name):
                self.assertNotEqual(done.returncode, 0)
                self.assertEqual(done.stdout, "")

    def test_errors_end_the_programs(self):
        for words in (["python3", "python/predict.py", "--target", self.target, "nan", *SETOSA[1:]],
                      ["node", "node/predict.js", "--target", self.target, "NaN", *SETOSA[1:]],
                      ["cpp/build/predict", self.target, "nan", *SETOSA[1:]]):
            with self.subTest(words=words):
                self.check(self.run_program(*words), 1, "", re.compile("sepal_length must be a finite number"))

    def test_the_form_of_the_grpcurl_lines(self):
        """There is no grpcurl in Debian: its options, and that what is sent is a message of that method."""
        lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("grpcurl ")]
        self.assertGreaterEqual(len(lines), 5)
        inputs = {"ml.IrisPredictor/PredictIrisSpecies": contract.ML.IrisPredictRequest,
                  "inference.GRPCInferenceService/ModelInfer": contract.INFERENCE.ModelInferRequest,
                  "inference.GRPCInferenceService/ModelMetadata": contract.INFERENCE.ModelMetadataRequest,
                  "iris.v1.PredictionService/StreamPredict": contract.V1.StreamPredictRequest}
        for line in lines:
            with self.subTest(line=line):
                form = r"grpcurl (?:-plaintext|-cacert \S+)(?: -d '([^']+)')? localhost:50052 (\S+)"
                self.assertRegex(line, f"^{form}$")
                match = re.fullmatch(form, line)
                data, method = match.groups()
                if method != "list":
                    contract.parse_json(json.loads(data), inputs[method]())


if __name__ == "__main__":
    appliance.main()
