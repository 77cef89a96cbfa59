# SPDX-License-Identifier: Apache-2.0
"""A figure that the product is held to."""

import dataclasses
import statistics


@dataclasses.dataclass(frozen=True)
class Floor:
    text: str
    value: float
    limit: float
    at_least: bool  # else at most
    unit: str = ""

    @property
    def held(self):
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def figures(self):
        sign = "≥" if self.at_least else "≤"
        return f"{self.value:.4g}{self.unit}", f"{sign} {self.limit:g}{self.unit}"

    @property
    def line(self):
        return f"{'held  ' if self.held else 'MISSED'} {self.figures[0]:>14} {self.figures[1]:>14}  {self.text}"


def times(these, those):
    """How many times `those` the figures `these` are, both lists, one a round: the median of the rounds' ratios."""
    return statistics.median([a / b for a, b in zip(these, those)])
