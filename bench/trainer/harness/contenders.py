# SPDX-License-Identifier: Apache-2.0
"""Who takes part in which problem."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Contender:
    name: str
    program: str
    arguments: tuple
    rounds: int = 99  # at most; slow ones that no floor needs run once
    quick: bool = True  # takes part in --quick runs
    repeats: float = 1.0  # share of the table's repetitions that it takes


OURS, OURS_ALL = "ours, 1 thread", "ours, all threads"


def _liblinear(solver, eps=None, **more):
    name = f"LIBLINEAR -s {solver}" + (f" -e {eps:g}" if eps else "")
    arguments = (f"solver={solver}",) + ((f"eps={eps!r}",) if eps else ())
    return Contender(name, "fit_liblinear", arguments, repeats=0.1 if solver in (1, 3) else 1.0, **more)


def _sklearn(dual, max_iter, **more):
    name = "scikit-learn" if dual else "scikit-learn, dual=False"
    return Contender(name, "fit_sklearn.py", (f"dual={int(dual)}", f"max_iter={max_iter}"), repeats=0.1, **more)


def contenders(table, problem):
    iris = table.name == "iris"
    more = () if iris else ("trace=1",)
    if problem.loss == "squared_hinge" and problem.penalty == "l2":
        more += ("solver=1",)
    ours = (Contender(OURS, "fit_ours", ("threads=1", *more)),
            Contender(OURS_ALL, "fit_ours", ("threads=0",)))
    # The dual solvers of LIBLINEAR run into their limit of 1000 iterations on dense overlapping tables.
    rounds = 1 if table.kind in ("dense", "scaled") and table.samples >= 100_000 else 99
    slow = {"rounds": rounds, "quick": rounds > 1}
    max_iter = 10_000 if iris else 1000  # the tutorial's, and the default
    if problem.loss == "hinge" and table.samples >= 1_000_000:
        return (*ours, _liblinear(3, **slow))  # minutes each
    if problem.loss == "hinge":
        return (*ours, _liblinear(3, **slow), _liblinear(3, 1e-6, **slow), _sklearn(True, max_iter, **slow))
    if problem.penalty == "l1":
        return (*ours, _liblinear(5), _liblinear(5, 1e-6), _sklearn(False, max_iter))
    duals = (_liblinear(1, rounds=rounds, quick=table.sparse),)
    if rounds > 1:
        duals += (_liblinear(1, 1e-6, quick=False), _sklearn(True, max_iter, quick=iris))
    return (*ours, _liblinear(2), _liblinear(2, 1e-6), _sklearn(False, max_iter), *duals)
