"""The verbs of one's own second factor (P12): adding, naming and removing, and recovery codes. Each is told by mail.

All but naming raise ProofNeeded where the actor's last proof is too old: who sits down at an open session neither ends
the second factor (P13) nor brings their own.
"""

from __future__ import annotations

import secrets
from base64 import b32encode
from dataclasses import dataclass, field
from typing import Any, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import require_fresh_proof
from accounts.errors import Duplicate, Refused
from accounts.factors import Factor, StoredFactor, factor_of, factors_of
from accounts.mail import post
from accounts.models import User
from accounts.names import readable
from accounts.sign_in.codes import matching_step
from accounts.sign_in.factor_adapter import FactorAdapter
from accounts.sign_in.factor_mails import FACTOR_CHANGED

# Enough for each device of a person, and a bound on what one account can store.
PASSKEYS_AT_MOST: Final = 20
NAME_AT_MOST: Final = 60
_SECRET_BYTES: Final = 20  # RFC 4226 recommends 160 bits


@dataclass(frozen=True, slots=True)
class Added:
    """A factor that was added, by its row. recovery_codes: shown once, where these are the person's first."""

    row: Any
    name: str
    recovery_codes: list[str] = field(default_factory=list)


def new_app_secret() -> str:
    """Return the secret of a new authenticator app, as its apps expect it."""
    return b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


@transaction.atomic
def add_app(*, actor: Actor, secret: str, code: str) -> Added:
    """Add an authenticator app, whose first code proves that it has the secret; the code is used up by this.

    Raises Refused for a wrong code, and where the person has an app already.
    """
    require_fresh_proof(actor)
    person = _lock(actor)
    if Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.TOTP).exists():
        raise Duplicate(_("You have an authenticator app already. Remove it first."))
    step = matching_step(secret, code)
    if step is None:
        raise Refused(_("This code is wrong or too old. Type the one that the app shows now."), "code")
    data = {"secret": FactorAdapter().encrypt(secret), "last_step": step}
    return _add(actor, Authenticator(user=person, type=Authenticator.Type.TOTP, data=data))


@transaction.atomic
def add_passkey(*, actor: Actor, name: str, credential: dict[str, Any]) -> Added:
    """Add a passkey, which the form has checked against what the browser was asked. Raises Refused beyond the most."""
    require_fresh_proof(actor)
    person = _lock(actor)
    if factors_of(person).filter(type=Authenticator.Type.WEBAUTHN).count() >= PASSKEYS_AT_MOST:
        raise Refused(
            _("You have %(number)s passkeys, the most there can be.") % {"number": PASSKEYS_AT_MOST},
            reason="conditionNotMet",
        )
    data = {"name": _name(name), "credential": credential}
    return _add(actor, Authenticator(user=person, type=Authenticator.Type.WEBAUTHN, data=data))


@transaction.atomic
def rename_passkey(*, actor: Actor, factor_id: int, name: str) -> bool:
    """Call a passkey something else; False where it is called so, or is not the actor's. Raises Refused for no name."""
    row = factors_of(_lock(actor)).filter(pk=factor_id, type=Authenticator.Type.WEBAUTHN).first()
    wanted = _name(name)
    if row is None or row.data["name"] == wanted:
        return False
    old = {"second_factor": Factor.PASSKEY, "name": row.data["name"]}
    row.data["name"] = wanted
    row.save(update_fields=["data"])
    _record(EventName.TWO_STEP_CHANGE, actor, old=old, new=old | {"name": wanted})
    return True


@transaction.atomic
def remove_factor(*, actor: Actor, factor_id: int) -> bool:
    """Remove one of the actor's own factors; with the last one their recovery codes go too.

    Returns False where it is gone already, or is another person's.
    """
    person = _lock(actor)
    row = factors_of(person).filter(pk=factor_id).first()
    if row is None:
        return False
    require_fresh_proof(actor)
    old = _said(row)
    row.delete()
    is_last = not factors_of(person).exists()
    if is_last:
        Authenticator.objects.filter(user_id=person.pk).delete()
    _record(EventName.TWO_STEP_DISABLE if is_last else EventName.TWO_STEP_CHANGE, actor, old=old)
    return True


@transaction.atomic
def make_recovery_codes(*, actor: Actor) -> list[str]:
    """Make ten recovery codes in place of those that there were, which open nothing any more. Raises Refused."""
    require_fresh_proof(actor)
    person = _lock(actor)
    if not factors_of(person).exists():
        raise Refused(
            _("Add a passkey or an authenticator app first. Recovery codes stand in for one of these."),
            reason="conditionNotMet",
        )
    codes = _new_codes(person)
    _record(EventName.GENERATE_RECOVERY_CODES, actor)
    return codes


def _lock(actor: Actor) -> User:
    """Lock the person, so that two requests of theirs follow each other."""
    return User.objects.select_for_update(no_key=True).get(pk=actor.user.pk)


def _name(name: str) -> str:
    name = readable(name)
    if not name:
        raise Refused(_("Give this passkey a name."), "name")
    return name[:NAME_AT_MOST]


def _add(actor: Actor, row: Any) -> Added:
    is_first = not factors_of(actor.user).exists()
    row.save(force_insert=True)
    # A lost one that was reset has another one in its place.
    User.objects.filter(pk=row.user_id, must_enrol_factor=True).update(must_enrol_factor=False)
    codes = _new_codes(actor.user) if is_first else []
    _record(EventName.TWO_STEP_ENROLL if is_first else EventName.TWO_STEP_CHANGE, actor, new=_said(row))
    return Added(row, StoredFactor(row).name, codes)


def _new_codes(person: User) -> list[str]:
    Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.RECOVERY_CODES).delete()
    codes: list[str] = RecoveryCodes.activate(person).generate_codes()
    return codes


def _said(row: Any) -> dict[str, str]:
    said = {"second_factor": str(factor_of(row.type))}
    return said | {"name": row.data["name"]} if "name" in row.data else said


def _record(
    name: EventName, actor: Actor, *, old: dict[str, str] | None = None, new: dict[str, str] | None = None
) -> None:
    """Write the event, and tell the person by mail at once, whatever they want to hear: it may not have been they."""
    person = actor.user
    written = record_audit(
        name, actor=actor, customer=person.customer_id, subject=person.email, target=person, old=old, new=new
    )
    post.queue(FACTOR_CHANGED, [person], about_id=written.pk)
