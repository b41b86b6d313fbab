"""What the pages say about a domain."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.domains import shown_domain
from accounts.models import Domain
from accounts.models.domains import LookAnswer
from accounts.moments import moment_text


def status_of(row: Domain) -> tuple[str, str]:
    """Return the status of a domain: the state of its chip, and its words."""
    if row.contested_at is not None:
        return "pending", _("The vendor decides")
    if not row.holds:
        return ("closed", _("Addresses stay")) if row.look_asked_at is None else ("pending", _("Being checked"))
    if row.is_verified:
        return "open", _("Verified")
    return ("pending", _("Being checked")) if row.look_asked_at is not None else ("plain", _("Not verified"))


def answer_of(row: Domain) -> str:
    """Say what the last look for the TXT record found, and what to do about it; empty where there was none."""
    if row.silent_since is not None:
        return _(
            "No name server has answered since %(moment)s. The record is looked for again by itself until one does."
        ) % {"moment": moment_text(row.silent_since, sentence=True)}
    if row.look_asked_at is not None:
        return _("The TXT record is being looked for. This takes some seconds.")
    texts = {
        LookAnswer.NONE: _(
            "No TXT record was found. A new record can take some hours until every name server knows it; check again"
            " then."
        ),
        LookAnswer.OTHER: _("There is a TXT record, but with another value. Put the value from above in its place."),
        LookAnswer.TAKEN: _(
            "The TXT record was found, but another organisation has verified this domain, or one above or below it."
            " Ask the vendor."
        ),
        LookAnswer.FOUND: _("The TXT record was found."),
    }
    return texts.get(LookAnswer(row.look_answer), "") if row.look_answer else ""


def standing_of(row: Domain) -> str:
    """Say what a domain allows that is not simply one of the organisation's; empty where nothing is special."""
    if row.contested_at is not None and row.is_verified:
        text = _(
            "Your organisation has verified %(domain)s. Another one has addresses there, so the vendor decides who has"
            " the domain. Until then no new addresses are given there."
        )
    elif row.contested_at is not None:
        text = _(
            "Another organisation claims %(domain)s, or has verified a domain above or below it. Your addresses there"
            " stay; new ones wait until the vendor has decided."
        )
    elif not row.holds:
        text = _(
            "Another organisation has %(domain)s. Addresses that you have there stay; new ones can be given once yours"
            " has verified it."
        )
    else:
        return ""
    return text % {"domain": shown_domain(row.name)}
