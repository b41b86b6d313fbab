"""What proposals can be about: each package says how its own are shown and carried out (settings.PROPOSAL_KINDS)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Customer
from accounts.models.two_people import ProposalKind

Said = Mapping[str, Any]


class Overtaken(Refused):
    """What a proposal is about was changed after it was made (R6); the message says by whom and when."""

    def __init__(self, message: Promise | str) -> None:
        super().__init__(message, reason="conditionNotMet")


@dataclass(frozen=True, slots=True)
class Kind:
    """How the proposals of one kind are shown and done.

    says: what would change if it were approved now, in sentences, by the preview of the verb itself; empty where
        nothing would. Raises Refused where it cannot be done any more.
    carry_out: does it, in the name of the person who approves; they are authorised, the customer is locked. What was
        proposed is compared again: raises Overtaken, Refused. Returns what is shown once to that person, if anything.
    always_two: no emergency opens it to the only super admin who is left.
    """

    says: Callable[[Actor, Customer, Said], list[str]]
    carry_out: Callable[[Actor, Customer, Said], str]
    always_two: bool = False


@cache
def kinds() -> dict[ProposalKind, Kind]:
    """Return those of every package."""
    found: dict[ProposalKind, Kind] = {}
    for path in settings.PROPOSAL_KINDS:
        found |= import_string(path)
    return found
