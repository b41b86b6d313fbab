"""The three places in which people work with cases: a customer's console, a reseller's pages, vendor support's desk.

They share list and page. What differs is who enters (the guards of the views) and the addresses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from accounts.models import Customer, User
from accounts.permissions import Permission
from support.due import with_lateness
from support.models import Case
from support.models.case import State
from support.partner_desk import with_partner_assignee
from support.scope import cases_visible_to, customers_served_by
from support.vendor_desk import with_vendor_assignee
from web.requests import ConsoleRequest, ResellerRequest, SignedInRequest


@dataclass(frozen=True, slots=True)
class Area:
    """Where a request to cases was made, and by whom. prefix: of the names of its addresses."""

    prefix: str
    base: str
    person: User
    customer: Customer | None = None

    @classmethod
    def console(cls, request: ConsoleRequest) -> Area:
        return cls("support_", "console/base.html", request.user, request.customer)

    @classmethod
    def reseller(cls, request: ResellerRequest) -> Area:
        return cls("reseller_", "reseller/base.html", request.user)

    @classmethod
    def vendor(cls, request: SignedInRequest) -> Area:
        return cls("vendor_", "vendor/base.html", request.user)

    @property
    def is_vendor(self) -> bool:
        return self.prefix == "vendor_"

    @property
    def is_console(self) -> bool:
        return self.prefix == "support_"

    @property
    def is_reseller(self) -> bool:
        return self.prefix == "reseller_"

    @property
    def may_file(self) -> bool:
        """Tell whether to offer a new case; the page itself asks again."""
        if self.customer is None:
            return customers_served_by(self.person).exists()
        return self.person.has_perm(Permission.FILE_CASES, self.customer)

    @property
    def list_url(self) -> str:
        return self.url("cases")

    @property
    def new_url(self) -> str:
        return self.url("case_new")

    @property
    def export_url(self) -> str:
        return self.url("cases_export")

    def url(self, page: str, **kwargs: Any) -> str:
        """Return the address of a page of cases in this place."""
        where = {"domain": self.customer.primary_domain} if self.customer else {}
        return reverse(f"{self.prefix}{page}", kwargs=where | kwargs)

    def cases(self) -> QuerySet[Case]:
        """Return the cases this person may read here, at this instant (S6, S7)."""
        visible = cases_visible_to(self.person)
        return visible.filter(customer=self.customer) if self.customer else visible

    def shown(self, cases: QuerySet[Case]) -> QuerySet[Case]:
        """Add to cases what their page and a line of a list show: at a desk also which colleague has them (S13)."""
        cases = with_lateness(cases).select_related("customer", "filed_by", "filed_by_reseller", "assignee")
        if self.is_vendor:
            return with_vendor_assignee(cases)
        if self.is_reseller and self.person.reseller_id is not None:
            return with_partner_assignee(cases, self.person.reseller_id)
        return cases

    def case(self, case_id: int) -> Case:
        """Return one case; 404 for one that this person may not read, as for one that does not exist."""
        case = self.shown(self.cases()).filter(pk=case_id).first()
        if case is None:
            raise Http404
        return case


@dataclass(frozen=True, slots=True)
class Row:
    """A case in a list, with its address."""

    case: Case
    url: str
    may_take: bool = False


def rows_of(area: Area, cases: Iterable[Case]) -> list[Row]:
    """Return a line for each case; those that nobody has can be taken at a desk."""
    return [Row(case, area.url("case", case_id=case.pk), may_take=is_free(area, case)) for case in cases]


def is_free(area: Area, case: Case) -> bool:
    """Tell whether an open case has nobody at this desk; customers have none."""
    if area.is_console or case.state == State.CLOSED:
        return False
    return getattr(case, "at_desk", None) is None
