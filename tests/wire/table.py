# SPDX-License-Identifier: Apache-2.0
"""The attacks, all of them, and the table of what came of them."""

import importlib
import json
import pathlib

GROUPS = ["hpack", "resets", "floods", "streams", "windows", "drips", "messages", "connections", "tls", "regressions"]
BEFORE = pathlib.Path(__file__).resolve().parent / "before.json"  # without our patches: tests/wire/report --before


def attacks(group):
    """The attacks of <group>_attacks.py."""
    return importlib.import_module(group + "_attacks").ATTACKS


def recorded():
    """{attack: outcome} of a binary without our patches."""
    return json.loads(BEFORE.read_text()) if BEFORE.exists() else {}


def cell(outcome):
    """What happened, in a few words."""
    if outcome is None:
        return "not recorded"
    if outcome["closed"] is not None:
        fate = f"closed {outcome['closed']:g} s"
    else:
        fate = "open" if outcome["open"] else ""
    parts = [fate + (" " + "/".join(outcome["codes"]) if outcome["codes"] else ""), outcome["note"],
             f"p99 {outcome['p99'] * 1000:.0f} ms ({outcome['beside'] * 1000:.0f})",
             f"{max(0, outcome['mebibytes']):.0f} MiB",
             f"{outcome['processor']:g} s CPU" if outcome["processor"] is not None else "server ended"]
    return ", ".join(part for part in parts if part)


def row(attack, before, after):
    verdict = "holds" if not after["complaints"] else "**fails**: " + "; ".join(after["complaints"])
    held = "" if before is None or not before["complaints"] else " ✗"
    return f"| {attack.name} | {cell(before)}{held} | {cell(after)} | {attack.bound()} | {verdict} |"


HEADING = "| attack | before (unpatched) | after | bound | result |\n|---|---|---|---|---|"
