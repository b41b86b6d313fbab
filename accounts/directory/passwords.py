"""The verbs of passwords: a person's own, and the temporary one that an admin gives."""

from __future__ import annotations

import secrets
from typing import Final

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.console_sessions.browser_sessions import end_sessions
from accounts.directory.rules import lock_for_change, refuse_deleted, refuse_oneself
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
        record_audit(name, actor=actor, customer=person.customer_id, subject=person.email)


@taking_away()
def reset_password(*, actor: Actor | None, person: User) -> str:
    """Replace a person's password by a temporary one, and return that: it is stored as a digest only (P3, R14).

    Their sessions end, and at the next sign-in they choose a password of their own before anything else opens.
    Raises Refused for oneself, for a person who is deleted, and for who holds a role where the actor is no super admin.
    """
    person = lock_for_change(actor, person, Permission.RESET_PASSWORDS)
    refuse_deleted(person)
    refuse_oneself(actor, person, _("Choose your own password under Password in the account menu."))
    password = temporary_password()
    person.set_password(password)
    person.must_change_password = True
    person.save(update_fields=["password", "must_change_password"])
    end_sessions(person)
    record_audit(EventName.RESET_PASSWORD, actor=actor, customer=person.customer_id, subject=person.email)
    return password


@transaction.atomic
def make_password_link(*, actor: Actor | None, person: User) -> str:
    """Return a link with which a person sets a new password, for an operator to hand over; it is kept nowhere.

    It works once, for PASSWORD_RESET_TIMEOUT. Raises Refused for a person who is suspended or deleted.
    """
    person = lock_for_change(actor, person, Permission.RESET_PASSWORDS)
    refuse_deleted(person)
    if not person.is_active:
        raise Refused(_("%(person)s is suspended. Restore this user first.") % {"person": person.name})
    record_audit(EventName.CREATE_PASSWORD_LINK, actor=actor, customer=person.customer_id, subject=person.email)
    return password_link(person)


def set_first_password(person: User, password: str | None) -> None:
    """Set the password of a person who is being created; None until it sets one by a link. Raises Refused."""
    if password is not None:
        try:
            validate_password(password, person)
        except ValidationError as error:
            raise Refused.because(error, "password") from error
    person.set_password(password)
