"""directory.users.aliases and directory.groups.aliases: addresses beside the own one."""

from __future__ import annotations

from typing import Any

from accounts.directory import group_aliases, renaming
from accounts.models import DirectoryGroup, User
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import Invalid, NotFound
from api.core.methods import serves
from api.directory.group_keys import group_of
from api.directory.users import living

Owner = User | DirectoryGroup


@serves("directory.users.aliases.list")
def of_user(call: Call) -> dict[str, Any]:
    """List the aliases of a person."""
    return _listed(living(call, Permission.VIEW_USERS))


@serves("directory.users.aliases.insert")
def add_to_user(call: Call) -> dict[str, Any]:
    """Give a person one more address."""
    person = living(call, Permission.MANAGE_USERS)
    return _shown(person, renaming.add_alias(actor=call.actor, person=person, email=_asked(call)))


@serves("directory.users.aliases.delete")
def take_from_user(call: Call) -> None:
    """Take an alias from a person."""
    person = living(call, Permission.MANAGE_USERS)
    renaming.remove_alias(actor=call.actor, person=person, email=_existing(call, person))


@serves("directory.groups.aliases.list")
def of_group(call: Call) -> dict[str, Any]:
    """List the aliases of a group."""
    return _listed(group_of(call, Permission.VIEW_GROUPS))


@serves("directory.groups.aliases.insert")
def add_to_group(call: Call) -> dict[str, Any]:
    """Give a group one more address."""
    group = group_of(call, Permission.MANAGE_GROUPS)
    return _shown(group, group_aliases.add_group_alias(actor=call.actor, group=group, email=_asked(call)))


@serves("directory.groups.aliases.delete")
def take_from_group(call: Call) -> None:
    """Take an alias from a group."""
    group = group_of(call, Permission.MANAGE_GROUPS)
    group_aliases.remove_group_alias(actor=call.actor, group=group, email=_existing(call, group))


def _asked(call: Call) -> str:
    alias: str = call.body.get("alias", "")
    if not alias:
        raise Invalid("alias")
    return alias


def _existing(call: Call, owner: Owner) -> str:
    """Return the alias that a call names, as it is stored. Raises NotFound for one that is not the owner's."""
    alias: str = call.params["alias"].lower()
    if alias == owner.email:
        raise Invalid("alias")
    if not owner.addresses.filter(email=alias).exists():
        raise NotFound("alias")
    return alias


def _listed(owner: Owner) -> dict[str, Any]:
    rows = owner.addresses.exclude(email=owner.email).order_by("email")
    aliases = [_shown(owner, alias) for alias in rows.values_list("email", flat=True)]
    return {"kind": "admin#directory#aliases", **({"aliases": aliases} if aliases else {})}


def _shown(owner: Owner, alias: str) -> dict[str, Any]:
    return {"kind": "admin#directory#alias", "id": owner.public_id, "primaryEmail": owner.email, "alias": alias}
