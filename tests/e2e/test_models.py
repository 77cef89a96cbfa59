#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""train, inspect, and predict without a server."""

import json
import os
import pathlib
import re
import tempfile

import appliance
from appliance import BAD_DATA, CONFIGURATION, IO, OK, USAGE

SETOSA = ("5.0", "3.6", "1.3", "0.25")

# The exact optimum for C = 1: found apart from this program, with a 5 x 5 active-set Newton in extended precision.
WEIGHTS = [[0.18424468597970563, 0.45122252337996333, -0.80793722656948842, -0.45072813409094696],
           [0.05524624778074137, -0.90089460450182273, 0.40923384587091758, -0.96062710379750921],
           [-0.85059120136501678, -0.98655487988716267, 1.38103733073782874, 1.86512017852995039]]
BIAS = [0.10955235131418892, 1.68737164127141042, -1.71079266122162709]
OBJECTIVES = [0.6788984279657909, 100.2183184391189, 17.66627053022465]


class Train(appliance.Test):
    def test_json_holds_the_exact_optimum(self):
        done = appliance.run("train", "--json")
        self.check(done, OK, stderr="")
        model = json.loads(done.stdout)
        self.assertEqual(list(model), ["classes", "features", "cost", "loss", "penalty", "class_weight",
                                       "fit_intercept", "intercept_scaling", "weights", "bias", "certificates", "data_sha256",
                                       "trained_by", "samples", "correct", "accuracy"])
        self.assertEqual(model["classes"], ["setosa", "versicolor", "virginica"])
        self.assertEqual(len(model["features"]), 4)
        self.assertEqual((model["cost"], model["loss"]), (1.0, "squared_hinge"))
        self.assertEqual((model["samples"], model["correct"]), (150, 145))
        self.assertAlmostEqual(model["accuracy"], 145 / 150, places=15)
        for row, expected in zip(model["weights"], WEIGHTS, strict=True):
            for value, wanted in zip(row, expected, strict=True):
                self.assertAlmostEqual(value, wanted, delta=1e-12)
        for value, wanted in zip(model["bias"], BIAS, strict=True):
            self.assertAlmostEqual(value, wanted, delta=1e-12)
        for certificate, name, objective in zip(model["certificates"], model["classes"], OBJECTIVES, strict=True):
            self.assertEqual(certificate["class"], name)
            self.assertAlmostEqual(certificate["objective"], objective, delta=1e-12 * objective)
            self.assertLess(certificate["violation"], 1e-10)
            self.assertLess(abs(certificate["duality_gap"]), 1e-10 * objective)
            self.assertLessEqual(certificate["dual_objective"], objective * (1 + 1e-12))
            self.assertGreater(certificate["support_vectors"], 0)
            self.assertGreater(certificate["steps"], 0)

    def test_text(self):
        done = appliance.run("train")
        self.check(done, OK, re.compile(r"(?m)^145 of 150 training samples right \(96\.67 %\)$"), "")
        self.assertRegex(done.stdout, r"(?m)^weight +setosa +versicolor +virginica$")

    def test_the_same_bytes_every_time(self):
        self.assertEqual(appliance.run("train", "--json").stdout, appliance.run("train", "--json").stdout)

    def test_a_table_of_ones_own(self):
        table = b"size,weight,kind\n1,2,small\n1.5,1,small\n8,9,large\n9,7.5,large\n5,5,medium\n5,4.5,medium\n"
        with tempfile.TemporaryDirectory() as folder:
            data, out = f"{folder}/things.csv", f"{folder}/things.json"
            pathlib.Path(data).write_bytes(table)
            done = appliance.run("train", "--data", data, "--out", out, "--cost", "10", "--json")
            self.check(done, OK, stderr="")
            model = json.loads(done.stdout)
            self.assertEqual(model["classes"], ["small", "large", "medium"])
            self.assertEqual(model["features"], ["size", "weight"])
            self.assertEqual(model["cost"], 10.0)
            self.check(appliance.run("predict", "--model", out, "8", "8"), OK, "1 large\n", "")
            self.check(appliance.run("train", "--data", "-", "--cost", "10", "--json", stdin=table), OK, done.stdout)
            saved = appliance.run("train", "--data", data, "--out", out)
            self.check(saved, OK, re.compile(rf"saved to {re.escape(out)}\n$"), "")

    def test_bad_data(self):
        for table, pattern in ((b"", "standard input"), (b"1,2,a\n", "standard input"), (b"1,a\n2,a\n", "class"),
                               (b"1,2,a\n1,x,b\n", r"standard input:2:3: found .x."),
                               (b"1,2,a\n1,b\n", "standard input:2"), (b"1,nan,a\n1,2,b\n", "standard input:1"),
                               (b"1,1e999,a\n1,2,b\n", "standard input:1")):
            with self.subTest(table=table):
                self.check(appliance.run("train", "--data", "-", stdin=table), BAD_DATA, "", re.compile(pattern))

    def test_failures(self):
        self.check(appliance.run("train", "--data", "/no/such/file"), IO, "", re.compile("/no/such/file"))
        self.check(appliance.run("train", "--out", "/no/such/folder/m.json"), IO, "", re.compile("/no/such/folder"))
        self.check(appliance.run("train", "--cost", "0"), USAGE, "",
                   "iris-predictor: --cost: found '0', expected a number greater than 0\n")
        self.check(appliance.run("train", "--loss", "log"), USAGE, "",
                   "iris-predictor: --loss: found 'log', expected squared_hinge or hinge\n")

    def test_environment(self):
        done = appliance.run("train", env={"IRIS_COST": "2", "IRIS_JSON": "1"})
        self.check(done, OK, stderr="")
        self.assertEqual(json.loads(done.stdout)["cost"], 2.0)
        done = appliance.run("train", "--cost", "3", env={"IRIS_COST": "2", "IRIS_JSON": "yes"})
        self.assertEqual(json.loads(done.stdout)["cost"], 3.0)
        self.check(appliance.run("train", env={"IRIS_COST": "-1"}), CONFIGURATION, "", re.compile("IRIS_COST: "))
        self.check(appliance.run("train", env={"IRIS_JSON": "perhaps"}), CONFIGURATION, "",
                   "iris-predictor: IRIS_JSON: found 'perhaps', expected true or false\n")


class WithModel(appliance.Test):
    """inspect, and predict without a server."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.model = f"{folder.name}/iris.json"
        cls.folder = pathlib.Path(folder.name)
        appliance.run("train", "--out", cls.model)

    def test_inspect(self):
        done = appliance.run("inspect", self.model, "--json")
        self.check(done, OK, stderr="")
        trained = json.loads(appliance.run("train", "--json").stdout)
        for key in ("samples", "correct", "accuracy"):
            del trained[key]
        self.assertEqual(json.loads(done.stdout), trained)
        self.check(appliance.run("inspect", self.model), OK, re.compile("(?m)^linear SVM with 3 classes"), "")

    def test_inspect_failures(self):
        self.check(appliance.run("inspect"), USAGE, "", re.compile("needs the model file"))
        self.check(appliance.run("inspect", "/no/such"), IO, "", re.compile("/no/such"))
        self.check(appliance.run("inspect", self.model, "other"), USAGE, "", re.compile("unexpected argument 'other'"))
        content = pathlib.Path(self.model).read_bytes()
        broken = self.folder / "broken.json"
        for damaged in (b"", content[:-10], content + b"x", content.replace(b'"bias"', b'"bia"')):
            broken.write_bytes(damaged)
            self.check(appliance.run("inspect", str(broken)), BAD_DATA, "", re.compile("broken.json"))

    def test_predict(self):
        self.check(appliance.run("predict", "--model", self.model, *SETOSA), OK, "0 setosa\n", "")
        self.check(appliance.run("predict", "--model", self.model, "--json", *SETOSA), OK,
                   '{"species":0,"name":"setosa"}\n', "")
        self.check(appliance.run("predict", *SETOSA, env={"IRIS_MODEL": self.model}), OK, "0 setosa\n", "")
        self.check(appliance.run("predict", "--model", self.model, "--", "-1.5", "-1e-3", "-.5", "-0"), OK,
                   re.compile(r"^[012] \w+\n$"), "")

    def test_values_are_taken_as_they_are(self):
        def words(*arguments, **options):
            return appliance.run(*arguments, cwd=self.folder, **options)

        for name in ("-5", " -5", "[x]"):
            for option in (["--out", name], [f"--out={name}"]):
                with self.subTest(option=option):
                    self.check(words("train", *option))
                    self.check(words("inspect", name))
                    (self.folder / name).unlink()
        for option in ("--out", "--data"):
            self.check(words("train", option, ""), USAGE, "", f"iris-predictor: {option}: found '', expected FILE\n")
            variable = "IRIS_" + option[2:].upper()
            self.check(words("train", env={variable: ""}))  # as if unset: what ${NAME:-} leaves in a compose file
        self.check(words("train", "--out", "m.json", env={"IRIS_OUT": ""}))
        self.check(words("predict", "--model", "", *SETOSA), USAGE, "", re.compile("--model: found ''"))
        self.check(words("predict", "--model", self.model, "[5.0,3.6,1.3,0.25]"), USAGE, "",
                   re.compile("found 1 number, expected 4"))

    def test_predict_refuses_what_is_not_finite(self):
        for bad in ("nan", "inf", "-inf", "-nan"):
            self.check(appliance.run("predict", "--model", self.model, "1", "2", bad, "4"), USAGE, "",
                       re.compile("petal.length: found .*, expected a finite number"))

    def test_predict_many(self):
        csv = appliance.SOURCE / "assets/iris.csv"  # with its labels, which are ignored
        done = appliance.run("predict", "--model", self.model, "--input", str(csv))
        self.check(done, OK, stderr="")
        predicted = [int(line.split()[0]) for line in done.stdout.splitlines()]
        self.assertEqual([i for i, (_, label) in enumerate(appliance.iris_rows()) if predicted[i] != label],
                         [70, 83, 84, 129, 133])
        self.check(appliance.run("predict", "--model", self.model, "--input", "-", stdin=csv.read_bytes()), OK,
                   done.stdout, "")

    def test_a_closed_pipe_is_no_news(self):
        rows = b"5.0,3.6,1.3,0.25\n" * 100_000
        reading, writing = os.pipe()
        os.close(reading)
        done = appliance.run("predict", "--model", self.model, "--input", "-", stdin=rows, stdout=writing)
        os.close(writing)
        self.check(done, IO, stderr="")

    def test_two_classes(self):
        model = str(self.folder / "two.json")
        self.check(appliance.run("train", "--data", "-", "--out", model, stdin=b"-1,no\n1,yes\n"))
        lines = ("predict", "--model", model, "--input", "-", "--format", "csv")  # a single column could be anything
        self.check(appliance.run(*lines, stdin=b"-2\n2\n"), OK, "0 no\n1 yes\n")
        self.check(appliance.run("predict", "--model", model, "1", "2"), USAGE, "",
                   re.compile("^iris-predictor: found 2 numbers, expected 1: "))


if __name__ == "__main__":
    appliance.main()
