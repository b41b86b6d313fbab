"""Measures alternately, so that a noisy machine disturbs everybody alike, and compares medians."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def alternately(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Run each way once per round, in turn; return the median of each in milliseconds."""
    for way in ways.values():
        way()
    seen: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            seen[name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(times) for name, times in seen.items()}


def table(title: str, times: Mapping[str, float], floor: str) -> None:
    """Print medians and how many times the floor each is."""
    print(f"\n{title}")
    for name, milliseconds in times.items():
        print(f"  {name:<58} {milliseconds:>9.3f} ms   {milliseconds / times[floor]:>7.2f} x")
