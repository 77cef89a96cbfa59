# SPDX-License-Identifier: Apache-2.0
"""Ratios between contenders of one run, which survive a change of machine better than seconds, and what moved."""

import json
import statistics

from .contenders import OURS

LEAST = 0.10  # a ratio that moves by less did not move


def _spread(ratios):
    """Half the width of the rounds' ratios, relative to their median."""
    return (max(ratios) - min(ratios)) / 2 / statistics.median(ratios)


def ratios(results):
    """{what: {"ratio", "spread"}}: a peer's time over ours, so larger is better for us; memory and reading likewise."""
    found = {}

    def add(name, values):
        found[name] = {"ratio": float(f"{statistics.median(values):.4g}"), "spread": float(f"{_spread(values):.2g}")}

    for table, measured in results["tables"].items():
        for problem, contenders in measured["problems"].items():
            ours = contenders.get(OURS, {}).get("seconds")
            if not ours:
                continue
            for name, each in contenders.items():
                if each.get("seconds") and name != OURS:
                    add(f"{table} | {problem} | time of {name} over ours",
                        [a / b for a, b in zip(each["seconds"], ours)])
            add(f"{table} | {problem} | data over our peak memory", [1 / contenders[OURS]["peak_share"]])
    for text, measured in results["texts"].items():
        readers = measured["readers"]
        ours = readers.get("ours", {}).get("seconds")
        for name, each in readers.items():
            if ours and each.get("seconds") and name != "ours":
                add(f"{text} | time of {name} over ours", [a / b for a, b in zip(each["seconds"], ours)])
    return found


def save(results, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": results["machine"], "ratios": ratios(results)}, file, indent=1, ensure_ascii=False)
        file.write("\n")


def compare(results, path):
    """Prints what moved against the stored ratios. Returns whether something became worse."""
    with open(path, encoding="utf-8") as file:
        stored = json.load(file)["ratios"]
    worse = False
    now = ratios(results)
    for name in sorted(now.keys() & stored.keys()):
        old, new = stored[name], now[name]
        change = new["ratio"] / old["ratio"] - 1
        if abs(change) <= max(LEAST, old["spread"] + new["spread"]):
            continue
        worse = worse or change < 0
        verdict = "WORSE " if change < 0 else "better"
        print(f"{verdict} {change:+6.0%}  {old['ratio']:.4g} -> {new['ratio']:.4g}  {name}")
    covered = len(now.keys() & stored.keys())
    print(f"{covered} of {len(stored)} stored ratios compared" + ("" if worse else "; none is worse"))
    for name in sorted(now.keys() - stored.keys()):
        print(f"not in the baseline: {name}")
    return worse
