"""Whose log a call asks for, and which events of it (A4): the same as on the pages of the audit log."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.audit_log import events_of_customer, events_of_reseller
from accounts.clock import database_now
from accounts.directory.addresses import person_at
from accounts.domains import canonical_email
from accounts.models import Address, AuditEvent, Customer, DirectoryGroup, GroupMember, OrgUnit, ServiceAccount, User
from accounts.models.event_query import one_of
from accounts.permissions import Permission
from accounts.roles import RESELLER_ROLES
from api.core.errors import Forbidden, Invalid, NotFound
from api.core.moments import moment_of
from api.reports.forms import LOGIN
from api.reports.parameters import filtered, filters_in
from api.reports.table import FORMS, NOT_SHOWN
from subscriptions.access.scope import relations_of

MY_CUSTOMER: Final = "my_customer"
_USER_ID: Final = re.compile(r"\d{21}", re.ASCII)
_CLIENT: Final = re.compile(r'oauthclientid\s*==?\s*"?([0-9A-Za-z._-]{1,80})"?', re.IGNORECASE)
# What our log has nothing of: an answer without the filter would be another one than was asked for.
_NOT_FILTERED: Final = ("agentInfoFilter", "deviceFilter", "networkInfoFilter", "resourceDetailsFilter", "statusFilter")
_OF_SIGN_INS: Final = frozenset(name for name, form in FORMS.items() if form.application == LOGIN)


@dataclass(frozen=True, slots=True)
class Log:
    """A log that a person may read, and whose it is: a customer's, or their own reseller's."""

    events: QuerySet[AuditEvent]
    customer: Customer | None
    reseller_id: int | None = None


def log_of(person: User, asked: str = MY_CUSTOMER) -> Log:
    """Return the log that a person asks for: their own organisation's. Resellers see no customer's (R14).

    asked: whose, as `customerId`. Raises NotFound for a stranger's, Forbidden where the person lacks the right.
    """
    if person.customer is not None:
        if asked not in (MY_CUSTOMER, person.customer.customer_id):
            raise NotFound("customerId")
        if not person.has_perm(Permission.VIEW_AUDIT_LOG, person.customer):
            raise Forbidden
        return Log(events_of_customer(person.customer), person.customer)
    if asked != MY_CUSTOMER:
        known = relations_of(person).filter(customer__customer_id=asked).exists()
        raise Forbidden if known else NotFound("customerId")
    if not person.roles & RESELLER_ROLES:
        raise Forbidden
    return Log(events_of_reseller(person), None, person.reseller_id)


def events_asked(params: Mapping[str, Any], log: Log) -> QuerySet[AuditEvent]:
    """Return the events of a log that the parameters of activities.list ask for. Raises Invalid."""
    for name in _NOT_FILTERED:
        if params.get(name):
            raise Invalid(name, f"{name} is not served here.")
    if params.get("includeSensitiveData"):
        raise Forbidden
    events = _of_user(log, params["userKey"], is_login=params["applicationName"] == LOGIN)
    events = _named(params, events, with_old=log.customer is not None)
    events = _within(params, events)
    narrow: tuple[tuple[str, Callable[[QuerySet[AuditEvent], Log, str], QuerySet[AuditEvent]]], ...] = (
        ("actorIpAddress", _from_address),
        ("applicationInfoFilter", _by_client),
        ("orgUnitID", _of_unit),
        ("groupIdFilter", _of_groups),
    )
    for name, narrowed in narrow:
        if value := params.get(name):
            events = narrowed(events, log, value)
    return events


def _named(params: Mapping[str, Any], events: QuerySet[AuditEvent], *, with_old: bool) -> QuerySet[AuditEvent]:
    is_login = params["applicationName"] == LOGIN
    asked, filters = params.get("eventName", ""), filters_in(params.get("filters", ""))
    if not asked:
        if filters:
            raise Invalid("filters", "Name the event whose parameters these are: eventName.")
        if is_login:
            return one_of(events, "name", _OF_SIGN_INS)
        return events.exclude(name__in=_OF_SIGN_INS | set(NOT_SHOWN))
    form = next((form for name, form in FORMS.items() if name == asked), None)
    if form is None or (form.application == LOGIN) != is_login:
        return events.none()
    return filtered(events.filter(name=asked), form, filters, with_old=with_old)


def _of_user(log: Log, key: str, *, is_login: bool) -> QuerySet[AuditEvent]:
    """Return what a person did; of sign-ins, those to their account."""
    if key == "all":
        return log.events
    person = User.objects.filter(public_id=key).first() if _USER_ID.fullmatch(key) else person_at(key)
    is_own = person is not None and log.customer is not None and person.customer_id == log.customer.pk
    if person is not None and is_own and is_login:
        return log.events.filter(target_kind=person.target_kind, target_id=person.pk)
    if person is not None and is_own:
        addresses: Collection[str] = set(Address.objects.filter(user=person).values_list("email", flat=True))
        return one_of(log.events, "actor_email", {person.email, *addresses})
    if person is not None and log.reseller_id is not None and person.reseller_id == log.reseller_id:
        return log.events.filter(actor_id=person.pk)
    if _USER_ID.fullmatch(key):
        # Of people from elsewhere the log knows the address alone.
        raise NotFound("userKey")
    try:
        return log.events.filter(actor_email=canonical_email(key))
    except ValidationError as error:
        raise Invalid("userKey") from error


def _within(params: Mapping[str, Any], events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    since, until = params.get("startTime"), params.get("endTime")
    begin = moment_of(since, "startTime") if since else None
    end = moment_of(until, "endTime") if until else None
    if begin is not None and (begin > (end or begin) or begin > database_now()):
        raise Invalid("startTime")
    events = events.filter(at__gte=begin) if begin else events
    return events.filter(at__lte=end) if end else events


def _from_address(events: QuerySet[AuditEvent], _log: Log, value: str) -> QuerySet[AuditEvent]:
    try:
        address = ipaddress.ip_address(value)
    except ValueError as error:
        raise Invalid("actorIpAddress") from error
    if "%" in value:  # a network card of the client's own machine: PostgreSQL's addresses have none
        raise Invalid("actorIpAddress")
    return events.filter(ip_address=str(address))


def _by_client(events: QuerySet[AuditEvent], _log: Log, value: str) -> QuerySet[AuditEvent]:
    match = _CLIENT.fullmatch(value.strip())
    if match is None:
        raise Invalid("applicationInfoFilter")
    accounts = ServiceAccount.objects.filter(unique_id=match[1])
    return events.filter(client_id__in=accounts.values("pk"))


def _of_unit(events: QuerySet[AuditEvent], log: Log, value: str) -> QuerySet[AuditEvent]:
    unit = OrgUnit.objects.filter(customer=log.customer, public_id=value.removeprefix("id:")).first()
    if unit is None:
        raise NotFound("orgUnitID")
    return events.filter(actor_id__in=User.objects.filter(org_unit=unit).values("pk"))


def _of_groups(events: QuerySet[AuditEvent], log: Log, value: str) -> QuerySet[AuditEvent]:
    ids = {each.removeprefix("id:") for each in value.split(",")}
    groups = DirectoryGroup.objects.filter(customer=log.customer, public_id__in=ids)
    return events.filter(actor_id__in=GroupMember.objects.filter(group__in=groups, user__isnull=False).values("user"))
