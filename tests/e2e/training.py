# SPDX-License-Identifier: Apache-2.0
"""Tables to train from, and ways to."""

import json
import pathlib
import random
import tempfile

import appliance


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
    if done.returncode != appliance.OK:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


class Folder(appliance.Test):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
