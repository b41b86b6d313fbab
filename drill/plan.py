"""Which faults are made, and in which order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import product


class Target(StrEnum):
    """What is hit. By what it is at that moment, not by the name of its machine."""

    PRIMARY = "primary"
    STANDBY = "standby"
    WEB = "web"
    WORKER = "worker"
    REDIS = "redis"
    HAPROXY = "haproxy"
    PGBOUNCER = "pgbouncer"
    ETCD = "etcd"
    SEALER = "sealer"


class Kind(StrEnum):
    """What is done to it."""

    KILL = "kill"
    FREEZE = "freeze"
    CUT = "cut off"


@dataclass(frozen=True, slots=True)
class Planned:
    """One fault. holds: seconds until it is undone."""

    target: Target
    kind: Kind
    holds: float


# One program of its machine, hit by itself: to cut it off is to cut off the machine, and others show what that costs.
BY_ITSELF = frozenset({Target.HAPROXY, Target.PGBOUNCER, Target.ETCD, Target.SEALER})
# Seconds. Longer than it takes the others to notice: a primary is replaced after 20 to 30, a Redis after 3 to 10.
_HOLDS = {Target.PRIMARY: 32.0, Target.STANDBY: 12.0, Target.REDIS: 12.0, Target.ETCD: 32.0}
_HOLDS_ELSE = 8.0


def plan(number: int, *, seed: int, kinds: Sequence[Kind] = tuple(Kind)) -> list[Planned]:
    """Return that many faults, each combination as often as the others as far as the number goes, in random order."""
    combinations = [each for each in product(Target, kinds) if each[0] not in BY_ITSELF or each[1] != Kind.CUT]
    order = random.Random(seed)  # noqa: S311  the order of a drill, which can be repeated
    order.shuffle(combinations)
    chosen = [combinations[n % len(combinations)] for n in range(number)]
    order.shuffle(chosen)
    return [Planned(target, kind, _HOLDS.get(target, _HOLDS_ELSE)) for target, kind in chosen]
