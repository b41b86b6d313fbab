"""The keys of service accounts (X2): made, rotated with an overlap, revoked. The private half is shown once.

A token ends with the key for whose assertion it was given: every call asks (tokens.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import require_fresh_proof
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.machines.key_pairs import new_pair
from accounts.machines.owning import lock_account, record
from accounts.models import ApiToken, ServiceAccount, ServiceAccountKey

# Days that a key works (X2: at most 365), and that the old one works beside the new one.
LASTS: Final = (30, 90, 180, 365)
OVERLAPS: Final = (0, 1, 7, 30)
# Of one account at a time, as the original's.
MOST: Final = 10
# A key that signs for its account at this instant.
WORKING: Final = Q(revoked_at=None, expires_at__gt=Now())


class NewKey(NamedTuple):
    """A key that was just made. private: its private half in PEM, which is kept nowhere."""

    key: ServiceAccountKey
    private: str


def keys_of(account: ServiceAccount) -> QuerySet[ServiceAccountKey]:
    """Return the keys of an account, also those that work no more."""
    return ServiceAccountKey.objects.filter(account=account)


@transaction.atomic
def make_key(*, actor: Actor, account: ServiceAccount, days: int) -> NewKey:
    """Make a key of an account. days: one of LASTS.

    Raises Refused; ProofNeeded where the actor's last proof is too old (P13).
    """
    account = lock_account(actor, account)
    if days not in LASTS:
        raise Refused(_("Choose how long the key works."), "days")
    if keys_of(account).filter(WORKING).count() >= MOST:
        raise Refused(_("There are %(number)s keys already. Revoke one that is not needed.") % {"number": MOST})
    require_fresh_proof(actor)
    made = _make(actor, account, timedelta(days=days))
    record(EventName.CREATE_SERVICE_ACCOUNT_KEY, actor, account, **_said(made.key))
    return made


@transaction.atomic
def rotate_key(*, actor: Actor, key: ServiceAccountKey, overlap: int) -> NewKey:
    """Make a key in the place of another, which works on for a while; the new one works as long as that did.

    overlap: one of OVERLAPS, in days; the old key never works longer than it would have.
    Raises Refused for a key that works no more; ProofNeeded where the actor's last proof is too old (P13).
    """
    account = lock_account(actor, key.account)
    if overlap not in OVERLAPS:
        raise Refused(_("Choose how long the old key works on."), "overlap")
    old = keys_of(account).select_for_update().filter(WORKING, pk=key.pk).first()
    if old is None:
        raise Refused(_("This key works no more. Make a new one."))
    require_fresh_proof(actor)
    made = _make(actor, account, old.expires_at - old.made_at)
    old.expires_at = min(old.expires_at, database_now() + timedelta(days=overlap))
    old.save(update_fields=["expires_at"])
    record(EventName.ROTATE_SERVICE_ACCOUNT_KEY, actor, account, old=_said(old), **_said(made.key))
    return made


@taking_away()
def revoke_key(*, actor: Actor, key: ServiceAccountKey) -> bool:
    """End a key, and with the next call every token that was given for it. Returns False where it was revoked."""
    account = lock_account(actor, key.account)
    found = keys_of(account).select_for_update().filter(pk=key.pk, revoked_at=None).first()
    if found is None:
        return False
    _revoke(found, database_now())
    record(EventName.REVOKE_SERVICE_ACCOUNT_KEY, actor, account, old=_said(found))
    return True


def revoke_all_keys(now: datetime) -> int:
    """End every key and every token; returns how many. Part of the verb that restores a backup, as with SCIM's tokens.

    Some were revoked since it was taken. Whose they are is told, and makes new ones.
    """
    keys: Sequence[ServiceAccountKey] = list(
        working_keys().select_related("account__customer", "account__reseller").select_for_update(of=("self",))
    )
    ApiToken.objects.all().delete()
    for key in keys:
        _revoke(key, now)
        record(EventName.REVOKE_SERVICE_ACCOUNT_KEY, None, key.account, old=_said(key))
    return len(keys)


def working_keys() -> QuerySet[ServiceAccountKey]:
    """Return the keys that can still be used, also those of suspended accounts, which may be restored."""
    return ServiceAccountKey.objects.filter(WORKING, account__deleted_at=None).order_by("pk")


def published_certificates(email: str) -> dict[str, str] | None:
    """Return the certificates of the working keys of an account, by their ids; None where there is no such account."""
    account = ServiceAccount.objects.filter(email=email, deleted_at=None).first()
    if account is None:
        return None
    return dict(keys_of(account).filter(WORKING).order_by("pk").values_list("kid", "certificate"))


def _make(actor: Actor, account: ServiceAccount, lasts: timedelta) -> NewKey:
    now = database_now()
    pair = new_pair(account.unique_id, now, now + lasts)
    key = ServiceAccountKey.objects.create(
        account=account,
        kid=pair.kid,
        certificate=pair.certificate,
        made_by=actor.user,
        made_at=now,
        expires_at=now + lasts,
    )
    return NewKey(key, pair.private)


def _revoke(key: ServiceAccountKey, now: datetime) -> None:
    key.revoked_at = now
    key.save(update_fields=["revoked_at"])


def _said(key: ServiceAccountKey) -> dict[str, Any]:
    """Return what events say of a key."""
    return {"key": key.kid, "expires_at": key.expires_at.isoformat()}
