"""The verbs of a reseller's groups of customers and of its tags: its own order, which opens nothing (P4).

Members are rows. A rule only finds whom to add, when an admin presses the button: nothing enters or leaves by itself,
but for the end of the relation (access/grouped.py).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.audit import EventName, record_audit, record_for_customers
from accounts.authorisation import authorise_reseller, person_now
from accounts.errors import Duplicate, Refused
from accounts.models import Reseller, User
from accounts.names import name_key
from accounts.organisations import clean_name, refuse_duplicate
from accounts.roles import Role
from subscriptions.access.customer_filter import EVERYTHING, CustomerFilter
from subscriptions.access.scope import relations_condition
from subscriptions.models import AccessGrant, CustomerGroup, GroupedCustomer
from subscriptions.models.customer_group import GroupKind

NAME_MAX_LENGTH: Final = 60
# Of each kind: as many as a person can choose from in one list.
AT_MOST: Final = 200
# Rows of a preview; the number says how many there are.
SHOWN: Final = 50
_NAME_IS_TAKEN = gettext_lazy("Another group or tag has this name.")
_IS_GONE = gettext_lazy("This group or tag does not exist any more.")
_CANDIDATES = """
    FROM subscriptions_accessgrant g WHERE {condition} AND NOT EXISTS (
        SELECT 1 FROM subscriptions_groupedcustomer m WHERE m.group_id = %(into)s AND m.customer_id = g.customer_id
    )"""
# A relation that ends at this instant ends before, or takes its customer out again: end_grouping() waits for this lock
# and this waits for its. Saves of access and workers do neither, however many customers there are.
_ADD = """
    INSERT INTO subscriptions_groupedcustomer (group_id, customer_id)
    SELECT %(into)s, chosen.customer_id FROM (SELECT g.customer_id {candidates} ORDER BY g.id FOR KEY SHARE OF g) chosen
    ON CONFLICT DO NOTHING RETURNING customer_id
"""


@dataclass(frozen=True, slots=True)
class Candidates:
    """Customers that a rule finds and that are not in the group. seen: a digest that names all of them.

    first: the names and domains of the first ones.
    """

    number: int
    seen: str
    first: list[tuple[str, str]]

    @property
    def left(self) -> int:
        """How many there are behind the first ones."""
        return self.number - len(self.first)


@transaction.atomic
def create_group(*, actor: Actor, reseller: Reseller, kind: GroupKind, name: str) -> CustomerGroup:
    """Make a group of customers, or a tag, with nobody in it. Raises Refused for a name that is taken."""
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), reseller.pk)
    name = clean_name(name, max_length=NAME_MAX_LENGTH)
    others = CustomerGroup.objects.filter(reseller=reseller, kind=kind)
    _refuse_same_name(others, name)
    if others.count() >= AT_MOST:
        text = _("There are %(number)s already. Delete one that is no longer needed.")
        raise Refused(text % {"number": AT_MOST}, "name", reason="conditionNotMet")
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        group = CustomerGroup.objects.create(reseller=reseller, kind=kind, name=name)
    new = {"group_kind": kind, "name": name}
    record_audit(EventName.CREATE_CUSTOMER_GROUP, actor=actor, customer=None, subject=name, new=new)
    return group


@transaction.atomic
def rename_group(*, actor: Actor, group: CustomerGroup, name: str) -> CustomerGroup:
    """Give a group or a tag another name. Raises Refused for one that is taken."""
    group, name = _locked(actor, group), clean_name(name, max_length=NAME_MAX_LENGTH)
    if name == group.name:
        return group
    others = CustomerGroup.objects.filter(reseller=group.reseller_id, kind=group.kind).exclude(pk=group.pk)
    _refuse_same_name(others, name)
    old, group.name = group.name, name
    with refuse_duplicate(_NAME_IS_TAKEN, "name"):
        group.save(update_fields=["name"])
    values = {"old": {"name": old}, "new": {"name": name}}
    record_audit(EventName.RENAME_CUSTOMER_GROUP, actor=actor, customer=None, subject=name, **values)
    return group


@transaction.atomic
def delete_group(*, actor: Actor, group: CustomerGroup) -> None:
    """Delete a group or a tag; its customers stay what they are. Deleting it a second time changes nothing."""
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), group.reseller_id)
    found = CustomerGroup.objects.select_for_update().filter(pk=group.pk).first()
    if found is None:
        return
    domains = GroupedCustomer.objects.filter(group=found).order_by("customer__primary_domain")
    old = {
        "group_kind": found.kind,
        "name": found.name,
        "customers": list(domains.values_list("customer__primary_domain", flat=True)),
    }
    found.delete()
    record_audit(EventName.DELETE_CUSTOMER_GROUP, actor=actor, customer=None, subject=found.name, old=old)


@transaction.atomic
def add_customers(*, actor: Actor, group: CustomerGroup, customers: Collection[int]) -> int:
    """Put customers into a group, or tag them, by their ids; return how many were new.

    Those to whom the reseller has no relation at this instant are passed over.
    """
    return _add(actor, _locked(actor, group), EVERYTHING, "g.customer_id = ANY(%(chosen)s)", {"chosen": [*customers]})


@transaction.atomic
def fill_group(*, actor: Actor, group: CustomerGroup, rule: CustomerFilter, seen: str) -> int:
    """Put those whom a rule finds now into a group, or tag them; return how many were new.

    seen: what `candidates` said of them. Raises Refused where it would say otherwise now: then look again.
    """
    group = _locked(actor, group)
    if candidates(person_now(actor), group, rule).seen != seen:
        raise Refused(
            _("The matching customers have changed. Check them again, then add them."), reason="conditionNotMet"
        )
    return _add(actor, group, rule)


@transaction.atomic
def remove_customers(*, actor: Actor, group: CustomerGroup, customers: Collection[int]) -> int:
    """Take customers out of a group, or a tag from them, by their ids; return how many there were."""
    group = _locked(actor, group)
    rows = GroupedCustomer.objects.filter(group=group, customer__in=list(customers))
    removed = list(rows.values_list("customer_id", flat=True))
    rows.delete()
    _record(EventName.REMOVE_CUSTOMER_FROM_GROUP, actor, group, removed, is_new=False)
    return len(removed)


@transaction.atomic
def change_tags(*, actor: Actor, relation: AccessGrant, tags: Collection[int]) -> int:
    """Give a customer exactly these tags of the relation's reseller, by their ids; return how many that changed.

    Raises Refused for an id that is no tag of the reseller.
    """
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), relation.reseller_id)
    known = CustomerGroup.objects.filter(reseller=relation.reseller_id, kind=GroupKind.TAG)
    chosen = {tag.pk: tag for tag in known.filter(pk__in=list(tags))}
    if len(chosen) != len(set(tags)):
        raise Refused(str(_IS_GONE), "tags", reason="notFound")
    held = {tag.pk: tag for tag in known.filter(members__customer=relation.customer_id)}
    customers = [relation.customer_id]
    added = sum(
        add_customers(actor=actor, group=chosen[pk], customers=customers) for pk in sorted(chosen - held.keys())
    )
    taken = sorted(held.keys() - chosen)
    return added + sum(remove_customers(actor=actor, group=held[pk], customers=customers) for pk in taken)


def candidates(agent: User, group: CustomerGroup, rule: CustomerFilter) -> Candidates:
    """Return whom a rule would add to a group at this instant, of the customers that this person sees."""
    condition, params = relations_condition(agent, "", rule)
    found, params = _CANDIDATES.format(condition=condition), params | {"into": group.pk, "shown": SHOWN}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*), md5(coalesce(string_agg(g.customer_id::text, ',' ORDER BY g.customer_id), '')) {found}",
            params,
        )
        number, seen = cursor.fetchone()
        cursor.execute(
            f"SELECT g.customer_name, g.customer_domain {found} ORDER BY g.customer_sort_name, g.id LIMIT %(shown)s",
            params,
        )
        return Candidates(number, seen, cursor.fetchall())


def _add(
    actor: Actor,
    group: CustomerGroup,
    rule: CustomerFilter,
    chosen: str = "true",
    chosen_params: dict[str, Any] | None = None,
) -> int:
    condition, params = relations_condition(person_now(actor), "", rule)
    found = _CANDIDATES.format(condition=f"{condition} AND {chosen}")
    with connection.cursor() as cursor:
        cursor.execute(_ADD.format(candidates=found), params | {"into": group.pk} | (chosen_params or {}))
        added = [pk for (pk,) in cursor.fetchall()]
    _record(EventName.ADD_CUSTOMER_TO_GROUP, actor, group, added, is_new=True)
    return len(added)


def _record(name: EventName, actor: Actor, group: CustomerGroup, customers: list[int], *, is_new: bool) -> None:
    """Write one event for each customer: at the reseller, since its customers never hear of it."""
    said = {"group_kind": group.kind}
    record_for_customers(name, actor=actor, subject=group.name, customers=customers, said=said, is_new=is_new)


def _locked(actor: Actor, group: CustomerGroup) -> CustomerGroup:
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), group.reseller_id)
    found = CustomerGroup.objects.select_for_update(no_key=True).filter(pk=group.pk).first()
    if found is None:
        raise Refused(str(_IS_GONE), reason="notFound")
    return found


def _refuse_same_name(others: QuerySet[CustomerGroup], name: str) -> None:
    """Refuse the name of another one of its kind, compared as names are (P10); a constraint sees the rest."""
    if name_key(name) in map(name_key, others.values_list("name", flat=True)):
        raise Duplicate(str(_NAME_IS_TAKEN), "name")
