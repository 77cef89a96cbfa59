#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""train: its options, the choice of a cost, the documented example. Its tables: test_train_tables.py. That the optimum is
reached: test_models.py, test_parity.py."""

import json
import os
import random
import re
import subprocess
import time

import appliance
import calls
import training
from appliance import BAD_DATA, CHECK_FAILED, CONFIGURATION, IO, OK, USAGE


class Options(training.Folder):
    DATA = training.table(91, 3, 3, 5)  # one class has a sample more

    def test_each_changes_the_model_and_is_recorded(self):
        plain = training.train(data=self.DATA)
        for words, key, value in ((["--cost", "0.125"], "cost", 0.125), (["--loss", "hinge"], "loss", "hinge"),
                                  (["--penalty", "l1"], "penalty", "l1"),
                                  (["--class-weight", "balanced"], "class_weight", "balanced"),
                                  (["--class-weight", "class 0=2,class 2=0.5"], "class_weight",
                                   {"class 0": 2.0, "class 2": 0.5}),
                                  (["--no-intercept"], "fit_intercept", False),
                                  (["--intercept-scaling", "50"], "intercept_scaling", 50.0)):
            with self.subTest(words=words):
                model = training.train(*words, data=self.DATA)
                self.assertEqual(model[key], value)
                self.assertNotEqual(model["weights"], plain["weights"])
        self.assertEqual(training.train("--no-intercept", data=self.DATA)["bias"], [0.0, 0.0, 0.0])

    def test_balanced_is_what_it_is_said_to_be(self):
        data = training.table(60, 3, 2, 6) + b"\n" + b"\n".join([b"0.5,0.25,0.125,class 0"] * 40)
        weights = f"class 0={100 / (2 * 70)!r},class 1={100 / (2 * 30)!r}"
        balanced, by_hand = training.train("--class-weight", "balanced", data=data), training.train("--class-weight", weights, data=data)
        self.assertEqual(balanced["weights"], by_hand["weights"])

    def test_the_intercept_can_be_freed_of_its_penalty(self):
        data = b"\n".join(b"%d,%s" % (1000 + x, b"low" if x < 0 else b"high") for x in range(-20, 21))
        self.assertLess(training.train(data=data)["accuracy"], 1.0)
        self.assertEqual(training.train("--intercept-scaling", "1e6", "--cost", "10", data=data)["accuracy"], 1.0)

    def test_threads_change_no_byte(self):
        data = training.table(3000, 30, 5, 7)
        outputs = {appliance.run("train", "--data", "-", "--json", "--threads", n, stdin=data).stdout
                   for n in ("1", "2", "7")}
        self.assertEqual(len(outputs), 1)
        self.assertNotIn("", outputs)

    def test_mistakes(self):
        for words, message in (
                (["--cost", "0"], "--cost: found '0', expected a number greater than 0"),
                (["--cost", "1,nan"], "--cost: found 'nan', expected a number greater than 0"),
                (["--cost", "1,2"], "--cost: found 2 costs, expected one; choose among them with --folds K"),
                (["--penalty", "l3"], "--penalty: found 'l3', expected l2 or l1"),
                (["--folds", "1"], "--folds: found '1', expected a whole number from 2 to 1000"),
                (["--threads", "0"], "--threads: found '0', expected a whole number from 1 to 1024"),
                (["--intercept-scaling", "-1"], "--intercept-scaling: found '-1', expected a number greater than 0"),
                (["--label", "0", "--data", "x"],
                 "--label: found '0', expected a column: 1 is the first, -1 the last"),
                (["--format", "csv"], "--format says how a file is written, but there is none; name it with --data")):
            with self.subTest(words=words):
                self.check(appliance.run("train", *words), USAGE, "", f"iris-predictor: {message}\n")
        for command in ("train", "evaluate"):
            done = appliance.run(command, "--class-weight", "rose=2")
            self.check(done, USAGE, "", re.compile('^iris-predictor: --class-weight: found a weight for class "rose"'))
        self.check(appliance.run("train", env={"IRIS_FOLDS": "many"}), CONFIGURATION, "", re.compile("IRIS_FOLDS: "))
        self.check(appliance.run("train", env={"IRIS_COST": "1,2"}), CONFIGURATION, "", re.compile("IRIS_COST: "))
        self.check(appliance.run("train", env={"IRIS_HEADER": "no", "IRIS_SEED": "3"}))  # for other commands

    def test_the_model_goes_to_standard_output(self):
        out = self.folder / "model.json"
        self.check(appliance.run("train", "--out", str(out)))
        done = appliance.run("train", "--out", "-", cwd=self.folder)
        self.check(done, OK, out.read_text(), "")
        self.assertEqual(os.listdir(self.folder), ["model.json"])
        self.check(appliance.run("train", "--out", "-", "--json"), USAGE, "", re.compile("--out - and --json"))

    def test_a_model_too_large_to_be_saved_is_not_trained(self):
        for classes in (2, 100):
            data = b"1 16777216:1\n" + b"".join(b"%d 1:1\n" % c for c in range(2, classes + 1))
            done = appliance.run("train", "--data", "-", "--out", str(self.folder / "m.json"), stdin=data)
            self.check(done, BAD_DATA, "", re.compile(rf"m.json: found a table of 16777216 features and {classes} cla"))
        self.assertEqual(os.listdir(self.folder), [])

    def test_what_is_not_optimal_is_not_saved(self):
        source = random.Random(1)
        rows = []
        for i in range(60):
            x = source.gauss(0, 1)
            rows.append(f"{x!r},{x * (1 + 1e-9 * source.gauss(0, 1))!r},{'ab'[i % 2]}")
        out = self.folder / "model.json"
        words = ["train", "--data", "-", "--cost", "1e30", "--out", str(out)]
        done = appliance.run(*words, stdin="\n".join(rows).encode())
        self.check(done, CHECK_FAILED, "", re.compile("^iris-predictor: class \"b\": not at the optimum: "))
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_place_that_cannot_be_written_is_known_before_training(self):
        words, data = training.endless()
        started = time.monotonic()
        done = appliance.run(*words, "--out", str(self.folder / "no" / "m.json"), stdin=data)
        self.check(done, IO, "", re.compile(r"cannot write .*/no/m.json: No such file or directory\n$"))
        self.assertLess(time.monotonic() - started, 2)

    def test_a_device_can_be_written(self):
        done = appliance.run("train", "--out", "/dev/stderr")
        self.check(done, OK, re.compile("saved to /dev/stderr"), re.compile('^{\n  "format"'))
        with open("/dev/full", "wb") as full:
            self.check(appliance.run("train", "--out", "/dev/full", stdout=full), IO, stderr=re.compile(
                "cannot write /dev/full: No space left on device"))


class CostSelection(training.Folder):
    DATA = training.table(120, 4, 3, 11)
    WORDS = ("--cost", "10,0.001,0.1,1", "--folds", "5", "--seed", "42")

    def test_the_best_cost_is_chosen_and_trained_with(self):
        model = training.train(*self.WORDS, data=self.DATA)
        selection = model["cost_selection"]
        self.assertEqual((selection["folds"], selection["seed"]), (5, 42))
        self.assertEqual([each["cost"] for each in selection["costs"]], [0.001, 0.1, 1.0, 10.0])
        for each in selection["costs"]:
            self.assertEqual(len(each["fold_accuracies"]), 5)
            self.assertAlmostEqual(each["mean_accuracy"], sum(each["fold_accuracies"]) / 5, places=12)
            variance = sum((a - each["mean_accuracy"]) ** 2 for a in each["fold_accuracies"]) / 5
            self.assertAlmostEqual(each["standard_deviation"], variance ** 0.5, places=12)
            alone = json.loads(appliance.run("evaluate", "--data", "-", "--folds", "5", "--seed", "42", "--json",
                                             "--cost", repr(each["cost"]), stdin=self.DATA).stdout)
            self.assertEqual(alone["cross_validation"]["fold_accuracies"], each["fold_accuracies"])
        best = max(round(each["mean_accuracy"], 9) for each in selection["costs"])
        wanted = min(each["cost"] for each in selection["costs"] if round(each["mean_accuracy"], 9) == best)
        self.assertEqual(model["cost"], wanted)
        self.assertEqual(training.train("--cost", repr(wanted), data=self.DATA)["weights"], model["weights"])

    def test_text(self):
        done = appliance.run("train", "--data", "-", *self.WORDS, stdin=self.DATA)
        self.check(done, OK, re.compile(r"^5 folds, seed 42\ncost   mean accuracy  standard deviation\n0\.001 +\d"), "")
        self.assertEqual(done.stdout.count("  chosen\n"), 1)
        self.assertRegex(done.stdout, r"(?m)^\d+ of 120 training samples right")

    def test_of_equals_the_smallest(self):
        data = b"".join(b"%d,%s\n" % (x, b"low" if x < 0 else b"high") for x in range(-50, 50) if abs(x) > 10)
        self.assertEqual(training.train("--cost", "1000,100,10", "--folds", "4", data=data)["cost"], 10.0)

    def test_a_class_too_small_for_the_folds(self):
        data = self.DATA + b"\n1,1,1,1,rare\n2,2,2,2,rare"
        done = appliance.run("train", "--data", "-", *self.WORDS, stdin=data)
        self.check(done, BAD_DATA, "", 'iris-predictor: class "rare": found 2 samples, expected at least 5, one for '
                                       "each fold; take at most 2 folds, or add samples\n")


class WorkedExample(training.Folder):
    """The lines of docs/trainer.md, as they stand there."""

    def test_the_documented_lines(self):
        text = (appliance.SOURCE / "docs/trainer.md").read_text()
        [data] = re.findall(r"(?ms)^```csv\n(.*?)^```$", text)
        [script] = re.findall(r"(?ms)^```sh\n(.*?)^```$", text)
        lines = script.splitlines()
        self.assertEqual(len(lines), 5)
        (self.folder / "penguins.csv").write_text(data)
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "iris-predictor").symlink_to(appliance.BINARY)
        environment = appliance.environment()
        environment["PATH"] = f"{self.folder}/bin:{environment['PATH']}"
        outputs = []
        for line in lines[:4]:
            done = subprocess.run(["sh", "-c", line], cwd=self.folder, env=environment, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, timeout=20)
            self.assertEqual((done.returncode, done.stderr), (OK, ""), line)
            outputs.append(done.stdout)
        self.assertIn("12 of 12 samples right", outputs[0])
        self.assertRegex(outputs[1], "(?s)chosen.*saved to penguins.json")
        self.assertEqual(outputs[2], "0 Adelie\n")
        self.assertIn(f"prints `{outputs[2].strip()}`", text)
        self.assertIn("12 of 12 samples right", outputs[3])
        words = lines[4].split()
        self.assertEqual(words[:3], ["iris-predictor", "serve", "--model"])
        with appliance.Server("--model", words[3], cwd=self.folder) as server:  # on a port that is free
            penguin = calls.PB.IrisPredictRequest(sepal_length=39.3, sepal_width=20.6, petal_length=190,
                                                  petal_width=3650)
            with appliance.channel(server.target) as channel:
                reply = calls.RPC.IrisPredictorStub(channel).PredictIrisSpecies(penguin, timeout=appliance.DEADLINE)
            self.assertEqual(reply.species, 0)


if __name__ == "__main__":
    appliance.main()
