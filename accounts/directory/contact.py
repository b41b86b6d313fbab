"""How a person is reached, beside the address they sign in with, and what else a directory keeps of them.

Text that an admin, or a program for one, wrote down: it opens nothing, and no link is sent there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.rules import lock_for_change, refuse_deleted
from accounts.domains import canonical_email
from accounts.errors import Refused
from accounts.models import User
from accounts.names import readable
from accounts.permissions import Permission

# What is kept in `User.contact`, as the API names it.
CONTACT: Final = frozenset(
    {
        "addresses",
        "emails",
        "externalIds",
        "gender",
        "ims",
        "keywords",
        "languages",
        "locations",
        "notes",
        "organizations",
        "phones",
        "posixAccounts",
        "relations",
        "sshPublicKeys",
        "websites",
    }
)
# Bytes of one person's contact as JSON, and how deep a value may be nested.
CONTACT_AT_MOST: Final = 16_000
DEEPEST: Final = 4
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


@transaction.atomic
def change_contact(
    *,
    actor: Actor | None,
    person: User,
    recovery_email: str | None = None,
    recovery_phone: str | None = None,
    contact: Mapping[str, Any] | None = None,
) -> User:
    """Change how a person is reached; None leaves a value as it is. Raises Refused.

    recovery_phone: as E.164 writes a number, `+4940123456`; empty for none.
    contact: by the names of CONTACT; what is empty is removed, what is not named stays.
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    wanted: dict[str, Any] = {}
    if recovery_email is not None:
        wanted["recovery_email"] = _clean_email(recovery_email)
    if recovery_phone is not None:
        wanted["recovery_phone"] = _clean_phone(recovery_phone)
    if contact is not None:
        named = clean_contact(contact)
        wanted["contact"] = {key: value for key, value in (person.contact | named).items() if value}
        _refuse_too_much(wanted["contact"])
    new = {name: value for name, value in wanted.items() if value != getattr(person, name)}
    if not new:
        return person
    old = {name: getattr(person, name) for name in new}
    for name, value in new.items():
        setattr(person, name, value)
    person.save(update_fields=list(new))
    before, after = _told(old, new)
    record_audit(
        EventName.CHANGE_USER,
        actor=actor,
        customer=person.customer_id,
        subject=person.email,
        target=person,
        old=before,
        new=after,
    )
    return person


def clean_contact(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was sent as it is stored. Raises Refused for what is no list of what a directory keeps."""
    cleaned: dict[str, Any] = {}
    for name, value in said.items():
        if name not in CONTACT:
            raise Refused(_("The directory does not keep this."), name)
        cleaned[name] = _clean(value, name, 0)
    return cleaned


def _clean(value: Any, name: str, depth: int) -> Any:
    if depth > DEEPEST:
        raise Refused(_("This is nested too deeply."), name)
    if isinstance(value, list):
        return [_clean(one, name, depth + 1) for one in value]
    if isinstance(value, dict):
        return {readable(str(key)): _clean(one, name, depth + 1) for key, one in value.items()}
    return "\n".join(map(readable, value.splitlines())) if isinstance(value, str) else value


def _refuse_too_much(contact: dict[str, Any]) -> None:
    if len(json.dumps(contact).encode()) > CONTACT_AT_MOST:
        raise Refused(_("This is more than the directory keeps of one person."), "contact")


def _clean_email(text: str) -> str:
    if not text.strip():
        return ""
    try:
        return canonical_email(text)
    except ValidationError as error:
        raise Refused.because(error, "recovery_email") from error


def _clean_phone(text: str) -> str:
    phone = re.sub(r"[ ()./-]", "", text)
    if phone and not _PHONE.fullmatch(phone):
        raise Refused(_("Write a telephone number such as +49 40 123456."), "recovery_phone")
    return phone


def _told(old: dict[str, Any], new: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of an event: of a contact those that differ, each in one line."""
    before, after = old.pop("contact", {}), new.pop("contact", {})
    differing = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    return (
        old | {name: _in_lines(before.get(name)) for name in differing},
        new | {name: _in_lines(after.get(name)) for name in differing},
    )


def _in_lines(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value] if value else []
    return [
        ", ".join(f"{key}: {part}" for key, part in one.items()) if isinstance(one, dict) else str(one)
        for one in values
    ]
