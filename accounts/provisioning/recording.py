"""What an identity provider says of people and groups beside what the directory keeps: its own key, parts of a name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.clock import database_now
from accounts.directory.change import clean_line, lock_directory
from accounts.directory.name_parts import NameParts, write_parts
from accounts.directory.rules import lock_for_change, lock_person, refuse_deleted
from accounts.errors import Duplicate
from accounts.models import DirectoryGroup, Provisioned, User
from accounts.models.provisioning import EXTERNAL_ID_MAX_LENGTH
from accounts.organisations import NAME_MAX_LENGTH
from accounts.permissions import Permission

# How often admins are told that their provider wants to take away the last one of them: it tries again for weeks.
TOLD_EVERY: Final = timedelta(days=1)
_LONGEST: Final = {
    "external_id": EXTERNAL_ID_MAX_LENGTH,
    "given_name": NAME_MAX_LENGTH,
    "family_name": NAME_MAX_LENGTH,
}


@transaction.atomic
def record_provisioned_person(*, actor: Actor, person: User, said: Mapping[str, str]) -> None:
    """Keep what a provider says of a person. said: `external_id`, `given_name`, `family_name`, those that change.

    Raises Refused; Duplicate for a key that another person of the organisation has.
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    row = Provisioned.objects.filter(user=person).first() or Provisioned(user=person)
    if key := said.get("external_id"):
        own = {"customer": person.customer, "reseller": person.reseller}
        same = Provisioned.objects.filter(external_id=key, **{f"user__{name}": value for name, value in own.items()})
        # Who was deleted keeps everything for a while but the key: whom the provider means now is this person.
        same.filter(user__deleted_at__isnull=False).exclude(user=person).update(external_id="")
        _refuse_same(same.exclude(user=person).exists())
    if changed := _changed(row, said):
        old, new = changed
        record_audit(
            EventName.CHANGE_USER,
            actor=actor,
            customer=person.customer_id,
            subject=person.email,
            target=person,
            old=old,
            new=new,
        )
    if row.given_name or row.family_name:
        # They are what the provider says, also where it calls the person otherwise, and where a new name was split.
        write_parts(person, NameParts(row.given_name, row.family_name))


@transaction.atomic
def record_provisioned_group(*, actor: Actor, group: DirectoryGroup, external_id: str) -> None:
    """Keep a provider's own key of a group. Raises Refused; Duplicate for one that another of its customer has."""
    customer = lock_directory(actor, Permission.MANAGE_GROUPS, group.customer_id)
    row = Provisioned.objects.filter(group=group).first() or Provisioned(group=group)
    if external_id:
        same = Provisioned.objects.filter(external_id=external_id, group__customer=customer)
        _refuse_same(same.exclude(group=group).exists())
    if changed := _changed(row, {"external_id": external_id}):
        old, new = changed
        record_audit(
            EventName.CHANGE_GROUP, actor=actor, customer=customer, subject=group.email, target=group, old=old, new=new
        )


@transaction.atomic
def tell_of_last_admin(*, actor: Actor, person: User) -> bool:
    """Tell the admins of an organisation that its provider wants to take away the last of them, who stays (P7).

    Returns False where they were told of this person within a day: a provider tries again and again.
    """
    person = lock_person(person)
    row = Provisioned.objects.filter(user=person).first() or Provisioned(user=person)
    now = database_now()
    if row.told_at is not None and row.told_at > now - TOLD_EVERY:
        return False
    row.told_at = now
    _save(row, ["told_at"])
    record_audit(
        EventName.KEEP_LAST_ADMIN, actor=actor, customer=person.customer_id, subject=person.email, target=person
    )
    return True


def _refuse_same(is_there: bool) -> None:
    if is_there:
        raise Duplicate(_("Another one has this key of the identity provider already."), "external_id")


def _changed(row: Provisioned, said: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]] | None:
    """Write what differs; return what was before and what is now, or None. The organisation is locked."""
    cleaned = {name: clean_line(text, name, _LONGEST[name]) for name, text in said.items()}
    old = {name: getattr(row, name) for name, text in cleaned.items() if text != getattr(row, name)}
    if not old:
        return None
    for name in old:
        setattr(row, name, cleaned[name])
    _save(row, list(old))
    return old, {name: cleaned[name] for name in old}


def _save(row: Provisioned, changed: list[str]) -> None:
    if row.pk is None:
        row.save(force_insert=True)
    else:
        row.save(update_fields=changed)
