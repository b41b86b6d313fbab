"""What a person allowed an application ends: by them, by an admin, by the application, or since a key was copied (X7).

Its tokens open nothing from the next call on: each call asks (accounts/machines/tokens.py).
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from allauth.idp.oidc.models import Token
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.applications.allowing import in_force
from accounts.audit import EventName
from accounts.clock import database_now
from accounts.locking import taking_away
from accounts.machines.owning import lock_owner, record
from accounts.machines.tokens import digest_of
from accounts.models import ApiToken, Consent

# Rows deleted in one statement.
_FORGOTTEN_AT_ONCE: Final = 5_000


@taking_away()
def remove_application(*, actor: Actor, consent_id: int) -> bool:
    """Allow an application nothing any more, by the person who allowed it. Returns False where that was so."""
    if actor.client is not None:
        return False
    return _end(in_force().filter(person_id=actor.user.pk, pk=consent_id), actor)


@taking_away()
def end_consent(*, actor: Actor, consent: Consent) -> bool:
    """End what a person allowed an application, by an admin of their organisation. Returns False where it was over.

    Raises PermissionDenied.
    """
    lock_owner(actor, consent.account.organisation)
    return _end(in_force().filter(pk=consent.pk), actor)


@transaction.atomic
def give_back_consent(text: str, ip_address: str | None) -> bool:
    """End what a token was given for, by the application that shows it (RFC 7009). Returns False for any other token.

    text: an access or a refresh token. As in the original, one of them ends both.
    """
    digest = digest_of(text)
    consents = ApiToken.objects.filter(digest=digest, consent__isnull=False).values_list("consent", flat=True)
    refreshing = Token.objects.filter(type=Token.Type.REFRESH_TOKEN, hash=digest, expires_at__gt=Now()).first()
    pk = refreshing.data["consent"] if refreshing else consents.first()
    found = in_force().select_related("person", "account").filter(pk=pk or 0).first()
    if found is None:
        return False
    return _end(in_force().filter(pk=found.pk), Actor.of_machine(found.account, found.person, ip_address))


def end_copied(consent: Consent) -> None:
    """End a consent whose code or refresh token was used twice: one of the two was not the application (RFC 9700).

    Part of the answer to a client, in its transaction; by the system itself.
    """
    _end(in_force().filter(pk=consent.pk), None)


def end_all_consents(now: datetime) -> int:
    """End every consent, and forget every code and refresh token; returns how many. Part of the verb that restores.

    Some were removed since the backup was taken. People allow again what they still want.
    """
    Token.objects.all().delete()
    return in_force().update(ended_at=now)


@transaction.atomic
def forget_expired_exchanges() -> int:
    """Delete some of the codes and refresh tokens that are over; returns how many."""
    over = Token.objects.filter(expires_at__lte=Now()).order_by("expires_at").values_list("pk", flat=True)
    deleted: int = Token.objects.filter(pk__in=list(over[:_FORGOTTEN_AT_ONCE])).delete()[0]
    return deleted


def _end(consents: QuerySet[Consent], actor: Actor | None) -> bool:
    found = consents.select_for_update(of=("self",)).select_related("account", "person").first()
    if found is None:
        return False
    found.ended_at = database_now()
    found.save(update_fields=["ended_at"])
    record(EventName.END_OAUTH_CONSENT, actor, found.account, old={"scopes": found.scopes}, email=found.person.email)
    return True
