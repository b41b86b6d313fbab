"""What a reseller may filter its customers by: access, what it sold, its own tags (R5, R8, R16, R18, B5, B6).

All of it is SQL about a console grant called `g`, compared by the database's clock; an agent learns nothing from it
that a row of the list would not say, least of all the customer's setting (R5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.names import anywhere, storable
from subscriptions.access.effective import closing_sql, in_force_sql, level_sql, standing_sql
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

# With OFFSET 0 PostgreSQL looks each row up: else it gathers what waits in the whole market first.
_IN_FORCE, _CLOSING = in_force_sql("g"), closing_sql("g")
_STANDS = f"{standing_sql('g')} = '{Standing.ALL}'"
_WAITING = (
    "EXISTS (SELECT 1 FROM subscriptions_accesschange w"
    " WHERE w.grant_id = g.id AND w.settled_at IS NULL AND w.allowed AND w.gives OFFSET 0)"
)
_ENTERED = (
    "EXISTS (SELECT 1 FROM accounts_consolesession cs"
    " WHERE cs.reseller_id = g.reseller_id AND cs.customer_id = g.customer_id)"
)


class AccessFilter(models.TextChoices):
    """How the access to a customer's console stands; the first five are AccessState."""

    OPEN = "open", _("Open")
    ON_REQUEST = "on_request", _("On request")
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


class AgeFilter(models.TextChoices):
    """How long ago the relation began, for the first time."""

    NEW_30 = "new_30", _("Less than 30 days")
    NEW_365 = "new_365", _("Less than a year")
    OLD_365 = "old_365", _("A year or more")
    OLD_1095 = "old_1095", _("Three years or more")


# How far an open console is opened: its end, or its level (R16, R18).
ENDS_SOON: Final = "ends_30"
EXTENTS: Final[list[tuple[str, Promise | str]]] = [(ENDS_SOON, _("Access ends within 30 days")), *Level.choices]


_ACCESS = {
    AccessFilter.OPEN: f"{_IN_FORCE} AND NOT {_CLOSING} AND {_STANDS}",
    AccessFilter.ON_REQUEST: f"{_IN_FORCE} AND NOT {_CLOSING} AND NOT {_STANDS}",
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
_AGE = {
    AgeFilter.NEW_30: "g.began_at > statement_timestamp() - interval '30 days'",
    AgeFilter.NEW_365: "g.began_at > statement_timestamp() - interval '1 year'",
    AgeFilter.OLD_365: "g.began_at <= statement_timestamp() - interval '1 year'",
    AgeFilter.OLD_1095: "g.began_at <= statement_timestamp() - interval '3 years'",
}
_SOLD_HERE = (
    "FROM subscriptions_subscription s {} WHERE s.reseller_id = g.reseller_id AND s.customer_id = g.customer_id"
)
# Where few are to be expected each is looked up. Where there are many PostgreSQL would still expect few, and sort all
# customers for one page: IS TRUE keeps it from joining, so that it gathers once whose they are, and walks in the order
# of names (a page of a market of 1,000,000 customers: 5 ms in place of 50).
_LOOKED_UP = f"EXISTS (SELECT 1 {_SOLD_HERE.format('')} AND {{}})"
_GATHERED = (
    "(g.customer_id IN (SELECT s.customer_id FROM subscriptions_subscription s"
    " WHERE s.reseller_id = %(reseller)s AND {})) IS TRUE"
)
_OF_PRODUCT = (
    f"EXISTS (SELECT 1 {_SOLD_HERE.format('JOIN subscriptions_sku k ON k.id = s.sku_id')}"
    " AND s.status <> 'CANCELLED' AND k.product_id = %(product)s)"
)
# Of this reseller only, whatever the number is: nobody learns whom another one has grouped.
_GROUPED = (
    "EXISTS (SELECT 1 FROM subscriptions_groupedcustomer gc JOIN subscriptions_customergroup cg ON cg.id = gc.group_id"
    " WHERE gc.customer_id = g.customer_id AND cg.reseller_id = g.reseller_id AND gc.group_id = %({})s)"
)
_AT_ADDRESS = (
    "EXISTS (SELECT 1 FROM accounts_customer k WHERE k.id = g.customer_id AND lower(k.postal_address) LIKE %(address)s)"
)


@dataclass(frozen=True, slots=True)
class CustomerFilter:
    """What was chosen; None or an empty text: everything.

    product: the id of a product group that was sold. tag, group: the ids of the reseller's own. address: a part of the
    postal address, which customers have no country beside. age: of the relation.
    """

    access: str = ""
    sold: str = ""
    extent: str = ""
    product: str = ""
    tag: int | None = None
    group: int | None = None
    address: str = ""
    age: str = ""

    @property
    def conditions(self) -> list[str]:
        """The conditions to add, each of our own text: what was chosen only chooses, or is a parameter."""
        found = [_ACCESS[AccessFilter(self.access)]] if self.access else []
        if self.sold:
            way = _LOOKED_UP if self.sold == SoldFilter.TRIAL else _GATHERED
            found.append(way.format(_SOLD[SoldFilter(self.sold)]))
        if self.extent == ENDS_SOON:
            found.append(_ENDS_ITSELF)
        elif self.extent:
            found.append(f"{_IN_FORCE} AND {level_sql('g')} = '{Level(self.extent)}'")
        if self.age:
            found.append(_AGE[AgeFilter(self.age)])
        asked = ((self.product, _OF_PRODUCT), (self.address, _AT_ADDRESS))
        found += [condition for value, condition in asked if value]
        found += [_GROUPED.format(name) for name in ("tag", "group") if getattr(self, name) is not None]
        return [f"({condition})" for condition in found]

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the conditions."""
        address = anywhere(storable(self.address).lower()) if self.address else ""
        return {"product": self.product, "tag": self.tag, "group": self.group, "address": address}


EVERYTHING = CustomerFilter()
