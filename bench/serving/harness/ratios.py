# SPDX-License-Identifier: Apache-2.0
"""The ratios between contenders that a baseline holds: larger is better for us."""

from shared import baseline

from .contenders import OURS, OURS_TLS, TITLES
from .session import PING_PONG


def ratios(results):
    """{what: {"ratio", "spread"}}"""
    found = {}

    def add(name, these, those):
        if these and those and len(these) == len(those):
            found[name] = baseline.ratio([a / b for a, b in zip(these, those)])

    for load, field in results["loads"].items():
        ours = field.get(OURS, {})
        for name, each in field.items():
            if name == OURS:
                continue
            add(f"{load} | our calls a second over those of: {TITLES[name]}", ours.get("rate"), each["rate"])
            add(f"{load} | processor time over ours of: {TITLES[name]}", each["server_seconds"],
                ours.get("server_seconds"))
            if name != OURS_TLS:
                add(f"{load} | p99 over ours of: {TITLES[name]}", each["p99"], ours.get("p99"))
    single = results["single"]
    for name, each in single.items():
        if name != OURS:
            title = "a ping-pong" if name == PING_PONG else TITLES[name]
            add(f"one call in flight | p50 over ours of: {title}", each["p50"], single.get(OURS, {}).get("p50"))
    for rows, batch in results["batches"].items():
        add(f"batch of {rows} | loopback's time over ours", batch["loopback"], batch["p50"])
        add(f"batch of {rows} | loopback's time over the handler's", batch["loopback"], batch["handler"])
    return found
