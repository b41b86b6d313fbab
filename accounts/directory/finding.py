"""The first people, groups, units, devices and organisations that match what is typed, for searches that answer at each
key: most by hand, from the conditions of the lists. Building their queries would take longer than answering them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.models import Q, QuerySet

from accounts.directory.scope import people_condition
from accounts.directory.tree import Node, tree_of
from accounts.domains import stored_part
from accounts.models import Customer, Device, DirectoryGroup, OrgUnit, Reseller, User
from accounts.names import anywhere, at_the_beginning, named, sort_key
from accounts.organisations import sees_organisations
from accounts.permissions import Permission

# Characters from which on a part of a name is searched for: an index of trigrams knows no shorter ones. Fewer are the
# beginning of a name.
PART: Final = 3
# Each way to match is a statement of its own, which stops after a few rows of its own index. Aliases are looked for
# among the first 500 addresses of all organisations that begin as typed.
_BY_PART = """
    (SELECT u.id, u.name, u.email, u.sort_name FROM accounts_user u
     WHERE {condition} AND (u.sort_name LIKE %(name)s OR u.email LIKE %(email)s)
     ORDER BY u.sort_name, u.id LIMIT %(number)s)
    UNION
    (SELECT u.id, u.name, u.email, u.sort_name FROM accounts_user u
     WHERE {condition} AND u.id IN (SELECT a.user_id FROM accounts_address a
        WHERE a.email LIKE %(alias)s AND a.user_id IS NOT NULL ORDER BY a.email LIMIT 500)
     ORDER BY u.sort_name, u.id LIMIT %(number)s)
    ORDER BY sort_name, id LIMIT %(number)s
"""
_BY_BEGINNING = """
    SELECT u.id, u.name, u.email, u.sort_name FROM accounts_user u
    WHERE {condition} AND u.sort_name LIKE %(beginning)s ORDER BY u.sort_name, u.id LIMIT %(number)s
"""
_ORGANISATIONS = """
    SELECT o.id, o.name, o.primary_domain FROM {table} o
    WHERE {condition} ORDER BY o.sort_name, o.id LIMIT %(number)s
"""


@dataclass(frozen=True, slots=True)
class PersonFound:
    """A person of a directory."""

    pk: int
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class OrganisationFound:
    """A customer or a reseller."""

    pk: int
    name: str
    domain: str


def first_people(
    customer: Customer, permissions: Collection[Permission], typed: str, number: int, *, active: bool = False
) -> list[PersonFound]:
    """Return at most `number` people of a console, from A to Z, but for the deleted.

    By a part of the name or address, or by how an alias begins. active: without suspended ones.
    """
    key, stored = sort_key(typed), stored_part(typed)
    condition, params = people_condition(customer, permissions)
    if not key or not params:
        return []
    condition += " AND u.is_active" if active else ""
    params |= {"name": anywhere(key), "email": anywhere(stored), "alias": at_the_beginning(stored)}
    params |= {"beginning": at_the_beginning(key), "number": number}
    sql = _BY_PART if len(key) >= PART else _BY_BEGINNING
    return [PersonFound(*columns[:3]) for columns in _rows(sql.format(condition=condition), params)]


def first_staff(people: QuerySet[User], typed: str, number: int) -> list[PersonFound]:
    """Return at most `number` of a reseller's `people` by a part of the name or address, from A to Z."""
    if not sort_key(typed):
        return []
    found = people.filter(is_active=True).filter(named(typed)).order_by("sort_name", "pk")
    return [PersonFound(*columns) for columns in found.values_list("pk", "name", "email")[:number]]


def first_groups(groups: QuerySet[DirectoryGroup], typed: str, number: int) -> list[DirectoryGroup]:
    """Return at most `number` of `groups` by a part of the name or address, from A to Z."""
    key = sort_key(typed)
    if not key:
        return []
    condition = named(typed) if len(key) >= PART else Q(sort_name__startswith=key)
    return list(groups.filter(condition).order_by("sort_name", "pk")[:number])


def first_units(customer: Customer, typed: str, number: int) -> list[Node]:
    """Return at most `number` units of a customer by a part of the name, each at its place in the tree."""
    key = sort_key(typed)
    if not key:
        return []
    how = "contains" if len(key) >= PART else "startswith"
    units = OrgUnit.objects.filter(customer=customer, **{f"sort_name__{how}": key}).order_by("sort_name", "pk")
    found = list(units.values_list("pk", flat=True)[:number])
    nodes = {node.unit.pk: node for node in tree_of(customer)} if found else {}
    return [nodes[pk] for pk in found if pk in nodes]


def first_devices(devices: QuerySet[Device], typed: str, number: int) -> list[Device]:
    """Return at most `number` of `devices` by a part of the serial number or the model, the newest first."""
    serial = "".join(typed.split()).upper()
    if not serial:
        return []
    condition = Q(serial_number__contains=serial) | Q(model__icontains=typed.strip())
    if len(serial) < PART:
        condition = Q(serial_number__startswith=serial)
    return list(devices.filter(condition).order_by("-pk")[:number])


def first_organisations(
    person: User, kind: type[Customer | Reseller], typed: str, number: int
) -> list[OrganisationFound]:
    """Return at most `number` customers, or resellers, to the vendor's people, from A to Z (P5).

    By a part of the name or domain.
    """
    key = sort_key(typed)
    if not key or not sees_organisations(person):
        return []
    condition = "o.sort_name LIKE %(name)s OR o.primary_domain LIKE %(domain)s"
    params = {"name": anywhere(key), "domain": anywhere(stored_part(typed)), "number": number}
    if len(key) < PART:
        condition, params["name"] = "o.sort_name LIKE %(name)s", at_the_beginning(key)
    sql = _ORGANISATIONS.format(table=kind._meta.db_table, condition=condition)
    return [OrganisationFound(*columns) for columns in _rows(sql, params)]


def _rows(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall())
