#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""convert: a model from one format to the other and back."""

import json
import pathlib
import re

import appliance
import training
from appliance import BAD_DATA, IO, OK


class Convert(training.Folder):
    def setUp(self):
        super().setUp()
        self.model = str(self.folder / "iris.json")
        self.check(appliance.run("train", "--out", self.model))

    def test_there_and_back(self):
        text = self.folder / "iris.txt"
        done = appliance.run("convert", self.model, "--to", "liblinear", "--out", str(text))
        self.check(done, OK, "", "iris-predictor: LIBLINEAR's classes are whole numbers: 0 setosa, 1 versicolor, 2 "
                                 "virginica\n"
                                 "iris-predictor: LIBLINEAR's text has no place for the names of the features, the "
                                 "options, the certificates, where it comes from; keep the JSON for them\n")
        self.check(appliance.run("convert", self.model, "--to", "liblinear"), OK, text.read_text())
        back = self.folder / "back.json"
        self.check(appliance.run("convert", str(text), "--to", "json", "--out", str(back)), OK, "", "")
        original, returned = (json.loads(appliance.run("inspect", str(path), "--json").stdout)
                              for path in (self.model, back))
        self.assertEqual(returned["weights"], original["weights"])
        self.assertEqual(returned["bias"], original["bias"])
        self.assertEqual(returned["classes"], ["0", "1", "2"])
        self.assertEqual((returned["cost"], returned["loss"]), (None, None))
        csv = str(appliance.SOURCE / "assets/iris.csv")
        outputs = [appliance.run("predict", "--model", path, "--input", csv).stdout
                   for path in (self.model, str(text), str(back))]
        labels = [[line.split()[0] for line in output.splitlines()] for output in outputs]
        self.assertEqual(len(labels[0]), 150)
        self.assertEqual(labels[1], labels[0])
        self.assertEqual(labels[2], labels[0])

    def test_json_to_json_changes_nothing(self):
        done = appliance.run("convert", self.model, "--to", "json")
        self.check(done, OK, pathlib.Path(self.model).read_text(), "")

    def test_failures(self):
        self.check(appliance.run("convert", "/no/such", "--to", "json"), IO, "", re.compile("/no/such"))
        self.check(appliance.run("convert", self.model, "--to", "json", "--out", "/no/such/x"), IO, "",
                   re.compile("/no/such/x"))
        broken = self.folder / "broken"
        broken.write_text("neither of both")
        self.check(appliance.run("convert", str(broken), "--to", "json"), BAD_DATA, "", re.compile("broken"))
        with open("/dev/full", "wb") as full:
            self.check(appliance.run("convert", self.model, "--to", "liblinear", stdout=full), IO,
                       stderr="iris-predictor: cannot write to standard output: No space left on device\n")
        self.check(appliance.run("convert", self.model, "--to", "json", "--out", "/dev/full"), IO, "",
                   re.compile("cannot write /dev/full: No space left on device"))


if __name__ == "__main__":
    appliance.main()
