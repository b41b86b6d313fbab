"""Who is in a group, and in which groups someone is: questions only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.domains import canonical_email, typed_addresses
from accounts.models import Address, Customer, DirectoryGroup, GroupMember, User

# In one request; more belong into a file (a page answers within seconds, and a person can still read what is wrong).
MAX_LINES = 500


def containing(group: DirectoryGroup) -> set[int]:
    """Return the ids of a group and of every group that it is in, directly or through others."""
    sql = """
        WITH RECURSIVE around(id) AS (
            SELECT %s::bigint
            UNION
            SELECT m.group_id FROM accounts_groupmember m JOIN around ON m.subgroup_id = around.id
        ) SELECT id FROM around"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [group.pk])
        return {pk for (pk,) in cursor.fetchall()}


def inside(group: DirectoryGroup) -> set[int]:
    """Return the ids of a group and of every group that is in it, directly or through others."""
    sql = """
        WITH RECURSIVE within(id) AS (
            SELECT %s::bigint
            UNION
            SELECT m.subgroup_id FROM accounts_groupmember m JOIN within ON m.group_id = within.id
            WHERE m.subgroup_id IS NOT NULL
        ) SELECT id FROM within"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [group.pk])
        return {pk for (pk,) in cursor.fetchall()}


def groups_of(customer: Customer) -> QuerySet[DirectoryGroup]:
    """Return the groups of a customer: those that a page of its console may show."""
    return DirectoryGroup.objects.filter(customer=customer)


def members_of(group: DirectoryGroup | OuterRef) -> QuerySet[GroupMember]:
    """Return who is in a group; deleted people only wait there to be had back."""
    return (
        GroupMember.objects.filter(group=group)
        .filter(Q(user=None) | Q(user__deleted_at=None))
        .select_related("user", "subgroup")
    )


def members_through(group: DirectoryGroup) -> QuerySet[GroupMember]:
    """Return who is in a group, directly or through the groups in it: each once, as they are in it most directly."""
    rows = GroupMember.objects.filter(group__in=inside(group))
    nearest = Case(When(group=group, then=0), default=1, output_field=IntegerField())
    once = rows.order_by("user_id", "subgroup_id", nearest, "pk").distinct("user_id", "subgroup_id")
    return (
        GroupMember.objects.filter(pk__in=once.values("pk"))
        .filter(Q(user=None) | Q(user__deleted_at=None))
        .select_related("user", "subgroup")
    )


def with_numbers(groups: QuerySet[DirectoryGroup]) -> QuerySet[DirectoryGroup]:
    """Return groups with the numbers of their members (`members_in`)."""
    members = members_of(OuterRef("pk")).select_related(None).order_by().values("group_id")
    return groups.annotate(members_in=Coalesce(Subquery(members.annotate(n=Count("pk")).values("n")), 0))


def around_of(group: DirectoryGroup) -> QuerySet[DirectoryGroup]:
    """Return the groups that a group is in directly, in the order of their names."""
    return DirectoryGroup.objects.filter(members__subgroup=group).order_by("sort_name", "pk")


def email_of(member: GroupMember) -> str:
    """Return the address of the person or the group that is in a group."""
    inner = member.user or member.subgroup
    assert inner is not None  # a constraint of the database
    return inner.email


@dataclass(slots=True)
class Found:
    """What lines of addresses mean in a directory. bad: what is wrong with each line that cannot be added."""

    people: list[User] = field(default_factory=list)
    subgroups: list[DirectoryGroup] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


def read_addresses(text: str, group: DirectoryGroup) -> Found:
    """Look up addresses in the directory of a group's customer; aliases lead to their person.

    They stand as `typed_addresses` reads them. The same address twice counts once.
    The number of queries does not depend on the number of lines.
    """
    around = containing(group)
    return _read(text, group.customer_id, lambda address: _wrong(address, around))


def read_people(text: str, customer: Customer) -> Found:
    """Look up the addresses of people in the same way; a group is none of them."""
    return _read(text, customer.pk, _no_person)


def group_at(text: str, customer: Customer) -> DirectoryGroup | None:
    """Return the group of a customer that has this address, in whatever spelling; None for none."""
    try:
        email = canonical_email(text)
    except ValidationError:
        return None
    return groups_of(customer).filter(email=email).first()


def _read(text: str, customer_id: int, wrong_with: Callable[[Address | None], str]) -> Found:
    entries = typed_addresses(text)
    numbers, lines = [number for number, _entry in entries], list(enumerate(entry for _number, entry in entries))
    if len(lines) > MAX_LINES:
        too_many = _("There are %(lines)s addresses. Add at most %(number)s at once.")
        return Found(bad=[too_many % {"lines": len(lines), "number": MAX_LINES}])
    typed, wrong = _canonical(lines)
    known = _known(typed, customer_id)
    for email, number in typed.items():
        if reason := wrong_with(known.get(email)):
            wrong[number] = reason
    texts = dict(lines)
    say = _("Line %(number)s, %(text)s: %(reason)s")
    bad = [
        say % {"number": numbers[n], "text": texts[n][:100], "reason": reason} for n, reason in sorted(wrong.items())
    ]
    right = [known[email] for email, number in typed.items() if number not in wrong]
    people = {address.user.pk: address.user for address in right if address.user}
    subgroups = {address.group.pk: address.group for address in right if address.group}
    return Found(list(people.values()), list(subgroups.values()), bad)


def _canonical(lines: Iterable[tuple[int, str]]) -> tuple[dict[str, int], dict[int, str]]:
    """Return the place at which each address stands first, and what is wrong with the other entries."""
    typed: dict[str, int] = {}
    wrong: dict[int, str] = {}
    for number, line in lines:
        try:
            typed.setdefault(canonical_email(line), number)
        except ValidationError as error:
            wrong[number] = " ".join(error.messages)
    return typed, wrong


def _known(emails: Iterable[str], customer_id: int) -> dict[str, Address]:
    own = Q(user__customer=customer_id, user__deleted_at=None) | Q(group__customer=customer_id)
    rows = Address.objects.filter(own, email__in=list(emails)).select_related("user", "group")
    return {address.email: address for address in rows}


def _wrong(address: Address | None, around: set[int]) -> str:
    if address is None:
        return _("Nobody in this organisation has this address, and no group.")
    if address.group_id in around:
        return _("This group contains the one you are adding to, so that would be a circle.")
    return ""


def _no_person(address: Address | None) -> str:
    if address is None:
        return _("Nobody in this organisation has this address.")
    return _("This is the address of a group.") if address.group_id else ""
