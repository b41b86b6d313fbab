"""The status of an endpoint and of a message, in words and as a chip (X6)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.event_families import Family
from accounts.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from accounts.models.webhooks import Outcome, PausedBecause, Trouble


class Shown(NamedTuple):
    """A status: which chip, its label, and what else is to be said."""

    chip: str
    label: Promise | str
    more: str = ""


_CHIPS = {
    Outcome.DELIVERED: "applied",
    Outcome.GAVE_UP: "failed",
    Outcome.NOT_FOR_THEM: "closed",
}


def status_of(endpoint: WebhookEndpoint, now: datetime) -> Shown:
    if endpoint.paused_at is not None:
        chip = "closed" if endpoint.paused_because == PausedBecause.ADMIN else "failed"
        return Shown(chip, pgettext_lazy("webhook", "Paused"), str(PausedBecause(endpoint.paused_because).label))
    if endpoint.held_until is not None and endpoint.held_until > now:
        return Shown("pending", pgettext_lazy("webhook", "Does not answer"), _("It is tried again within minutes"))
    return Shown("open", pgettext_lazy("webhook", "Active"))


def message_of(delivery: WebhookDelivery) -> Shown:
    """Return what became of a message; of the answer its status is said, and what else went wrong."""
    more = _said(delivery)
    if delivery.outcome:
        outcome = Outcome(delivery.outcome)
        return Shown(_CHIPS[outcome], outcome.label, more)
    label = pgettext_lazy("delivery", "Tried again later") if delivery.attempts else pgettext_lazy("delivery", "Waits")
    return Shown("pending", label, more)


def try_of(attempt: WebhookAttempt) -> Shown:
    """Return what became of one try."""
    is_taken = attempt.status is not None and 200 <= attempt.status < 300
    label = pgettext_lazy("try", "Taken") if is_taken else pgettext_lazy("try", "Not taken")
    return Shown("applied" if is_taken else "failed", label, _said(attempt))


def _said(tried: WebhookDelivery | WebhookAttempt) -> str:
    said = [_("Answer: %(status)s") % {"status": tried.status}] if tried.status else []
    said += [str(Trouble(tried.error).label)] if tried.error else []
    return ", ".join(said)


def families_in_words(families: Iterable[Family]) -> str:
    return " · ".join(str(each.label) for each in families)
