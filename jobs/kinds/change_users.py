"""One change for several users, by the verbs for several: every rule about one holds for many (P7, P11, R14, R21)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.directory import deleting, groups, invitations, moving, suspending
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.directory.several import GONE, Outcomes, Rule, decided, loaded
from accounts.errors import Refused
from accounts.models import Customer, DirectoryGroup, GroupMember, OrgUnit, User
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission
from jobs.kinds.change import Change, Details, Step, applying
from jobs.kinds.kind import Kind
from subscriptions import leaving, licensing_several
from subscriptions.models import Subscription

Rules = Callable[[Actor, Customer, Sequence[int], Details], Rule]


def _by(rules: Rules) -> Step:
    """Return what foresees an action by the rule about each person."""

    def foresee(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
        people = loaded(customer, User.objects.filter(customer=customer, pk__in=ids), ids)
        return decided(people, rules(actor, customer, ids, details), ids)

    return foresee


def _suspend(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    return suspending.suspend_users(actor=actor, organisation=customer, people=ids)


def _restore(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    return suspending.unsuspend_users(actor=actor, organisation=customer, people=ids)


def _delete(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    return leaving.delete_users_with_licences(actor=actor, organisation=customer, people=ids)


def _invite(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    return invitations.invite_users(actor=actor, organisation=customer, people=ids)


def _move(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    unit = _unit(customer, details)
    if unit is None:
        raise Refused(NO_SUCH_UNIT)
    return moving.move_users(actor=actor, organisation=customer, people=ids, org_unit=unit)


def _unit(customer: Customer, details: Details) -> OrgUnit | None:
    return OrgUnit.objects.filter(customer=customer, pk=details["org_unit"]).first()


def _assign(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    subscription, switch = _subscription(customer, details), bool(details.get("switch"))
    return licensing_several.assign_to_several(actor=actor, subscription=subscription, people=ids, switch=switch)


def _foresee_assigning(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    subscription, switch = _subscription(customer, details), bool(details.get("switch"))
    return licensing_several.assigning(actor, subscription, ids, switch=switch)


def _revoke(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    subscription, away = _subscription(customer, details), bool(details.get("stays_away"))
    return licensing_several.revoke_from_several(actor=actor, subscription=subscription, people=ids, stays_away=away)


def _foresee_revoking(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    return licensing_several.revoking(_subscription(customer, details), ids)


def _subscription(customer: Customer, details: Details) -> Subscription:
    """Return the subscription; whether the actor may assign its licences is asked by the verb (R3)."""
    found = Subscription.objects.filter(customer=customer, pk=details["subscription"])
    subscription = found.select_related("sku__product", "customer").first()
    if subscription is None:
        raise Refused(_("This subscription does not exist any more."))
    return subscription


def _add_to_group(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    new, eligible = groups.add_people(actor=actor, group=_group(customer, details), people=ids)
    return Outcomes(list(new), {pk: Refused(GONE) for pk in ids if pk not in eligible})


def _remove_from_group(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    return Outcomes(list(groups.remove_people(actor=actor, group=_group(customer, details), people=ids)))


def _foresee_adding(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    living = set(_living(customer, ids).values_list("pk", flat=True))
    there = _in_group(customer, ids, details)
    done = [pk for pk in ids if pk in living and pk not in there]
    return Outcomes(done, {pk: Refused(GONE) for pk in ids if pk not in living})


def _foresee_removing(actor: Actor, customer: Customer, ids: Sequence[int], details: Details) -> Outcomes:
    there = _in_group(customer, ids, details)
    return Outcomes([pk for pk in ids if pk in there])


def _living(customer: Customer, ids: Sequence[int]) -> QuerySet[User]:
    return User.objects.filter(customer=customer, deleted_at=None, pk__in=ids)


def _in_group(customer: Customer, ids: Sequence[int], details: Details) -> set[int]:
    members = GroupMember.objects.filter(group=_group(customer, details), user__in=ids)
    return {pk for pk in members.values_list("user_id", flat=True) if pk}


def _group(customer: Customer, details: Details) -> DirectoryGroup:
    group = DirectoryGroup.objects.filter(customer=customer, pk=details["group"]).first()
    if group is None:
        raise Refused(_("This group does not exist any more."))
    return group


_USERS, _LICENCES, _GROUPS = Permission.MANAGE_USERS, Permission.ASSIGN_LICENCES, Permission.MANAGE_GROUPS
CHANGES = {
    BulkAction.SUSPEND: Change(_USERS, _suspend, _by(lambda a, c, i, d: suspending.suspending(a, c)), locks=True),
    BulkAction.RESTORE: Change(_USERS, _restore, _by(lambda a, c, i, d: suspending.restoring(a, c)), locks=True),
    BulkAction.MOVE: Change(_USERS, _move, _by(lambda a, c, i, d: moving.moving(a, c, _unit(c, d))), locks=True),
    BulkAction.DELETE: Change(_USERS, _delete, _by(lambda a, c, i, d: deleting.deleting(a, c)), locks=True),
    BulkAction.PASSWORD_MAIL: Change(
        _USERS, _invite, _by(lambda a, c, i, d: invitations.inviting(a, c, i)), locks=True
    ),
    BulkAction.ASSIGN_LICENCES: Change(_LICENCES, _assign, _foresee_assigning),
    BulkAction.UNASSIGN_LICENCES: Change(_LICENCES, _revoke, _foresee_revoking),
    BulkAction.ADD_TO_GROUP: Change(_GROUPS, _add_to_group, _foresee_adding),
    BulkAction.REMOVE_FROM_GROUP: Change(_GROUPS, _remove_from_group, _foresee_removing),
}


KIND = Kind(_USERS, applying(CHANGES, "person", User.objects.all), changes=CHANGES)
