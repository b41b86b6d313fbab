"""What a reseller may filter its customers by: how access stands, and what it sold (R5, R8, R16, R18, B5, B6).

All of it is SQL about a console grant called `g`, compared by the database's clock; an agent learns nothing from it
that a row of the list would not say, least of all the customer's setting (R5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from subscriptions.access.effective import closing_sql, in_force_sql, level_sql
from subscriptions.models.level import Level

_IN_FORCE, _CLOSING = in_force_sql("g"), closing_sql("g")
_WAITING = (
    "EXISTS (SELECT 1 FROM subscriptions_accesschange w"
    " WHERE w.grant_id = g.id AND w.settled_at IS NULL AND w.allowed AND w.gives)"
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


# How far an open console is opened: its end, or its level (R16, R18).
ENDS_SOON: Final = "ends_30"
EXTENTS: Final[list[tuple[str, Promise | str]]] = [(ENDS_SOON, _("Access ends within 30 days")), *Level.choices]


_ACCESS = {
    AccessFilter.OPEN: f"{_IN_FORCE} AND NOT {_CLOSING}",
    AccessFilter.CLOSING: f"{_IN_FORCE} AND {_CLOSING}",
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


_ENDS_ITSELF = f"{_IN_FORCE} AND NOT {_CLOSING} AND g.effective_until <= statement_timestamp() + interval '30 days'"


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What was chosen; None or an empty text: everything."""

    access: str = ""
    sold: str = ""
    extent: str = ""

    @property
    def conditions(self) -> list[str]:
        """The conditions to add, each of our own text: what was chosen only chooses."""
        found = [_ACCESS[AccessFilter(self.access)]] if self.access else []
        if self.sold:
            found.append(
                "EXISTS (SELECT 1 FROM subscriptions_subscription s WHERE s.reseller_id = g.reseller_id"  # noqa: S608  ours
                f" AND s.customer_id = g.customer_id AND {_SOLD[SoldFilter(self.sold)]})"
            )
        if self.extent == ENDS_SOON:
            found.append(_ENDS_ITSELF)
        elif self.extent:
            found.append(f"{_IN_FORCE} AND {level_sql('g')} = '{Level(self.extent)}'")
        return [f"({condition})" for condition in found]


EVERYTHING = CustomerFilter()
