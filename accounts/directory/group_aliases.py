"""The verbs of a group's aliases: addresses beside its own."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.addresses import clean_address
from accounts.directory.change import lock_directory
from accounts.directory.groups import ADDRESS_IS_TAKEN, existing
from accounts.directory.renaming import refuse_more_aliases
from accounts.errors import Refused
from accounts.models import Address, DirectoryGroup
from accounts.organisations import refuse_duplicate
from accounts.permissions import Permission


@transaction.atomic
def add_group_alias(*, actor: Actor | None, group: DirectoryGroup, email: str) -> str:
    """Give a group one more address, and return it as it is stored. Raises Refused; Duplicate where it is in use."""
    customer = lock_directory(actor, Permission.MANAGE_GROUPS, group.customer_id)
    group = existing(group)
    alias = clean_address(email, customer)
    refuse_more_aliases(Address.objects.filter(group=group).count())
    with refuse_duplicate(ADDRESS_IS_TAKEN, "email"):
        Address.objects.create(email=alias, group=group)
    new = {"email": alias}
    record_audit(EventName.ADD_GROUP_ALIAS, actor=actor, customer=customer, subject=group.email, target=group, new=new)
    return alias


def aliases_of_group(group: DirectoryGroup) -> list[str]:
    """Return the addresses beside its own that reach a group."""
    rows = Address.objects.filter(group=group).exclude(email=group.email)
    return list(rows.order_by("email").values_list("email", flat=True))


@transaction.atomic
def remove_group_alias(*, actor: Actor | None, group: DirectoryGroup, email: str) -> None:
    """Take an alias from a group; a second time changes nothing. Raises Refused for the group's own address."""
    customer = lock_directory(actor, Permission.MANAGE_GROUPS, group.customer_id)
    group = existing(group)
    if email == group.email:
        raise Refused(_("This is the address itself, not an alias. Change the address of the group first."), "email")
    if not Address.objects.filter(email=email, group=group).delete()[0]:
        return
    old = {"email": email}
    record_audit(
        EventName.REMOVE_GROUP_ALIAS, actor=actor, customer=customer, subject=group.email, target=group, old=old
    )
