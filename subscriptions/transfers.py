"""Subscriptions go from one seller to another, with a token that the customer made for the new one (B1, R13, R14)."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.authorisation import authorise, authorise_reseller, require_fresh_proof
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import lock_customer, taking_away
from accounts.models import Customer, Proposal, Reseller
from accounts.models.organisations import PUBLIC_ID_ALPHABET
from accounts.models.two_people import Demand, ProposalKind
from accounts.moments import day_text
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.two_people.demands import needs_second
from accounts.two_people.proposing import propose
from subscriptions.lifecycle import transfer_subscription
from subscriptions.models import Product, Sku, Subscription, Transfer, TransferToken
from subscriptions.transfer_scope import MONTHS_AWAY, Group, digest_of, find_token, groups_for, groups_of

TOKEN_LENGTH = 16
TOKEN_LASTS = timedelta(days=14)
UNKNOWN_TOKEN = gettext_lazy(
    "No transfer is open with this domain and this token. A token works once, for 14 days, and only for the reseller"
    " it was made for. Ask the customer for a new one."
)


@transaction.atomic
def generate_transfer_token(
    *, actor: Actor, customer: Customer, reseller: Reseller, products: Collection[str] = ()
) -> str | Proposal:
    """Let a reseller take this customer's subscriptions over; only its super admins may (R14).

    products: the only ones that may move; none: all. Returns the token, which is kept nowhere; if it is lost, they
    make a new one. Where the customer demands two people for it, returns what waits for another super admin (R21).
    Raises Refused; ProofNeeded where the actor's last proof is too old (P13).
    """
    lock_customer(customer)
    limited_to = movable(actor, customer, reseller, products)
    require_fresh_proof(actor)
    if needs_second(actor, customer, Demand.TRANSFER_TOKENS):
        said = {"reseller": reseller.pk, "products": [product.pk for product in limited_to]}
        kind = ProposalKind.TRANSFER_TOKEN
        return propose(actor=actor, customer=customer, kind=kind, subject=reseller.name, said=said)
    return _make_token(actor, customer, reseller, limited_to)


@transaction.atomic
def generate_approved_token(
    *, actor: Actor, customer: Customer, reseller: Reseller, products: Collection[str] = ()
) -> str:
    """Make a token as two people decided (R21): the second of them gets it. Otherwise like generate_transfer_token."""
    lock_customer(customer)
    return _make_token(actor, customer, reseller, movable(actor, customer, reseller, products))


def movable(actor: Actor, customer: Customer, reseller: Reseller, products: Collection[str]) -> list[Product]:
    """Return the products that a token for this reseller is limited to. Raises Refused, PermissionDenied."""
    authorise(actor, Permission.TRANSFER_SUBSCRIPTIONS, customer)
    if not Reseller.objects.filter(pk=reseller.pk, suspended_at=None).exists():
        raise Refused(
            _("No reseller was found with this identifier. Ask your reseller for it."), "reseller", reason="notFound"
        )
    limited_to = [group.product for group in groups_of(customer, reseller) if group.product.pk in products]
    if len(limited_to) != len(set(products)):
        raise Refused(
            _("What can move has changed meanwhile. Look at the list again."), "products", reason="conditionNotMet"
        )
    return limited_to


def _make_token(actor: Actor, customer: Customer, reseller: Reseller, limited_to: Sequence[Product]) -> str:
    code = "".join(secrets.choice(PUBLIC_ID_ALPHABET) for _letter in range(TOKEN_LENGTH))
    token = TransferToken.objects.create(
        customer=customer,
        reseller=reseller,
        digest=digest_of(code),
        products=[product.pk for product in limited_to],
        made_by=actor.user,
        expires_at=database_now() + TOKEN_LASTS,
    )
    new = {"reseller": reseller.name, "expires_at": token.expires_at.isoformat()}
    if limited_to:
        new["products"] = ", ".join(product.name for product in limited_to)
    record_audit(
        EventName.GENERATE_TRANSFER_TOKEN,
        actor=actor,
        customer=customer,
        subject=reseller.name,
        target=reseller,
        new=new,
    )
    return code


@taking_away()
def revoke_transfer_token(*, actor: Actor, token: TransferToken) -> bool:
    """Make a token useless that nobody has used yet. Returns whether there was something to revoke."""
    lock_customer(token.customer)
    authorise(actor, Permission.TRANSFER_SUBSCRIPTIONS, token.customer)
    now = database_now()
    waiting = waiting_tokens(now).filter(pk=token.pk, customer=token.customer)
    found = waiting.select_for_update(of=("self",)).select_related("reseller").first()
    if found is None:
        return False
    found.revoked_at = now
    found.save(update_fields=["revoked_at"])
    record_audit(
        EventName.REVOKE_TRANSFER_TOKEN,
        actor=actor,
        customer=token.customer,
        subject=found.reseller.name,
        target=found.reseller,
        new={"reseller": found.reseller.name},
    )
    return True


def waiting_tokens(now: datetime) -> QuerySet[TransferToken]:
    """Return the tokens that could still be used. now: the database's clock."""
    return TransferToken.objects.filter(used_at=None, revoked_at=None, expires_at__gt=now)


def revoke_waiting_tokens(now: datetime) -> int:
    """Make every token useless that is not used yet; returns how many. Part of the verb that restores a backup.

    Its maker may have revoked it since, or it was used: nothing in the backup knows of that.
    """
    tokens = list(waiting_tokens(now).select_for_update(of=("self",)).select_related("reseller").order_by("pk"))
    TransferToken.objects.filter(pk__in=[token.pk for token in tokens]).update(revoked_at=now)
    record_many(
        event(
            EventName.REVOKE_TRANSFER_TOKEN,
            actor=None,
            customer=token.customer_id,
            subject=token.reseller.name,
            target=token.reseller,
            new={"reseller": token.reseller.name},
        )
        for token in tokens
    )
    return len(tokens)


@transaction.atomic
def transfer_subscriptions(
    *,
    actor: Actor,
    reseller: Reseller,
    domain: str,
    code: str,
    products: Collection[str],
    seen: Collection[int],
    seats: Mapping[int, int],
) -> list[Group]:
    """Take over product groups of the customer with that domain, with the token it made for this reseller.

    products: which groups; each moves as a whole. seen: the subscriptions that were on the screen: nobody takes over
    what was added meanwhile. seats: for subscriptions that move with other seats than they have.
    Uses the token up, whatever stays behind. Plans, commitments, suspensions and licences stay as they are; access
    follows the seller (R1, R13). Raises Refused.
    """
    token = _locked_token(actor, reseller, domain, code)
    groups = _chosen(groups_for(token), products, seen)
    _use_up(token)
    for group in groups:
        _note(token, group.product, [line.subscription for line in group.lines])
        for line in group.lines:
            _move(actor, line.subscription, reseller, seats.get(line.subscription.pk))
    return groups


@transaction.atomic
def transfer_sku(
    *, actor: Actor, reseller: Reseller, customer: Customer, code: str, sku: Sku, seats: int | None = None
) -> Subscription:
    """Take over what a customer has of one SKU, with the token that it made for this reseller: as a program does it.

    The token lives until nothing that it is for is left to move, or until it expires or is revoked: a product group
    moves with one call for each SKU. seats: None leaves them. Returns what moved. Raises Refused.
    """
    token = _locked_token(actor, reseller, customer.primary_domain, code)
    group = next((group for group in groups_for(token) if group.product == sku.product), None)
    moving = [line.subscription for line in group.lines if line.subscription.sku == sku] if group else []
    if group is None or not moving:
        text = _("Nothing of %(product)s can move with this token.") % {"product": sku.name}
        raise Refused(text, "sku", reason="conditionNotMet")
    if group.barred_until is not None:
        raise Refused(barred_text(group), "sku", reason="conditionNotMet")
    _note(token, group.product, moving)
    for number, subscription in enumerate(moving):
        transfer_subscription(
            actor=actor, subscription=subscription, reseller=reseller, seats=seats if number == 0 else None
        )
    if all(left.barred_until is not None for left in groups_for(token)):
        _use_up(token)
    return Subscription.objects.select_related("customer", "reseller", "sku__product").get(pk=moving[0].pk)


def _locked_token(actor: Actor, reseller: Reseller, domain: str, code: str) -> TransferToken:
    """Return a token that this reseller's admin may use now, behind the customer's lock. Raises Refused."""
    token = find_token(reseller, domain, code)
    if token is None:
        raise Refused(UNKNOWN_TOKEN, "token", reason="notFound")
    lock_customer(token.customer)
    authorise_reseller(actor, (Role.RESELLER_ADMIN,), reseller.pk)
    # Behind the lock: of two who use it at once, or of one who uses and one who revokes it, one was first.
    token = find_token(reseller, domain, code)
    if token is None:
        raise Refused(UNKNOWN_TOKEN, "token", reason="notFound")
    return token


def _use_up(token: TransferToken) -> None:
    token.used_at = database_now()
    token.save(update_fields=["used_at"])


def _note(token: TransferToken, product: Product, moving: Sequence[Subscription]) -> None:
    """Write from whom a product goes over, once each: the pause before the next transfer counts from here (B1)."""
    noted = Transfer.objects.filter(token=token, product=product).values_list("from_reseller", flat=True)
    now = database_now()
    Transfer.objects.bulk_create(
        Transfer(
            customer=token.customer,
            product=product,
            from_reseller_id=seller,
            to_reseller=token.reseller,
            token=token,
            at=now,
        )
        for seller in {subscription.reseller_id for subscription in moving} - set(noted)
    )


def _move(actor: Actor, subscription: Subscription, reseller: Reseller, seats: int | None) -> None:
    try:
        transfer_subscription(actor=actor, subscription=subscription, reseller=reseller, seats=seats)
    except Refused as refused:
        # Of several subscriptions: which one's seats.
        raise Refused(refused.message, seats_name(subscription), reason=refused.reason) from refused


def seats_name(subscription: Subscription) -> str:
    """Return how forms and refusals name the seats of one subscription among several."""
    return f"seats_{subscription.pk}"


def _chosen(groups: Sequence[Group], products: Collection[str], seen: Collection[int]) -> list[Group]:
    chosen = [group for group in groups if group.product.pk in products]
    if not products:
        raise Refused(_("Choose at least one product."), "products")
    moving = {line.subscription.pk for group in chosen for line in group.lines}
    if len(chosen) != len(set(products)) or not moving <= set(seen):
        raise Refused(
            _("What can move has changed meanwhile. Look at the list again."), "products", reason="conditionNotMet"
        )
    for group in chosen:
        if group.barred_until is not None:
            raise Refused(barred_text(group), "products", reason="conditionNotMet")
    return chosen


def barred_text(group: Group) -> str:
    """Say why a group cannot come back yet, and from when on it can."""
    assert group.barred_until is not None
    return _(
        "%(product)s left your organisation less than %(months)s months ago. It can come back from %(date)s on."
    ) % {"product": group.product.name, "months": MONTHS_AWAY, "date": day_text(group.barred_until)}
