# SPDX-License-Identifier: Apache-2.0
"""Latencies in short."""

import math

NAMES = {"p50": 0.5, "p99": 0.99, "p99.9": 0.999}


def percentiles(seconds):
    """The least times that so many of the calls did not exceed (nearest rank)."""
    ordered = sorted(seconds)
    return {name: ordered[max(0, math.ceil(share * len(ordered)) - 1)] for name, share in NAMES.items()}
