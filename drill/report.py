"""What a drill printed: a line for each fault, then what it comes to."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterator, Sequence

from drill.judge import Pauses, Verdict
from drill.plan import Target
from drill.records import Attempt, Fault, Outcome, Read

HEAD = ("fault", "machine", "saves paused", "reads paused", "given late", "whole after")


def table(rows: Sequence[tuple[Fault, Pauses]]) -> Iterator[str]:
    """Return the table of all faults, and behind it the median and the longest of each kind."""
    lines = [
        (f"{fault.kind} {fault.target}", fault.machine, *(f"{value:.1f} s" for value in _values(cost)))
        for fault, cost in rows
    ]
    for target in Target:
        costs = [_values(cost) for fault, cost in rows if fault.target == target]
        if costs:
            columns = list(zip(*costs, strict=True))
            lines.append((f"all {target}", "median", *(f"{statistics.median(column):.1f} s" for column in columns)))
            lines.append(("", "longest", *(f"{max(column):.1f} s" for column in columns)))
    widths = [max(len(row[column]) for row in [HEAD, *lines]) for column in range(len(HEAD))]
    for row in [HEAD, tuple("-" * width for width in widths), *lines]:
        yield "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"


def _values(cost: Pauses) -> tuple[float, ...]:
    return cost.saving, cost.reading, max(cost.giving, 0.0), cost.whole


def summary(verdict: Verdict, attempts: Sequence[Attempt], reads: Sequence[Read], there: set[str]) -> Iterator[str]:
    """Return what was promised and what came of it. there: the IP addresses of what the database has."""
    saved = sum(one.outcome == Outcome.SAVED for one in attempts)
    unknown = [one for one in attempts if one.outcome == Outcome.UNKNOWN]
    arrived = sum(one.ip_address in there for one in unknown)
    yield f"{saved} decisions saved, {len(verdict.lost)} of them lost, {len(verdict.doubled)} doubled"
    yield f"{len(unknown)} saves without an answer, of which {arrived} were saved, as their pages say"
    yield f"{len(reads)} looks of agents, {sum(read.seen for read in reads)} with access"
    yield f"{len(verdict.open_too_long)} of them after a revocation was due"
    yield f"{len(verdict.unsettled)} changes that no worker settled"
    yield f"load of this machine in the last minute: {os.getloadavg()[0]:.1f} for {os.cpu_count()} cores"
