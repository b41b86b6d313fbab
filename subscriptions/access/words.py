"""What a change of access means, in sentences an admin reads before and after saving."""

from __future__ import annotations

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.moments import moment_text
from subscriptions.access.extent import EVERYTHING, Extent
from subscriptions.models.grant import Basis
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

CONSOLE_GIVEN = _("{reseller} will be able to open your admin console and file support cases for you.")
CONSOLE_TAKEN = _("{reseller} will lose access to your admin console and can no longer file support cases for you.")
CONTRACT_GIVEN = _("{reseller} will be able to open your admin console, except subscriptions and licences.")
CONTRACT_TAKEN = _("{reseller} will lose access to your admin console. Its support contracts and their cases go on.")
BOTH_TAKEN = _(
    "{reseller} will lose access to your admin console. It files and reads support cases on its support contracts only."
)
SUBSCRIPTION_GIVEN = _("{reseller} will see {subscription} in your console and can assign its licences.")
SUBSCRIPTION_TAKEN = _("{reseller} will no longer see {subscription} in your console.")

# What a reseller can do in a console of a level (R18).
_CAN = {
    Level.CASES: _("{reseller} can file and read support cases, and see nothing else."),
    Level.VIEW: _("{reseller} can look at the console and file support cases, and change nothing."),
    Level.HELP_DESK: _(
        "{reseller} can look at the console, reset passwords of people without an admin role, and file support cases."
    ),
    Level.LICENCES: _("{reseller} can look at the console, assign and unassign licences, and file support cases."),
    Level.DIRECTORY: _(
        "{reseller} can manage users, groups, organisational units and devices, look at the rest of the console, and"
        " file support cases."
    ),
    Level.FULL: _("{reseller} can do everything that access opens."),
}
# When it is open (R20).
_STANDS = {
    Standing.ALL: _("The console is open to {reseller} at all times."),
    Standing.CASES: _(
        "The console is open to {reseller} only when needed: an agent activates it with a reason. Support cases stay"
        " open."
    ),
    Standing.NOTHING: _("The console is open to {reseller} only when needed: an agent activates it with a reason."),
}
# When access is over (R16). A duration counts from when the change takes effect.
_NO_END = _("The access of {reseller} has no end.")
_ENDS = _("The access of {reseller} ends {moment}.")
_ENDS_WITH_DAY = _("The access of {reseller} ends at the end of {day}.")
_LASTS = {
    timedelta(hours=8): _("The access of {reseller} lasts 8 hours from then on."),
    timedelta(days=1): _("The access of {reseller} lasts 1 day from then on."),
    timedelta(days=7): _("The access of {reseller} lasts 7 days from then on."),
    timedelta(days=30): _("The access of {reseller} lasts 30 days from then on."),
    timedelta(days=90): _("The access of {reseller} lasts 90 days from then on."),
    timedelta(days=365): _("The access of {reseller} lasts 365 days from then on."),
}

_CONSOLE = {
    Basis.RELATION: (CONSOLE_GIVEN, CONSOLE_TAKEN),
    Basis.CONTRACT: (CONTRACT_GIVEN, CONTRACT_TAKEN),
    Basis.BOTH: (CONSOLE_GIVEN, BOTH_TAKEN),
}


def consequence(reseller: str, subscription: str | None, *, allowed: bool, basis: str = Basis.RELATION) -> Promise:
    """Say what one saved box means for the reseller.

    reseller, subscription: their names; no subscription: it is about the console.
    basis: what the console stands on: cases of a support contract go on without it (R19).
    """
    if subscription is None:
        given, taken = _CONSOLE[Basis(basis)]
        return format_lazy(given if allowed else taken, reseller=reseller)
    sentence = SUBSCRIPTION_GIVEN if allowed else SUBSCRIPTION_TAKEN
    return format_lazy(sentence, reseller=reseller, subscription=subscription)


def level_words(reseller: str, level: str) -> Promise:
    """Say what a reseller can do in a console of a level."""
    return format_lazy(_CAN[Level(level)], reseller=reseller)


def standing_words(reseller: str, standing: str) -> Promise:
    """Say when a console is open."""
    return format_lazy(_STANDS[Standing(standing)], reseller=reseller)


def lasting_words(reseller: str, lasts: timedelta) -> Promise:
    """Say when access is over that lasts for one of the durations that can be chosen."""
    return format_lazy(_LASTS[lasts], reseller=reseller)


def end_words(reseller: str, moment: str = "") -> Promise:
    """Say when access is over. moment: in words; empty: never."""
    return format_lazy(_ENDS if moment else _NO_END, reseller=reseller, moment=moment)


def day_words(reseller: str) -> Promise:
    """Say that access is over at the end of a day; the page puts it in for `{day}` as it is chosen."""
    return format_lazy(_ENDS_WITH_DAY, reseller=reseller, day="{day}")


def extent_words(reseller: str, wanted: Extent, before: Extent = EVERYTHING) -> list[Promise]:
    """Say how far a console is open, where that differs from before.

    before: how far it was open; by default what a box that is only ticked means.
    """
    said = [level_words(reseller, wanted.level)] if wanted.level != before.level else []
    if wanted.standing != before.standing:
        said.append(standing_words(reseller, wanted.standing))
    if wanted.lasts:
        return [*said, lasting_words(reseller, wanted.lasts)]
    if wanted.ends_at != before.ends_at:
        end = moment_text(wanted.ends_at, sentence=True) if wanted.ends_at else ""
        said.append(end_words(reseller, end))
    return said
