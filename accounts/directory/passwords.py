"""The verbs of passwords: a person's own, and the temporary one that an admin gives."""

from __future__ import annotations

import secrets
from typing import Final

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.console_sessions.browser_sessions import end_sessions
from accounts.directory.rules import lock_for_change, prove_for_admins, refuse_deleted, refuse_oneself
from accounts.errors import Refused
from accounts.links import password_link
from accounts.locking import taking_away
from accounts.models import User
from accounts.permissions import Permission

# No 0/o, 1/l/i, and no vowels that would make words: people read these out on the telephone. 77 bits.
_ALPHABET: Final = "bcdfghjkmnpqrstvwxyz23456789"
_GROUPS: Final = 4
_GROUP_LENGTH: Final = 4


def temporary_password() -> str:
    """Return a new password that nobody can guess and that can be read out: four groups of four."""
    groups = ("".join(secrets.choice(_ALPHABET) for _i in range(_GROUP_LENGTH)) for _g in range(_GROUPS))
    return "-".join(groups)


def unusable_password() -> str:
    """Return what stands in place of a digest until a person chooses a password; Django's takes 30 times as long.

    It differs for each person, since the link for a new password is made of it.
    """
    return f"{UNUSABLE_PASSWORD_PREFIX}{secrets.token_hex(20)}"


@transaction.atomic
def change_password(*, actor: Actor | None, person: User, password: str, by_link: bool = False) -> None:
    """Give a person the new password that they chose; checking that it is a good one is up to the form.

    From now on everything is open to them again that a temporary password kept closed.
    by_link: they came with a link from a mail, which this uses up.
    """
    person.set_password(password)
    person.must_change_password = False
    person.save(update_fields=["password", "must_change_password"])
    names = [EventName.PASSWORD_LINK_USED] if by_link else []
    for name in [*names, EventName.PASSWORD_EDIT]:
        record_audit(name, actor=actor, customer=person.customer_id, subject=person.email, target=person)


@taking_away()
def reset_password(*, actor: Actor | None, person: User) -> str:
    """Replace a person's password by a temporary one, and return that: it is stored as a digest only (P3, R14).

    Their sessions end, and at the next sign-in they choose a password of their own before anything else opens.
    Raises Refused for oneself, for a person who is deleted, and for who holds a role where the actor is no super admin;
    ProofNeeded for an admin of the first rank (P13).
    """
    person = _lock_for_new_password(actor, person)
    password = temporary_password()
    _replace(actor, person, password, must_change=True)
    return password


@taking_away()
def set_password(*, actor: Actor | None, person: User, password: str, must_change: bool = False) -> None:
    """Replace a person's password by one that was given, as a machine does that made it for them (P3, R14).

    must_change: whether they choose their own at the next sign-in. Otherwise like reset_password(); raises Refused for
    a password that is none (AUTH_PASSWORD_VALIDATORS), too.
    """
    person = _lock_for_new_password(actor, person)
    _check(password, person)
    _replace(actor, person, password, must_change=must_change)


@transaction.atomic
def demand_new_password(*, actor: Actor | None, person: User, demanded: bool) -> None:
    """Say whether a person chooses a new password at the next sign-in, before anything else opens. Raises Refused.

    Raises ProofNeeded for an admin of the first rank (P13) of whom it is demanded no longer.
    """
    person = lock_for_change(actor, person, Permission.RESET_PASSWORDS)
    refuse_deleted(person)
    if person.must_change_password == demanded:
        return
    if not demanded:
        refuse_oneself(actor, person, _("Choose your own password under Password in the account menu."))
        prove_for_admins(actor, person)
    old, person.must_change_password = person.must_change_password, demanded
    person.save(update_fields=["must_change_password"])
    record_audit(
        EventName.DEMAND_NEW_PASSWORD,
        actor=actor,
        customer=person.customer_id,
        subject=person.email,
        target=person,
        old={"must_change_password": old},
        new={"must_change_password": demanded},
    )


def _lock_for_new_password(actor: Actor | None, person: User) -> User:
    person = lock_for_change(actor, person, Permission.RESET_PASSWORDS)
    refuse_deleted(person)
    refuse_oneself(actor, person, _("Choose your own password under Password in the account menu."))
    prove_for_admins(actor, person)
    return person


def _replace(actor: Actor | None, person: User, password: str, *, must_change: bool) -> None:
    person.set_password(password)
    person.must_change_password = must_change
    person.save(update_fields=["password", "must_change_password"])
    end_sessions([person])
    record_audit(
        EventName.RESET_PASSWORD, actor=actor, customer=person.customer_id, subject=person.email, target=person
    )


@transaction.atomic
def make_password_link(*, actor: Actor | None, person: User) -> str:
    """Return a link with which a person sets a new password, for an operator to hand over; it is kept nowhere.

    It works once, for PASSWORD_RESET_TIMEOUT. Raises Refused for a person who is suspended or deleted, and ProofNeeded
    for an admin of the first rank (P13).
    """
    person = lock_for_change(actor, person, Permission.RESET_PASSWORDS)
    refuse_deleted(person)
    if not person.is_active:
        raise Refused(
            _("%(person)s is suspended. Restore this user first.") % {"person": person.name}, reason="conditionNotMet"
        )
    prove_for_admins(actor, person)
    record_audit(
        EventName.CREATE_PASSWORD_LINK, actor=actor, customer=person.customer_id, subject=person.email, target=person
    )
    return password_link(person)


def set_first_password(person: User, password: str | None) -> None:
    """Set the password of a person who is being created; None until it sets one by a link. Raises Refused."""
    if password is not None:
        _check(password, person)
    person.set_password(password)


def _check(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Refused.because(error, "password") from error
