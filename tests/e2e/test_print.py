#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""print proto: the files that are handed out are those of the source tree, and all that a client needs."""

import pathlib
import re
import tempfile

import grpc_tools.protoc
from google.protobuf import descriptor_pb2

import appliance
import contract
from appliance import IO, OK, USAGE

TREE = {str(path.relative_to(contract.PROTO)): path.read_bytes() for path in contract.PROTO.rglob("*.proto")}


class PrintProto(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-print-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def printed(self):
        out = self.folder / "a" / "b"
        done = appliance.run("print", "proto", "--out", str(out))
        self.check(done, OK, stderr="")
        self.assertEqual(sorted(done.stdout.splitlines()), sorted(f"wrote {out}/{name}" for name in TREE))
        return out

    def test_they_are_those_of_the_source_tree(self):
        out = self.printed()
        files = {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}
        self.assertEqual(files, TREE)  # nothing else, no temporary file either
        for name, content in TREE.items():
            done = appliance.run("print", "proto", name)
            self.check(done, OK, content.decode(), "")

    def test_all_of_them_at_once(self):
        done = appliance.run("print", "proto")
        self.check(done, OK, stderr="")
        parts = re.split(r"^// ==== (\S+) ====\n", done.stdout, flags=re.M)
        self.assertEqual(parts[0], "")
        found = dict(zip(parts[1::2], parts[2::2]))
        self.assertEqual({name: text.rstrip("\n") for name, text in found.items()},
                         {name: content.decode().rstrip("\n") for name, content in TREE.items()})

    def test_protoc_takes_them_and_they_hold_every_service(self):
        out, described = self.printed(), self.folder / "all.binpb"
        common = grpc_tools.__path__[0] + "/_proto"  # google/protobuf, which protoc brings
        (self.folder / "gen").mkdir()
        code = grpc_tools.protoc.main(
            ["protoc", f"-I{out}", f"-I{common}", f"--descriptor_set_out={described}",
             f"--python_out={self.folder}/gen", f"--grpc_python_out={self.folder}/gen", *TREE])
        self.assertEqual(code, 0)
        self.assertEqual(len(list((self.folder / "gen").rglob("*_pb2.py"))), len(TREE))
        files = descriptor_pb2.FileDescriptorSet.FromString(described.read_bytes()).file
        services = sorted(f"{file.package}.{service.name}" for file in files for service in file.service)
        self.assertEqual(services, self.served())

    def served(self):
        """The names of the services of a server, as its health service lists them."""
        method = "/grpc.health.v1.Health/List"
        with appliance.Server() as server, appliance.channel(server.target) as channel:
            reply = channel.unary_unary(method)(b"", timeout=appliance.DEADLINE)
        names = re.findall(rb"[a-z0-9]+(?:\.\w+)+", reply)  # the keys of its map
        return sorted(name.decode() for name in names)

    def test_files_are_replaced(self):
        out = self.printed()
        (out / "iris.proto").write_text("old")
        (out / "mine.txt").write_text("kept")
        self.printed()
        self.assertEqual((out / "iris.proto").read_bytes(), TREE["iris.proto"])
        self.assertEqual((out / "mine.txt").read_text(), "kept")

    def test_failures(self):
        with open("/dev/full", "wb") as full:
            self.check(appliance.run("print", "proto", stdout=full), IO,
                       stderr="iris-predictor: cannot write to standard output: No space left on device\n")
        (self.folder / "file").write_text("")
        self.check(appliance.run("print", "proto", "--out", f"{self.folder}/file/b"), IO, "",
                   f"iris-predictor: cannot make the folder {self.folder}/file: there is a file of that name\n")
        self.check(appliance.run("print", "proto", "--out", "/proc/nowhere"), IO, "",
                   re.compile("^iris-predictor: cannot make the folder /proc/nowhere: "))
        for words, message in (
                (["print", "porto"], "unknown subject 'porto'; did you mean 'proto'?"),
                (["print", "proto", "iris.prot"], "unknown .proto file 'iris.prot'; did you mean 'iris.proto'?"),
                (["print", "proto", "prediction.proto"],
                 "unknown .proto file 'prediction.proto'; did you mean 'iris/v1/prediction.proto'?"),
                (["print", "proto", "/etc/passwd"],
                 "unknown .proto file '/etc/passwd'; 'iris-predictor print --help' lists the .proto files")):
            with self.subTest(words=words):
                self.check(appliance.run(*words), USAGE, "", f"iris-predictor: {message}\n")


if __name__ == "__main__":
    appliance.main()
