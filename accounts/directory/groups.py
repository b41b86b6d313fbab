"""The verbs of groups: creating, changing and deleting them, and who is in them."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.directory.addresses import clean_address
from accounts.directory.change import clean_description, lock_directory
from accounts.directory.group_members import containing, email_of
from accounts.errors import Refused
from accounts.models import Address, Customer, DirectoryGroup, GroupMember, User
from accounts.models.directory import MemberRole, WhoMay
from accounts.organisations import clean_name, refuse_duplicate, stored_sort_key
from accounts.permissions import Permission

ADDRESS_IS_TAKEN = _("A person or a group has this e-mail address already.")
_ACCESS = ("who_may_join", "who_may_post", "who_may_see_members")


@transaction.atomic
def create_group(
    *, actor: Actor | None, customer: Customer, email: str, name: str, description: str = ""
) -> DirectoryGroup:
    """Create a group without members, under an address that nobody else has (P6). Raises Refused."""
    customer = lock_directory(actor, Permission.MANAGE_GROUPS, customer)
    group = DirectoryGroup(customer=customer, email=clean_address(email, customer), name=clean_name(name))
    group.sort_name, group.description = stored_sort_key(group.name), clean_description(description)
    with refuse_duplicate(ADDRESS_IS_TAKEN, "email"):
        group.save(force_insert=True)
        Address.objects.create(email=group.email, group=group)
    new = {"email": group.email, "name": group.name}
    record_audit(EventName.CREATE_GROUP, actor=actor, customer=customer, subject=group.email, target=group, new=new)
    return group


@transaction.atomic
def change_group(
    *, actor: Actor | None, group: DirectoryGroup, email: str, name: str, description: str
) -> DirectoryGroup:
    """Change what a group is called; the address it had before is free again. Raises Refused."""
    customer = lock_directory(actor, Permission.MANAGE_GROUPS, group.customer_id)
    group = existing(group)
    before = _values(group)
    group.email, group.name = clean_address(email, customer), clean_name(name)
    group.sort_name, group.description = stored_sort_key(group.name), clean_description(description)
    after = _values(group)
    old = {key: value for key, value in before.items() if value != after[key]}
    if not old:
        return group
    with refuse_duplicate(ADDRESS_IS_TAKEN, "email"):
        group.save(update_fields=["email", "name", "sort_name", "description"])
        if "email" in old:
            _rename_address(group, before["email"])
    new = {key: after[key] for key in old}
    record_audit(
        EventName.CHANGE_GROUP, actor=actor, customer=customer, subject=before["email"], target=group, old=old, new=new
    )
    return group


@transaction.atomic
def change_group_access(
    *,
    actor: Actor | None,
    group: DirectoryGroup,
    who_may_join: WhoMay,
    who_may_post: WhoMay,
    who_may_see_members: WhoMay,
) -> DirectoryGroup:
    """Change who may join a group, write to it and see its members: for the customer's own admins only (R14)."""
    lock_directory(actor, Permission.CHANGE_GROUP_ACCESS, group.customer_id)
    group = existing(group)
    wanted = dict(zip(_ACCESS, (who_may_join, who_may_post, who_may_see_members), strict=True))
    old = {key: getattr(group, key) for key, value in wanted.items() if value != getattr(group, key)}
    if not old:
        return group
    for key in old:
        setattr(group, key, wanted[key])
    group.save(update_fields=list(old))
    new = {key: str(wanted[key]) for key in old}
    record_audit(
        EventName.CHANGE_GROUP_SETTING,
        actor=actor,
        customer=group.customer_id,
        subject=group.email,
        target=group,
        old=old,
        new=new,
    )
    return group


@transaction.atomic
def delete_group(*, actor: Actor | None, group: DirectoryGroup) -> None:
    """Delete a group; the people in it stay, its address is free again. A second time changes nothing."""
    delete_groups(actor=actor, customer=group.customer_id, groups=[group.pk])


@transaction.atomic
def delete_groups(*, actor: Actor | None, customer: Customer | int, groups: Collection[int]) -> set[int]:
    """Delete groups of a customer; return the ids of those that there still were. groups: their ids."""
    customer = lock_directory(actor, Permission.MANAGE_GROUPS, customer)
    rows = DirectoryGroup.objects.filter(customer=customer, pk__in=groups).order_by("pk")
    found = list(rows.annotate(members_in=Count("members")))
    DirectoryGroup.objects.filter(pk__in=[group.pk for group in found]).delete()
    record_many(
        event(
            EventName.DELETE_GROUP,
            actor=actor,
            customer=customer,
            subject=group.email,
            target=group,
            old={"email": group.email, "name": group.name, "members": group.members_in},
        )
        for group in found
    )
    return {group.pk for group in found}


@transaction.atomic
def add_members(
    *,
    actor: Actor | None,
    group: DirectoryGroup,
    people: Collection[User] = (),
    subgroups: Collection[DirectoryGroup] = (),
    role: MemberRole = MemberRole.MEMBER,
) -> int:
    """Put people and other groups into a group, all or none; return how many were not in it yet.

    Who is in it keeps their role. A group is a plain member, whatever `role` says. The customer is locked:
    two groups that are nested into each other at once are one after the other, and the second is refused.
    Raises Refused.
    """
    lock_directory(actor, Permission.MANAGE_GROUPS, group.customer_id)
    group = existing(group)
    _refuse_strangers(group, people, subgroups)
    _refuse_circles(group, subgroups)
    there = GroupMember.objects.filter(group=group)
    user_ids = set(there.filter(user__in=people).values_list("user_id", flat=True))
    subgroup_ids = set(there.filter(subgroup__in=subgroups).values_list("subgroup_id", flat=True))
    new = [
        GroupMember(customer_id=group.customer_id, group=group, user=person, role=role)
        for person in {person.pk: person for person in people if person.pk not in user_ids}.values()
    ] + [
        GroupMember(customer_id=group.customer_id, group=group, subgroup=subgroup)
        for subgroup in {sub.pk: sub for sub in subgroups if sub.pk not in subgroup_ids}.values()
    ]
    GroupMember.objects.bulk_create(new)
    _record_members(EventName.ADD_GROUP_MEMBER, actor, group, new)
    return len(new)


@transaction.atomic
def change_member_role(*, actor: Actor | None, member: GroupMember, role: MemberRole) -> None:
    """Make a person in a group its owner, manager or plain member. Raises Refused for a group in a group."""
    lock_directory(actor, Permission.MANAGE_GROUPS, member.customer_id)
    found = GroupMember.objects.select_related("group", "user", "subgroup").filter(pk=member.pk).first()
    if found is None:
        raise Refused(_("This member is not in the group any more."), reason="notFound")
    if found.subgroup is not None and role != MemberRole.MEMBER:
        raise Refused(_("A group in a group is a plain member: only people own and manage a group."), "role")
    if found.role == role:
        return
    member_email = found.user.email if found.user else ""
    old, new = {"member": member_email, "member_role": found.role}, {"member": member_email, "member_role": role}
    found.role = role
    found.save(update_fields=["role"])
    group = found.group
    record_audit(
        EventName.UPDATE_GROUP_MEMBER,
        actor=actor,
        customer=group.customer_id,
        subject=group.email,
        target=group,
        old=old,
        new=new,
    )


@transaction.atomic
def remove_member(*, actor: Actor | None, member: GroupMember) -> None:
    """Take a person or a group out of a group; a second time changes nothing."""
    lock_directory(actor, Permission.MANAGE_GROUPS, member.customer_id)
    _take_out(actor, GroupMember.objects.filter(pk=member.pk))


@transaction.atomic
def remove_people(*, actor: Actor | None, group: DirectoryGroup, people: Collection[int]) -> set[int]:
    """Take people out of a group; return the ids of those who were in it. Raises Refused for a group that is gone."""
    lock_directory(actor, Permission.MANAGE_GROUPS, group.customer_id)
    return _take_out(actor, GroupMember.objects.filter(group=existing(group), user__in=people))


@transaction.atomic
def add_people(*, actor: Actor | None, group: DirectoryGroup, people: Collection[int]) -> tuple[set[int], set[int]]:
    """Put those of `people` into a group who can be; return the ids of those who are new, and of all who can be.

    As add_members(), but for who is deleted or not in this directory: the others are not concerned.
    """
    lock_directory(actor, Permission.MANAGE_GROUPS, group.customer_id)
    living = list(User.objects.filter(customer=group.customer_id, deleted_at=None, pk__in=people).order_by("pk"))
    there = set(GroupMember.objects.filter(group=group, user__in=living).values_list("user_id", flat=True))
    add_members(actor=actor, group=group, people=living)
    eligible = {person.pk for person in living}
    return eligible - there, eligible


def existing(group: DirectoryGroup) -> DirectoryGroup:
    """Return a group as it is stored now; its customer is locked. Raises Refused for one deleted meanwhile."""
    found = DirectoryGroup.objects.filter(pk=group.pk, customer=group.customer_id).first()
    if found is None:
        raise Refused(_("This group does not exist any more."), reason="notFound")
    return found


def _take_out(actor: Actor | None, members: QuerySet[GroupMember]) -> set[int]:
    """Take members out of one group, whose customer is locked; return the ids of the people among them."""
    found = list(members.select_related("group", "user", "subgroup").order_by("pk"))
    if found:
        GroupMember.objects.filter(pk__in=[member.pk for member in found]).delete()
        _record_members(EventName.REMOVE_GROUP_MEMBER, actor, found[0].group, found)
    return {member.user_id for member in found if member.user_id}


def _refuse_strangers(group: DirectoryGroup, people: Collection[User], subgroups: Collection[DirectoryGroup]) -> None:
    """Refuse who is not in this customer's directory (any more)."""
    users = User.objects.filter(customer=group.customer_id, deleted_at=None, pk__in=[p.pk for p in people])
    groups = DirectoryGroup.objects.filter(customer=group.customer_id, pk__in=[g.pk for g in subgroups])
    if len({p.pk for p in people}) != users.count() or len({g.pk for g in subgroups}) != groups.count():
        raise Refused(_("Only people and groups of this organisation can be in a group."), "members", reason="notFound")


def _refuse_circles(group: DirectoryGroup, subgroups: Collection[DirectoryGroup]) -> None:
    around = containing(group) if subgroups else set()
    if circular := sorted(subgroup.email for subgroup in subgroups if subgroup.pk in around):
        text = _("%(inner)s contains %(group)s already, so it cannot be in it: that would be a circle.")
        raise Refused(text % {"inner": ", ".join(circular), "group": group.email}, "members", reason="conditionNotMet")


def _rename_address(group: DirectoryGroup, old: str) -> None:
    """Let a group have another address, which may be one of its aliases; the old one is free."""
    own = Address.objects.filter(group=group)
    if own.filter(email=group.email).exists():
        own.filter(email=old).delete()
    else:
        own.filter(email=old).update(email=group.email)


def _values(group: DirectoryGroup) -> dict[str, str]:
    return {"email": group.email, "name": group.name, "description": group.description}


def _record_members(
    name: EventName, actor: Actor | None, group: DirectoryGroup, members: Collection[GroupMember]
) -> None:
    is_new = name == EventName.ADD_GROUP_MEMBER
    events = []
    for member in members:
        value = {"member": email_of(member), "member_role": str(member.role)}
        old, new = (None, value) if is_new else (value, None)
        events.append(
            event(name, actor=actor, customer=group.customer_id, subject=group.email, target=group, old=old, new=new)
        )
    record_many(events)
