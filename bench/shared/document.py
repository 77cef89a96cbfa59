# SPDX-License-Identifier: Apache-2.0
"""Markdown, and the part of a document that a program writes."""

import statistics


def row(cells):
    return "| " + " | ".join(cells) + " |"


def table(head, rows):
    return [row(head), "|---" * len(head) + "|", *(row(cells) for cells in rows)]


def floors(found):
    return table(("", "measured", "floor", ""),
                 ([floor.text, *floor.figures, "held" if floor.held else "**missed**"] for floor in found))


def seconds(value):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value:.2g} s"  # 0


def spread(values, form=seconds):
    """Median and range."""
    if len(values) == 1:
        return f"{form(values[0])} (once)"
    return f"{form(statistics.median(values))} [{form(min(values))} – {form(max(values))}]"


def replace_part(path, begin, end, markdown):
    """What stands between the lines `begin` and `end` becomes `markdown`."""
    text = path.read_text(encoding="utf-8")
    before, rest = text.split(begin)
    _, after = rest.split(end)
    path.write_text(f"{before}{begin}\n\n{markdown}\n\n{end}{after}", encoding="utf-8")
