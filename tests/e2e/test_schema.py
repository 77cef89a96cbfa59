#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The .proto files: buf's lint, and buf's comparison with the schema that clients have (proto/buf.yaml says by which
rules). Each of the two is also shown to find what it is there to find."""

import pathlib
import re
import shutil
import subprocess
import tempfile

import appliance
import npm_tools

PROTO = appliance.SOURCE / "proto"
TUTORIAL = appliance.SOURCE / "tests/e2e/tutorial_iris.proto"

# (file, what stands there, what is put in its place, the rule that must object)
BREAKS = [
    ("iris.proto", "double petal_width = 4;", "double petal_width = 5;", "FIELD_NO_DELETE"),
    ("iris.proto", "double sepal_width = 2;", "float sepal_width = 2;", "FIELD_SAME_TYPE"),
    ("iris.proto", "int32 species = 1;", "int32 label = 1;", "FIELD_SAME_NAME"),
    ("iris.proto", "rpc PredictIrisSpecies(", "rpc Predict(", "RPC_NO_DELETE"),
    ("iris.proto", "package ml;", "package ml.v1;", "FILE_SAME_PACKAGE"),
    ("iris.proto", "io.grpc.examples.ml", "io.grpc.ml", "FILE_SAME_JAVA_PACKAGE"),
    ("inference/inference.proto", "repeated bytes raw_input_contents = 7;", "repeated bytes raw_input_contents = 8;",
     "FIELD_NO_DELETE"),
    ("inference/inference.proto", "repeated float fp32_contents = 6;", "repeated double fp32_contents = 6;",
     "FIELD_SAME_TYPE"),
    ("iris/v1/prediction.proto", "OUTPUT_CLASS = 2;", "OUTPUT_NAME = 2;", "ENUM_VALUE_SAME_NAME"),
    ("iris/v1/prediction.proto", "(stream StreamPredictRequest)", "(StreamPredictRequest)",
     "RPC_SAME_CLIENT_STREAMING"),
    ("google/rpc/status.proto", "string message = 2;", "bytes message = 2;", "FIELD_SAME_TYPE"),
    ("grpc/health/v1/health.proto", "NOT_SERVING = 2;", "NOT_SERVING = 4;", "ENUM_VALUE_NO_DELETE"),
]

# (file, what stands there, what is put in its place, the rule that must object)
SLIPS = [
    ("iris/v1/prediction.proto", "service PredictionService {", "service Predictor {", "SERVICE_SUFFIX"),
    ("iris/v1/prediction.proto", "OUTPUT_UNSPECIFIED = 0;", "OUTPUT_NONE = 0;", "ENUM_ZERO_VALUE_SUFFIX"),
    ("iris/v1/prediction.proto", "repeated int32 labels = 1;", "repeated int32 Labels = 1;", "FIELD_LOWER_SNAKE_CASE"),
    ("iris.proto", "  // Length of the sepal, in cm. Range: any finite number (in the data 4.3 to 7.9).\n", "",
     "COMMENT_FIELD"),
    ("inference/inference.proto", "    // A number.\n", "", "COMMENT_FIELD"),
]


class Schema(appliance.Test):
    @classmethod
    def setUpClass(cls):
        cls.program = npm_tools.buf()

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-schema-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def buf(self, *arguments, folder=None):
        return subprocess.run([self.program, *arguments], cwd=folder or self.folder, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=120, check=False)

    def changed(self, name, before, after):
        """A copy of proto/ with one change."""
        copy = self.folder / "changed"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(PROTO, copy)
        text = (copy / name).read_text()
        self.assertEqual(text.count(before), 1, f"{name} holds {before!r} once")
        (copy / name).write_text(text.replace(before, after))
        return copy

    def breaking(self, schema, against, *options, folder=None):
        return self.buf("breaking", schema, "--against", against, "--error-format", "json", *options, folder=folder)

    def assert_objects(self, done, name, rule):
        self.assertEqual(done.returncode, 100, done.stderr)
        self.assertRegex(done.stdout, rf'"path":"[^"]*{re.escape(name)}".*"type":"{rule}"')

    def test_lint(self):
        self.check(self.buf("lint", PROTO), 0, "", "")

    def test_lint_sees_slips(self):
        for name, before, after, rule in SLIPS:
            with self.subTest(rule=rule, name=name):
                done = self.buf("lint", self.changed(name, before, after), "--error-format", "json")
                self.assert_objects(done, name, rule)

    def test_nothing_breaks_clients(self):
        self.check(self.breaking(PROTO, PROTO / "baseline.txtpb"), 0, "", "")

    def test_every_break_is_seen(self):
        for name, before, after, rule in BREAKS:
            with self.subTest(rule=rule, name=name, after=after):
                done = self.breaking(self.changed(name, before, after), PROTO / "baseline.txtpb")
                self.assert_objects(done, name, rule)

    def test_a_lost_file_is_seen(self):
        copy = self.changed("iris.proto", "package ml;", "package ml;")
        (copy / "inference/inference.proto").unlink()
        done = self.breaking(copy, PROTO / "baseline.txtpb")
        self.assertEqual(done.returncode, 100, done.stderr)
        self.assertIn("FILE_NO_DELETE", done.stdout)

    def test_the_baseline_holds_the_tutorials_contract(self):
        """Neither the baseline nor our iris.proto lacks anything of the tutorial's, nor has the baseline anything more:
        who makes it anew from changed files does not get past this."""
        tutorial = self.folder / "tutorial"
        tutorial.mkdir()
        shutil.copy(TUTORIAL, tutorial / "iris.proto")
        self.check(self.breaking(PROTO, tutorial), 0, "", "")
        self.check(self.breaking(PROTO / "baseline.txtpb", tutorial), 0, "", "")
        self.check(self.breaking(".", PROTO / "baseline.txtpb", "--limit-to-input-files", folder=tutorial), 0, "", "")


if __name__ == "__main__":
    appliance.main()
