"""The tokens with which an identity provider keeps an organisation's people and groups (P15): made, replaced, revoked.

A token belongs to the organisation, not to the person who made it: it works on when they leave. It is shown once and
kept as a digest, and is asked for in the database with each request.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.authorisation import WORKING, authorise, authorise_reseller, require_fresh_proof
from accounts.clock import database_now
from accounts.directory.rules import lock_organisation
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Customer, Reseller, ScimToken
from accounts.models.provisioning import TOKEN_NAME_MAX_LENGTH
from accounts.organisations import Organisation, clean_name, refuse_duplicate
from accounts.permissions import Permission
from accounts.roles import Role

# Days that a token works.
LASTS: Final = (30, 90, 180, 365)
# Of one organisation at a time: more than it has identity providers, with one to come for each that goes.
MOST: Final = 10
# What a token begins with: those who look for secrets in places where none should be find it by this.
_PREFIX: Final = "rcscim_"


def tokens_of(organisation: Organisation) -> QuerySet[ScimToken]:
    """Return the tokens of an organisation, also those that work no more; the vendor has none."""
    if isinstance(organisation, Customer):
        return ScimToken.objects.filter(customer=organisation)
    return ScimToken.objects.filter(reseller=organisation if isinstance(organisation, Reseller) else 0)


def digest_of(code: str) -> str:
    """Return what is kept of a token. It is random, so one round is enough, and a look-up by it tells nothing."""
    return sha256(code.encode()).hexdigest()


@transaction.atomic
def make_scim_token(*, actor: Actor, organisation: Organisation, name: str, days: int, invites_people: bool) -> str:
    """Make a token by which a program keeps the people and groups of an organisation (P15).

    days: one of LASTS. invites_people: whether people whom it creates get a link to choose a password (P11).
    Returns the token, which is kept nowhere. Raises Refused; ProofNeeded where the actor's last proof is too old (P13).
    """
    organisation = _lock(actor, organisation)
    name = clean_name(name, max_length=TOKEN_NAME_MAX_LENGTH)
    if days not in LASTS:
        raise Refused(_("Choose how long the token works."), "days")
    if tokens_of(organisation).filter(WORKING).count() >= MOST:
        raise Refused(
            _("There are %(number)s tokens already. Revoke one that is not needed.") % {"number": MOST},
            reason="conditionNotMet",
        )
    require_fresh_proof(actor)
    code = _new_code()
    with refuse_duplicate(_("Another token has or had this name. Choose another one."), "name"):
        token = ScimToken.objects.create(
            **_owned_by(organisation),
            name=name,
            digest=digest_of(code),
            invites_people=invites_people,
            made_by=actor.user,
            expires_at=database_now() + timedelta(days=days),
        )
    _record(EventName.CREATE_SCIM_TOKEN, actor, token)
    return code


@transaction.atomic
def rotate_scim_token(*, actor: Actor, token: ScimToken) -> str:
    """Replace what a program has to show; the old one does nothing from now on. The name, and how long it works, stay.

    Returns the new token. Raises Refused for one that is over; ProofNeeded where the last proof is too old (P13).
    """
    found = _locked(actor, token)
    now = database_now()
    if found is None or found.expires_at <= now:
        raise Refused(_("This token works no more. Make a new one."), reason="conditionNotMet")
    require_fresh_proof(actor)
    code = _new_code()
    began = found.made_at
    found.digest, found.made_by, found.made_at, found.expires_at = (
        digest_of(code),
        actor.user,
        now,
        now + (found.expires_at - began),
    )
    found.save(update_fields=["digest", "made_by", "made_at", "expires_at"])
    _record(EventName.ROTATE_SCIM_TOKEN, actor, found)
    return code


@taking_away()
def revoke_scim_token(*, actor: Actor, token: ScimToken) -> bool:
    """End a token: it does nothing from now on. Returns whether there was something to revoke."""
    found = _locked(actor, token)
    if found is None:
        return False
    found.revoked_at = database_now()
    found.save(update_fields=["revoked_at"])
    record_audit(EventName.REVOKE_SCIM_TOKEN, **_about(found), actor=actor)
    return True


def revoke_all_tokens(now: datetime) -> int:
    """End every token; returns how many. Part of the verb that restores a backup: some were revoked since it was taken.

    Whose they are is told, and makes new ones.
    """
    tokens: Sequence[ScimToken] = list(working_tokens().select_for_update(of=("self",)).order_by("pk"))
    ScimToken.objects.filter(pk__in=[token.pk for token in tokens]).update(revoked_at=now)
    record_many(event(EventName.REVOKE_SCIM_TOKEN, **_about(token), actor=None) for token in tokens)
    return len(tokens)


def working_tokens() -> QuerySet[ScimToken]:
    """Return the tokens that can still be used, also those of a suspended reseller, which may be restored."""
    found = ScimToken.objects.filter(revoked_at=None, expires_at__gt=Now())
    return found.select_related("customer", "reseller")


def _new_code() -> str:
    return _PREFIX + secrets.token_urlsafe(32)


def _lock(actor: Actor, organisation: Organisation) -> Organisation:
    """Lock an organisation, and let through its super admins, or its reseller admins. Raises PermissionDenied."""
    locked = lock_organisation(organisation)
    if isinstance(locked, Customer):
        authorise(actor, Permission.MANAGE_PROVISIONING, locked)
    elif isinstance(locked, Reseller):
        authorise_reseller(actor, (Role.RESELLER_ADMIN,), locked.pk)
    else:
        raise PermissionDenied(_("Your role does not allow this."))
    return locked


def _locked(actor: Actor, token: ScimToken) -> ScimToken | None:
    """Return a token as it is now, locked behind its organisation; None where it was revoked."""
    organisation = _lock(actor, token.organisation)
    return tokens_of(organisation).select_for_update().filter(pk=token.pk, revoked_at=None).first()


def _owned_by(organisation: Organisation) -> dict[str, Any]:
    return {"customer" if isinstance(organisation, Customer) else "reseller": organisation}


def _about(token: ScimToken) -> dict[str, Any]:
    """Return whose log an event about a token stands in, and by which name."""
    return {"customer": token.customer_id, "subject": token.name, "seen_by": token.reseller}


def _record(name: EventName, actor: Actor, token: ScimToken) -> None:
    new = {"expires_at": token.expires_at.isoformat(), "invites_people": token.invites_people}
    record_audit(name, **_about(token), actor=actor, new=new)
