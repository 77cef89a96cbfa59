# SPDX-License-Identifier: Apache-2.0
"""The floors that serving is held to, as far as a set of results covers them."""

import statistics

from shared.floor import Floor, times

from . import h2load
from .contenders import CALLBACK, CONTENDERS, LEAST, OURS, OURS_TLS, PYTHON

MEGA = 1e6
STOCK = [each.name for each in CONTENDERS if each.cxx]


def median(values):
    return statistics.median(values)


def floors(results):
    return [*_throughput(results), *_processor(results), *_latency(results), *_batches(results), *_small(results)]


def _load(results, load):
    return results["loads"].get(load.name, {})


def _throughput(results):
    many = _load(results, h2load.MANY)
    if OURS in many and PYTHON in many:
        yield Floor(f"{h2load.MANY.name}: calls a second over the tutorial's server's",
                    times(many[OURS]["rate"], many[PYTHON]["rate"]), 60, True, " ×")
    for load, limit in ((h2load.MANY, 1.7), (h2load.STREAMS, 1.5)):
        field = _load(results, load)
        stock = [field[name]["rate"] for name in STOCK if name in field]
        if OURS in field and len(stock) == len(STOCK):
            yield Floor(f"{load.name}: calls a second over the best stock C++ server's",
                        times(field[OURS]["rate"], max(stock, key=median)), limit, True, " ×")
    for load in (h2load.STREAMS, h2load.EVEN, h2load.MANY):
        field = _load(results, load)
        if OURS in field and OURS_TLS in field:
            yield Floor(f"{load.name}: calls a second over TLS, of plaintext's",
                        times(field[OURS_TLS]["rate"], field[OURS]["rate"]), 0.7, True, " ×")


def _processor(results):
    for load in (h2load.STREAMS, h2load.EVEN, h2load.MANY):
        field = _load(results, load)
        if OURS in field and LEAST in field:
            yield Floor(f"{load.name}: the server's processor time a call, of nghttp2's",
                        times(field[OURS]["server_seconds"], field[LEAST]["server_seconds"]), 4.5, False, " ×")


def _latency(results):
    single = results["single"]
    if OURS in single:
        for peer, whose, limit in ((LEAST, "nghttp2's", 1.1), (CALLBACK, "stock C++ callbacks'", 1.0)):
            if peer in single:
                yield Floor(f"one call in flight: p50, of {whose}",
                            times(single[OURS]["p50"], single[peer]["p50"]), limit, False, " ×")
    if OURS in results["silence"]:
        every = sorted(sum(results["silence"][OURS]["seconds"], []))
        yield Floor(f"first call after two silent seconds, p99 of {len(every)}",
                    1e3 * every[max(0, -(-99 * len(every) // 100) - 1)], 2, False, " ms")
    if OURS in results["open_loop"]:
        mine = results["open_loop"][OURS]
        yield Floor(f"open loop at half the highest rate, {median(mine['rate']):,.0f} a second: p99",
                    1e3 * median(mine["p99"]), 1, False, " ms")


def _batches(results):
    rows = 10_000
    if batch := results["batches"].get(str(rows)):
        yield Floor(f"a batch of {rows:,} × 4: million rows a second in the handler",
                    rows / median(batch["handler"]) / MEGA, 20, True)
        yield Floor(f"a batch of {rows:,} × 4: end to end, of copying its bytes over loopback",
                    times(batch["p50"], batch["loopback"]), 3, False, " ×")


def _small(results):
    yield Floor("the binary", results["binary_bytes"] / MEGA, 5.0, False, " MB")
    if OURS in results["start"]:
        yield Floor("from start to the first answer", 1e3 * median(results["start"][OURS]["seconds"]), 15, False, " ms")
    if "idle" in results["resident"].get(OURS, {}):
        yield Floor("resident after the first call", max(results["resident"][OURS]["idle"]) / MEGA, 10, False, " MB")
    if OURS in results["many_calls"]:
        yield Floor(f"resident after {results['many_calls_made']:,} calls over 1,000 connections, and seven seconds",
                    max(results["many_calls"][OURS]["after"]) / MEGA, 24, False, " MB")
