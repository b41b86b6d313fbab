"""The columns of the list of domains that collide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.domain_holders import addresses_of_each, name_of, owner_of
from accounts.domains import shown_domain
from accounts.models import Domain
from accounts.names import isolated
from accounts.organisations import VENDOR, Organisation
from accounts.own_domains.collisions import COUNTED
from accounts.wording import labelled
from web.domains.words import status_of
from web.lists import cells
from web.lists.columns import Column
from web.lists.listing import Kind, Words
from web.vendor.places import page_of, place_of


@dataclass(frozen=True, slots=True)
class Row:
    """A claim on a domain. owner: what its organisation is called; addresses: how many it has there."""

    domain: Domain
    organisation: Organisation
    owner: str
    addresses: int


def rows_of(domains: Sequence[Domain]) -> list[Row]:
    """Return the rows of a page, with how many addresses each organisation has there."""
    numbers = addresses_of_each(domains, at_most=COUNTED)
    owners = [owner_of(row) for row in domains]
    return [Row(row, owner, name_of(owner), numbers[row.pk]) for row, owner in zip(domains, owners, strict=True)]


def _holds(row: Row) -> cells.Html:
    return _("Has the name") if row.domain.holds else _("Does not have the name")


def _verified(row: Row) -> cells.Html:
    return _("Verified") if row.domain.is_verified else _("Not verified")


def _actions(row: Row) -> cells.Html:
    """Lead to the two decisions, of which the domain's own status says which there are."""
    if row.organisation is VENDOR:
        return cells.NOTHING
    query, title = urlencode({"name": row.domain.name}), f"{shown_domain(row.domain.name)}, {isolated(row.owner)}"
    offered = [("operations_domain_verify", _("Has it"))]
    if row.domain.contested_at is not None:
        offered.append(("operations_domain_settle", _("Does not have it")))
    links = [
        cells.link(f"{reverse(page, args=place_of(row.organisation))}?{query}", text, label=labelled(text, title))
        for page, text in offered
    ]
    return cells.lines(links)


def _counted(number: int) -> str:
    return ngettext("%(number)s claim", "%(number)s claims", number) % {"number": cells.number(number)}


COLLISIONS: Kind[Row] = Kind(
    "collisions",
    Words(
        name=gettext_lazy("Domains that collide"),
        search=gettext_lazy("Search domains"),
        counted=_counted,
        none_found=gettext_lazy("No domain matches this search"),
        none_found_text=gettext_lazy("Search for a part of the name."),
        none=gettext_lazy("Nothing collides"),
        none_text=gettext_lazy("A domain on which two organisations have a claim is listed here until you decide."),
        icon="globe",
    ),
    (
        Column[Row]("name", gettext_lazy("Domain"), lambda row: cells.domain(row.domain.name)),
        Column[Row](
            "owner",
            gettext_lazy("Organisation"),
            lambda row: cells.link(page_of(row.organisation), cells.name(row.owner)),
            is_text=True,
        ),
        Column[Row]("status", gettext_lazy("Status"), lambda row: cells.chip(*status_of(row.domain))),
        Column[Row]("holds", gettext_lazy("Name"), _holds, is_wrapped=True),
        Column[Row]("verified", gettext_lazy("Verified"), _verified),
        Column[Row]("addresses", gettext_lazy("Addresses"), lambda row: cells.number(row.addresses), is_number=True),
        Column[Row](
            "since",
            gettext_lazy("Waiting since"),
            lambda row: cells.day(row.domain.contested_at) if row.domain.contested_at else cells.NOTHING,
            is_shown=False,
        ),
        Column[Row]("decide", gettext_lazy("Decide"), _actions),
    ),
)
