# SPDX-License-Identifier: Apache-2.0
"""The results as Markdown and charts: docs/benchmarks.md, docs/benchmarks/*.svg."""

import statistics

from shared import document
from shared.document import spread, table

from . import charts, h2load
from .contenders import LEAST, OURS, OURS_TLS, TITLES
from .floors import floors
from .session import PING_PONG

BEGIN, END = "<!-- measured: written by bench/serving/run -->", "<!-- end of measured -->"
COLOURS = {OURS: "#0969da", OURS_TLS: "#54aeff", LEAST: "#bf8700", PING_PONG: "#d4a72c"}
OTHER_COLOUR = "#8c959f"
PERCENTILES = ("p50", "p99", "p99.9")


def _title(name):
    return "the limit: a TCP ping-pong" if name == PING_PONG else TITLES[name]


def _in_order(field):
    order = [*TITLES, PING_PONG]
    return sorted(field.items(), key=lambda item: order.index(item[0]))


def count(value):
    return f"{value:,.0f}" if value < 1e6 else f"{value / 1e6:.3g} M"


def megabytes(value):
    return f"{value / 1e6:.1f} MB"


def microseconds(value):
    return f"{1e6 * value:.3g} µs"


def _times(these, those):
    if len(these) != len(those):
        return "–"
    return f"{statistics.median([a / b for a, b in zip(these, those)]):.2f} ×"


def _loads(results):
    for load in h2load.LOADS:
        field = results["loads"].get(load.name)
        if not field:
            continue
        ours = field.get(OURS)
        yield from ("", f"#### {load.title}", "")
        yield from table(("", "calls a second", "of ours", "server's processor time a call", "of ours", "p50", "p99",
                          "p99.9"), ([_title(name), spread(each["rate"], count),
                                      _times(each["rate"], ours["rate"]) if ours else "–",
                                      spread(each["server_seconds"]),
                                      _times(each["server_seconds"], ours["server_seconds"]) if ours else "–",
                                      *(spread(each[key]) for key in PERCENTILES)] for name, each in _in_order(field)))


def _latencies(title, field):
    if field:
        yield from ("", f"### {title}", "")
        yield from table(("", *PERCENTILES), ([_title(name), *(spread(each[key]) for key in PERCENTILES)]
                                              for name, each in _in_order(field)))


def _silence(field):
    rows = []
    for name, each in _in_order(field):
        every = sorted(sum(each["seconds"], []))
        rows.append([_title(name), str(len(every)), document.seconds(statistics.median(every)),
                     document.seconds(every[max(0, -(-99 * len(every) // 100) - 1)]), document.seconds(every[-1])])
    if rows:
        yield from ("", "### The first call after two silent seconds", "")
        yield from table(("", "calls", "p50", "p99", "longest"), rows)


def _open_loop(field, as_ours):
    rows = [[_title(name) + ending, spread(each["rate"], count), *(spread(each[key]) for key in PERCENTILES),
             spread(each["late"])]
            for found, ending in ((field, ""), (as_ours, ", as many as ours")) for name, each in _in_order(found)]
    if rows:
        yield from ("", "### At half the highest rate, open loop", "")
        yield from table(("", "calls a second", *PERCENTILES, "of it started late, p99"), rows)


def _batches(field):
    rows = [[f"{int(size):,}", spread(each["p50"]), spread(each["p99"]),
             count(int(size) / statistics.median(each["p50"])), spread(each["loopback"]), _times(each["p50"], each["loopback"]), spread(each["handler"]),
             count(int(size) / statistics.median(each["handler"])), spread(each["with_messages"])]
            for size, each in field.items()]
    if rows:
        yield from ("", "### Batches, ours", "")
        yield from table(("rows", "p50", "p99", "rows a second", "loopback", "p50 of loopback", "handler",
                          "rows a second in it", "with parsing and writing"), rows)


def _small(results):
    rows = []
    for name, each in _in_order(results["resident"]):
        start = results["start"].get(name)
        rows.append([_title(name), spread(start["seconds"]) if start else "–",
                     *(spread(each[key], megabytes) if key in each else "–" for key in ("idle", "after", "peak"))])
    if rows:
        yield from ("", "### Start and memory", "")
        yield from table(("", "start to first answer", "resident then", "after all loads", "at most"), rows)
    if many := results["many_calls"].get(OURS):
        yield from ("", f"Ours after {results['many_calls_made']:,} calls over 1,000 connections: "
                        f"{spread(many['at_once'], megabytes)} resident, {spread(many['after'], megabytes)} seven seconds "
                        f"later, at most {spread(many['peak'], megabytes)}. "
                        f"The binary: {results['binary_bytes']:,} bytes.")


def markdown(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {value}" for name, value in (machine | machine["versions"]).items()
                         if name not in ("processor", "cores", "memory", "kernel", "compiler", "commit", "versions"))
    lines = [f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}; {machine['kernel']}. {versions}; "
             f"{machine['compiler']}; ours at {machine['commit']}. {results['when']} UTC, {results['rounds']} rounds; "
             f"others took {results['others']:.1%} of the machine meanwhile.", "", "### Floors", "",
             *document.floors(floors(results))]
    for name, reason in results["not_built"].items():
        lines += ["", f"{_title(name)}: {reason}."]
    lines += [line for failure in results["failures"] for line in ("", f"Failed: {failure}.")]
    for name, chart in _charts(results).items():
        lines += ["", f"![{chart.title}](benchmarks/{name}.svg)"]
    lines += ["", "### Loads", *_loads(results),
              *_latencies("One call in flight, from a blocking client", results["single"]), *_silence(results["silence"]), *_open_loop(results["open_loop"], results.get("open_loop_as_ours", {})), *_batches(results["batches"]),
              *_small(results)]
    return "\n".join(lines)


def _bars(field, key, leave_out=()):
    return [charts.Bar(_title(name), each[key], COLOURS.get(name, OTHER_COLOUR)) for name, each in _in_order(field)
            if key in each and name not in leave_out]


def _charts(results):
    """{file's stem: chart}"""
    rounds = f"median of {results['rounds']} rounds, whiskers their range"
    loads = [(load.title, results["loads"][load.name]) for load in h2load.LOADS if load.name in results["loads"]]
    made = {}
    if loads:
        made["throughput"] = charts.Chart("Predictions a second", f"h2load, more is better; {rounds}",
                                          [(title, _bars(field, "rate")) for title, field in loads], count)
        made["processor_time"] = charts.Chart(
            "The server's processor time a prediction", f"less is better, logarithmic; {rounds}",
            [(title, _bars(field, "server_seconds")) for title, field in loads], microseconds, True)
        made["latency_under_load"] = charts.Chart(
            "p99 under load", f"h2load's log, less is better, logarithmic; {rounds}",
            [(title, _bars(field, "p99")) for title, field in loads], document.seconds, True)
    if results["single"]:
        made["latency"] = charts.Chart(
            "One call in flight", f"a blocking client, less is better, logarithmic; {rounds}",
            [(key, _bars(results["single"], key)) for key in ("p50", "p99")], document.seconds, True)
    if results["resident"]:
        made["memory"] = charts.Chart(
            "Resident memory", f"less is better, logarithmic; {rounds}",
            [(title, _bars(results["resident"], key, (PING_PONG,))) for title, key in (
                ("after the first call", "idle"), ("after all loads", "after"))], megabytes, True)
    return made


def write(results, source):
    folder = source / "docs/benchmarks"
    folder.mkdir(exist_ok=True)
    for name, chart in _charts(results).items():
        (folder / f"{name}.svg").write_text(charts.draw(chart), encoding="utf-8")
    document.replace_part(source / "docs/benchmarks.md", BEGIN, END, markdown(results))
