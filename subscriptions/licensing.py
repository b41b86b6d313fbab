"""The verbs of licences: assigning, revoking, and assigning by itself. Never more than there are seats.

An agent assigns licences of the subscriptions in their scope only (R3): that is asked again in the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.audit import EventName, record_audit, record_for_people
from accounts.authorisation import authorise
from accounts.directory.org_units import NO_SUCH_UNIT
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import OrgUnit, User
from accounts.names import isolated
from accounts.permissions import Permission
from subscriptions import seats
from subscriptions.access.scope import subscriptions_in_console
from subscriptions.models import AutoLicence, Licence, Subscription
from subscriptions.models.subscription import Status
from subscriptions.nudges import nudge_licences_after_commit

# A message names this many people at most; the rest is a number.
NAMES_SHOWN = 3


@transaction.atomic
def assign_licences(
    *, actor: Actor | None, subscription: Subscription, people: QuerySet[User], switch: bool = False
) -> int:
    """Assign a licence to each of `people` who has none; return to how many. All of them or none.

    people: rows of the subscription's customer; others, and deleted ones, are left out.
    switch: whether people with a licence of the same product from another subscription change over to this one.
    Raises Refused where the seats do not suffice, where people would have two licences of one product, and where the
    subscription is not active. Raises PermissionDenied where it is not, or not any more, in the actor's scope.
    """
    subscription = locked_in_scope(actor, subscription)
    require_active(subscription)
    eligible = people.filter(customer=subscription.customer_id, deleted_at=None)
    held = held_of_the_product(subscription, eligible)
    lacking = [pk for pk in eligible.values_list("pk", flat=True) if held.get(pk) != subscription.pk]
    if not lacking:
        return 0
    elsewhere = {pk: held[pk] for pk in lacking if pk in held}
    if elsewhere and not switch:
        raise Refused(_two_of_a_product(subscription, elsewhere), "people", reason="conditionNotMet")
    free = seats.free(subscription)
    if free is not None and len(lacking) > free:
        raise Refused(_too_few_seats(free, len(lacking)), "people", reason="conditionNotMet")
    _leave(actor, subscription, elsewhere)
    return seats.give(subscription, lacking, actor=actor)


@transaction.atomic
def revoke_licences(
    *, actor: Actor | None, subscription: Subscription, people: QuerySet[User], stays_away: bool = False
) -> int:
    """Revoke the licences of those of `people` who have one; return of how many. Also where it is suspended.

    stays_away: whether automatic assignment leaves them out from now on, until an admin assigns them one.
    """
    subscription = locked_in_scope(actor, subscription)
    mine = people.filter(customer=subscription.customer_id)
    held = Licence.objects.filter(subscription=subscription, revoked_at=None, user__in=mine)
    ids = list(held.values_list("user", flat=True))
    return seats.take(subscription, ids, actor=actor, stays_away=stays_away)


@transaction.atomic
def let_licences_come_back(*, actor: Actor | None, subscription: Subscription, people: QuerySet[User]) -> int:
    """Let automatic assignment find those of `people` again whom it leaves out; return how many those were."""
    subscription = locked_in_scope(actor, subscription)
    mine = people.filter(customer=subscription.customer_id)
    found = seats.stay_away_no_longer(subscription, list(mine.values_list("pk", flat=True)))
    if found:
        old, new = {"SKU_NAME": subscription.sku.name, "automatic": False}, {"automatic": True}
        name = EventName.CHANGE_LICENSE_AUTO_ASSIGN
        record_for_people(name, actor=actor, customer=subscription.customer, people=found, old=old, new=new)
        nudge_licences_after_commit()
    return len(found)


@transaction.atomic
def change_licences_of(
    *,
    actor: Actor | None,
    person: User,
    assign: Iterable[Subscription],
    revoke: Iterable[Subscription],
    stay_away: Collection[Subscription] = (),
    come_back: Iterable[Subscription] = (),
) -> int:
    """Assign and revoke licences of one person, all or none; return how many changed. Revoked first: it may switch.

    stay_away: those of `revoke` that automatic assignment does not bring back; come_back: those that it may again.
    """
    itself = User.objects.filter(pk=person.pk)
    changed = sum(
        revoke_licences(actor=actor, subscription=one, people=itself, stays_away=one in stay_away) for one in revoke
    )
    changed += sum(let_licences_come_back(actor=actor, subscription=one, people=itself) for one in come_back)
    return changed + sum(assign_licences(actor=actor, subscription=one, people=itself) for one in assign)


@transaction.atomic
def change_auto_licence(*, actor: Actor | None, subscription: Subscription, org_unit: OrgUnit, automatic: bool) -> bool:
    """Let everybody in a unit, and in those below, get a licence by itself, or no longer; return whether that is new.

    Turning it off revokes nothing. Raises Refused for a subscription that is not active, and for a stranger's unit.
    """
    subscription = locked_in_scope(actor, subscription)
    # An admin may delete the unit at this moment: then it is not there, or waits for us.
    unit = OrgUnit.objects.filter(pk=org_unit.pk, customer=subscription.customer_id).select_for_update(no_key=True)
    if unit.first() is None:
        raise Refused(NO_SUCH_UNIT, "org_unit", reason="notFound")
    rule = AutoLicence.objects.filter(subscription=subscription, org_unit=org_unit)
    if rule.exists() == automatic:
        return False
    if automatic:
        require_active(subscription)
        AutoLicence.objects.create(customer=subscription.customer, subscription=subscription, org_unit=org_unit)
        nudge_licences_after_commit()
    else:
        rule.delete()
    path = tree_of(subscription.customer).path(org_unit.pk)
    record_audit(
        EventName.CHANGE_LICENSE_AUTO_ASSIGN,
        actor=actor,
        customer=subscription.customer,
        subject=subscription.sku.name,
        target=subscription,
        old={"org_unit": path, "automatic": not automatic},
        new={"org_unit": path, "automatic": automatic},
    )
    return True


def locked_in_scope(actor: Actor | None, subscription: Subscription) -> Subscription:
    """Lock the subscription and ask again whether this person may assign its licences at this instant (R3, R11)."""
    subscription = seats.lock(subscription)
    if actor is not None:
        authorise(actor, Permission.ASSIGN_LICENCES, subscription.customer)
        if not subscriptions_in_console(actor.user, subscription.customer).filter(pk=subscription.pk).exists():
            raise PermissionDenied(_("This subscription is not open to you any more."))
    return subscription


def held_of_the_product(subscription: Subscription, people: QuerySet[User]) -> dict[int, int]:
    """Return of which subscription each of `people` has a licence of the same product, by their ids."""
    held = Licence.objects.filter(customer=subscription.customer_id, product=subscription.sku.product_id)
    return dict(held.filter(revoked_at=None, user__in=people).values_list("user", "subscription"))


def require_active(subscription: Subscription) -> None:
    if subscription.status == Status.SUSPENDED:
        raise Refused(
            _(
                "This subscription is suspended: nobody can get a licence until it is active again."
                " You can revoke some."
            ),
            reason="conditionNotMet",
        )
    if subscription.status == Status.CANCELLED:
        raise Refused(_("This subscription was cancelled. Assign licences of another one."), reason="conditionNotMet")


def hidden_from(actor: Actor | None, subscription: Subscription, others: Collection[int]) -> set[int]:
    """Return those of some subscriptions, by their ids, that are not in the actor's scope and give up no licence."""
    if actor is None or not others:
        return set()
    return set(others) - set(_open_to(actor, subscription, others).values_list("pk", flat=True))


def not_managed(names: str) -> str:
    """Say that people keep a licence of a subscription that the actor does not manage."""
    text = _("%(names)s: the licence that is there belongs to a subscription that you do not manage.")
    return text % {"names": names}


def _open_to(actor: Actor, subscription: Subscription, others: Collection[int]) -> QuerySet[Subscription]:
    mine = subscriptions_in_console(actor.user, subscription.customer)
    return Subscription.objects.filter(pk__in=others).filter(pk__in=mine)


def _leave(actor: Actor | None, subscription: Subscription, elsewhere: dict[int, int]) -> None:
    """Revoke what people have of the same product elsewhere; only subscriptions in the actor's scope give them up."""
    people_of: dict[int, list[int]] = defaultdict(list)
    for person, other in elsewhere.items():
        people_of[other].append(person)
    if hidden := hidden_from(actor, subscription, people_of.keys()):
        raise Refused(
            not_managed(_names([pk for other in hidden for pk in people_of[other]])), "people", reason="conditionNotMet"
        )
    for left in Subscription.objects.filter(pk__in=people_of).select_related("sku").order_by("pk"):
        seats.take(left, people_of[left.pk], actor=actor)


def _too_few_seats(free: int, needed: int) -> str:
    there = ngettext("%(number)s seat is free", "%(number)s seats are free", free)
    wanted = ngettext("%(number)s person would need one", "%(number)s people would need one", needed)
    return _("%(there)s, and %(wanted)s. Choose fewer people, revoke licences, or get more seats.") % {
        "there": there % {"number": number_format(free, force_grouping=True)},
        "wanted": wanted % {"number": number_format(needed, force_grouping=True)},
    }


def _two_of_a_product(subscription: Subscription, elsewhere: Collection[int]) -> str:
    text = _(
        "A person has one licence of %(product)s at most, and these have another one already: %(names)s. "
        "Tick the box that switches them, or leave them out."
    )
    return text % {"product": subscription.sku.product.name, "names": _names(list(elsewhere))}


def _names(people: Collection[int]) -> str:
    named = list(User.objects.filter(pk__in=people).order_by("sort_name", "pk")[:NAMES_SHOWN])
    names = ", ".join(isolated(person.name) for person in named)
    if more := len(people) - len(named):
        text = ngettext("%(names)s and %(number)s more", "%(names)s and %(number)s more", more)
        return text % {"names": names, "number": number_format(more, force_grouping=True)}
    return names
