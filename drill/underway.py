"""The faults while people are at work, and what came of it. Needs Django with the database of the cluster."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import cycle

from drill.cluster import APPS, WEB_PORT, Cluster
from drill.facts import changes
from drill.judge import judge, pauses
from drill.load import Load
from drill.plan import Planned
from drill.records import Fault
from drill.report import summary, table
from drill.world import people

# Seconds of load before the first fault and between two of them, and for what is under way at the end.
WARM_UP, BETWEEN, COOL_DOWN = 10.0, 3.0, 60.0


def under_load(cluster: Cluster, faults: Sequence[Planned]) -> bool:
    """Make all faults, print what they cost, and return whether every promise was kept."""
    load = Load(people([(cluster.machine(name).address, WEB_PORT) for name in APPS]))
    load.start()
    time.sleep(WARM_UP)
    made: list[Fault] = []
    whole = True
    try:
        for planned, app in zip(faults, cycle(APPS), strict=False):
            made.append(_made(cluster, planned, app))
    except TimeoutError as error:
        print(error, flush=True)
        whole = False
    finally:
        load.stop()
    _wait_for_workers(cluster)
    there = changes(cluster.application_url())
    print(*table([(fault, pauses(fault, load.attempts, load.reads, there)) for fault in made]), sep="\n")
    verdict = judge(load.attempts, load.reads, there)
    print(*summary(verdict, load.attempts, load.reads, {change.ip_address for change in there}), sep="\n")
    return verdict.passed and whole


def _made(cluster: Cluster, planned: Planned, app: str) -> Fault:
    began = time.time()
    machine, undo = cluster.hit(planned.target, planned.kind, app)
    time.sleep(planned.holds)
    undo()
    undone = time.time()
    cluster.wait_until_whole()
    fault = Fault(planned.target, planned.kind, machine, began, undone, time.time())
    print(f"{planned.kind} {planned.target} ({machine}): whole after {fault.whole - began:.0f} s", flush=True)
    # So that what a fault costs is not what the next one does.
    time.sleep(BETWEEN)
    return fault


def _wait_for_workers(cluster: Cluster) -> None:
    """Wait until workers have settled what is due, or do not any more."""
    deadline = time.monotonic() + COOL_DOWN
    while time.monotonic() < deadline and any(change.settled is None for change in changes(cluster.application_url())):
        time.sleep(1)
