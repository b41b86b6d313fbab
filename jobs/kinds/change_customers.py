"""One change for several customers of a reseller, by the verbs for one: each asks again (B3, R13, R17)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from accounts import staffing
from accounts.actor import Actor
from accounts.authorisation import person_now
from accounts.errors import Refused
from accounts.locking import CustomerBusy, lock_customer
from accounts.models import Job, JobLine, Team, User
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission
from accounts.roles import SALES_ROLES, Role
from jobs.kinds.kind import Kind, one_by_one
from jobs.kinds.trying import try_later
from subscriptions.access.asking import ask
from subscriptions.access.extent import Extent
from subscriptions.access.grouped import groups_of
from subscriptions.access.scope import relations_of
from subscriptions.customer_groups import add_customers
from subscriptions.lifecycle.amending import change_renewal, change_seats
from subscriptions.lifecycle.confirming import to_type
from subscriptions.models import AccessGrant, Subscription
from subscriptions.models.subscription import RenewalType

# What was chosen beside the action, and what stands in the line of a customer, as JSON.
Details = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class CustomerChange:
    """One action. roles: who of the reseller may ask for it; do: tells whether anything was to be done.

    of_subscriptions: whether a line is about what the reseller sold there.
    """

    roles: Collection[Role]
    do: Callable[[Actor, AccessGrant, Details, Details], bool]
    of_subscriptions: bool = False


def _ask(actor: Actor, relation: AccessGrant, details: Details, line: Details) -> bool:
    lasts = timedelta(seconds=details["lasts"]) if details["lasts"] else None
    extent = Extent(details["level"], lasts=lasts)
    ask(actor=actor, customer=relation.customer, extent=extent, reason=details["reason"])
    return True


def _change_seats(actor: Actor, relation: AccessGrant, details: Details, line: Details) -> bool:
    subscription = _as_shown(relation, line)
    if subscription.seats is None:
        raise Refused(_("This plan has no number of seats."))
    wanted = details["seats"] if details["way"] == "set" else subscription.seats + details["seats"]
    if to_type(subscription.seats, wanted) is not None:
        raise Refused(_("That is more than double. Change it on the page of the subscription."))
    changed = bool(wanted != subscription.seats)
    change_seats(actor=actor, subscription=subscription, seats=wanted)
    return changed


def _change_renewal(actor: Actor, relation: AccessGrant, details: Details, line: Details) -> bool:
    subscription, renewal = _as_shown(relation, line), RenewalType(details["renewal"])
    changed = subscription.renewal_type != renewal
    change_renewal(actor=actor, subscription=subscription, renewal=renewal)
    return changed


def _assign_staff(actor: Actor, relation: AccessGrant, details: Details, line: Details) -> bool:
    customers, reseller = [relation.customer], relation.reseller_id
    if details["team"]:
        team = Team.objects.filter(reseller=reseller, pk=details["team"]).first()
        if team is None:
            raise Refused(_("This team does not exist any more."))
        return staffing.assign_customers_to_team(actor=actor, team=team, customers=customers) > 0
    agent = User.objects.filter(reseller=reseller, pk=details["agent"]).first()
    if agent is None:
        raise Refused(_("This person does not belong to your organisation any more."))
    return staffing.assign_customers_to_agent(actor=actor, agent=agent, customers=customers) > 0


def _add_to_group(actor: Actor, relation: AccessGrant, details: Details, line: Details) -> bool:
    group = groups_of(person_now(actor)).filter(pk=details["group"]).first()
    if group is None:
        raise Refused(_("This group does not exist any more."))
    return add_customers(actor=actor, group=group, customers=[relation.customer_id]) > 0


def _as_shown(relation: AccessGrant, line: Details) -> Subscription:
    """Return the subscription of a line, as it was when its change was confirmed: what binds is seen before (B5)."""
    sold = Subscription.objects.filter(customer=relation.customer_id, reseller=relation.reseller_id)
    subscription = sold.select_related("sku", "customer", "reseller").filter(pk=line["subscription"]).first()
    if subscription is None or values_shown(subscription) != line["was"]:
        raise Refused(_("This subscription was changed since it was shown. Look at it again."))
    return subscription


def values_shown(subscription: Subscription) -> list[Any]:
    """Return what a person has seen of a subscription before they confirmed, as JSON."""
    ends_at = subscription.ends_at.isoformat() if subscription.ends_at else None
    return [subscription.pk, subscription.seats, subscription.plan, subscription.renewal_type, ends_at]


CHANGES = {
    BulkAction.ASK_ACCESS: CustomerChange(SALES_ROLES, _ask),
    BulkAction.CHANGE_SEATS: CustomerChange(SALES_ROLES, _change_seats, of_subscriptions=True),
    BulkAction.CHANGE_RENEWAL: CustomerChange(SALES_ROLES, _change_renewal, of_subscriptions=True),
    BulkAction.ASSIGN_STAFF: CustomerChange((Role.RESELLER_ADMIN,), _assign_staff),
    BulkAction.ADD_TO_GROUP: CustomerChange((Role.RESELLER_ADMIN,), _add_to_group),
}


def actions_for(person: User) -> list[BulkAction]:
    """Return what a person may do with several customers (P4), in the order of the buttons."""
    return [action for action, change in CHANGES.items() if person.roles & frozenset(change.roles)]


def change_one(actor: Actor, details: Details, line: Details) -> bool:
    """Do an action with one customer; tell whether anything was to be done. Raises Refused, PermissionDenied.

    The customer is locked in front, as everywhere, and then the relation: one that ends at this instant ends before, or
    takes what is done now along.
    """
    lock_customer(line["customer"])
    relations = relations_of(person_now(actor)).filter(customer=line["customer"])
    locked = relations.select_related("customer", "reseller").select_for_update(of=("self",), no_key=True)
    relation = locked.first()
    if relation is None:
        raise Refused(_("You do not work for this customer any more."))
    return CHANGES[BulkAction(details["action"])].do(actor, relation, details, line)


def apply(actor: Actor, job: Job, lines: Sequence[JobLine]) -> None:
    """Do the job's action with one customer, in a transaction of its own; the others come again.

    What it locks is one customer's, and an agent's behind it, so it waits with nobody in a circle. A customer that is
    busy comes again behind the others.
    """
    line = lines[0]
    try:
        one_by_one([line], partial(_of_line, actor, job.arguments))
    except CustomerBusy:
        try_later(line)


def _of_line(actor: Actor, details: Details, line: JobLine) -> bool:
    return change_one(actor, details, line.data)


# What it takes is a role of the reseller (CHANGES): no permission in a console is asked.
KIND = Kind(Permission.KNOW_CUSTOMER, apply)
