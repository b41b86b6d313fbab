"""What a transfer is about: tokens, whom they are for, and the product groups that can move (B1, B5)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.clock import database_now
from accounts.domains import typed_domain
from accounts.models import Customer, Reseller
from subscriptions.lifecycle.terms import months_later
from subscriptions.models import Product, Subscription, Transfer, TransferToken
from subscriptions.models.subscription import COMMITMENT_PLANS, Plan, Status
from subscriptions.seats import with_use

# For so long nothing goes back to the reseller it came from.
MONTHS_AWAY = 18


@dataclass(frozen=True, slots=True)
class TokenState:
    """How a token stands. chip: its name in templates/components/chip.html."""

    chip: str
    label: Promise


WAITING = TokenState("pending", _("Waiting to be used"))
PARTLY_USED = TokenState("pending", _("Partly used"))
USED = TokenState("applied", _("Used"))
EXPIRED = TokenState("closed", _("Expired"))
REVOKED = TokenState("closed", _("Revoked"))


@dataclass(frozen=True, slots=True)
class Line:
    """A subscription that can move, and the licences of it in use."""

    subscription: Subscription
    in_use: int

    @property
    def least(self) -> int | None:
        """The fewest seats that it can move with (B5); None where its seats do not change on the way."""
        if self.subscription.plan in COMMITMENT_PLANS:
            return self.subscription.number_of_seats
        return max(self.in_use, 1) if self.subscription.plan == Plan.FLEXIBLE else None


@dataclass(frozen=True, slots=True)
class Group:
    """All that moves together: the live subscriptions of one product that another seller sold.

    barred_until: it left the reseller who asks, and cannot come back before then; None where it can come.
    """

    product: Product
    lines: tuple[Line, ...]
    barred_until: datetime | None


def spelled(typed: str) -> str:
    """Return an identifier or a token as it was made: people read them out, and type them with spaces or dashes."""
    return "".join(c for c in unicodedata.normalize("NFKC", typed).upper() if c.isalnum())


def digest_of(code: str) -> str:
    """Return what is kept of a token: without the SECRET_KEY nobody finds a token for it, or it for a token."""
    return salted_hmac("subscriptions.transfer_token", code, algorithm="sha256").hexdigest()


_MOVED: Final = Exists(Transfer.objects.filter(token=OuterRef("pk")))


def tokens_of(customer: Customer) -> QuerySet[TransferToken]:
    """Return the tokens that a customer's admins made, whatever became of them; `has_moved`: something has."""
    return TransferToken.objects.filter(customer=customer).annotate(has_moved=_MOVED)


def used_tokens_of(reseller: Reseller) -> QuerySet[TransferToken]:
    """Return the tokens with which a reseller took something over. From whom is not for its eyes."""
    return TransferToken.objects.filter(Q(used_at__isnull=False) | _MOVED, reseller=reseller)


def state_of(token: TransferToken, now: datetime) -> TokenState:
    """Tell how a token stands at a moment."""
    if token.used_at is not None:
        return USED
    if token.revoked_at is not None:
        return REVOKED
    if token.expires_at <= now:
        return EXPIRED
    return PARTLY_USED if getattr(token, "has_moved", False) else WAITING


def named_reseller(typed: str) -> Reseller | None:
    """Return the reseller with a public identifier in any spelling; a suspended one is as good as none (R13)."""
    return Reseller.objects.filter(public_id=spelled(typed), suspended_at=None).first()


def find_token(reseller: Reseller, domain: str, code: str) -> TransferToken | None:
    """Return the token with which this reseller may take over from the customer with that domain now.

    Whatever is wrong with it, the answer is the same after the same query: nobody learns which domains are customers.
    """
    tokens = TransferToken.objects.filter(
        digest=digest_of(spelled(code)),
        reseller=reseller,
        customer__primary_domain=typed_domain(domain),
        used_at=None,
        revoked_at=None,
        expires_at__gt=Now(),
    )
    return tokens.select_related("customer", "reseller").first()


def groups_for(token: TransferToken) -> list[Group]:
    """Return what could move with a token: of the products that it names, of all where it names none."""
    groups = groups_of(token.customer, token.reseller)
    return [group for group in groups if not token.products or group.product.pk in token.products]


def groups_of(customer: Customer, reseller: Reseller) -> list[Group]:
    """Return what could move to this reseller: live, and sold by another, be it the vendor."""
    subscriptions = (
        with_use(Subscription.objects.filter(Q(reseller=None) | ~Q(reseller=reseller), customer=customer))
        .exclude(status=Status.CANCELLED)
        .select_related("sku__product", "customer", "reseller")
        .order_by("sku__product__name", "sku__product", "sku__name", "pk")
    )
    lines: dict[Product, list[Line]] = {}
    for subscription in subscriptions:
        lines.setdefault(subscription.sku.product, []).append(Line(subscription, subscription.used))
    barred = _barred(customer, reseller)
    return [Group(product, tuple(found), barred.get(product.pk)) for product, found in lines.items()]


def _barred(customer: Customer, reseller: Reseller) -> dict[str, datetime]:
    """Return until when products that left this reseller cannot come back to it."""
    left = Transfer.objects.filter(customer=customer, from_reseller=reseller).order_by().values_list("product")
    now = database_now()
    until = {product: months_later(at, MONTHS_AWAY) for product, at in left.annotate(Max("at"))}
    return {product: moment for product, moment in until.items() if moment > now}
