"""From an event of the audit log to its object, where that is still there and this reader may open it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.urls import reverse

from accounts.directory.device_scope import devices_of
from accounts.directory.scope import people_in_console
from accounts.models import AuditEvent, Customer, DirectoryGroup, Domain, OrgUnit, User
from accounts.models.targets import TargetKind
from accounts.permissions import Permission
from accounts.two_people.reading import proposals_of
from jobs.scope import jobs_in_console
from subscriptions.access.requests import requests_to
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.reviews.scope import reviews_of
from support.models import Case

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the audit log of a customer, and what they may do in its console."""

    person: User
    customer: Customer
    permissions: Collection[Permission]


# By kind: the name of the page, what it calls the object's number, and the permission of that page.
_OWN_PAGES: dict[TargetKind, tuple[str, str, Permission]] = {
    TargetKind.USER: ("user", "user_id", Permission.VIEW_USERS),
    TargetKind.DOMAIN: ("own_domain", "domain_id", Permission.VIEW_DOMAINS),
    TargetKind.GROUP: ("group", "group_id", Permission.VIEW_GROUPS),
    TargetKind.ORG_UNIT: ("org_unit", "unit_id", Permission.VIEW_ORG_UNITS),
    TargetKind.DEVICE: ("device", "device_id", Permission.VIEW_DEVICES),
    TargetKind.JOB: ("job", "job_id", Permission.VIEW_USERS),
    TargetKind.SUBSCRIPTION: ("subscription", "subscription_id", Permission.VIEW_SUBSCRIPTIONS),
    TargetKind.REQUEST: ("access_request", "request_id", Permission.VIEW_RESELLER_ACCESS),
    TargetKind.REVIEW: ("access_review", "review_id", Permission.VIEW_RESELLER_ACCESS),
    TargetKind.PROPOSAL: ("proposal", "proposal_id", Permission.VIEW_RESELLER_ACCESS),
    TargetKind.CASE: ("support_case", "case_id", Permission.VIEW_CASES),
}
# Those that stand on a page with others of their kind.
_SHARED_PAGES: dict[TargetKind, tuple[str, Permission]] = {
    TargetKind.CUSTOMER: ("account_settings", Permission.VIEW_ACCOUNT),
    TargetKind.RESELLER: ("reseller_access", Permission.VIEW_RESELLER_ACCESS),
    TargetKind.PARTNER: ("support_partners", Permission.MANAGE_SUPPORT_PARTNERS),
}


def pages_of(events: Iterable[AuditEvent], reader: Reader) -> dict[Key, str]:
    """Return the URLs of what these events are about; one query, whatever they are about."""
    keys = {(event.target_kind, event.target_id) for event in events if event.target_kind and event.target_id}
    domain = reader.customer.primary_domain
    shared = {
        (kind, pk): reverse(_SHARED_PAGES[TargetKind(kind)][0], kwargs={"domain": domain})
        for kind, pk in keys
        if kind in _SHARED_PAGES and _SHARED_PAGES[TargetKind(kind)][1] in reader.permissions
    }
    return {(kind, pk): _url(kind, pk, domain) for kind, pk in _there(keys, reader)} | shared


def _url(kind: str, pk: int, domain: str) -> str:
    name, number, _permission = _OWN_PAGES[TargetKind(kind)]
    return reverse(name, kwargs={"domain": domain, number: pk})


def _there(keys: Collection[Key], reader: Reader) -> Iterable[Key]:
    """Return those that are there, and that this reader may open."""
    asked = []
    for kind, (_name, _number, permission) in _OWN_PAGES.items():
        ids = sorted({pk for of_kind, pk in keys if of_kind == kind})
        if ids and permission in reader.permissions:
            rows = _scope(kind, reader).filter(pk__in=ids).order_by()
            asked.append(rows.annotate(kind_=Value(kind, CharField())).values_list("kind_", "pk"))
    if not asked:
        return []
    return [(str(kind), int(pk)) for kind, pk in asked[0].union(*asked[1:], all=True)]


def _scope(kind: TargetKind, reader: Reader) -> QuerySet[Any]:
    """Return the rows of a kind that this reader may open in this console."""
    customer, permissions = reader.customer, reader.permissions
    scopes: dict[TargetKind, Any] = {
        TargetKind.USER: lambda: people_in_console(customer, permissions),
        TargetKind.DOMAIN: lambda: Domain.objects.filter(customer=customer),
        TargetKind.GROUP: lambda: DirectoryGroup.objects.filter(customer=customer),
        TargetKind.ORG_UNIT: lambda: OrgUnit.objects.filter(customer=customer),
        TargetKind.DEVICE: lambda: devices_of(customer),
        TargetKind.JOB: lambda: jobs_in_console(reader.person, customer, permissions),
        TargetKind.SUBSCRIPTION: lambda: subscriptions_in_console(reader.person, customer, permissions),
        TargetKind.REQUEST: lambda: requests_to(customer),
        TargetKind.REVIEW: lambda: reviews_of(customer),
        TargetKind.PROPOSAL: lambda: proposals_of(customer),
        # What cases_visible_to gives one of the customer's own people, whose right is among the permissions.
        TargetKind.CASE: lambda: Case.objects.filter(customer=customer),
    }
    found: QuerySet[Any] = scopes[kind]()
    return found
