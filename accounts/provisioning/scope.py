"""Whom and which groups a program reaches with a token: those of its own organisation, and of no other (P15)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.directory.addresses import clean_managed_address
from accounts.directory.group_members import groups_of as groups_in
from accounts.domain_holders import own_domains
from accounts.errors import Refused
from accounts.models import Address, Customer, DirectoryGroup, GroupMember, Reseller, User


def people_of(organisation: Customer | Reseller) -> QuerySet[User]:
    """Return the people of an organisation, the suspended too; the deleted are not there for programs."""
    return organisation.people.filter(deleted_at=None).select_related("provisioned")


def groups_of(organisation: Customer | Reseller) -> QuerySet[DirectoryGroup]:
    """Return the groups of a customer. A reseller has none: its teams open customers' consoles, and are no groups."""
    if not isinstance(organisation, Customer):
        return DirectoryGroup.objects.none()
    return groups_in(organisation).select_related("provisioned")


def aliases_of(people: Collection[User]) -> dict[int, list[str]]:
    """Return the addresses beside their own that reach each of some people, with one query."""
    found: dict[int, list[str]] = {person.pk: [] for person in people}
    own = {person.email for person in people}
    rows = Address.objects.filter(user__in=found).order_by("email")
    for email, pk in rows.values_list("email", "user"):
        if email not in own:
            found[pk].append(email)
    return found


def members_in(groups: Collection[DirectoryGroup]) -> dict[int, list[GroupMember]]:
    """Return who is in each of some groups, people and groups, with one query."""
    found: dict[int, list[GroupMember]] = {group.pk: [] for group in groups}
    rows = GroupMember.objects.filter(group__in=found).filter(Q(user=None) | Q(user__deleted_at=None)).order_by("pk")
    for row in rows.only("group", "user", "subgroup"):
        found[row.group_id].append(row)
    return found


def require_verified(text: str, organisation: Customer | Reseller) -> str:
    """Return the canonical spelling of an address at a verified domain of an organisation (P9). Raises Refused.

    On a page an admin gives addresses at domains that wait to be verified too; a provider's word alone is not enough.
    """
    email = clean_managed_address(text)
    domain = email.rpartition("@")[2]
    if domain not in own_domains(organisation).verified:
        raise Refused(_("%(domain)s is not a verified domain of your organisation.") % {"domain": domain}, "email")
    return email
