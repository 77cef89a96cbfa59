#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""train: its options, every failure of the data, the choice of a cost, interruption, progress; convert; the documented
example. That the optimum is reached: test_models.py, test_parity.py."""

import contextlib
import json
import os
import pathlib
import pty
import random
import re
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import appliance
import calls
import faults
from appliance import BAD_DATA, CHECK_FAILED, CONFIGURATION, IO, OK, USAGE
from test_crash_safety import can_trace

ERASE = b"\r\x1b[K"


def table(samples, features, classes, seed, spread=1.0, delimiter=","):
    """An overlapping table as CSV, the label last; every class is there."""
    source = random.Random(seed)
    lines = []
    for i in range(samples):
        label = i % classes
        values = [repr(source.gauss(label * spread if k % classes == label else 0, 1)) for k in range(features)]
        lines.append(delimiter.join([*values, f"class {label}"]))
    return "\n".join(lines).encode()


def endless():
    """Arguments and input of a training that takes minutes: 1000 folds for each of 100 costs."""
    costs = ",".join(repr(1 + k / 1000) for k in range(100))
    return ["train", "--data", "-", "--folds", "1000", "--cost", costs], table(3000, 20, 2, 1)


def train(*arguments, data, **options):
    """What `train --json` prints."""
    done = appliance.run("train", "--data", "-", "--json", *arguments, stdin=data, **options)
    if done.returncode != OK:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def limited(*arguments, **options):
    """Runs a command in a gigabyte of address space."""
    room = 1 << 30
    return appliance.run(*arguments, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (room, room)), **options)


class Folder(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class Options(Folder):
    DATA = table(91, 3, 3, 5)  # one class has a sample more

    def test_each_changes_the_model_and_is_recorded(self):
        plain = train(data=self.DATA)
        for words, key, value in ((["--cost", "0.125"], "cost", 0.125), (["--loss", "hinge"], "loss", "hinge"),
                                  (["--penalty", "l1"], "penalty", "l1"),
                                  (["--class-weight", "balanced"], "class_weight", "balanced"),
                                  (["--class-weight", "class 0=2,class 2=0.5"], "class_weight",
                                   {"class 0": 2.0, "class 2": 0.5}),
                                  (["--no-intercept"], "fit_intercept", False),
                                  (["--intercept-scaling", "50"], "intercept_scaling", 50.0)):
            with self.subTest(words=words):
                model = train(*words, data=self.DATA)
                self.assertEqual(model[key], value)
                self.assertNotEqual(model["weights"], plain["weights"])
        self.assertEqual(train("--no-intercept", data=self.DATA)["bias"], [0.0, 0.0, 0.0])

    def test_balanced_is_what_it_is_said_to_be(self):
        data = table(60, 3, 2, 6) + b"\n" + b"\n".join([b"0.5,0.25,0.125,class 0"] * 40)
        weights = f"class 0={100 / (2 * 70)!r},class 1={100 / (2 * 30)!r}"
        balanced, by_hand = train("--class-weight", "balanced", data=data), train("--class-weight", weights, data=data)
        self.assertEqual(balanced["weights"], by_hand["weights"])

    def test_the_intercept_can_be_freed_of_its_penalty(self):
        data = b"\n".join(b"%d,%s" % (1000 + x, b"low" if x < 0 else b"high") for x in range(-20, 21))
        self.assertLess(train(data=data)["accuracy"], 1.0)
        self.assertEqual(train("--intercept-scaling", "1e6", "--cost", "10", data=data)["accuracy"], 1.0)

    def test_threads_change_no_byte(self):
        data = table(3000, 30, 5, 7)
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
        words, data = endless()
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


class Tables(Folder):
    """The same table, written in all the ways that people write it, gives the same model."""

    ROWS = [("1.5", "-2", "small"), ("2", "1e1", "big"), ("-.25", "0.125", "small"), ("3", "7", "big"),
            ("0", "2", "big")]

    def write(self, rows, delimiter=",", end="\n", header=None, start=""):
        lines = [delimiter.join(row) for row in ([header] if header else []) + list(rows)]
        return (start + end.join(lines) + end).encode()

    def test_csv(self):
        expected = train(data=self.write(self.ROWS))
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
                model = train(*words, data=data)
                self.assertEqual([model[key] for key in ("classes", "weights", "bias")],
                                 [expected[key] for key in ("classes", "weights", "bias")])
        self.assertEqual(train(data=self.write(self.ROWS, header=("x", "y", "kind")))["features"], ["x", "y"])

    def test_libsvm(self):
        labels = {"small": "+1", "big": "-1"}
        lines = [f"{labels[kind]} 1:{x} 2:{y} # a comment" for x, y, kind in self.ROWS]
        model = train(data="\n".join(lines).encode())
        expected = train(data=self.write(self.ROWS))
        self.assertEqual(model["classes"], ["1", "-1"])
        for ours, wanted in zip([*model["weights"][0], *model["bias"]], [*expected["weights"][0], *expected["bias"]]):
            self.assertAlmostEqual(ours, wanted, delta=1e-12)
        self.assertEqual(train("--format", "libsvm", data=b"1 3:1\n2 1:1\n")["features"],
                         ["feature_1", "feature_2", "feature_3"])

    def test_many_classes_and_numbers_for_labels(self):
        lines = [f"{k},{(k * 7919) % 1000},{k}" for k in range(120)]
        model = train("--cost", "0.001", data="\n".join(lines).encode())
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


class CostSelection(Folder):
    DATA = table(120, 4, 3, 11)
    WORDS = ("--cost", "10,0.001,0.1,1", "--folds", "5", "--seed", "42")

    def test_the_best_cost_is_chosen_and_trained_with(self):
        model = train(*self.WORDS, data=self.DATA)
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
        self.assertEqual(train("--cost", repr(wanted), data=self.DATA)["weights"], model["weights"])

    def test_text(self):
        done = appliance.run("train", "--data", "-", *self.WORDS, stdin=self.DATA)
        self.check(done, OK, re.compile(r"^5 folds, seed 42\ncost   mean accuracy  standard deviation\n0\.001 +\d"), "")
        self.assertEqual(done.stdout.count("  chosen\n"), 1)
        self.assertRegex(done.stdout, r"(?m)^\d+ of 120 training samples right")

    def test_of_equals_the_smallest(self):
        data = b"".join(b"%d,%s\n" % (x, b"low" if x < 0 else b"high") for x in range(-50, 50) if abs(x) > 10)
        self.assertEqual(train("--cost", "1000,100,10", "--folds", "4", data=data)["cost"], 10.0)

    def test_a_class_too_small_for_the_folds(self):
        data = self.DATA + b"\n1,1,1,1,rare\n2,2,2,2,rare"
        done = appliance.run("train", "--data", "-", *self.WORDS, stdin=data)
        self.check(done, BAD_DATA, "", 'iris-predictor: class "rare": found 2 samples, expected at least 5, one for '
                                       "each fold; take at most 2 folds, or add samples\n")


class Interruption(Folder):
    def start(self, *extra, command=(), **popen):
        words, data = endless()
        (self.folder / "data").mkdir()
        (self.folder / "out").mkdir()
        (self.folder / "data" / "table.csv").write_bytes(data)
        words[2] = str(self.folder / "data" / "table.csv")
        popen.setdefault("stderr", subprocess.PIPE)
        process = subprocess.Popen(
            [*command, appliance.BINARY, *words, "--out", str(self.folder / "out" / "model.json"), *extra],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=appliance.environment(), **popen)
        self.addCleanup(process.stdout.close)
        if process.stderr is not None:
            self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def end_group(self, group):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)

    def test_control_c_ends_it_at_once_and_leaves_nothing(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(number=number):
                process = self.start()
                time.sleep(1)
                self.assertIsNone(process.poll())
                sent = time.monotonic()
                process.send_signal(number)
                # A shell shows this as 128 + the signal: 130 for Ctrl-C.
                self.assertEqual(process.wait(10), -number)
                self.assertLess(time.monotonic() - sent, 1)
                self.assertEqual(process.stdout.read() + process.stderr.read(), b"")
                self.assertEqual(os.listdir(self.folder / "out"), [])
            shutil.rmtree(self.folder)
            self.folder.mkdir()

    def test_a_shell_sees_130(self):
        # Ctrl-C goes to the whole group; the shell takes it and waits for what it has started.
        process = self.start(command=["sh", "-c", 'trap : INT; "$@"; echo $?', "sh"], start_new_session=True)
        self.addCleanup(self.end_group, process.pid)

        def at_work():
            children = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            return [os.readlink(f"/proc/{child}/exe") for child in children] == [appliance.BINARY]

        self.assertTrue(faults.until(at_work))
        time.sleep(1)
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.wait(10), 0)
        self.assertEqual(process.stdout.read(), b"130\n")

    @unittest.skipUnless(os.geteuid() == 0, "needs root to make a PID namespace")
    def test_as_process_1_of_a_container(self):
        process = self.start(command=["unshare", "--pid", "--fork", "--kill-child"])
        time.sleep(1)
        [child] = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGINT)
        self.assertEqual(process.wait(10), 128 + signal.SIGINT)  # no signal kills process 1, so it exits by itself
        self.assertEqual(os.listdir(self.folder / "out"), [])

    def test_what_is_ignored_stays_ignored(self):
        process = self.start(command=["nohup"])
        time.sleep(0.5)
        process.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        self.assertIsNone(process.poll())

    @unittest.skipUnless(can_trace(), "needs strace and the right to trace")
    def test_a_file_that_is_being_put_in_place_is_finished(self):
        out = self.folder / "model.json"
        process = subprocess.Popen(
            ["strace", "-f", "-o", str(self.folder / "trace"), "-einject=fsync:delay_enter=1500000:when=1",
             appliance.BINARY, "train", "--out", str(out)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=appliance.environment())
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        staged = self.folder / ".model.json.tmp"
        end = time.monotonic() + appliance.DEADLINE
        while not staged.exists() and time.monotonic() < end:
            time.sleep(0.01)
        time.sleep(0.2)
        self.assertTrue(staged.exists())
        [child] = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGINT)
        process.wait(appliance.DEADLINE)
        self.check(appliance.run("inspect", str(out)))
        self.assertFalse(staged.exists())


class Progress(Interruption):
    """On a terminal, and only there. (Inherits how to start; its tests are those below.)"""

    test_control_c_ends_it_at_once_and_leaves_nothing = test_a_shell_sees_130 = None
    test_as_process_1_of_a_container = test_what_is_ignored_stays_ignored = None
    test_a_file_that_is_being_put_in_place_is_finished = None

    def terminal(self):
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        return master, slave

    def read(self, master, seconds):
        """What the terminal shows within that time."""
        shown, end = b"", time.monotonic() + seconds
        while select.select([master], [], [], max(0, end - time.monotonic()))[0]:
            try:
                shown += os.read(master, 65536)
            except OSError:  # the other end has been closed
                break
        return shown

    def test_one_line_that_control_c_erases(self):
        master, slave = self.terminal()
        process = self.start(stderr=slave)
        os.close(slave)
        shown = self.read(master, 2.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), -signal.SIGINT)
        shown += self.read(master, 0.5)
        self.assertRegex(shown, rb"\r\x1b\[Ktraining: cost 1(\.\d+)?, fold \d+ of 1000: class 1 against class 0")
        self.assertTrue(shown.endswith(ERASE), shown[-200:])
        self.assertNotIn(b"\n", shown)
        for line in shown.split(ERASE):
            self.assertLess(len(line), 80)
        self.assertGreater(shown.count(ERASE), 3)
        self.assertLess(shown.count(ERASE), 45)  # ten a second at most

    def test_it_is_erased_at_the_end_and_before_messages(self):
        data = table(4000, 20, 2, 3)
        for name, words, code in (("train", ["train", "--folds", "300", "--cost", "1,2,3"], OK),
                                  ("evaluate", ["evaluate", "--folds", "1000"], OK),
                                  ("failure", ["train", "--folds", "400", "--out", "/dev/full"], IO)):
            with self.subTest(name=name):
                path = self.folder / "table.csv"
                path.write_bytes(data)
                master, slave = self.terminal()
                with subprocess.Popen([appliance.BINARY, *words, "--data", str(path)], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=slave, env=appliance.environment()) as process:
                    os.close(slave)
                    # Read all along: a terminal whose buffer is full holds up who writes to it.
                    try:
                        shown = self.read(master, 6 * appliance.DEADLINE)
                        printed = process.communicate(timeout=appliance.DEADLINE)[0]
                    finally:
                        process.kill()
                self.assertEqual(process.returncode, code)
                self.assertIn(b"training: ", shown)
                if code == OK:
                    self.assertTrue(shown.endswith(ERASE), shown[-200:])
                else:
                    self.assertRegex(shown, rb"\r\x1b\[Kiris-predictor: cannot write /dev/full: [^\n]*\n$")
                self.assertNotIn(b"\x1b", printed)

    def test_nothing_for_quick_work_or_without_a_terminal(self):
        master, slave = self.terminal()
        subprocess.run([appliance.BINARY, "train"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=slave,
                       env=appliance.environment(), timeout=appliance.DEADLINE, check=True)
        os.close(slave)
        self.assertEqual(self.read(master, 0.2), b"")
        process = self.start()
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(10), -signal.SIGINT)
        self.assertEqual(process.stderr.read(), b"")


class Convert(Folder):
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


class WorkedExample(Folder):
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
