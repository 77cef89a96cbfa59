# SPDX-License-Identifier: Apache-2.0
"""The results as Markdown, put between the markers of docs/trainer_benchmarks.md."""

import statistics

from shared import document
from shared.document import row, seconds, spread

from . import tables as measured_tables
from .contenders import OURS
from .floors import floors

BEGIN, END = "<!-- measured: written by bench/trainer/run -->", "<!-- end of measured -->"


def _excess(value):
    return "–" if value is None else "< 1e-15" if value < 1e-15 else f"{value:.1e}"


def _problem(contenders, times):
    head = ("", "time", "of ours", "processor time", "objective", "above the optimum", "violation", "peak memory",
            "ours to the same objective")
    lines = [row(head), "|---" * len(head) + "|"]
    ours = contenders.get(OURS, {}).get("seconds")
    for name, each in contenders.items():
        if not each["seconds"]:
            lines.append(row([name, each["failed"]] + [""] * (len(head) - 2)))
            continue
        ratio = statistics.median([a / b for a, b in zip(each["seconds"], ours)]) if ours else None
        to_same = each.get("ours_to_same")
        lines.append(row([
            name + (f"<br>solver alone {seconds(statistics.median(each['solver_seconds']))}"
                    if each["solver_seconds"] else ""),
            spread(each["seconds"]), f"{ratio:.2f} ×" if ratio else "–",
            seconds(statistics.median(each["processor_seconds"])), f"{each['objective']:.10g}",
            _excess(each.get("excess")), "–" if each.get("violation") is None else f"{each['violation']:.1e}",
            f"{each['peak_share']:.2f} ×" if times else "–",
            seconds(statistics.median(to_same)) if to_same and not name.startswith("ours") else ""]))
    return lines


def markdown(results):
    machine = results["machine"]
    lines = [f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}; {machine['kernel']}. "
             f"LIBLINEAR {machine['liblinear']}, scikit-learn {machine['sklearn']}, {machine['compiler']}; "
             f"ours at {machine['commit']}.", "", "### Floors", "", *document.floors(floors(results))]
    for table in measured_tables.TABLES:
        measured = results["tables"].get(table.name)
        if not measured:
            continue
        lines += ["", f"### {table.name}: {table.title}", "",
                  f"Table {measured['fingerprint']}, {measured['data_bytes'] / 1e6:.4g} MB; "
                  f"up to {measured['rounds']} rounds, {measured['when']} UTC; others took {measured['others']:.1%} of the machine meanwhile."]
        for problem, contenders in measured["problems"].items():
            lines += ["", f"**{problem}**", "", *_problem(contenders, measured["data_bytes"] >= 10_000_000)]
    lines += _texts(results)
    return "\n".join(lines)


def _texts(results):
    if not results["texts"]:
        return []
    head = ("", "text", "ours", "bytes alone", "peak memory over the data", "Python's reader", "over ours")
    lines = ["", "### Reading text", "", row(head), "|---" * len(head) + "|"]
    for text in measured_tables.TEXTS:
        measured = results["texts"].get(text.name)
        if not measured:
            continue
        (ours, *others) = measured["readers"].items()
        size, mine = measured["bytes"] / 1e6, ours[1].get("seconds")
        if not mine:
            lines.append(row([text.title, f"{size:.0f} MB", ours[1]["failed"]] + [""] * 4))
            continue
        name, peer = others[0]
        rates = [size / s for s in mine]
        lines.append(row([
            text.title, f"{size:.0f} MB", f"{statistics.median(rates):.0f} MB/s [{min(rates):.0f} – {max(rates):.0f}]",
            f"{size / measured['bytes_alone_seconds']:.0f} MB/s", f"{ours[1]['peak_share']:.2f} ×",
            f"{name}, {size / statistics.median(peer['seconds']):.0f} MB/s" if peer["seconds"] else peer["failed"],
            f"{statistics.median([a / b for a, b in zip(peer['seconds'], mine)]):.1f} ×" if peer["seconds"] else ""]))
    return lines


def write(results, path):
    document.replace_part(path, BEGIN, END, markdown(results))
