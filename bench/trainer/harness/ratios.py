# SPDX-License-Identifier: Apache-2.0
"""The ratios between contenders that a baseline holds."""

from shared import baseline

from .contenders import OURS


def ratios(results):
    """{what: {"ratio", "spread"}}: a peer's time over ours, so larger is better for us; memory and reading likewise."""
    found = {}

    def add(name, values):
        found[name] = baseline.ratio(values)

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
