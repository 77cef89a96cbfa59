#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Model files among programs: the Python of docs/model_file.md, and LIBLINEAR's own tools, as docs/model_file.md says.

Needs Debian's python3-sklearn and liblinear-tools."""

import hashlib
import itertools
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile

import numpy
from sklearn.svm import LinearSVC

import appliance
from appliance import BAD_DATA, OK

DOCUMENT = (appliance.SOURCE / "docs/model_file.md").read_text()
FLOWERS = [row for row, _ in appliance.iris_rows()]
SPECIES = [label for _, label in appliance.iris_rows()]


def snippets(language):
    """The fenced blocks of the document in one language, to the letter."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", DOCUMENT)


class Folder(appliance.Test):
    """A folder that a test writes its files to."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="iris-models-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def path(self, name):
        return str(self.folder / name)

    def predicted(self, model, rows):
        """The names of the classes that the binary predicts."""
        table = "".join(",".join(map(repr, row)) + "\n" for row in rows)
        done = appliance.run("predict", "--model", model, "--input", "-", "--format", "csv", stdin=table.encode())
        self.check(done, OK, stderr="")
        return [line.split(" ", 1)[1] for line in done.stdout.splitlines()]

    def convert(self, model, form, name):
        self.check(appliance.run("convert", model, "--to", form, "--out", self.path(name)), OK, "")
        return self.path(name)


class ScikitLearn(Folder):
    """The very Python of the document."""

    def setUp(self):
        super().setUp()
        self.code = {}
        exec(snippets("python")[0], self.code)

    def saved(self, svc, *names):
        self.code["save_for_iris_predictor"](svc, self.path("model.json"), *names)
        return self.path("model.json")

    def inspected(self, model):
        done = appliance.run("inspect", model, "--json")
        self.check(done, OK, stderr="")
        return json.loads(done.stdout)

    def test_the_example(self):
        here = os.getcwd()
        os.chdir(self.folder)
        try:
            exec(snippets("python")[1], self.code)
        finally:
            os.chdir(here)
        svc, iris = self.code["svc"], self.code["iris"]
        model = self.inspected(self.path("model.json"))
        self.assertEqual(model["classes"], ["setosa", "versicolor", "virginica"])
        self.assertEqual(model["features"], iris.feature_names)
        self.assertEqual(model["weights"], svc.coef_.tolist())
        self.assertEqual(model["bias"], svc.intercept_.tolist())
        self.assertEqual(self.predicted(self.path("model.json"), FLOWERS),
                         iris.target_names[svc.predict(FLOWERS)].tolist())

    def test_any_linear_svc(self):
        words = numpy.array(["setosa", "versicolor", "virginica"])
        binary = [word == "virginica" for word in words[SPECIES]]
        for target, options, expected in (
                (SPECIES, {}, {"penalty": "l2", "loss": "squared_hinge", "cost": 1.0, "class_weight": None}),
                (words[SPECIES], {"C": 0.1, "class_weight": {"setosa": 2, "virginica": 0.5}},
                 {"cost": 0.1, "class_weight": {"setosa": 2.0, "virginica": 0.5}}),
                (binary, {"class_weight": "balanced", "loss": "hinge"}, {"loss": "hinge", "class_weight": "balanced"}),
                (binary, {"fit_intercept": False, "dual": False, "class_weight": {True: 3}},
                 {"fit_intercept": False, "class_weight": {"True": 3.0}}),
                (SPECIES, {"penalty": "l1", "dual": False, "intercept_scaling": 5},
                 {"penalty": "l1", "intercept_scaling": 5.0}),
                (SPECIES, {"multi_class": "crammer_singer"}, None),
                (binary, {"multi_class": "crammer_singer"}, None)):
            with self.subTest(options=options, classes=len(set(target))):
                svc = LinearSVC(max_iter=100_000, random_state=0, **options).fit(FLOWERS, target)
                path = self.saved(svc)
                stored = json.loads(pathlib.Path(path).read_text())["options"]
                self.assertEqual(stored if expected is None else {key: stored[key] for key in expected}, expected)
                model = self.inspected(path)
                self.assertEqual(model["classes"], [str(each) for each in svc.classes_])
                self.assertEqual(model["features"], ["feature_1", "feature_2", "feature_3", "feature_4"])
                self.assertEqual(model["weights"], svc.coef_.tolist())
                self.assertEqual(self.predicted(path, FLOWERS), [str(each) for each in svc.predict(FLOWERS)])

    def test_feature_names(self):
        svc = LinearSVC(dual=False).fit(FLOWERS, SPECIES)
        svc.feature_names_in_ = numpy.array(["a", "b", "c", "d"], dtype=object)  # as fitted on a pandas.DataFrame
        self.assertEqual(self.inspected(self.saved(svc))["features"], ["a", "b", "c", "d"])
        names = ["L\u00e4nge", "Breite", "\u82b1\u74e3", "\U0001F33A"]
        model = self.inspected(self.saved(svc, names, ["eins", "zwei", "drei"]))
        self.assertEqual((model["features"], model["classes"]), (names, ["eins", "zwei", "drei"]))

    def test_a_checksum_made_anew(self):
        path = pathlib.Path(self.saved(LinearSVC(dual=False).fit(FLOWERS, SPECIES)))
        text = path.read_text()
        path.write_text(text.replace('"feature_1"', '"length"'))
        self.check(appliance.run("inspect", str(path)), BAD_DATA, "", re.compile("checksum"))
        command, = [block for block in snippets("sh") if "checksum" in block]
        subprocess.run(["sh", "-ec", command], cwd=self.folder, check=True)
        self.assertEqual(self.inspected(str(path))["features"][0], "length")

    def test_a_pickle_is_not_run(self):
        path = self.folder / "model.pickle"
        trace = self.folder / "was-run"
        path.write_bytes(b"\x80\x04cos\nsystem\n(S'touch " + str(trace).encode() + b"'\ntR.")
        self.check(appliance.run("inspect", str(path)), BAD_DATA, "", re.compile("found a Python pickle.*never run"))
        self.assertFalse(trace.exists())


class Liblinear(Folder):
    """The real liblinear-train and liblinear-predict."""

    def table(self, rows, labels=None, zeros=True):
        """A table in LIBSVM's text; zeros can be left out of it."""
        path = self.path("table.libsvm")
        with open(path, "w") as file:
            for row, label in zip(rows, labels or itertools.repeat(0)):
                cells = (f" {i + 1}:{value!r}" for i, value in enumerate(row) if zeros or value != 0)
                file.write(f"{label}{''.join(cells)}\n")
        return path

    def their_labels(self, model, rows, **options):
        subprocess.run(["liblinear-predict", "-q", self.table(rows, **options), model, self.path("out.txt")],
                       stdout=subprocess.DEVNULL, check=True)
        return (self.folder / "out.txt").read_text().split()

    def trained(self, rows, labels, *options):
        path = self.path("theirs.txt")
        subprocess.run(["liblinear-train", "-q", *map(str, options), self.table(rows, labels), path],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        return path

    def integers(self, generator, shape, largest=2):
        """Small whole numbers: sums of products of them are exact, and often equal."""
        return generator.integers(-largest, largest, shape, endpoint=True).astype(float)

    def save(self, weights, bias, classes):
        """A model of ours that was never trained."""
        model = {"format": "iris-predictor-model", "version": 1, "classes": classes,
                 "features": [f"x{i}" for i in range(len(weights[0]))], "weights": weights, "bias": bias,
                 "options": None, "certificates": [], "training_data": None, "trained_by": ""}
        text = json.dumps(model, indent=2)[:-2] + ",\n  "
        text += f'"checksum": "{hashlib.sha256(text.encode()).hexdigest()}"\n}}\n'
        (self.folder / "ours.json").write_text(text)
        return self.path("ours.json")

    def test_ours_in_liblinear_predict(self):
        every = ("setosa", "versicolor", "virginica")
        for kept, options, solver in ((every, [], "L2R_L2LOSS_SVC"),
                                      (("versicolor", "virginica"), [], "L2R_L2LOSS_SVC"),
                                      (("virginica", "setosa"), ["--cost", "0.01"], "L2R_L2LOSS_SVC"),
                                      (every, ["--loss", "hinge"], "L2R_L1LOSS_SVC_DUAL"),
                                      (("virginica", "versicolor"), ["--penalty", "l1"], "L1R_L2LOSS_SVC")):
            with self.subTest(classes=kept, options=options):
                lines = (appliance.SOURCE / "assets/iris.csv").read_text().splitlines()[1:]
                lines = [line for name in kept for line in lines if line.endswith(name)]
                (self.folder / "flowers.csv").write_text("\n".join(lines) + "\n")
                ours = self.path("ours.json")
                self.check(appliance.run("train", "--data", self.path("flowers.csv"), "--out", ours, *options))
                classes = json.loads(pathlib.Path(ours).read_text())["classes"]
                self.assertEqual(sorted(classes), sorted(kept))
                theirs = self.convert(ours, "liblinear", "theirs.txt")
                self.assertIn(f"solver_type {solver}\n", pathlib.Path(theirs).read_text())
                for rows in (FLOWERS, numpy.random.default_rng(5).normal(3, 3, (500, 4)).tolist()):
                    names = [classes[int(label)] for label in self.their_labels(theirs, rows)]
                    self.assertEqual(names, self.predicted(ours, rows))

    def test_ties_of_ours(self):
        generator = numpy.random.default_rng(1936)
        ties = 0
        for classes in (2, 2, 2, 3, 3, 4, 7):
            for numbered in (True, False):
                features = 1 + int(generator.integers(4))
                columns = 1 if classes == 2 else classes
                weights = self.integers(generator, (columns, features))
                bias = self.integers(generator, columns) * generator.integers(0, 1, endpoint=True)
                labels = generator.permutation(50)[:classes] - 25 if numbered else numpy.arange(classes)
                names = [str(label) if numbered else f"class {label}" for label in labels]
                ours = self.save(weights.tolist(), bias.tolist(), names)
                rows = self.integers(generator, (300, features))
                decisions = numpy.sort(rows @ weights.T + bias, axis=1)
                ties += int((decisions[:, -1] == (0 if classes == 2 else decisions[:, -2])).sum())
                theirs = self.convert(ours, "liblinear", "theirs.txt")
                name_of = dict(zip(map(str, labels.tolist()), names))
                for zeros in (True, False):
                    found = [name_of[label] for label in self.their_labels(theirs, rows.tolist(), zeros=zeros)]
                    self.assertEqual(found, self.predicted(ours, rows.tolist()))
                # And back: the same numbers, the same bytes.
                back = self.convert(theirs, "json", "back.json")
                stored = json.loads(pathlib.Path(back).read_text())
                self.assertEqual((stored["weights"], stored["bias"]), (weights.tolist(), (bias + 0.0).tolist()))
                again = self.convert(back, "liblinear", "again.txt")
                self.assertEqual(pathlib.Path(again).read_bytes(), pathlib.Path(theirs).read_bytes())
        self.assertGreater(ties, 300)

    def test_theirs_with_every_solver(self):
        generator = numpy.random.default_rng(7)
        cloud = numpy.concatenate([generator.normal(centre, 1.5, (40, 6)) for centre in (-2, 0, 1, 3)])
        for rows, labels in ((FLOWERS, SPECIES),
                             (FLOWERS[50:], SPECIES[50:]),
                             (FLOWERS[::-1], [9 - 5 * (label == 0) for label in SPECIES[::-1]]),
                             (FLOWERS[::-1], [1 if label == 1 else -1 for label in SPECIES[::-1]]),
                             (cloud.tolist(), [-7] * 40 + [12] * 40 + [3] * 40 + [0] * 40)):
            tested = rows + generator.normal(2, 3, (200, len(rows[0]))).tolist()
            for solver, bias in itertools.product(range(8), (None, 1, 2.5, 0)):
                with self.subTest(solver=solver, bias=bias, labels=sorted(set(labels))):
                    theirs = self.trained(rows, labels, "-s", solver, *(() if bias is None else ("-B", bias)))
                    wanted = self.their_labels(theirs, tested)
                    self.assertEqual(self.predicted(theirs, tested), wanted)
                    ours = self.convert(theirs, "json", "ours.json")
                    self.assertEqual(self.predicted(ours, tested), wanted)
                    again = self.convert(ours, "liblinear", "again.txt")
                    self.assertEqual(self.their_labels(again, tested), wanted)
                    text = pathlib.Path(theirs).read_text()
                    no_bias = bias is not None and not text.splitlines()[-1].replace("0", "").strip()
                    if bias in (None, 1) and not no_bias and not (solver == 4 and len(set(labels)) == 2):
                        self.assertEqual(pathlib.Path(again).read_text(), text)

    def test_ties_of_theirs(self):
        generator = numpy.random.default_rng(42)
        for solver, classes, bias in itertools.product(("L2R_LR", "L2R_L2LOSS_SVC", "MCSVM_CS"), (2, 3, 5), (-1, 0, 2)):
            with self.subTest(solver=solver, classes=classes, bias=bias):
                columns = 1 if classes == 2 and solver != "MCSVM_CS" else classes
                labels = (generator.permutation(20)[:classes] - 10).tolist()
                weights = self.integers(generator, (3 + (bias >= 0), columns))
                path = self.folder / "theirs.txt"
                path.write_text(f"solver_type {solver}\nnr_class {classes}\nlabel {' '.join(map(str, labels))}\n"
                                f"nr_feature 3\nbias {bias}\nw\n" +
                                "".join(" ".join(f"{value:.17g}" for value in row) + " \n" for row in weights))
                rows = self.integers(generator, (300, 3)).tolist()
                self.assertEqual(self.predicted(str(path), rows), self.their_labels(str(path), rows))

    def test_what_is_no_classifier(self):
        for solver in (11, 12, 13):
            theirs = self.trained(FLOWERS, SPECIES, "-s", solver)
            for words in (["inspect", theirs], ["convert", theirs, "--to", "json", "--out", self.path("ours.json")]):
                self.check(appliance.run(*words), BAD_DATA, "",
                           re.compile(r"theirs\.txt:1: LIBLINEAR model: found the solver type \"L2R_L.*, which is no"))
        self.assertFalse((self.folder / "ours.json").exists())

    def test_what_was_cut_short(self):
        theirs = pathlib.Path(self.trained(FLOWERS, SPECIES, "-s", 2, "-B", 1))
        content = theirs.read_bytes()
        lengths = random.Random(3).sample(range(len(content)), 60) + [len(content) - 1]
        for length in lengths:
            theirs.write_bytes(content[:length])
            self.check(appliance.run("inspect", str(theirs)), BAD_DATA, "", re.compile(r"theirs\.txt"))


if __name__ == "__main__":
    appliance.main()
