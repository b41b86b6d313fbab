"""How a customer pays the vendor, as far as its console shows it, and the history of its subscriptions (R14).

Payment accounts come from the vendor's side, by commands: nothing here ever sees a whole number.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_operator
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer
from subscriptions.models import PaymentAccount, Subscription
from subscriptions.models.order import PaymentKind

# Time enough to send the vendor another card.
EXPIRES_SOON = timedelta(days=30)
_FOUR_DIGITS = re.compile(r"[0-9]{4}")
# A number that someone pasted whole, with or without spaces and dashes in it.
_WHOLE_NUMBER = re.compile(r"[0-9](?:[ -]?[0-9]){4}")


class Expiry(StrEnum):
    """Whether a card can still be charged."""

    VALID = "valid"
    SOON = "soon"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Details:
    """What the vendor tells about a payment account. expires_on: the last day of a card."""

    kind: PaymentKind
    holder: str
    institution: str = ""
    last_digits: str = ""
    expires_on: date | None = None


def payment_accounts_of(customer: Customer) -> QuerySet[PaymentAccount]:
    """Return how a customer pays, the primary account first."""
    return PaymentAccount.objects.filter(customer=customer).order_by("-is_primary", "pk")


def subscriptions_of(customer: Customer) -> QuerySet[Subscription]:
    """Return all that a customer ever bought, for the filter of its history."""
    return Subscription.objects.filter(customer=customer)


def expiry_of(account: PaymentAccount, today: date) -> Expiry:
    """Tell whether an account can still be charged on a day."""
    if account.expires_on is None or account.expires_on > today + EXPIRES_SOON:
        return Expiry.VALID
    return Expiry.SOON if account.expires_on >= today else Expiry.EXPIRED


def masked(account: PaymentAccount) -> str:
    """Return how people recognise an account: its brand or bank, and its last four digits."""
    digits = f"····{account.last_digits}" if account.last_digits else ""
    return " ".join(filter(None, [account.institution or account.get_kind_display(), digits]))


@transaction.atomic
def add_payment_account(
    *, actor: Actor | None, customer: Customer, details: Details, is_primary: bool = False
) -> PaymentAccount:
    """Add a payment account; the first one is the primary one. Only the vendor's side does. Raises Refused."""
    authorise_operator(actor)
    lock_customer(customer)
    _check(details)
    accounts = payment_accounts_of(customer)
    is_primary = is_primary or not accounts.exists()
    if is_primary:
        accounts.filter(is_primary=True).update(is_primary=False)
    account = PaymentAccount(customer=customer, is_primary=is_primary, **asdict(details))
    try:
        account.clean_fields()
    except ValidationError as error:
        field, texts = next(iter(error.message_dict.items()))
        raise Refused(" ".join(texts), field) from error
    account.save(force_insert=True)
    _record(EventName.ADD_PAYMENT_ACCOUNT, actor, account)
    return account


@transaction.atomic
def remove_payment_account(*, actor: Actor | None, account: PaymentAccount) -> PaymentAccount | None:
    """Remove a payment account. Returns the one that becomes primary in its place, the oldest, where there is one."""
    authorise_operator(actor)
    lock_customer(account.customer)
    found = payment_accounts_of(account.customer).filter(pk=account.pk).first()
    if found is None:
        return None
    _record(EventName.REMOVE_PAYMENT_ACCOUNT, actor, found)
    found.delete()
    follower = payment_accounts_of(account.customer).first() if found.is_primary else None
    if follower is not None:
        follower.is_primary = True
        follower.save(update_fields=["is_primary"])
    return follower


def _check(details: Details) -> None:
    """Refuse what is not a masked account: more than four digits, everywhere that someone put them."""
    for field in ("holder", "institution"):
        if _WHOLE_NUMBER.search(getattr(details, field)):
            raise Refused(_("A number of more than four digits may not be stored."), field)
    if not details.holder.strip():
        raise Refused(_("Say to whom the account belongs."), "holder")
    if details.kind == PaymentKind.INVOICE:
        if details.last_digits:
            raise Refused(_("An invoice has no number here. Leave the digits out."), "last_digits")
    elif not _FOUR_DIGITS.fullmatch(details.last_digits):
        raise Refused(_("Give exactly the last four digits, never the whole number."), "last_digits")
    if (details.kind == PaymentKind.CARD) != (details.expires_on is not None):
        raise Refused(_("A card has a month in which it expires, and nothing else has."), "expires")


def _record(name: EventName, actor: Actor | None, account: PaymentAccount) -> None:
    values = {
        "kind": account.kind,
        "institution": account.institution,
        "last_digits": account.last_digits,
        "expires_on": account.expires_on.isoformat() if account.expires_on else None,
        "is_primary": account.is_primary,
    }
    told = {key: value for key, value in values.items() if value not in ("", None)}
    old, new = (told, None) if name == EventName.REMOVE_PAYMENT_ACCOUNT else (None, told)
    record_audit(name, actor=actor, customer=account.customer, subject=masked(account), old=old, new=new)
