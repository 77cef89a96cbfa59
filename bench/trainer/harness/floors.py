# SPDX-License-Identifier: Apache-2.0
"""The floors that the trainer is held to, as far as a set of results covers them."""

import statistics

from shared.floor import Floor, times

from .contenders import OURS, OURS_ALL


def median(values):
    return statistics.median(values)


def floors(results):
    return list(_fits(results)) + list(_readers(results))


def _problem(results, table, problem="squared-hinge, C=1"):
    contenders = results["tables"].get(table, {}).get("problems", {}).get(problem, {})
    return {name: each for name, each in contenders.items() if each.get("seconds")}


def _fits(results):
    iris = _problem(results, "iris")
    if OURS in iris:
        yield Floor("Iris, three classes, certificates included", 1e6 * median(iris[OURS]["seconds"]), 60, False, " µs")
        for peer in ("scikit-learn", "scikit-learn, dual=False"):
            if peer in iris:
                yield Floor(f"Iris: {peer}'s fit over ours", times(iris[peer]["seconds"], iris[OURS]["seconds"]), 10,
                            True, " ×")
    for table, limit in (("dense-1m", 3), ("text", 1)):
        contenders = _problem(results, table)
        for peer, least in (("LIBLINEAR -s 2", 1), ("LIBLINEAR -s 2 -e 1e-06", limit)):
            if OURS in contenders and peer in contenders and "ours_to_same" in contenders[peer]:
                theirs = contenders[peer]["seconds"]
                yield Floor(f"{table}: {peer} over ours, to the objective that it stops at",
                            times(theirs, contenders[peer]["ours_to_same"]), least, True, " ×")
                if table != "text":  # there only its own objective is asked for
                    yield Floor(f"{table}: {peer} over ours, to the optimum and certified",
                                times(theirs, contenders[OURS]["seconds"]), least, True, " ×")
    for table, problems in results["tables"].items():
        for problem, contenders in problems["problems"].items():
            ours = [contenders[name] for name in (OURS, OURS_ALL) if "peak_share" in contenders.get(name, {})]
            finished = [name for name in (OURS, OURS_ALL) if name in contenders and "failed" not in contenders[name]]
            if len(finished) < 2:
                yield Floor(f"{table}, {problem}: ours finished (threads: 1, all)", len(finished), 2, True)
            if not ours:
                continue
            gap = 1e-10 if problem.startswith("squared") else 1e-8
            yield Floor(f"{table}, {problem}: how far from the optimum, relative", max(o["excess"] for o in ours), gap,
                        False)
            if problems["data_bytes"] >= 10_000_000:  # below, the program itself weighs more
                yield Floor(f"{table}, {problem}: peak memory over the data", max(o["peak_share"] for o in ours), 1.2,
                            False)


def _readers(results):
    for text, measured in results["texts"].items():
        ours = measured["readers"].get("ours", {})
        if ours.get("seconds"):
            yield Floor(f"{text}: reading", measured["bytes"] / 1e6 / median(ours["seconds"]), 100, True, " MB/s")
