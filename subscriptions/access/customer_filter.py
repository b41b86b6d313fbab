"""What a reseller may filter its list of customers by: how its access stands, and what it sold (R5, R8, B5, B6).

All of it is SQL about a console grant called `g`, compared by the database's clock; an agent learns nothing from it
that a row of the list would not say, least of all the customer's setting (R5).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from subscriptions.access.effective import in_force_sql

_IN_FORCE = in_force_sql("g")
_WAITING = (
    "EXISTS (SELECT 1 FROM subscriptions_accesschange w WHERE w.grant_id = g.id AND w.settled_at IS NULL AND w.allowed)"
)
_ENTERED = (
    "EXISTS (SELECT 1 FROM accounts_consolesession cs"
    " WHERE cs.reseller_id = g.reseller_id AND cs.customer_id = g.customer_id)"
)


class AccessFilter(models.TextChoices):
    """How the access to a customer's console stands; the first four are AccessState."""

    OPEN = "open", _("Open")
    CLOSING = "closing", _("Closing")
    OPENING = "opening", _("Opening")
    CLOSED = "closed", _("Closed")
    NEVER_USED = "never_used", _("Open and never used")


class SoldFilter(models.TextChoices):
    """What a customer has of this reseller that needs a look."""

    ENDS_30 = "ends_30", _("Ends or renews within 30 days")
    ENDS_60 = "ends_60", _("Ends or renews within 60 days")
    TRIAL = "trial", _("Trial ends within 60 days")
    SUSPENDED = "suspended", _("Is suspended")


_ACCESS = {
    AccessFilter.OPEN: f"{_IN_FORCE} AND g.effective_until IS NULL",
    AccessFilter.CLOSING: f"{_IN_FORCE} AND g.effective_until IS NOT NULL",
    # Where access never began the columns are null, and so is the condition.
    AccessFilter.OPENING: f"{_IN_FORCE} IS NOT TRUE AND {_WAITING}",
    AccessFilter.CLOSED: f"{_IN_FORCE} IS NOT TRUE AND NOT {_WAITING}",
    AccessFilter.NEVER_USED: f"{_IN_FORCE} AND NOT {_ENTERED}",
}
_ENDS = "s.status = 'ACTIVE' AND s.ends_at > statement_timestamp() AND s.ends_at <= statement_timestamp() + interval "
_SOLD = {
    SoldFilter.ENDS_30: f"{_ENDS}'30 days'",
    SoldFilter.ENDS_60: f"{_ENDS}'60 days'",
    SoldFilter.TRIAL: f"{_ENDS}'60 days' AND s.plan = 'TRIAL'",
    SoldFilter.SUSPENDED: "s.status = 'SUSPENDED'",
}


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What was chosen; None or an empty text: everything."""

    access: str = ""
    sold: str = ""

    @property
    def conditions(self) -> list[str]:
        """The conditions to add, each of our own text: what was chosen only chooses."""
        found = [_ACCESS[AccessFilter(self.access)]] if self.access else []
        if self.sold:
            found.append(
                "EXISTS (SELECT 1 FROM subscriptions_subscription s WHERE s.reseller_id = g.reseller_id"  # noqa: S608  ours
                f" AND s.customer_id = g.customer_id AND {_SOLD[SoldFilter(self.sold)]})"
            )
        return [f"({condition})" for condition in found]


EVERYTHING = CustomerFilter()
