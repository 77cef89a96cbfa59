#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""evaluate beside scikit-learn's metrics; tables that are matched with a model by evaluate and predict."""

import csv
import io
import json
import pathlib
import random
import re
import tempfile
import warnings

import numpy
from sklearn import metrics

import appliance
from appliance import BAD_DATA, IO, OK, USAGE

IRIS = str(appliance.SOURCE / "assets/iris.csv")
NAMES = ["setosa", "versicolor", "virginica"]


def evaluate(*arguments, **options):
    """What `evaluate --json` prints."""
    done = appliance.run("evaluate", "--json", *arguments, **options)
    if done.returncode != OK:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class Case(appliance.Test):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.model = f"{folder.name}/iris.json"
        # Weak on purpose, so that there are mistakes of several kinds.
        done = appliance.run("train", "--cost", "0.0005", "--out", cls.model)
        if done.returncode != OK:
            raise AssertionError(done.stderr)

    def predictions(self, model, path, *arguments):
        done = appliance.run("predict", "--model", model, "--input", path, *arguments)
        self.check(done, OK, stderr="")
        return [line.split(" ", 1)[1] for line in done.stdout.splitlines()]


class Metrics(Case):
    def agrees(self, report, truth, predicted, names):
        """Checks every number of the report against scikit-learn's."""
        self.assertEqual([each["class"] for each in report["classes"]], names)
        self.assertEqual(report["samples"], len(truth))
        self.assertEqual(report["accuracy"], metrics.accuracy_score(truth, predicted))
        self.assertEqual(report["confusion_matrix"],
                         metrics.confusion_matrix(truth, predicted, labels=names).tolist())
        scores = metrics.precision_recall_fscore_support(truth, predicted, labels=names, zero_division=0)
        for each, precision, recall, f1, support in zip(report["classes"], *scores):
            for key, wanted in (("precision", precision), ("recall", recall), ("f1", f1)):
                self.assertAlmostEqual(each[key], wanted, delta=1e-15)
            self.assertEqual((each["support"], each["predicted"]), (support, predicted.count(each["class"])))
        for average in ("macro", "weighted"):  # scikit-learn's default is over the classes that are there
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                wanted = metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)
            for key, value in zip(("precision", "recall", "f1"), wanted):
                self.assertAlmostEqual(report[f"{average}_average"][key], value, delta=1e-15)

    def test_iris(self):
        truth = [NAMES[label] for _, label in appliance.iris_rows()]
        predicted = self.predictions(self.model, IRIS)
        self.assertLess(sum(a == b for a, b in zip(truth, predicted)), 140)
        for arguments in (("--data", IRIS), ()):  # the embedded table is the same
            self.agrees(evaluate("--model", self.model, *arguments), truth, predicted, NAMES)

    def test_classes_that_are_missing_or_never_predicted(self):
        for wanted in (["setosa"], ["versicolor", "virginica"], ["virginica"]):
            lines = [",".join([*map(str, row), NAMES[label]]) for row, label in appliance.iris_rows()
                     if NAMES[label] in wanted]
            path = self.folder / "some.csv"
            path.write_text("\n".join(lines))
            truth = [line.rsplit(",", 1)[1] for line in lines]
            with self.subTest(wanted=wanted):
                self.agrees(evaluate("--model", self.model, "--data", str(path)), truth,
                            self.predictions(self.model, str(path)), NAMES)
        done = appliance.run("evaluate", "--model", self.model, "--data", str(path))
        self.check(done, OK, re.compile(r"(?m)^note: setosa is not in the data"), "")

    def test_cross_validation(self):
        report = evaluate("--folds", "5", "--seed", "9", "--cost", "0.03")
        folds = report["cross_validation"]
        self.assertEqual((folds["folds"], folds["seed"], folds["cost"]), (5, 9, 0.03))
        self.assertEqual(len(folds["fold_accuracies"]), 5)
        self.assertAlmostEqual(folds["mean_accuracy"], numpy.mean(folds["fold_accuracies"]), places=14)
        self.assertAlmostEqual(folds["standard_deviation"], numpy.std(folds["fold_accuracies"]), places=14)
        # Rebuilt from the folds as folds.cc describes them, with models trained by `train`.
        rows = appliance.iris_rows()
        fold_of = deal([label for _, label in rows], 5, 9)
        predicted = [None] * len(rows)
        for fold in range(5):
            outside, inside = self.folder / "outside.csv", self.folder / "inside.csv"
            lines = [",".join([*map(repr, row), NAMES[label]]) + "\n" for row, label in rows]
            outside.write_text("".join(line for line, f in zip(lines, fold_of) if f != fold))
            inside.write_text("".join(line for line, f in zip(lines, fold_of) if f == fold))
            model = str(self.folder / "fold.json")
            self.check(appliance.run("train", "--data", str(outside), "--cost", "0.03", "--out", model))
            for index, name in zip([i for i, f in enumerate(fold_of) if f == fold],
                                   self.predictions(model, str(inside))):
                predicted[index] = name
        self.agrees(report, [NAMES[label] for _, label in rows], predicted, NAMES)
        self.assertNotEqual(evaluate("--seed", "10", "--cost", "0.03")["cross_validation"]["fold_accuracies"],
                            folds["fold_accuracies"])
        self.assertEqual(evaluate("--seed", "9", "--cost", "0.03"), report)  # five folds unless told

    def test_text(self):
        done = appliance.run("evaluate", "--folds", "3")
        self.check(done, OK, re.compile(r"^3-fold cross-validation, seed 0, cost 1\naccuracy in the folds: "), "")
        self.assertRegex(done.stdout, r"(?m)^\d+ of 150 samples right \(\d\d\.\d\d %\)$")
        self.assertRegex(done.stdout, r"(?m)^class +precision +recall +f1 +support$")
        self.assertRegex(done.stdout, r"(?m)^true \\ predicted +setosa +versicolor +virginica$")
        self.check(appliance.run("evaluate", "--model", self.model), OK, re.compile(r"^\d+ of 150 samples right"), "")


def deal(labels, folds, seed):
    """Stratified folds, from their description in src/svm/folds.cc."""
    mask = (1 << 64) - 1
    state = seed

    def below(n):
        nonlocal state
        while True:
            state = (state + 0x9e3779b97f4a7c15) & mask
            z = ((state ^ (state >> 30)) * 0xbf58476d1ce4e5b9) & mask
            z = ((z ^ (z >> 27)) * 0x94d049bb133111eb) & mask
            z ^= z >> 31
            if z >= 2 ** 64 % n:
                return z % n

    fold_of, turn = [None] * len(labels), 0
    for label in sorted(set(labels)):
        rows = [i for i, each in enumerate(labels) if each == label]
        for j in range(len(rows) - 1, 0, -1):
            k = below(j + 1)
            rows[j], rows[k] = rows[k], rows[j]
        for i in rows:
            fold_of[i], turn = turn, (turn + 1) % folds
    return fold_of


class Matching(Case):
    """Tables as a model sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with open(IRIS, newline="") as file:
            cls.table = list(csv.reader(file))

    def written(self, rows, **options):
        text = io.StringIO()
        csv.writer(text, lineterminator="\n", **options).writerows(rows)
        path = self.folder / "table.csv"
        path.write_text(text.getvalue())
        return str(path)

    def test_columns_are_found_by_name(self):
        expected = evaluate("--model", self.model)
        labels = self.predictions(self.model, IRIS)
        turned = [[row[4], row[2], row[0], row[3], row[1]] for row in self.table]
        path = self.written(turned, delimiter=";")
        self.assertEqual(evaluate("--model", self.model, "--data", path, "--label", "1"), expected)
        self.assertEqual(evaluate("--model", self.model, "--data", path, "--label", self.table[0][4]), expected)
        self.assertEqual(self.predictions(self.model, path, "--label", "1"), labels)
        unlabelled = [[row[2], row[0], row[3], row[1]] for row in self.table]
        self.assertEqual(self.predictions(self.model, self.written(unlabelled)), labels)

    def test_without_a_header_the_order_is_the_models(self):
        path = self.written(self.table[1:])
        self.assertEqual(evaluate("--model", self.model, "--data", path), evaluate("--model", self.model))
        self.assertEqual(self.predictions(self.model, self.written([row[:4] for row in self.table[1:]])),
                         self.predictions(self.model, IRIS))

    def test_libsvm(self):
        lines = [f"{label} " + " ".join(f"{k + 1}:{value}" for k, value in enumerate(row))
                 for row, label in appliance.iris_rows()]
        path = self.folder / "iris.libsvm"
        path.write_text("\n".join(lines))
        self.assertEqual(self.predictions(self.model, str(path)), self.predictions(self.model, IRIS))
        numbered = str(self.folder / "numbered.json")
        self.check(appliance.run("train", "--data", str(path), "--out", numbered))
        report = evaluate("--model", numbered, "--data", str(path))
        self.assertEqual([each["class"] for each in report["classes"]], ["0", "1", "2"])
        self.assertEqual(report["correct"], 145)
        with_server = appliance.run("predict", "--input", str(path), "--port", "1")  # read before the server is asked
        self.check(with_server, appliance.UNAVAILABLE, "")

    def test_a_server_is_asked_with_any_table(self):
        with appliance.Server() as server:
            words = ["--host", "127.0.0.1", "--port", server.port]
            expected = appliance.run("predict", "--input", IRIS, *words)
            self.check(expected, OK, re.compile(r"^0 setosa\n"), "")
            lines = [f"{label} " + " ".join(f"{k + 1}:{value}" for k, value in enumerate(row))
                     for row, label in appliance.iris_rows()]
            self.check(appliance.run("predict", "--input", "-", *words, stdin="\n".join(lines).encode()), OK,
                       expected.stdout, "")
            path = self.written([["a", "b", "c", "d"], *[row[:4] for row in self.table[1:]]], delimiter="\t")
            self.check(appliance.run("predict", "--input", path, *words), OK, expected.stdout, "")

    def test_tables_that_do_not_fit(self):
        renamed = [["sepal_length", "sepal_width", "petal_length", "height", "species"], *self.table[1:]]
        for name, rows, pattern in (
                ("another feature", renamed, "table.csv:1:.*petal_width"),
                ("too few columns", [row[:3] for row in self.table[1:]], "table.csv:1:1: found 3 columns"),
                ("an unknown class", [*self.table[1:], ["1", "2", "3", "4", "rose"]],
                 'table.csv:151:9: found the label "rose"')):
            with self.subTest(name=name):
                done = appliance.run("evaluate", "--model", self.model, "--data", self.written(rows))
                self.check(done, BAD_DATA, "", re.compile(pattern))
        done = appliance.run("predict", "--model", self.model, "--input", self.written(renamed))
        self.check(done, BAD_DATA, "", re.compile("table.csv:1:.*petal_width"))

    def test_numbers_for_a_model_of_any_shape(self):
        source = random.Random(3)
        rows = [[*(repr(source.gauss(k % 7, 1)) for _ in range(9)), f"k{k % 7}"] for k in range(70)]
        model = str(self.folder / "nine.json")
        self.check(appliance.run("train", "--data", self.written(rows), "--out", model))
        names = self.predictions(model, self.written(rows))
        for row, name in list(zip(rows, names))[:7]:
            done = appliance.run("predict", "--model", model, "--", *row[:9])
            self.check(done, OK, re.compile(rf"^\d {name}\n$"), "")
        self.check(appliance.run("predict", "--model", model, *"12345678"), USAGE, "",
                   re.compile("^iris-predictor: found 8 numbers, expected 9: feature_1, "))


class Mistakes(Case):
    def test_options(self):
        for words, message in (
                (["--model", self.model, "--folds", "3"], "--model is trained already: leave out --folds, or --model"),
                (["--model", self.model, "--cost", "3"], "--model is trained already: leave out --cost, or --model"),
                (["--cost", "1,2"], "--cost: found 2 costs, expected one; evaluate one at a time, or choose with "
                                    "'iris-predictor train'"),
                (["--label", "2"], "--label says how a file is written, but there is none; name it with --data")):
            with self.subTest(words=words):
                self.check(appliance.run("evaluate", *words), USAGE, "", f"iris-predictor: {message}\n")

    def test_flags_go_before_the_environment(self):
        self.assertIn("cross_validation", evaluate("--folds", "3", env={"IRIS_MODEL": "/no/such"}))
        self.assertNotIn("cross_validation", evaluate("--model", self.model, env={"IRIS_FOLDS": "3", "IRIS_COST": "2"}))

    def test_files(self):
        self.check(appliance.run("evaluate", "--model", "/no/such"), IO, "", re.compile("/no/such"))
        self.check(appliance.run("evaluate", "--data", "/no/such"), IO, "", re.compile("/no/such"))
        self.check(appliance.run("evaluate", "--data", "-", stdin=b"1,2,a\n1,nan,b\n"), BAD_DATA, "",
                   re.compile("standard input:2:3: "))
        self.check(appliance.run("evaluate", "--data", "-", stdin=b"1,a\n2,b\n3,b\n"), BAD_DATA, "",
                   'iris-predictor: class "a": found 1 sample, expected at least 5, one for each fold; add samples of '
                   "this class, or take it out\n")
        with open("/dev/full", "wb") as full:
            self.check(appliance.run("evaluate", "--model", self.model, stdout=full), IO,
                       stderr="iris-predictor: cannot write to standard output: No space left on device\n")

    def test_what_does_not_converge_says_where(self):
        source = random.Random(1)
        rows = []
        for i in range(60):
            x = source.gauss(0, 1)
            rows.append(f"{x!r},{x * (1 + 1e-9 * source.gauss(0, 1))!r},{'ab'[i % 2]}")
        words = ["evaluate", "--data", "-", "--cost", "1e30", "--folds", "3"]
        done = appliance.run(*words, stdin="\n".join(rows).encode())
        self.check(done, appliance.CHECK_FAILED, "",
                   re.compile(r'^iris-predictor: cost 1e\+30, fold 1 of 3: class "b": not at the optimum: '))


if __name__ == "__main__":
    appliance.main()
