"""The list of an organisation's domains."""

from __future__ import annotations

from typing import NamedTuple

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.domain_holders import some_addresses
from accounts.domains import TYPED_MAX_LENGTH, stored_part
from accounts.models import Domain
from accounts.models.domains import DomainKind
from accounts.organisations import Organisation
from web.domains.area import Area
from web.domains.words import status_of
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import FilterForm
from web.lists.listing import Kind, Words

# Addresses at one domain are counted as far as this: for all of a large customer that would take longer than the page.
COUNTED = 1_000


class Row(NamedTuple):
    """A domain, the URL of its page, and how many addresses there are."""

    domain: Domain
    url: str
    addresses: int


class DomainsFilter(FilterForm):
    """Filters the domains by a part of the name, and by type and whether they are verified."""

    q = forms.CharField(label=gettext_lazy("Domain"), max_length=TYPED_MAX_LENGTH, required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Type"), choices=[("", gettext_lazy("Any type")), *DomainKind.choices], required=False
    )
    verified = forms.ChoiceField(
        label=gettext_lazy("Status"),
        choices=[
            ("", gettext_lazy("Any status")),
            ("yes", gettext_lazy("Verified")),
            ("no", gettext_lazy("Not verified")),
        ],
        required=False,
    )

    def filtered(self, rows: QuerySet[Domain]) -> QuerySet[Domain]:
        """Return the domains asked for; none while a field has an error."""
        if not self.is_valid():
            return rows.none()
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(name__contains=stored_part(asked["q"]))
        if asked["kind"]:
            rows = rows.filter(kind=asked["kind"])
        return rows.filter(verified_at__isnull=asked["verified"] == "no") if asked["verified"] else rows


def _status(row: Row) -> cells.Html:
    return cells.chip(*status_of(row.domain))


def _addresses(row: Row) -> cells.Html:
    if row.addresses > COUNTED:
        return _("more than %(count)s") % {"count": cells.number(COUNTED)}
    return cells.number(row.addresses)


_COLUMNS = (
    Column[Row](
        "name",
        gettext_lazy("Domain"),
        lambda row: cells.link(row.url, cells.domain(row.domain.name)),
        is_text=True,
    ),
    Column[Row]("kind", gettext_lazy("Type"), lambda row: str(DomainKind(row.domain.kind).label)),
    Column[Row]("status", gettext_lazy("Status"), _status),
    Column[Row]("addresses", gettext_lazy("Addresses"), _addresses, is_number=True),
    Column[Row]("added", gettext_lazy("Added"), lambda row: cells.day(row.domain.added_at)),
    Column[Row](
        "checked",
        gettext_lazy("Last check"),
        lambda row: cells.moment(row.domain.looked_at, pgettext_lazy("check", "None")),
        is_shown=False,
    ),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s domain", "%(number)s domains", number) % {"number": cells.number(number)}


_WORDS = Words(
    name=gettext_lazy("Domains"),
    search=gettext_lazy("Search domains"),
    counted=_counted,
    none_found=gettext_lazy("No domain matches this search"),
    none_found_text=gettext_lazy("Search for a part of the domain, or choose another type or status."),
    none=gettext_lazy("No domains yet"),
    none_text=gettext_lazy("People and groups have their addresses at the domains of your organisation."),
    icon="globe",
)

DOMAINS = Kind("domains", _WORDS, _COLUMNS)


def rows_of_page(domains: list[Domain], area: Area) -> list[Row]:
    """Return the rows of a page; one query for the addresses of all of them."""
    owner: Organisation = area.owner
    numbers = some_addresses(owner, [row.name for row in domains], at_most=COUNTED + 1)
    return [Row(row, area.url(row), numbers.get(row.name, 0)) for row in domains]
