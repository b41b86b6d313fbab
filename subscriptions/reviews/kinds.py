"""What can stand in a review: each package names its own kinds of lines, settings.REVIEW_KINDS lists them (R22)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from subscriptions.models import Review, ReviewLine
from subscriptions.models.review import Decision, LineKind

ENDED = _("This has ended meanwhile, so there is nothing left to decide.")


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person decided about one line.

    seen: the generation that the page showed. level, lasts: what *narrow* leaves; lasts None: the end stays as it is.
    """

    line_id: int
    decision: Decision
    note: str = ""
    seen: int = 0
    level: str = ""
    lasts: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """A choice and its line, which is locked and not decided yet."""

    line: ReviewLine
    choice: Choice


# Removes or narrows what lines are about, by the verbs that do so elsewhere; returns why a line could not be.
CarryOut = Callable[[Actor, Review, Sequence[Chosen]], Mapping[int, Promise | str]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of lines, in SQL about a review `v` or a line `l` of it.

    lines: a SELECT of what a review that begins has to decide: about_id, customer_id, reseller_id, who, who_address,
    what, what_domain, and two columns to sort by.
    now: a SELECT of level, ends_at and generation of what a line is about; no row where that is there no more.
    used: a SELECT of when it was last used, and of the visits and changes since the review counts (activity.py).
    """

    name: LineKind
    lines: str
    now: str
    used: str
    carry_out: CarryOut


@cache
def kinds() -> dict[str, Kind]:
    """Return the kinds of every package by name, in the order in which they stand below each other."""
    return {str(kind.name): kind for path in settings.REVIEW_KINDS for kind in import_string(path)}
