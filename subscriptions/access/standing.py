"""What of a console stands open without an activation, and the order of these choices (R20)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from subscriptions.access.levels import OPENS, opened_by
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

# From the narrowest to the widest. One that this code does not know stands before them: it opens nothing.
_ORDER: Final = (Standing.NOTHING, Standing.CASES, Standing.ALL)

# In words for the choice on the page.
STANDING_MEANINGS: Final[Mapping[Standing, Promise]] = MappingProxyType(
    {
        Standing.ALL: _("Its agents can enter whenever they work for you."),
        Standing.CASES: _(
            "They file and read support cases at any time. For the rest an agent activates access first."
        ),
        Standing.NOTHING: _("Nobody is inside. An agent activates access for some hours, with a reason that you see."),
    }
)


def is_on_request(standing: str) -> bool:
    """Tell whether a console is open only when needed: an agent activates it first."""
    return standing != Standing.ALL


def standing_label(standing: str) -> str:
    """Return the name of a choice; one that this code does not know opens nothing."""
    return str(Standing(standing).label) if standing in _ORDER else str(Standing.NOTHING.label)


def opened_at(level: str, standing: str, *, activated: bool) -> frozenset[Permission]:
    """Return what a console in force opens to an agent; activated: whether they are in the hours of an activation."""
    if activated or standing == Standing.ALL:
        return opened_by(level)
    return opened_by(level) & OPENS[Level.CASES] if standing == Standing.CASES else frozenset()


def standings_that_open(permission: Permission) -> list[str]:
    """Return the choices with which a permission that the level opens is open without an activation."""
    return [standing for standing in _ORDER if permission in opened_at(Level.FULL, standing, activated=False)]


def stands_wider(wider: str, narrower: str) -> bool:
    """Tell whether one choice leaves open whatever another one does."""
    return _rank(narrower) <= _rank(wider)


def narrower_of(first: str, second: str) -> str:
    """Return the narrower of two choices: what is left where one follows the other."""
    return min(first, second, key=_rank)


def _rank(standing: str) -> int:
    return _ORDER.index(Standing(standing)) if standing in _ORDER else -1
