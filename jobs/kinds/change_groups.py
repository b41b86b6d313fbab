"""One change for several groups, by the verbs of groups."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.directory import groups
from accounts.directory.several import Outcomes
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, DirectoryGroup
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission
from jobs.kinds.change import Change, Details, applying
from jobs.kinds.kind import Kind

# Members that one transaction adds: about a second, as long as an admin who saves something waits for the customer.
# 500 people in 500 groups were 250,000, and took most of a minute.
MEMBERS_AT_ONCE = 5_000


def _delete(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    return Outcomes(list(groups.delete_groups(actor=actor, customer=customer, groups=ids)))


def _add_people(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    """Put the same people into each group; what is done with one group does not depend on the others."""
    lock_customer(customer)  # a group that is deleted meanwhile is gone before, or afterwards
    found = _foresee_adding(actor, customer, ids, details)
    for group in DirectoryGroup.objects.filter(pk__in=found.done).order_by("pk"):
        new, _eligible = groups.add_people(actor=actor, group=group, people=details["people"])
        if not new:
            found.done.remove(group.pk)
    return found


def _groups_at_once(details: Details) -> int:
    return max(1, MEMBERS_AT_ONCE // max(1, len(details["people"])))


def _foresee_deleting(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    there = _there(customer, ids)
    return Outcomes([pk for pk in ids if pk in there])


def _foresee_adding(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    there, gone = _there(customer, ids), Refused(_("This group does not exist any more."))
    return Outcomes([pk for pk in ids if pk in there], {pk: gone for pk in ids if pk not in there})


def _there(customer: Customer, ids: Sequence[int]) -> set[int]:
    return set(DirectoryGroup.objects.filter(customer=customer, pk__in=ids).values_list("pk", flat=True))


CHANGES = {
    BulkAction.DELETE: Change(Permission.MANAGE_GROUPS, _delete, _foresee_deleting, locks=True),
    BulkAction.ADD_PEOPLE: Change(Permission.MANAGE_GROUPS, _add_people, _foresee_adding, at_once=_groups_at_once),
}
KIND = Kind(Permission.MANAGE_GROUPS, applying(CHANGES, "group", DirectoryGroup.objects.all), changes=CHANGES)
