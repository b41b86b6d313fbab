"""What the customer desires: compared, saved, queued and audited in one transaction (R1 to R7, R12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.authorisation import authorise
from accounts.clock import database_now
from accounts.locking import lock_customer, taking_away
from accounts.models import Customer
from accounts.permissions import Permission
from subscriptions.access.comparison import Desired, Key, Shown, Stored, check, compare, subscriptions_that_end
from subscriptions.access.ending import record_ends_of
from subscriptions.access.extent import Extent, desired_of, off_where_over
from subscriptions.access.outbox import Step, draw_due_at, must_end, queue
from subscriptions.access.policy import policy_of
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.change import Outcome
from subscriptions.models.subscription import Status
from subscriptions.nudges import nudge_after_commit


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a form: the queued changes, and the boxes that another person changed meanwhile (R6)."""

    changes: list[AccessChange] = field(default_factory=list)
    conflicts: list[AccessGrant] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Preview:
    """What a form would change if it were saved `at` this moment; a grant that is opened first has no row yet."""

    steps: list[Step]
    conflicts: list[AccessGrant]
    at: datetime


def save_reseller_access(
    *, actor: Actor, customer: Customer, desired: Iterable[Desired], agreed: Collection[int] = ()
) -> Saved:
    """Save the boxes of the page *Reseller access*.

    desired: the boxes as the admin left them; what they mean is the comparison's (comparison.py, R4, R6).
    agreed: the resellers of which the admin confirmed that they agreed to support the subscriptions (R3).

    Nothing differs: nothing happens.

    Raises AccessRefused where a rule refuses a box (nothing is saved then), PermissionDenied for
    anybody but a super admin (R5).
    """
    boxes = list(desired)
    with taking_away() if _revokes_any(customer, boxes) else transaction.atomic():
        found = _compared(customer, _lock(actor, customer), boxes, agreed)
        AccessGrant.objects.bulk_create([step.grant for step in found.steps if step.grant.pk is None])
        return Saved(_queue(found.steps, actor, found.at), found.conflicts)


def preview_reseller_access(
    *, actor: Actor, customer: Customer, desired: Iterable[Desired], agreed: Collection[int] = ()
) -> Preview:
    """Tell what saving these boxes would change. It reads only: it waits for no lock, and nobody waits for it.

    Arguments and errors are those of save_reseller_access, which compares again.
    """
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    grants = _decided(AccessGrant.objects.all(), customer)
    off_where_over(grants.values(), database_now())
    return _compared(customer, grants, list(desired), agreed)


def _revokes_any(customer: Customer, boxes: Sequence[Desired]) -> bool:
    """Tell, before anything is locked, whether a form takes access away."""
    off = {box.key for box in boxes if not box.allowed}
    allowed = AccessGrant.objects.filter(customer=customer, allowed=True, ended_at=None)
    return not off.isdisjoint(allowed.values_list("reseller", "subscription")) if off else False


def _compared(
    customer: Customer, grants: dict[Key, AccessGrant], boxes: Sequence[Desired], agreed: Collection[int]
) -> Preview:
    """Turn the difference into the steps that save it. Raises AccessRefused."""
    now = database_now()
    due_at = draw_due_at(now)
    stored = _stored(grants, due_at)
    boxes = [replace(box, extent=box.extent.fixed(due_at)) if box.extent else box for box in boxes]
    difference = compare(_shown(grants, boxes), stored, boxes)
    bought = _vendor_subscriptions(customer, difference.granted)
    longest = policy_of(customer).longest if difference.granted else None
    check(difference, stored, now, due_at + longest if longest else None, bought, agreed)
    steps = [Step(grants[key], allowed=False, due_at=due_at) for key in difference.revoked]
    steps += [Step(grants[box.key], True, due_at, extent=box.extent) for box in difference.narrowed]
    steps += [
        Step(
            grants.get(box.key) or _first_grant(box, grants, bought),
            allowed=True,
            due_at=due_at,
            reseller_agreed=box.subscription_id is not None,
            extent=box.extent,
        )
        for box in difference.granted
    ]
    return Preview(steps, [grants[key] for key in difference.conflicts], now)


def _stored(grants: Mapping[Key, AccessGrant], due_at: datetime) -> dict[Key, Stored]:
    return {
        key: Stored(grant.allowed, grant.generation, must_end(grant, due_at), grant.is_support_only, desired_of(grant))
        for key, grant in grants.items()
    }


@taking_away()
def remove_now(
    *, actor: Actor, customer: Customer, reseller_id: int, subscription_id: int | None = None
) -> list[AccessChange]:
    """End a present, pending or soon-ending access this instant (R8). Does nothing where there is none."""
    grants = _lock(actor, customer)
    now = database_now()
    keys = [
        k for k in grants if k == (reseller_id, subscription_id) or (subscription_id is None and k[0] == reseller_id)
    ]
    return _queue([Step(g, False, now) for k in keys if must_end(g := grants[k], now)], actor, now)


@taking_away()
def turn_off_for_all_resellers(*, actor: Actor, customer: Customer) -> list[AccessChange]:
    """Take every access of every reseller away, in one action (R12)."""
    grants = _lock(actor, customer)
    now = database_now()
    due_at = draw_due_at(now)
    allowed = [key for key, grant in grants.items() if grant.allowed]
    revoked = dict.fromkeys([*allowed, *subscriptions_that_end(_stored(grants, due_at), allowed)])
    return _queue([Step(grants[key], False, due_at) for key in revoked], actor, now)


@transaction.atomic
def retry_failed(
    *, actor: Actor, customer: Customer, reseller_id: int, subscription_id: int | None
) -> list[AccessChange]:
    """Retry what failed (R9): a new generation, so that the failed one keeps its history."""
    return retry(actor=actor, grant=_lock(actor, customer).get((reseller_id, subscription_id)))


@transaction.atomic
def retry(*, actor: Actor, grant: AccessGrant | None) -> list[AccessChange]:
    """Queue the newest change of a grant again if it failed. The caller has locked and authorised."""
    if grant is None or not grant.allowed:
        return []
    failed = grant.changes.filter(generation=grant.generation, outcome=Outcome.FAILED).first()
    if failed is None:
        return []
    now = database_now()
    return _queue([Step(grant, True, draw_due_at(now), failed.reseller_agreed)], actor, now)


def _lock(actor: Actor, customer: Customer) -> dict[Key, AccessGrant]:
    """Lock what this customer decides about.

    Who may decide is asked under the lock, so that a role taken away while we waited for it counts (R5, P8).
    """
    lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    grants = _decided(AccessGrant.objects.select_for_update(of=("self",), no_key=True), customer)
    record_ends_of(grants.values())
    return grants


def _decided(grants: QuerySet[AccessGrant], customer: Customer) -> dict[Key, AccessGrant]:
    """Return what this customer decides about: every live relation, and the subscriptions opened in it.

    grants: all of them, to be locked or only read.
    """
    grants = grants.filter(customer=customer).order_by("id")
    consoles = list(grants.filter(subscription=None, ended_at=None).select_related("reseller"))
    resellers = [grant.reseller_id for grant in consoles]
    rest = grants.filter(subscription__isnull=False, reseller__in=resellers)
    others = list(rest.select_related("reseller", "subscription__sku"))
    return {(g.reseller_id, g.subscription_id): g for g in [*consoles, *others]}


def _shown(grants: Mapping[Key, AccessGrant], boxes: Sequence[Desired]) -> dict[tuple[Key, int], Shown]:
    """Return what the boxes showed when the page was made; a generation that never was is left out."""
    shown = {(box.key, box.seen): Shown(False) for box in boxes if box.seen == 0 or box.key not in grants}
    shown |= {(key, grant.generation): Shown(grant.allowed, desired_of(grant)) for key, grant in grants.items()}
    older = [box for box in boxes if (box.key, box.seen) not in shown]
    if older:
        keys = {grants[box.key].pk: box.key for box in older}
        changes = AccessChange.objects.filter(grant__in=keys, generation__in={box.seen for box in older})
        said = changes.values_list("grant_id", "generation", "allowed", "level", "ends_at")
        for grant, generation, allowed, level, ends_at in said:
            shown[keys[grant], generation] = Shown(allowed, Extent(level, ends_at))
    return shown


def _vendor_subscriptions(customer: Customer, granted: Sequence[Desired]) -> dict[int, Subscription]:
    """Return those of the granted subscriptions that were bought from the vendor and still live."""
    asked = {box.subscription_id for box in granted if box.subscription_id is not None}
    bought = Subscription.objects.filter(pk__in=asked, customer=customer, reseller=None)
    return {s.pk: s for s in bought.exclude(status=Status.CANCELLED).select_related("sku")} if asked else {}


def _first_grant(box: Desired, grants: Mapping[Key, AccessGrant], bought: Mapping[int, Subscription]) -> AccessGrant:
    """Make the row of a subscription that is opened to a reseller for the first time; saving it is the caller's."""
    assert box.subscription_id is not None  # a console without a grant was refused
    console = grants[box.reseller_id, None]
    return AccessGrant(
        customer_id=console.customer_id,
        reseller=console.reseller,
        subscription=bought[box.subscription_id],
        allowed=False,
        generation=0,
        customer_name=console.customer_name,
        customer_sort_name=console.customer_sort_name,
        customer_domain=console.customer_domain,
    )


def _queue(steps: Sequence[Step], actor: Actor, now: datetime) -> list[AccessChange]:
    changes = queue(steps, actor=actor, now=now)
    if changes:
        nudge_after_commit(min(change.due_at for change in changes), now)
    return changes
