#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""train beside scikit-learn's LinearSVC on generated problems: the objective is never worse, and the labels are the
same wherever scikit-learn's own objective leaves no doubt about them. Prints the table.

The objectives are computed here, from the weights alone, in numpy's long double. How far scikit-learn's objective is
above ours bounds how far its decisions can be from the optimum's; with x~ the sample and its constant, and P the
objectives,
  L2 penalty: P is strongly convex with modulus 1, so |f(x) - f*(x)| <= |x~| sqrt(2 (P - P*));
  squared hinge: the sum of C_i (max(0, r_i) - max(0, r*_i))^2 is at most P - P*, r being 1 - s f(x).
So a decision of ours that is further from 0 than that bound must have the same sign there. Were ours not the optimum,
this would fail.
"""

import json
import warnings

import numpy
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

import appliance

COSTS = [1e-4, 1e-2, 1.0, 1e2, 1e4, 1e6]
SOLVERS = [("squared_hinge", "l2"), ("hinge", "l2"), ("squared_hinge", "l1")]
EFFORTS = ["default", "tight"]  # scikit-learn as it comes, and as near to the optimum as it gets in a second
ROUNDING = 1e-12  # relative, of an objective computed from rounded weights
# How far above the optimum ours may be, relatively: what the trainer certifies at least.
OPTIMUM = {("squared_hinge", "l2"): 1e-10, ("hinge", "l2"): 1e-8, ("squared_hinge", "l1"): 1e-8}


def blobs(random, samples, features, classes, spread):
    """(table, labels 0..classes-1, of which each is there and 0, 1, 2 appear first in this order)."""
    labels = numpy.concatenate([numpy.arange(classes), random.integers(0, classes, samples - classes)])
    centres = random.normal(size=(classes, features)) * 2
    return centres[labels] + spread * random.normal(size=(samples, features)), labels


def separable(random, classes):
    return blobs(random, 60, 4, classes, 0.05)


def overlapping(random, classes):
    return blobs(random, 80, 5, classes, 3.0)


def imbalanced(random, classes):
    table, labels = blobs(random, 120, 3, classes, 1.5)
    labels[classes:][random.random(120 - classes) < 0.85] = 0
    return table, labels


def duplicated(random, classes):
    table, labels = blobs(random, 30, 4, classes, 2.0)
    again = numpy.concatenate([numpy.arange(30), random.integers(0, 30, 60)])
    return table[again], labels[again]


def constant(random, classes):
    table, labels = blobs(random, 60, 5, classes, 2.0)
    table[:, 1] = 3.0
    table[:, 3] = 0.0
    return table, labels


def collinear(random, classes):
    table, labels = blobs(random, 60, 3, classes, 2.0)
    return numpy.column_stack([table, 2 * table[:, 0], table[:, 1] - table[:, 2]]), labels


def wide(random, classes):
    return blobs(random, 20, 40, classes, 3.0)


def badly_scaled(random, classes):
    table, labels = blobs(random, 60, 4, classes, 2.0)
    return table * numpy.array([1e-3, 1.0, 30.0, 1e3]), labels


FAMILIES = [separable, overlapping, imbalanced, duplicated, constant, collinear, wide, badly_scaled]


def problems():
    """Every family with every solver at every other cost, the rest of the options in turn: 72 problems."""
    number = 0
    for family in FAMILIES:
        for solver in SOLVERS:
            for cost in COSTS[number % 2::2]:
                classes = [2, 3, 5][(number + number // 3 + number // 9) % 3]
                table, labels = family(numpy.random.default_rng(number), classes)
                yield {"name": family.__name__, "table": table, "labels": labels, "classes": classes, "cost": cost,
                       "loss": solver[0], "penalty": solver[1],
                       "class_weight": [None, None, "balanced", {0: 0.5, 1: 3.0}][number % 4],
                       "scaling": [1.0, 1.0, 20.0, 0.0][(number // 3) % 4]}  # 0: no intercept
                number += 1


def ours(problem):
    """(weights, intercepts), a row each."""
    lines = [",".join([*(repr(float(value)) for value in row), f"c{label}"])
             for row, label in zip(problem["table"], problem["labels"])]
    words = ["train", "--data", "-", "--json", "--cost", repr(problem["cost"]), "--loss", problem["loss"], "--penalty",
             problem["penalty"]]
    if problem["class_weight"] == "balanced":
        words += ["--class-weight", "balanced"]
    elif problem["class_weight"]:
        words += ["--class-weight", ",".join(f"c{label}={w}" for label, w in problem["class_weight"].items())]
    words += ["--intercept-scaling", repr(problem["scaling"])] if problem["scaling"] else ["--no-intercept"]
    done = appliance.run(*words, stdin="\n".join(lines).encode())
    if done.returncode != appliance.OK:
        raise AssertionError(f"exit {done.returncode}: {done.stderr}")
    model = json.loads(done.stdout)
    assert model["classes"] == [f"c{label}" for label in range(problem["classes"])]
    return numpy.array(model["weights"]), numpy.array(model["bias"])


def theirs(problem, effort):
    """The same of scikit-learn."""
    tight = effort == "tight"
    # For the squared hinge its Newton method in the primal gets closer; for the hinge there is only the other.
    dual = problem["penalty"] == "l2" and (problem["loss"] == "hinge" or not tight)
    model = LinearSVC(C=problem["cost"], loss=problem["loss"], penalty=problem["penalty"], dual=dual,
                      class_weight=problem["class_weight"], fit_intercept=problem["scaling"] > 0,
                      intercept_scaling=problem["scaling"] or 1.0, random_state=0, tol=1e-9 if tight else 1e-4,
                      max_iter=20000 if tight else 1000)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(problem["table"], problem["labels"])
    return model.coef_, numpy.broadcast_to(model.intercept_, model.coef_.shape[:1])


class Row:
    """One class against the rest, as both trainers are documented to see it."""

    def __init__(self, problem, row):
        positive = 1 if problem["classes"] == 2 else row
        labels, self.scaling = problem["labels"], problem["scaling"]
        self.loss, self.penalty = problem["loss"], problem["penalty"]
        self.table = problem["table"].astype(numpy.longdouble)
        self.signs = numpy.where(labels == positive, 1.0, -1.0)
        counts = numpy.bincount(labels, minlength=problem["classes"])
        weights = numpy.ones(problem["classes"])
        if problem["class_weight"] == "balanced":
            weights = len(labels) / (problem["classes"] * counts)
        elif problem["class_weight"]:
            for label, weight in problem["class_weight"].items():
                weights[label] = weight
        rest = weights[0] if problem["classes"] == 2 else 1.0  # the rest of several classes keeps C
        self.costs = problem["cost"] * numpy.where(self.signs > 0, weights[positive], rest)

    def decisions(self, weights, intercept):
        return self.table @ weights.astype(numpy.longdouble) + numpy.longdouble(intercept)

    def objective(self, weights, intercept):
        hinge = numpy.maximum(0, 1 - self.signs * self.decisions(weights, intercept))
        extra = numpy.longdouble(intercept) / self.scaling if self.scaling else numpy.longdouble(0)
        whole = numpy.append(weights.astype(numpy.longdouble), extra)
        size = numpy.abs(whole).sum() if self.penalty == "l1" else (whole * whole).sum() / 2
        return size + (self.costs * (hinge if self.loss == "hinge" else hinge * hinge)).sum()

    def doubt(self, excess):
        """How far, at each sample, the decision of whoever is that far above the optimum can be from the optimum's."""
        if self.penalty == "l1":
            return numpy.full(len(self.signs), numpy.inf)
        return numpy.sqrt(2 * excess * ((self.table * self.table).sum(axis=1) + self.scaling * self.scaling))

    def clear(self, decisions, excess):
        """Which of our decisions must have the same sign there."""
        clear = numpy.abs(decisions) > self.doubt(excess)
        if self.loss == "squared_hinge":
            hinge = numpy.maximum(0, 1 - self.signs * decisions)  # 1 where the decision is 0
            clear |= numpy.abs(hinge - 1) > numpy.sqrt(excess / self.costs)
        return clear


def labels(decisions):
    """Decisions, a row each, to labels."""
    return (decisions[0] > 0).astype(int) if len(decisions) == 1 else numpy.argmax(decisions, axis=0)


def clear_labels(decisions, rows, left):
    """Which labels must be the same there, each row being that far above its optimum."""
    if len(rows) == 1:
        return rows[0].clear(decisions[0], left[0])
    doubts = numpy.array([row.doubt(excess) for row, excess in zip(rows, left)])
    samples = numpy.arange(decisions.shape[1])
    best = numpy.argmax(decisions, axis=0)
    rivals = decisions + doubts
    rivals[best, samples] = -numpy.inf
    with numpy.errstate(invalid="ignore"):
        return decisions[best, samples] - doubts[best, samples] > rivals.max(axis=0)


class Parity(appliance.Test):
    def test_the_objective_is_never_worse_and_the_labels_are_the_same(self):
        table = list(problems())
        self.assertGreaterEqual(len(table), 60)
        print(f"\n{'problem':13} {'size':>6} {'classes':>7} {'cost':>6} {'loss':>13} {'penalty':>7} {'weights':>8} "
              f"{'intercept':>9} {'default +':>9} {'tight +':>9} {'labels equal':>12} {'clear':>5}")
        largest = dict.fromkeys(EFFORTS, 0.0)
        for number, problem in enumerate(table):
            with self.subTest(number=number, name=problem["name"], cost=problem["cost"], loss=problem["loss"],
                              penalty=problem["penalty"]):
                excesses, same, clear = self.compare(problem)
                print(line(problem, excesses, same, clear), flush=True)
                largest = {effort: max(largest[effort], excesses[effort]) for effort in EFFORTS}
        print(f"{len(table)} problems. default +, tight +: by how much of ours scikit-learn's objective is larger "
              f"(the row where it is most), at most {largest['default']:.1e} and {largest['tight']:.1e}; labels equal, "
              "clear: with the tight one, and how many had to be")

    def compare(self, problem):
        """({effort: largest relative excess of their objective}, labels that are equal, labels that must be)."""
        weights, intercepts = ours(problem)
        rows = [Row(problem, r) for r in range(len(weights))]
        mine = numpy.array([row.objective(w, b) for row, w, b in zip(rows, weights, intercepts)])
        my_decisions = numpy.array([row.decisions(w, b) for row, w, b in zip(rows, weights, intercepts)])
        excesses = {}
        for effort in EFFORTS:
            their_weights, their_intercepts = theirs(problem, effort)
            self.assertEqual(weights.shape, their_weights.shape)
            theirs_too = list(zip(rows, their_weights, their_intercepts))
            other = numpy.array([row.objective(w, b) for row, w, b in theirs_too])
            for r in range(len(rows)):
                self.assertLessEqual(mine[r], other[r] * (1 + ROUNDING), f"row {r}, {effort}: our objective is worse")
            excesses[effort] = float(((other - mine) / mine).max())
            left = numpy.maximum(other - mine, 0) + OPTIMUM[problem["loss"], problem["penalty"]] * mine
            decisions = numpy.array([row.decisions(w, b) for row, w, b in theirs_too])
            for r, row in enumerate(rows):
                differ = numpy.sign(decisions[r]) != numpy.sign(my_decisions[r])
                self.assertFalse((differ & row.clear(my_decisions[r], left[r])).any(), f"row {r}, {effort}: a sign")
            equal = labels(decisions) == labels(my_decisions)
            clear = clear_labels(my_decisions, rows, left)
            self.assertTrue(equal[clear].all(), f"{effort}: a clear label differs")
        return excesses, int(equal.sum()), int(clear.sum())


def line(problem, excesses, same, clear):
    samples, features = problem["table"].shape
    weights = {None: "1", "balanced": "balanced"}[problem["class_weight"]] \
        if not isinstance(problem["class_weight"], dict) else "by class"
    return (f"{problem['name']:13} {f'{samples}x{features}':>6} {problem['classes']:>7} {problem['cost']:>6.0e} "
            f"{problem['loss']:>13} {problem['penalty']:>7} {weights:>8} {problem['scaling'] or 'none':>9} "
            f"{excesses['default']:>9.1e} {excesses['tight']:>9.1e} {f'{same}/{samples}':>12} {clear:>5}")


if __name__ == "__main__":
    appliance.main()
