"""A console grant follows what it stands on: a sale, a support contract, or both (R1, R13, R19).

What happens here is a consequence of an order, a cancellation or a transfer (subscriptions/lifecycle/), or of a support
contract (support/): their events name the person. The access changes name nobody but the system, since no reseller ever
decides on access (R5); only a super admin who makes a contract decides with it (S12).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.authorisation import authorise, require_fresh_proof
from accounts.clock import database_now
from accounts.locking import lock_customer
from accounts.models import Customer, Reseller
from accounts.permissions import Permission
from accounts.unstaffing import end_staffing
from subscriptions.access.boxes_waiting import opens_alone, propose_boxes
from subscriptions.access.comparison import Desired
from subscriptions.access.extent import Extent, desired_of
from subscriptions.access.grouped import end_grouping
from subscriptions.access.outbox import Step, draw_due_at, must_end, queue
from subscriptions.access.policy import first_extent
from subscriptions.access.propagation import apply_at_once
from subscriptions.access.requests import end_requests
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.grant import Basis
from subscriptions.models.subscription import Status
from subscriptions.nudges import nudge_after_commit

# How long a customer that was registered is its reseller's without an order.
REGISTRATION_LASTS: Final = timedelta(days=30)


@transaction.atomic
def begin_relation(*, customer: Customer, reseller: Reseller) -> AccessGrant:
    """Begin the relation when a reseller sells its first subscription to a customer; repeating it changes nothing.

    One that began with a registration lapses no more.

    Access begins as RESELLER_ACCESS_DEFAULT says, and never wider than what the customer last decided about this
    reseller: cancelling and selling again reopens nothing (R1). Where a support contract is there, its switch is what
    the relation begins with at most: a sale ticks no box. Nor does it open by itself what needs two people (R21).
    """
    lock_customer(customer)
    grant, is_live = _console(customer, reseller)
    _lapse_at(grant, None)
    if is_live and grant.basis != Basis.CONTRACT:
        return grant
    now = database_now()
    extent = None if is_live else _last_extent(grant, now)
    opens = _begins_open(grant, now) and (grant.allowed if extent is None else opens_alone(customer, extent))
    grant.basis, grant.ended_at = Basis.BOTH if is_live else Basis.RELATION, None
    _queue([Step(grant, opens, due_at=now, extent=extent)], now)
    return grant


@transaction.atomic
def begin_registration(*, customer: Customer, reseller: Reseller) -> AccessGrant:
    """Begin the relation with a customer that this reseller has just registered, and sold nothing yet (P7, R1).

    Its access is in effect at once, where RESELLER_ACCESS_DEFAULT gives it: nobody is there who could use the console.
    Unless something is sold before, the relation lapses after REGISTRATION_LASTS (lifecycle/registering.py).
    """
    grant = begin_relation(customer=customer, reseller=reseller)
    _lapse_at(grant, database_now() + REGISTRATION_LASTS)
    apply_at_once(grant)
    grant.refresh_from_db()
    return grant


def _lapse_at(grant: AccessGrant, moment: datetime | None) -> None:
    if grant.lapses_at != moment:
        grant.lapses_at = moment
        grant.save(update_fields=["lapses_at"])


@transaction.atomic
def begin_contract(*, actor: Actor | None, customer: Customer, reseller: Reseller, opens: bool) -> AccessGrant:
    """Let the console grant stand on a support contract too; repeating it changes nothing (S12, R19).

    actor: the super admin who decides whether the contract opens the console; None where nobody does: then it opens
    never more than what the customer last decided about this reseller (R1).
    Where there is a switch already, with a sale or an earlier contract, it stays as it is: the contract opens nothing.
    Where the customer demands two people for as much, the switch is off, and what an actor decided waits for another
    super admin (R21). Raises PermissionDenied for an actor who may not decide (R5), ProofNeeded for one who opens the
    console with a last proof that is too old (P13).
    """
    lock_customer(customer)
    if actor is not None:
        authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    grant, is_live = _console(customer, reseller)
    if is_live:
        if grant.basis == Basis.RELATION:
            _rest_on(grant, Basis.BOTH)
        return grant
    now = database_now()
    wanted = opens and (actor is not None or not _was_refused(grant, now))
    if wanted:
        require_fresh_proof(actor)
    grant.basis, grant.ended_at = Basis.CONTRACT, None
    extent = None if actor else _last_extent(grant, now)
    reaches = extent or replace(desired_of(grant), ends_at=None)
    opens = wanted and opens_alone(customer, reaches)
    _queue([Step(grant, opens, draw_due_at(now) if actor and opens else now, extent=extent)], now, actor)
    if actor is not None and wanted and not opens:
        propose_boxes(actor, customer, [Desired(reseller.pk, None, True, grant.generation, reaches)], ())
    return grant


def console_would_open(customer: Customer, reseller: Reseller) -> bool | None:
    """Tell whether the console is open once the relation has begun (R1); None where that changes nothing."""
    grant = AccessGrant.objects.filter(customer=customer, reseller=reseller, subscription=None).first()
    now = database_now()
    if grant is None:
        return settings.RESELLER_ACCESS_DEFAULT and opens_alone(customer, first_extent(customer).fixed(now))
    if grant.ended_at is not None:
        return _begins_open(grant, now) and opens_alone(customer, _last_extent(grant, now))
    return False if grant.is_support_only and grant.allowed and not _begins_open(grant, now) else None


def contract_would_open(customer: Customer, reseller: Reseller) -> bool | None:
    """Tell whether a contract opens the console by itself (S12, R1); None where there is a switch already."""
    grant = AccessGrant.objects.filter(customer=customer, reseller=reseller, subscription=None).first()
    now = database_now()
    if grant is None:
        return opens_alone(customer, first_extent(customer).fixed(now))
    if grant.ended_at is None:
        return None
    return not _was_refused(grant, now) and opens_alone(customer, _last_extent(grant, now))


def _begins_open(grant: AccessGrant, now: datetime) -> bool:
    return settings.RESELLER_ACCESS_DEFAULT and not _was_refused(grant, now)


def _was_refused(grant: AccessGrant, now: datetime) -> bool:
    """Tell whether the last word that a person said about this reseller was no, in whatever it stood on then.

    An end that has passed meanwhile counts as no (R1).
    """
    said = _last_word(grant)
    return said is not None and (not said.allowed or (said.ends_at is not None and said.ends_at <= now))


def _last_extent(grant: AccessGrant, now: datetime) -> Extent:
    """Return how far a person last decided to open it: a relation that begins again is never wider (R1).

    Where nobody has decided yet, it is what the customer wants of new resellers.
    """
    said = _last_word(grant)
    return desired_of(said) if said else first_extent(grant.customer).fixed(now)


def _last_word(grant: AccessGrant) -> AccessChange | None:
    return grant.changes.exclude(requested_by_email="").order_by("-generation").first()


@transaction.atomic
def end_relation(*, customer: Customer, reseller: Reseller) -> list[AccessChange]:
    """End every access of a reseller that has no live subscription left at the customer, and its staffing (R13, P4).

    A support contract that is left opens nothing by itself (R19): its switch is off until a super admin ticks it,
    and the agents go on working for the customer.
    """
    lock_customer(customer)
    if sold_to(customer, reseller):
        return []
    return _end(customer, reseller, Basis.RELATION)


@transaction.atomic
def end_contract(*, customer: Customer, reseller: Reseller) -> list[AccessChange]:
    """End what the last support contract of a reseller opened, at once (S7); what it sold goes on as it is."""
    lock_customer(customer)
    return _end(customer, reseller, Basis.CONTRACT)


def _end(customer: Customer, reseller: Reseller, basis: Basis) -> list[AccessChange]:
    """Take one thing away that the console grant stands on; a sale ends all access, a contract only its own."""
    grants = _locked(AccessGrant.objects.filter(customer=customer, reseller=reseller))
    console = next((grant for grant in grants if grant.subscription_id is None), None)
    if console is None or console.basis not in (basis, Basis.BOTH):
        return []
    now = database_now()
    if basis == Basis.RELATION:
        # R14: who sells there no more founds nobody there any more.
        Customer.objects.filter(pk=customer.pk, registered_by=reseller).update(registered_by=None)
    if console.basis == Basis.BOTH:
        if basis == Basis.CONTRACT:
            _rest_on(console, Basis.RELATION)
            return []
        console.basis = Basis.CONTRACT
    else:
        console.ended_at = now
        end_staffing(actor=None, customer=customer, reseller=reseller)
        end_grouping(customer=customer, reseller=reseller)
        end_requests(customer=customer, reseller=reseller, now=now)
    # The console's own row takes a step even where access was off: it says that the relation ended.
    return _queue([Step(g, False, now) for g in grants if g.subscription_id is None or must_end(g, now)], now)


@transaction.atomic
def end_subscription_access(*, subscription: Subscription) -> list[AccessChange]:
    """End what resellers could do with a subscription bought from the vendor that is so no more (R13)."""
    lock_customer(subscription.customer)
    grants = _locked(AccessGrant.objects.filter(subscription=subscription))
    now = database_now()
    return _queue([Step(grant, False, now) for grant in grants if must_end(grant, now)], now)


def sold_to(customer: Customer, reseller: Reseller) -> bool:
    """Tell whether a reseller has a live subscription at a customer: what the relation consists of."""
    return Subscription.objects.filter(customer=customer, reseller=reseller).exclude(status=Status.CANCELLED).exists()


def _console(customer: Customer, reseller: Reseller) -> tuple[AccessGrant, bool]:
    """Return the console grant of the two, locked and made where there was none, and whether it is live."""
    grant, is_new = AccessGrant.objects.select_for_update(of=("self",), no_key=True).get_or_create(
        customer=customer,
        reseller=reseller,
        subscription=None,
        defaults={
            "allowed": False,
            "generation": 0,
            "customer_name": customer.name,
            "customer_sort_name": customer.sort_name,
            "customer_domain": customer.primary_domain,
        },
    )
    return grant, not is_new and grant.ended_at is None


def _rest_on(grant: AccessGrant, basis: Basis) -> None:
    grant.basis = basis
    grant.save(update_fields=["basis"])


def _locked(grants: QuerySet[AccessGrant]) -> list[AccessGrant]:
    return list(
        grants.select_for_update(of=("self",), no_key=True)
        .filter(ended_at=None)
        .select_related("reseller", "subscription__sku")
        .order_by("id")
    )


def _queue(steps: Sequence[Step], now: datetime, actor: Actor | None = None) -> list[AccessChange]:
    changes = queue(steps, actor=actor, now=now)
    if changes:
        nudge_after_commit(min(change.due_at for change in changes), now)
    return changes
