# SPDX-License-Identifier: Apache-2.0
"""The servers and the probes: built when they are older than their sources; or why they cannot be."""

import os
import pathlib
import shutil
import subprocess
import sys

from shared import programs

from .contenders import CALLBACK, CONTENDERS, GO, LEAST, OURS, OURS_TLS, PYTHON, RUST, SYNC
from .messages import Messages

NEEDED = ("nghttp2-client", "libnghttp2-dev", "libstdc++-12-dev", "python3-grpcio", "python3-grpc-tools", "openssl")
CXX = ("clang++-19", "-std=c++23", "-O2", "-Wall", "-Wextra", "-Werror")
GOPATH = "/usr/share/gocode"  # where Debian's packages put Go's sources


class Programs:
    def __init__(self, source):
        self.source = pathlib.Path(source)
        self.here = self.source / "bench/serving"
        self.folder = self.source / "build/bench/serving"
        self.binary = pathlib.Path(os.environ.get("IRIS_BINARY", self.source / "build/static/iris-predictor")).resolve()
        self.commands = {}  # of each contender that there is; a port is to follow, or none
        self.reasons = {}  # of the others
        self.messages = None
        self.product = None
        self.versions = {}

    def path(self, name):
        return self.folder / name

    def build(self, say):
        if missing := programs.missing_packages(NEEDED):
            sys.exit(f"bench/serving/run: missing Debian packages; as root: apt-get install {' '.join(missing)}")
        if not self.binary.exists():
            sys.exit(f"bench/serving/run: no {self.binary}: ./run build makes it")
        self.folder.mkdir(parents=True, exist_ok=True)
        self.product = programs.build_with_product(self.source, "infer_ours")
        self.messages = Messages(self.source, self.folder)
        self._models()
        self._probes()
        for contender in CONTENDERS:
            missing = programs.missing_packages(contender.packages)
            if missing:
                self.reasons[contender.name] = f"not built: no {', '.join(missing)} here"
                continue
            made = getattr(self, f"_{contender.name}")()
            if isinstance(made, str):
                self.reasons[contender.name] = f"not built: {made}"
            else:
                self.commands[contender.name] = list(map(str, made))
        for name, reason in self.reasons.items():
            say(f"{name}: {reason}")

    def command(self, name, port=0):
        """The command line that serves on `port` of loopback; 0: one that is free."""
        words = self.commands[name]
        if name in (OURS, OURS_TLS):
            return [*words, "--listen", f"127.0.0.1:{port}"]
        return [*words, str(port)]

    def _models(self):
        """Ours trains, the others read its weights; but for Python's, which is to be as the tutorial's."""
        programs.run([self.binary, "train", "--out", self.path("model.json")], self.source)
        programs.run([self.binary, "convert", self.path("model.json"), "--to", "liblinear", "--out",
                      self.path("model.txt")], self.source)
        if not self.path("tls.key").exists():
            programs.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-keyout", self.path("tls.key"), "-out", self.path("tls.crt"), "-days", "3650", "-subj",
                          "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], self.source)

    def _compile(self, name, sources, flags=(), libraries=()):
        shared = self.source / "bench/shared"
        headers = [*(self.here / "contenders").glob("*.h"), *(self.here / "probes").glob("*.h"), *shared.glob("*.h")]
        program = self.path(name)
        if not programs.newer(program, [*sources, *headers]):
            programs.run([*CXX, f"-I{shared}", *flags, "-o", program, *sources, *libraries], self.source)
        return program

    def _probes(self):
        probes, shared = self.here / "probes", list((self.source / "bench/shared").glob("*.cc"))
        loopback = [probes / "loopback.cc", *shared]
        client = [probes / "http2_client.cc", *loopback]
        self._compile("call_times", [probes / "call_times.cc", *client], libraries=["-lnghttp2"])
        self._compile("first_answer", [probes / "first_answer.cc", *client], libraries=["-lnghttp2"])
        self._compile("open_loop", [probes / "open_loop.cc", probes / "paced_connection.cc", *loopback],
                      libraries=["-lnghttp2"])
        self._compile("ping_pong", [probes / "ping_pong.cc", *loopback])

    def _ours(self):
        return [self.binary, "serve"]

    def _ours_tls(self):
        return [self.binary, "serve", "--tls-cert", self.path("tls.crt"), "--tls-key", self.path("tls.key")]

    def _python(self):
        return [programs.PYTHON, self.here / "contenders/python_server.py", self.path("model.pickle")]

    def _grpc_cxx(self, name):
        generated = self.path("stubs")
        proto = self.source / "proto/iris.proto"
        stubs = [generated / "iris.pb.cc", generated / "iris.grpc.pb.cc"]
        if not all(programs.newer(stub, [proto]) for stub in stubs):
            programs.run(["protoc", f"-I{proto.parent}", f"--cpp_out={generated}", f"--grpc_out={generated}",
                          f"--plugin=protoc-gen-grpc={shutil.which('grpc_cpp_plugin')}", proto], self.source)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "grpc++", "protobuf"], capture_output=True,
                               text=True, check=True).stdout.split()
        sources = [self.here / f"contenders/{stem}.cc" for stem in (name, "linear_model")]
        return [self._compile(name, [*sources, *stubs], ["-isystem", generated], flags), self.path("model.txt")]

    def _grpc_sync(self):
        return self._grpc_cxx(SYNC)

    def _grpc_callback(self):
        return self._grpc_cxx(CALLBACK)

    def _nghttp2(self):
        sources = [self.here / f"contenders/{stem}.cc" for stem in ("nghttp2_server", "http2_connection",
                                                                    "linear_model")]
        return [self._compile(LEAST, sources, libraries=["-lnghttp2"]), self.path("model.txt")]

    def _go(self):
        """In Go's older way, with a GOPATH: Debian has the packages as sources beside each other."""
        source, proto = self.here / "contenders/go/server.go", self.source / "proto/iris.proto"
        program = self.path("go_server")
        if not programs.newer(program, [source, proto]):
            own = self.path("go")
            (own / "src/ml").mkdir(parents=True, exist_ok=True)
            (own / "src/server").mkdir(exist_ok=True)
            shutil.copy(source, own / "src/server")
            programs.run(["protoc", f"-I{proto.parent}", f"--go_out=plugins=grpc:{own / 'src/ml'}", proto], self.source)
            programs.run(["go", "build", "-o", program, "server"], self.source, env=os.environ | {
                "GO111MODULE": "off", "GOPATH": f"{own}:{GOPATH}", "GOCACHE": str(own / "cache")})
        return [program, self.path("model.txt")]

    def _rust(self):
        return "Debian 12 has no librust-tonic-dev, and nothing is taken from elsewhere"
