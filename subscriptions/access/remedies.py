"""What each kind of finding says, and what helps: the one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subscriptions.models.finding import FindingKind


@dataclass(frozen=True, slots=True)
class Remedy:
    """What helps, in one click.

    page: the name of the URL. acts: the page is the POST of a verb that takes away or tries again, and the box is sent
    to it; otherwise a form is opened with what helps filled in, and its own preview says what will change.
    asks: a POST that takes access away is confirmed first.
    """

    label: Promise
    page: str = "reseller_access"
    acts: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence, what stands below it, and the remedy. The others: for the second of two cases of one kind."""

    says: Promise
    detail: Promise | str
    remedy: Remedy
    says_otherwise: Promise | None = None
    detail_otherwise: Promise | None = None


_REMOVE: Final = Remedy(_("Remove now"), "reseller_access_remove_now", acts=True, asks=True)
_UNUSED = _("%(reseller)s has not used its access for %(days)s days")
_NEVER_USED = _("%(reseller)s has not used its access in the %(days)s days since it was opened")
_NOBODY = _("Nobody of it has entered this console or written to a support case since then.")

WORDS: Final[Mapping[FindingKind, Words]] = MappingProxyType(
    {
        FindingKind.FAILED: Words(
            _("%(box)s: access could not be given"),
            "%(reason)s",
            Remedy(_("Try again"), "reseller_access_retry", acts=True),
        ),
        FindingKind.SUSPENDED: Words(
            _("%(reseller)s is suspended, and its access is still allowed"),
            _("It gets in again as soon as the suspension is over."),
            _REMOVE,
        ),
        FindingKind.ENDS_SOON: Words(
            _("The access of %(reseller)s ends %(moment)s"),
            _("It is not extended by itself."),
            Remedy(_("Choose a later end")),
        ),
        FindingKind.ONLY_ADMIN: Words(
            _("%(person)s is the only super admin"),
            _("If they cannot sign in, nobody can decide about access."),
            Remedy(_("Add a super admin"), "admin_role"),
        ),
        FindingKind.REVIEW: Words(
            _("The review of access was not finished: %(number)s left to decide"),
            _("Its deadline has passed. Nothing was removed; what is open stays open until a super admin decides."),
            Remedy(_("Show the reviews"), "access_reviews"),
        ),
        FindingKind.CONTRACT: Words(
            _("A support contract opens this console to %(reseller)s"),
            _("It has done so since the move to the Customer Care Portal, and no admin has decided about it."),
            Remedy(_("Decide on Reseller access")),
        ),
        FindingKind.LONG_UNUSED: Words(_UNUSED, _NOBODY, _REMOVE, _NEVER_USED),
        FindingKind.UNUSED: Words(_UNUSED, _NOBODY, Remedy(_("Give it an end")), _NEVER_USED),
        FindingKind.WIDER: Words(
            _("The access of %(reseller)s is wider than what it uses"),
            _("Open is “%(now)s”; for what it did in the last 90 days “%(level)s” would have been enough."),
            Remedy(_("Narrow to “%(level)s”")),
        ),
        FindingKind.NO_END: Words(
            _("The access of %(reseller)s has no end"),
            _("Nobody has decided about it for %(days)s days."),
            Remedy(_("Choose an end")),
            detail_otherwise=_("It was given before your rules said how long access may last: %(longest)s."),
        ),
    }
)
