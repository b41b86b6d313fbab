"""Groups (Directory v1): what a customer's console shows on its page Groups, by the verbs of that page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet

from accounts.directory.group_members import groups_of, with_numbers
from accounts.directory.groups import change_group, create_group, delete_group
from accounts.domains import typed_domain
from accounts.models import Address, Customer, DirectoryGroup
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, BadRequest, NotFound
from api.core.methods import serves
from api.core.paging import page
from api.directory.group_keys import container_of, entered, group_of, groups_with
from api.directory.group_queries import searched
from api.door.consoles import console

_PAGE_AT_MOST = 200


@serves("directory.groups.list")
def list_groups(call: Call) -> dict[str, Any]:
    """Return a page of the groups of a customer, of one of its domains, or of those that someone is in directly."""
    customer, groups = _asked_for(call)
    if query := call.params.get("query", "").strip():
        groups = searched(groups, customer, query)
    by_address = call.params.get("orderBy") == "email"
    rows, token = page(
        call,
        with_numbers(groups),
        keys=("email",) if by_address else ("sort_name", "id"),
        size=min(call.params.get("maxResults", _PAGE_AT_MOST), _PAGE_AT_MOST),
        # "Only of use when orderBy is also used."
        descending=by_address and call.params.get("sortOrder") == "DESCENDING",
    )
    answer: dict[str, Any] = {"kind": "admin#directory#groups", "groups": _shown(rows)}
    return answer | ({"nextPageToken": token} if token else {})


@serves("directory.groups.get")
def get(call: Call) -> dict[str, Any]:
    """Return one group."""
    return _as_it_is(group_of(call, Permission.VIEW_GROUPS))


@serves("directory.groups.insert")
def insert(call: Call) -> dict[str, Any]:
    """Create a group; whose it is says the domain of its address, and without a name it is called as its address."""
    email = call.body.get("email") or ""
    if not email:
        raise ApiError(400, "required", "Missing required field: email", "email")
    local, _at, domain = email.rpartition("@")
    customer = entered(lambda: console(call, domain, Permission.MANAGE_GROUPS), "domain")
    name, description = call.body.get("name") or local, call.body.get("description") or ""
    group = create_group(actor=call.actor, customer=customer, email=email, name=name, description=description)
    return _as_it_is(group)


@serves("directory.groups.patch", "directory.groups.update")
def change(call: Call) -> dict[str, Any]:
    """Change what a group is called, and its address. What is not sent stays: so does the original, in a PUT too."""
    group = group_of(call, Permission.MANAGE_GROUPS)
    said = {key: call.body.get(key, getattr(group, key)) or "" for key in ("email", "name", "description")}
    return _as_it_is(change_group(actor=call.actor, group=group, **said))


@serves("directory.groups.delete")
def delete(call: Call) -> None:
    """Delete a group; the people in it stay."""
    delete_group(actor=call.actor, group=group_of(call, Permission.MANAGE_GROUPS))


def _asked_for(call: Call) -> tuple[Customer, QuerySet[DirectoryGroup]]:
    """Return the customer whose groups are asked for, and which of them. Raises ApiError."""
    named, domain, user_key = (call.params.get(name, "") for name in ("customer", "domain", "userKey"))
    if named and user_key:
        # "Cannot be used with the customer parameter."
        raise BadRequest("Use either customer or userKey.")
    if not (named or domain or user_key):
        raise BadRequest("Bad Request: name a customer, a domain or a userKey.")
    if user_key:
        customer, inner = container_of(call, user_key, Permission.VIEW_GROUPS)
        groups = groups_with(customer, inner)
    else:
        customer = console(call, named or domain, Permission.VIEW_GROUPS)
        groups = groups_of(customer)
    if domain:
        spelled = typed_domain(domain)
        if not spelled:
            raise NotFound("domain")
        groups = groups.filter(email__endswith=f"@{spelled}")
    return customer, groups


def _as_it_is(group: DirectoryGroup) -> dict[str, Any]:
    return _shown([with_numbers(groups_of(group.customer)).get(pk=group.pk)])[0]


def _shown(groups: Sequence[DirectoryGroup]) -> list[dict[str, Any]]:
    """Return groups as the document names their fields; their aliases come with one query."""
    aliases: dict[int, list[str]] = defaultdict(list)
    rows = Address.objects.filter(group__in=[group.pk for group in groups]).exclude(email=F("group__email"))
    for group_id, email in rows.order_by("email").values_list("group_id", "email"):
        aliases[group_id].append(email)
    return [_one(group, aliases.get(group.pk, [])) for group in groups]


def _one(group: DirectoryGroup, aliases: list[str]) -> dict[str, Any]:
    shown = {
        "kind": "admin#directory#group",
        "id": group.public_id,
        "email": group.email,
        "name": group.name,
        "description": group.description,
        "directMembersCount": str(vars(group)["members_in"]),
        "adminCreated": True,
    }
    return shown | ({"aliases": aliases} if aliases else {})
