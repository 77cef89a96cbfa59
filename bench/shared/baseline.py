# SPDX-License-Identifier: Apache-2.0
"""Ratios between contenders of one run, which survive a change of machine better than seconds, and what moved."""

import json
import statistics

LEAST = 0.10  # a ratio that moves by less did not move


def ratio(values):
    """Of one ratio's values, one a round: their median, and half the width of their range relative to it. A ratio is
    written so that larger is better for us."""
    middle = statistics.median(values)
    return {"ratio": float(f"{middle:.4g}"), "spread": float(f"{(max(values) - min(values)) / 2 / middle:.2g}")}


def save(ratios, machine, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": machine, "ratios": ratios}, file, indent=1, ensure_ascii=False)
        file.write("\n")


def compare(now, path):
    """Prints what moved against the stored ratios, beyond both spreads. Returns whether something became worse."""
    with open(path, encoding="utf-8") as file:
        stored = json.load(file)["ratios"]
    worse = False
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
