"""People as programs keep them: what is sent becomes verbs of the directory, all of a request or nothing of it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db import transaction
from django.urls import reverse

from accounts.actor import Actor
from accounts.directory import deleting, people, renaming
from accounts.directory.addresses import deleted_person_at
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import Customer, Reseller, User
from accounts.provisioning.recording import record_provisioned_person
from accounts.provisioning.scope import aliases_of, require_verified
from api.scim import published
from api.scim.ids import person_id
from api.scim.sent import SentUser
from api.scim.urls_of import meta
from subscriptions import leaving

_KEPT: Final = ("external_id", "given_name", "family_name")


def drawn(found: Collection[User]) -> list[published.User]:
    """Return people as they are published; the number of queries does not depend on how many they are."""
    aliases = aliases_of(found)
    return [_drawn(person, aliases[person.pk]) for person in found]


def _drawn(person: User, aliases: Collection[str]) -> published.User:
    kept = getattr(person, "provisioned", None)
    given, family = (kept.given_name, kept.family_name) if kept else ("", "")
    own = published.Email(value=person.email, type="work", primary=True)
    return published.User(
        id=person_id(person.pk),
        external_id=(kept.external_id or None) if kept else None,
        user_name=person.email,
        display_name=person.name,
        name=published.Name(given_name=given or None, family_name=family or None) if given or family else None,
        active=person.is_active,
        emails=[own, *(published.Email(value=alias, type="other") for alias in aliases)],
        meta=meta("User", reverse("scim_user", args=[person_id(person.pk)]), person.created_at),
    )


def create(actor: Actor, organisation: Customer | Reseller, sent: SentUser, *, invite: bool) -> User:
    """Create a person, or restore the one whom a provider means: deleted of late, with the same address and key.

    RFC 7644, 3.6 wants no conflict with the deleted. Another person with the address of a deleted one would get what
    was theirs, though, so that it takes the provider's own key to have them back.
    """
    asked = said(sent)
    email = require_verified(asked["email"], organisation)
    with transaction.atomic():
        person = deleted_person_at(email, organisation) if asked["external_id"] else None
        if person is not None and _key_of(person) == asked["external_id"]:
            person = deleting.undelete_user(actor=actor, person=person)
        else:
            active = asked["active"] is not False
            person = people.create_user(
                actor=actor,
                organisation=organisation,
                email=email,
                name=_name_of(asked, email),
                invite=invite and active,
            )
        change(actor, organisation, person, {**asked, "email": email, "name": _name_of(asked, email)})
    return person


def change(actor: Actor, organisation: Customer | Reseller, person: User, asked: dict[str, Any]) -> None:
    """Change what is asked for: `email`, `name`, `active`, and what is kept beside. Raises what the verbs raise."""
    with taking_away() if asked.get("active") is False else transaction.atomic():
        if asked.get("email", person.email).lower() != person.email:
            email = require_verified(asked["email"], organisation)
            renaming.rename_user(actor=actor, person=person, email=email)
        if asked.get("name"):
            people.change_user(actor=actor, person=person, name=asked["name"])
        if kept := {str(name): asked[name] for name in _KEPT if name in asked}:
            record_provisioned_person(actor=actor, person=person, said=kept)
        if asked.get("active") is False:
            people.suspend_user(actor=actor, person=person)
        elif asked.get("active"):
            people.unsuspend_user(actor=actor, person=person)


def delete(actor: Actor, person: User) -> None:
    """Delete a person as the page does: their licences are free, and within 20 days they can be restored."""
    leaving.delete_user_with_licences(actor=actor, person=person)


def said(sent: SentUser) -> dict[str, Any]:
    """Return what a program says of a person as a whole. A name and `active` that it leaves out stay as they are."""
    name = sent.name
    given, family = ((name.given_name or ""), (name.family_name or "")) if name else ("", "")
    called = sent.display_name or (name.formatted if name else "") or f"{given} {family}".strip()
    return {
        "email": sent.user_name or "",
        "name": called,
        "active": sent.active,
        "external_id": sent.external_id or "",
        "given_name": given,
        "family_name": family,
    }


def differing(before: SentUser, after: SentUser) -> dict[str, Any]:
    """Return what a program wants to have changed, one attribute by one (PATCH)."""
    old, new = said(before), said(after)
    changed = {name: value for name, value in new.items() if value != old[name]}
    if after.display_name != before.display_name:
        if not new["name"]:
            raise Refused("A person has a name.", "name")
        return changed
    changed.pop("name", None)
    # The one name follows its parts, where it was made of them; else it is what the provider calls them.
    if after.name and after.name.formatted and after.name.formatted != before.display_name:
        changed["name"] = after.name.formatted
    elif {"given_name", "family_name"} & changed.keys() and before.display_name == _of_parts(old):
        changed["name"] = _of_parts(new)
    return changed


def _of_parts(asked: dict[str, Any]) -> str:
    return f"{asked['given_name']} {asked['family_name']}".strip()


def _name_of(asked: dict[str, Any], email: str) -> str:
    return asked["name"] or email.rpartition("@")[0]


def _key_of(person: User) -> str:
    kept = getattr(person, "provisioned", None)
    return kept.external_id if kept else ""
