"""What the load noted, what the database has, and what was done: the facts that are judged. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Address

from drill.plan import Kind, Target

_FIRST = int(IPv4Address("10.0.0.0"))


class Outcome(StrEnum):
    """What a person saw who saved."""

    SAVED = "saved"
    REFUSED = "refused"
    # An error, or nothing: it may have been saved.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A save, which the audit log knows by the IP address that it came from."""

    number: int
    customer: int
    began: float
    ended: float
    outcome: Outcome

    @property
    def ip_address(self) -> str:
        return ip_address_of(self.number)


def ip_address_of(number: int) -> str:
    """Return the IP address that stands for an attempt."""
    return str(IPv4Address(_FIRST + number))


@dataclass(frozen=True, slots=True)
class Read:
    """A look of an agent into a customer's console. seen: the console answered with what is in it."""

    customer: int
    began: float
    ended: float
    answered: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class Change:
    """A saved decision as the database has it in the end. ip_address: from where; empty for one of before the drill."""

    customer: int
    allowed: bool
    requested: float
    due: float
    settled: float | None
    ip_address: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What was done, to which machine, from when until when, and when everything was whole again."""

    target: Target
    kind: Kind
    machine: str
    began: float
    undone: float
    whole: float
