"""What the customer wishes: compared, saved, queued and audited in one transaction (R1 to R7, R12)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.authorisation import authorise
from accounts.clock import database_now
from accounts.locking import lock_customer, taking_away
from accounts.models import Customer
from accounts.permissions import Permission
from subscriptions.access.errors import AccessRefused, AgreementMissing
from subscriptions.access.outbox import Step, draw_due_at, must_end, queue
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.change import Outcome
from subscriptions.models.subscription import Status
from subscriptions.nudges import nudge_after_commit

Key = tuple[int, int | None]  # reseller, subscription; None: the console


@dataclass(frozen=True, slots=True)
class Wish:
    """One box as an admin left it.

    subscription_id: a subscription bought from the vendor; None for the console.
    seen: the generation that the page showed; 0 where there was none yet.
    """

    reseller_id: int
    subscription_id: int | None
    allowed: bool
    seen: int

    @property
    def key(self) -> Key:
        return (self.reseller_id, self.subscription_id)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a form: the queued changes, and the boxes that somebody else changed meanwhile (R6)."""

    changes: list[AccessChange] = field(default_factory=list)
    conflicts: list[AccessGrant] = field(default_factory=list)


def save_reseller_access(
    *, actor: Actor, customer: Customer, wishes: Iterable[Wish], agreed: Collection[int] = ()
) -> Saved:
    """Save the boxes of the page *Reseller access*.

    agreed: the resellers of which the admin confirmed that they agreed to support the subscriptions (R3).

    What a box showed is compared with what it says now: only that difference is a wish, so that a page
    that was open for long reverts nothing (R6). Taking access away is always accepted; giving it
    conflicts when somebody changed the box meanwhile, and then nothing is given. Nothing differs:
    nothing happens.

    Raises AccessRefused where a rule refuses a box (nothing is saved then), PermissionDenied for
    anybody but a super admin (R5).
    """
    wishes = list(wishes)
    with taking_away() if _takes_any(customer, wishes) else transaction.atomic():
        return _save(actor, customer, wishes, agreed)


def _takes_any(customer: Customer, wishes: Sequence[Wish]) -> bool:
    """Tell, before anything is locked, whether a form takes access away."""
    off = {wish.key for wish in wishes if not wish.allowed}
    given = AccessGrant.objects.filter(customer=customer, allowed=True, ended_at=None)
    return not off.isdisjoint(given.values_list("reseller", "subscription")) if off else False


def _save(actor: Actor, customer: Customer, wishes: Sequence[Wish], agreed: Collection[int]) -> Saved:
    grants = _lock(actor, customer)
    now = database_now()
    due_at = draw_due_at(now)
    taken: dict[Key, AccessGrant] = {}
    wanted: dict[Key, Wish] = {}
    conflicts: list[AccessGrant] = []
    shown = _shown(grants, wishes)
    for wish in wishes:
        grant = grants.get(wish.key)
        allowed = grant.allowed if grant else False
        meant = wish.allowed != shown.get((wish.key, wish.seen), not wish.allowed)
        if wish.allowed == allowed:
            continue
        if grant and meant and not wish.allowed:
            taken[wish.key] = grant
        elif grant and (not meant or grant.generation != wish.seen):
            conflicts.append(grant)
        else:
            wanted[wish.key] = wish
    taken |= _whatever_needs(grants, [key for key in taken if key[1] is None], due_at)
    conflicts = [grant for grant in conflicts if (grant.reseller_id, grant.subscription_id) not in taken]
    given = [] if conflicts else list(wanted.values())
    subscriptions = _vendor_subscriptions(customer, given)
    for wish in given:
        _check(wish, subscriptions, grants, given, taken, agreed)
    grants |= _first_grants(grants, subscriptions, [wish.key for wish in given if wish.key not in grants])
    steps = [Step(grant, allowed=False, due_at=due_at) for grant in taken.values()]
    steps += [
        Step(grants[wish.key], allowed=True, due_at=due_at, reseller_agreed=wish.subscription_id is not None)
        for wish in given
    ]
    return Saved(_queue(steps, actor, now), conflicts)


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
    taken = {key: grant for key, grant in grants.items() if grant.allowed}
    taken |= _whatever_needs(grants, [key for key in taken if key[1] is None], due_at)
    return _queue([Step(grant, False, due_at) for grant in taken.values()], actor, now)


@transaction.atomic
def retry_failed(
    *, actor: Actor, customer: Customer, reseller_id: int, subscription_id: int | None
) -> list[AccessChange]:
    """Wish again what failed (R9): a new generation, so that the failed one keeps its history."""
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
    """Lock what this customer decides about: every live relation, and the subscriptions opened in it.

    Who may decide is asked under the lock, so that a role taken away while we waited for it counts (R5, P8).
    """
    lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    grants = AccessGrant.objects.select_for_update(of=("self",), no_key=True).filter(customer=customer).order_by("id")
    consoles = list(grants.filter(subscription=None, ended_at=None).select_related("reseller"))
    resellers = [grant.reseller_id for grant in consoles]
    rest = grants.filter(subscription__isnull=False, reseller__in=resellers)
    others = list(rest.select_related("reseller", "subscription__sku"))
    return {(g.reseller_id, g.subscription_id): g for g in [*consoles, *others]}


def _shown(grants: dict[Key, AccessGrant], wishes: Sequence[Wish]) -> dict[tuple[Key, int], bool]:
    """Return what the boxes showed when the page was made; a generation that never was is left out."""
    shown = {(wish.key, wish.seen): False for wish in wishes if wish.seen == 0 or wish.key not in grants}
    shown |= {(key, grant.generation): grant.allowed for key, grant in grants.items()}
    older = [wish for wish in wishes if (wish.key, wish.seen) not in shown]
    if older:
        keys = {grants[wish.key].pk: wish.key for wish in older}
        changes = AccessChange.objects.filter(grant__in=keys, generation__in={wish.seen for wish in older})
        for grant, generation, allowed in changes.values_list("grant_id", "generation", "allowed"):
            shown[keys[grant], generation] = allowed
    return shown


def _whatever_needs(
    grants: dict[Key, AccessGrant], consoles: Collection[Key], due_at: datetime
) -> dict[Key, AccessGrant]:
    """Return the subscriptions that end together with these consoles (R4).

    Also one that was taken away before and ends later than the console: it would show again where
    the console is opened anew in between.
    """
    resellers = {reseller for reseller, _subscription in consoles}
    return {k: g for k, g in grants.items() if k[1] is not None and k[0] in resellers and must_end(g, due_at)}


def _check(
    wish: Wish,
    subscriptions: Collection[int],
    grants: dict[Key, AccessGrant],
    given: Sequence[Wish],
    taken: Collection[Key],
    agreed: Collection[int],
) -> None:
    console = (wish.reseller_id, None)
    if console not in grants:
        raise AccessRefused(_("This reseller sells you nothing, and has no support contract."), *wish.key)
    if wish.subscription_id is None:
        return
    if grants[console].is_support_only:
        raise AccessRefused(
            _("This partner only supports you. Subscriptions are for resellers that sold you one."), *wish.key
        )
    console_is_given = any(other.key == console for other in given)
    if console in taken or not (grants[console].allowed or console_is_given):
        raise AccessRefused(_("First allow access to the console, then to subscriptions."), *wish.key)
    if wish.subscription_id not in subscriptions:
        raise AccessRefused(_("This subscription was not bought from the vendor, or it has ended."), *wish.key)
    if wish.reseller_id not in agreed:
        raise AgreementMissing(_("Confirm that the reseller agreed to support these subscriptions."), *wish.key)


def _vendor_subscriptions(customer: Customer, wishes: Sequence[Wish]) -> dict[int, Subscription]:
    """Return those of the wished subscriptions that were bought from the vendor and still live."""
    wished = {wish.subscription_id for wish in wishes if wish.subscription_id is not None}
    bought = Subscription.objects.filter(pk__in=wished, customer=customer, reseller=None)
    return {s.pk: s for s in bought.exclude(status=Status.CANCELLED).select_related("sku")} if wished else {}


def _first_grants(
    grants: dict[Key, AccessGrant], subscriptions: dict[int, Subscription], keys: Sequence[Key]
) -> dict[Key, AccessGrant]:
    """Make the rows of the subscriptions that are opened for the first time."""
    first = [
        AccessGrant(
            customer_id=console.customer_id,
            reseller=console.reseller,
            subscription=subscriptions[subscription],
            allowed=False,
            generation=0,
            customer_name=console.customer_name,
            customer_sort_name=console.customer_sort_name,
            customer_domain=console.customer_domain,
        )
        for reseller, subscription in keys
        if subscription is not None and (console := grants[reseller, None])
    ]
    AccessGrant.objects.bulk_create(first)
    return {(grant.reseller_id, grant.subscription_id): grant for grant in first}


def _queue(steps: Sequence[Step], actor: Actor, now: datetime) -> list[AccessChange]:
    changes = queue(steps, actor=actor, now=now)
    if changes:
        nudge_after_commit(min(change.due_at for change in changes), now)
    return changes
