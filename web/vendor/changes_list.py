"""The columns of the two lists of access changes: those that are overdue, and those that failed (R9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.moments import moment_text
from accounts.names import isolated
from accounts.wording import labelled
from subscriptions.access.desired import fails_again
from subscriptions.models import AccessChange
from subscriptions.models.change import FailureReason
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import NEWEST, OLDEST
from web.lists.listing import Kind, Words
from web.vendor.places import page_of

# What an error says that is longer is cut off.
ERROR_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A change as the lists show it. now: by the database; retry_url, token: of the button that tries it again."""

    change: AccessChange
    now: datetime
    retry_url: str
    token: str

    @property
    def title(self) -> str:
        grant = self.change.grant
        return f"{isolated(grant.customer_name)}, {isolated(grant.reseller.name)}"


def _due(row: ChangeRow) -> cells.Html:
    age = _("%(age)s ago") % {"age": timesince(row.change.due_at, row.now)}
    return cells.with_sub(cells.day(row.change.due_at), age)


def _change(row: ChangeRow) -> cells.Html:
    """Say what is given or taken away, and what that opens."""
    subscription = row.change.grant.subscription
    opened = subscription.sku.name if subscription else _("Admin console")
    return cells.with_sub(_("Give access") if row.change.allowed else _("Take access away"), opened)


def _tries(row: ChangeRow) -> cells.Html:
    """Say how often an overdue change was tried, when it is tried again, and what the last try said."""
    change = row.change
    if not change.attempts:
        return _("none")
    following = moment_text(change.next_attempt_at, sentence=True)
    return cells.lines(
        [_("%(tries)s, the next one %(time)s") % {"tries": change.attempts, "time": following}, _error(change)]
    )


def _why(row: ChangeRow) -> cells.Html:
    """Say why a change failed, after how many tries, and what the last one said."""
    change = row.change
    tries = ngettext("%(tries)s unsuccessful try", "%(tries)s unsuccessful tries", change.attempts)
    how = tries % {"tries": change.attempts} if change.attempts else _("Decided at once, without a retry")
    return cells.lines([str(FailureReason(change.failure_reason).label), cells.sub(how), _error(change)])


def _error(change: AccessChange) -> cells.Html:
    text = change.error
    return cells.sub(text if len(text) <= ERROR_SHOWN else f"{text[: ERROR_SHOWN - 1]}…") if text else ""


def _again(row: ChangeRow) -> cells.Html:
    """Offer to try again; where that could only fail, say why and lead to where the reason is removed."""
    grant = row.change.grant
    if reason := fails_again(grant, row.now):
        is_suspended = grant.reseller.suspended_at is not None
        link = cells.link(page_of(grant.reseller), cells.name(grant.reseller.name)) if is_suspended else ""
        return cells.lines([str(reason), link])
    label = _("Try again")
    button = cells.button(label, label=labelled(label, row.title))
    return cells.post(row.retry_url, row.token, button)


_CHANGE = (
    Column[ChangeRow]("customer", gettext_lazy("Customer"), lambda row: cells.name(row.change.grant.customer_name)),
    Column[ChangeRow](
        "domain",
        gettext_lazy("Domain"),
        lambda row: cells.domain(row.change.grant.customer_domain),
        is_text=True,
        is_shown=False,
    ),
    Column[ChangeRow](
        "reseller", gettext_lazy("Reseller"), lambda row: cells.name(row.change.grant.reseller.name), is_text=True
    ),
    Column[ChangeRow]("change", gettext_lazy("Change"), _change, is_wrapped=True),
    Column[ChangeRow](
        "requested",
        gettext_lazy("Asked for"),
        lambda row: cells.day(row.change.requested_at),
        up=OLDEST,
        down=NEWEST,
        is_shown=False,
    ),
    Column[ChangeRow]("due", gettext_lazy("Due"), _due, is_wrapped=True),
    Column[ChangeRow](
        "generation",
        gettext_lazy("Generation"),
        lambda row: cells.number(row.change.generation),
        is_number=True,
        is_shown=False,
    ),
)
_OVERDUE = (*_CHANGE, Column[ChangeRow]("tries", gettext_lazy("Tries so far"), _tries, is_long=True))
_FAILED = (
    *_CHANGE,
    Column[ChangeRow]("reason", gettext_lazy("Why it failed"), _why, is_long=True),
    Column[ChangeRow]("again", gettext_lazy("Action"), _again, is_long=True),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s change", "%(number)s changes", number) % {"number": cells.number(number)}


def _words(none: Promise, none_text: Promise) -> Words:
    return Words(
        name=gettext_lazy("Changes"),
        search=gettext_lazy("Search access changes"),
        counted=_counted,
        none_found=gettext_lazy("No change matches this search"),
        none_found_text=gettext_lazy("Search for a part of the name or of the domain of a customer or reseller."),
        none=none,
        none_text=none_text,
        icon="circle-check",
    )


OVERDUE: Kind[ChangeRow] = Kind(
    "overdue_changes",
    _words(
        gettext_lazy("Nothing is overdue"), gettext_lazy("A change that is due and not applied yet is listed here.")
    ),
    _OVERDUE,
)
FAILED: Kind[ChangeRow] = Kind(
    "failed_changes",
    _words(
        gettext_lazy("No change has failed"),
        gettext_lazy(
            "A change that failed is listed here with its reason until it is retried or replaced by a newer request."
        ),
    ),
    _FAILED,
)


def rows_of(changes: Iterable[AccessChange], now: datetime, token: str) -> Sequence[ChangeRow]:
    """Return the rows of a page. now: by the database; token: of the page, against forged requests."""
    url = cells.urls("operations_retry", "change_id")
    return [ChangeRow(change, now, url(change.pk), token) for change in changes]
