"""Groups as programs keep them: a name, a key of the provider, and who is in it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from anyascii import anyascii
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from scim2_models import Reference

from accounts.actor import Actor
from accounts.directory import groups
from accounts.errors import Refused
from accounts.models import Address, Customer, DirectoryGroup, GroupMember, Reseller, User
from accounts.provisioning.recording import record_provisioned_group
from accounts.provisioning.scope import groups_of, members_in, people_of, require_verified
from api.scim import published
from api.scim.ids import group_id, group_pk, member_id, person_pk
from api.scim.sent import SentGroup
from api.scim.urls_of import meta, url_at

# Groups with the same name that can have an address made of it.
_SAME: Final = 100


def drawn(found: Collection[DirectoryGroup], *, with_members: bool = True) -> list[published.Group]:
    """Return groups as they are published; the number of queries does not depend on how many they are."""
    members = members_in(found) if with_members else {}
    return [_drawn(group, members.get(group.pk)) for group in found]


def _drawn(group: DirectoryGroup, members: list[GroupMember] | None) -> published.Group:
    kept = getattr(group, "provisioned", None)
    return published.Group(
        id=group_id(group.pk),
        external_id=(kept.external_id or None) if kept else None,
        display_name=group.name,
        members=None if members is None else [_member(member) for member in members],
        meta=meta("Group", reverse("scim_group", args=[group_id(group.pk)]), group.created_at),
    )


def _member(member: GroupMember) -> published.Member:
    kind, page = ("User", "scim_user") if member.user_id else ("Group", "scim_group")
    ref: Any = Reference(url_at(reverse(page, args=[member_id(member)])))
    return published.Member(value=member_id(member), type=kind, ref=ref)


def create(actor: Actor, organisation: Customer | Reseller, sent: SentGroup) -> DirectoryGroup:
    """Create a group, under an address that is made of its name: providers have none for it."""
    assert isinstance(organisation, Customer)
    with transaction.atomic():
        name = sent.display_name or ""
        email = _free_address(name, organisation)
        group = groups.create_group(actor=actor, customer=organisation, email=email, name=name)
        change(actor, organisation, group, None, sent)
    return group


def change(
    actor: Actor, organisation: Customer | Reseller, group: DirectoryGroup, before: SentGroup | None, after: SentGroup
) -> None:
    """Change what differs: the name, the key, and who is in it. before: None where the whole is said again."""
    with transaction.atomic():
        if after.display_name != group.name:
            groups.change_group(
                actor=actor,
                group=group,
                email=group.email,
                name=after.display_name or "",
                description=group.description,
            )
        if before is None or after.external_id != before.external_id:
            record_provisioned_group(actor=actor, group=group, external_id=after.external_id or "")
        # A group that is sent without members keeps those it has: a list of nobody is what empties it.
        if after.members is not None or (before is not None and before.members):
            _change_members(actor, organisation, group, [member.value or "" for member in after.members or ()])


def delete(actor: Actor, group: DirectoryGroup) -> None:
    """Delete a group as the page does; the people in it stay."""
    groups.delete_group(actor=actor, group=group)


def _change_members(
    actor: Actor, organisation: Customer | Reseller, group: DirectoryGroup, wanted: Collection[str]
) -> None:
    there = {member_id(member): member for member in members_in([group])[group.pk]}
    new = [text for text in dict.fromkeys(wanted) if text not in there]
    if new:
        people, subgroups = _found(organisation, new)
        groups.add_members(actor=actor, group=group, people=people, subgroups=subgroups)
    gone = [member for text, member in there.items() if text not in set(wanted)]
    if people_gone := [member.user_id for member in gone if member.user_id]:
        groups.remove_people(actor=actor, group=group, people=people_gone)
    for member in gone:
        if member.subgroup_id:
            groups.remove_member(actor=actor, member=member)


def _found(organisation: Customer | Reseller, ids: Collection[str]) -> tuple[list[User], list[DirectoryGroup]]:
    """Return who is meant by some ids. Raises Refused for one of nobody here, a stranger's among them."""
    people = list(people_of(organisation).filter(pk__in={pk for text in ids if (pk := person_pk(text))}))
    subgroups = list(groups_of(organisation).filter(pk__in={pk for text in ids if (pk := group_pk(text))}))
    if len(people) + len(subgroups) != len(ids):
        raise Refused(_("Only people and groups of this organisation can be in a group."), "members")
    return people, subgroups


def _free_address(name: str, customer: Customer) -> str:
    """Return an address at the primary domain for a group of this name. Raises Refused where there is none left."""
    local = re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:40].strip("-") or "group"
    tried = [f"{local}{f'-{number}' if number > 1 else ''}@{customer.primary_domain}" for number in range(1, _SAME + 1)]
    taken = set(Address.objects.filter(email__in=tried).values_list("email", flat=True))
    free = next((email for email in tried if email not in taken), None)
    if free is None:
        raise Refused(_("Too many groups have this name. Choose another one."), "name")
    return require_verified(free, customer)
