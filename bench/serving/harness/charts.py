# SPDX-License-Identifier: Apache-2.0
"""Bar charts as SVG, in plain Python: medians as bars, the rounds' range as a whisker."""

import dataclasses
import math
import statistics
from xml.sax.saxutils import escape

WIDTH, LEFT, RIGHT, BAR, GAP, GROUP, TOP, BOTTOM = 860, 220, 110, 17, 4, 30, 64, 26
PAPER, INK, FAINT, WHISKER = "#ffffff", "#1f2328", "#d8dee4", "#57606a"
FONT = "font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\""


@dataclasses.dataclass(frozen=True)
class Bar:
    label: str
    values: list  # one a round
    colour: str


@dataclasses.dataclass(frozen=True)
class Chart:
    title: str
    note: str  # a line under the title
    groups: list  # of (title, [Bar])
    form: object  # a value as text
    logarithmic: bool = False


def _text(x, y, text, size=12, anchor="start", weight="normal", colour=INK):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
            f'fill="{colour}">{escape(text)}</text>')


def _round_step(span):
    """1, 2 or 5 times a power of ten: four to nine of it fill the span."""
    power = 10 ** math.floor(math.log10(span / 4))
    return next(power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= 9)


class _Scale:
    def __init__(self, chart):
        every = [value for _, bars in chart.groups for bar in bars for value in bar.values]
        self.room = WIDTH - LEFT - RIGHT
        self.logarithmic = chart.logarithmic
        if self.logarithmic:
            self.low, self.high = math.floor(math.log10(min(every))), math.ceil(math.log10(max(every)))
            self.high = max(self.high, self.low + 1)
            self.marks = [10.0 ** power for power in range(self.low, self.high + 1)]
        else:
            self.low, self.high = 0.0, max(every)
            step = _round_step(self.high)
            self.marks = [step * i for i in range(int(self.high / step) + 1)]

    def __call__(self, value):
        at = math.log10(value) if self.logarithmic else value
        return LEFT + self.room * (at - self.low) / (self.high - self.low)


def draw(chart):
    """The chart as the text of an SVG file."""
    scale = _Scale(chart)
    height = TOP + sum(GROUP + len(bars) * (BAR + GAP) for _, bars in chart.groups) + BOTTOM
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
             f'height="{height}" role="img" {FONT}>', f"<title>{escape(chart.title)}</title>",
             f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
             _text(16, 26, chart.title, 16, weight="600"), _text(16, 46, chart.note, 11.5, colour=WHISKER)]
    for mark in scale.marks:
        x = scale(mark)
        lines.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{height - BOTTOM}" stroke="{FAINT}"/>')
        lines.append(_text(x, height - 9, chart.form(mark), 10.5, "middle", colour=WHISKER))
    y = TOP
    for title, bars in chart.groups:
        lines.append(_text(16, y + GROUP - 9, title, 12.5, weight="600"))
        y += GROUP
        for bar in bars:
            lines += _bar(bar, y, scale, chart.form)
            y += BAR + GAP
    return "\n".join([*lines, "</svg>", ""])


def _bar(bar, y, scale, form):
    value, least, most = statistics.median(bar.values), min(bar.values), max(bar.values)
    middle, end = y + BAR / 2, scale(value)
    yield _text(LEFT - 8, middle + 4, bar.label, 11.5, "end")
    yield f'<rect x="{LEFT}" y="{y}" width="{max(1.0, end - LEFT):.1f}" height="{BAR}" fill="{bar.colour}"/>'
    if most > least:
        a, b = scale(least), scale(most)
        yield (f'<path d="M{a:.1f} {middle - 4:.1f}v8M{a:.1f} {middle:.1f}H{b:.1f}M{b:.1f} {middle - 4:.1f}v8" '
               f'stroke="{WHISKER}" fill="none"/>')
    yield _text(max(end, scale(most)) + 6, middle + 4, form(value), 11)
