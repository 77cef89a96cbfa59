#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""train's tables: all the ways that people write them, and every failure, each with its place."""

import re
import resource

import appliance
import training
from appliance import BAD_DATA, IO


def limited(*arguments, **options):
    """Runs a command in a gigabyte of address space."""
    room = 1 << 30
    return appliance.run(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room)), **options)


class Tables(training.Folder):
    """The same table, written in all the ways that people write it, gives the same model."""

    ROWS = [("1.5", "-2", "small"), ("2", "1e1", "big"), ("-.25", "0.125", "small"), ("3", "7", "big"),
            ("0", "2", "big")]

    def write(self, rows, delimiter=",", end="\n", header=None, start=""):
        lines = [delimiter.join(row) for row in ([header] if header else []) + list(rows)]
        return (start + end.join(lines) + end).encode()

    def test_csv(self):
        expected = training.train(data=self.write(self.ROWS))
        self.assertEqual(expected["classes"], ["small", "big"])
        label_first = [(row[2], row[0], row[1]) for row in self.ROWS]
        label_second = [(row[0], row[2], row[1]) for row in self.ROWS]
        quoted = [tuple(f'"{field}"' for field in row) for row in self.ROWS]
        for name, words, data in (
                ("CR LF", [], self.write(self.ROWS, end="\r\n")), ("semicolons", [], self.write(self.ROWS, ";")),
                ("tabs", [], self.write(self.ROWS, "\t")), ("bars", ["--delimiter", "|"], self.write(self.ROWS, "|")),
                ("quotes", [], self.write(quoted)), ("BOM", [], self.write(self.ROWS, start="\ufeff")),
                ("header", [], self.write(self.ROWS, header=("x", "y", "kind"))),
                ("header of numbers", ["--header", "yes"], self.write(self.ROWS, header=("1", "2", "3"))),
                ("first column", ["--label", "1"], self.write(label_first)),
                ("second column", ["--label", "2"], self.write(label_second)),
                ("last but one", ["--label", "-2"], self.write(label_second)),
                ("by name", ["--label", "kind"], self.write(label_second, header=("x", "kind", "y")))):
            with self.subTest(name=name):
                model = training.train(*words, data=data)
                self.assertEqual([model[key] for key in ("classes", "weights", "bias")],
                                 [expected[key] for key in ("classes", "weights", "bias")])
        self.assertEqual(training.train(data=self.write(self.ROWS, header=("x", "y", "kind")))["features"], ["x", "y"])

    def test_libsvm(self):
        labels = {"small": "+1", "big": "-1"}
        lines = [f"{labels[kind]} 1:{x} 2:{y} # a comment" for x, y, kind in self.ROWS]
        model = training.train(data="\n".join(lines).encode())
        expected = training.train(data=self.write(self.ROWS))
        self.assertEqual(model["classes"], ["1", "-1"])
        for ours, wanted in zip([*model["weights"][0], *model["bias"]], [*expected["weights"][0], *expected["bias"]]):
            self.assertAlmostEqual(ours, wanted, delta=1e-12)
        self.assertEqual(training.train("--format", "libsvm", data=b"1 3:1\n2 1:1\n")["features"],
                         ["feature_1", "feature_2", "feature_3"])

    def test_many_classes_and_numbers_for_labels(self):
        lines = [f"{k},{(k * 7919) % 1000},{k}" for k in range(120)]
        model = training.train("--cost", "0.001", data="\n".join(lines).encode())
        self.assertEqual(model["classes"], [str(k) for k in range(120)])
        self.assertEqual(len(model["certificates"]), 120)

    def test_every_failure_says_where(self):
        long = b"9" * 1_000_000
        for name, data, words, place, message in (
                ("empty", b"", [], "1:1", "found no rows"),
                ("blank lines", b"\n\n\n", [], "", "found no rows"),
                ("a header and no rows", b"a,b,c\n", [], "2:1", "found no rows"),
                ("one class", b"1,2,a\n2,3,a\n", [], "1:1", 'found one class only ("a")'),
                ("a missing value", b"1,2,a\n1,,b\n", [], "2:3", "found an empty field"),
                ("a missing label", b"1,2,a\n1,3,\n", [], "2:5", "found an empty field"),
                ("NaN", b"1,2,a\n1,nan,b\n", [], "2:3", 'found "nan"'),
                ("infinity", b"1,2,a\n-inf,2,b\n", [], "2:1", 'found "-inf"'),
                ("out of range", b"1,2,a\n1,1e999,b\n", [], "2:3", 'found "1e999" (out of range)'),
                ("text", b"1,2,a\n1,two,b\n", [], "2:3", 'found "two"'),
                ("a decimal comma", b"1.5,2,a\n1,5,2,b\n", [], "2:1", "found 4 columns, expected 3"),
                ("a short row", b"1,2,a\n1,b\n", [], "2:1", "found 2 columns, expected 3"),
                ("an open quote", b'1,2,a\n"1,2,b\n', [], "2:1", "found a quote that is never closed"),
                ("text after a quote", b'1,"2"x,a\n', [], "1:6", 'found "x" after a closing quote'),
                ("UTF-16", "1,2,a\n".encode("utf-16"), [], "1:1", "found UTF-16 text"),
                ("not UTF-8", b"1,2,\xff\xfe\n1,3,b\n", [], "1:5", r'found "\xff\xfe"'),
                ("the same feature twice", b"x,x,y\n1,2,a\n", [], "1:3", 'found the feature "x" twice'),
                ("a long line of digits", b"1,2,a\n1," + long + b",b\n", [], "2:3", "out of range"),
                ("a long line of text", b"1,2,a\n1,x" + long + b",b\n", [], "2:3", 'found "x9999'),
                ("a long line of columns", b"1,2,a\n" + b"1," * 500_000 + b"b\n", [], "2:1", "found 500001 columns"),
                ("no such label", b"x,y,z\n1,2,a\n3,4,b\n", ["--label", "species"], "1:1", "species"),
                ("no such column", b"1,2,a\n3,4,b\n", ["--label", "4"], "1:1", "3 columns"),
                ("LIBSVM: index 0", b"1 1:1\n2 0:2\n", [], "2:3", "found index 0"),
                ("LIBSVM: descending", b"1 1:1\n2 2:1 1:1\n", [], "2:7", "found index 1 after 2"),
                ("LIBSVM: no value", b"1 1:1\n2 1\n", [], "2:3", 'found "1", expected index:value'),
                ("LIBSVM: a bad value", b"1 1:1\n2 1:x\n", [], "2:5", 'found "x"'),
                ("LIBSVM: NaN", b"1 1:1\n2 1:nan\n", [], "2:5", 'found "nan"'),
                ("LIBSVM: out of range", b"1 1:1\n2 1:1e999\n", [], "2:5", 'found "1e999" (out of range)'),
                ("LIBSVM: a huge index", b"1 1:1\n2 4000000000:1\n", [], "2:3", "index above"),
                ("LIBSVM: a bad label", b"1 1:1\nx 1:1\n", [], "2:1", 'found "x"'),
                ("LIBSVM: one class", b"1 1:1\n1 1:2\n", [], "1:1", 'found one class only ("1")'),
                ("LIBSVM: a long line", b"1 1:1\n2 1:" + long + b"\n", [], "2:5", "out of range")):
            with self.subTest(name=name):
                path = self.folder / "table.txt"
                path.write_bytes(data)
                for argument, origin, options in ((str(path), str(path), {}), ("-", "standard input", {"stdin": data})):
                    done = appliance.run("train", "--data", argument, *words, **options)
                    self.check(done, BAD_DATA, "")
                    self.assertTrue(done.stderr.startswith(f"iris-predictor: {origin}:{place}"), done.stderr)
                    self.assertIn(message, done.stderr)
                    self.assertEqual(done.stderr.count("\n"), 1)
                    self.assertLess(len(done.stderr), 600)

    def test_what_never_ends_is_refused(self):
        model = self.folder / "model.json"
        self.check(appliance.run("train", "--out", str(model)))
        for device in ("/dev/zero", "/dev/full"):
            for words in (["train", "--data"], ["evaluate", "--data"], ["evaluate", "--model", str(model), "--data"],
                          ["predict", "--model", str(model), "--input"]):
                self.check(limited(*words, device), BAD_DATA, "", re.compile(f"{device}:1:1: found a NUL byte"))
        open_quote = b'1,2,a\n"' + b"and on\n" * 10_000_000
        self.check(limited("train", "--data", "-", stdin=open_quote), BAD_DATA, "",
                   re.compile("standard input:2:1: found a line, or a field in quotes, of 64 MiB or more"))

    def test_memory_that_runs_out_is_said(self):
        done = limited("train", "--data", "-", stdin=b"1 16777216:1\n2 1:1\n")
        self.check(done, IO, "", "iris-predictor: out of memory; give the process more, or smaller input\n")

    def test_files_that_cannot_be_read(self):
        self.check(appliance.run("train", "--data", "/no/such.csv"), IO, "", re.compile("/no/such.csv: No such file"))
        done = appliance.run("train", "--data", str(self.folder))
        self.check(done, BAD_DATA, "", f"iris-predictor: {self.folder} is a directory, expected a file\n")


if __name__ == "__main__":
    appliance.main()
