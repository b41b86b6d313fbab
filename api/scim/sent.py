"""What a program sends, as far as the directory keeps it.

Read more leniently than what is published: providers send attributes that no schema here names, such as a title or a
telephone number, and would stop at a refusal. What is not kept is dropped, also where it is not well formed.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from scim2_models import (
    URN,
    ComplexAttribute,
    Context,
    PatchOp,
    PayloadTooLargeException,
    Required,
    Resource,
    ScimPolicy,
)

from accounts.models import DirectoryGroup, GroupMember, Provisioned, User
from api.scim import published
from api.scim.ids import group_id, member_id, person_id

# Entra ID removes by a value, and writes to what a path does not find.
LENIENT: Final = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)


# What one request may cost: operations, each times the values that it is compared with; 50 µs each.
MOST_OPERATIONS: Final = 1_000
DEAREST: Final = 50_000
_ONE_MEMBER: Final = re.compile(r'members\[\s*value\s+eq\s+"([^"\\]+)"\s*\]', re.IGNORECASE)


class Name(ComplexAttribute):
    """A name in parts."""

    formatted: str | None = None
    given_name: str | None = None
    family_name: str | None = None


class Email(ComplexAttribute):
    """An address, which is read and not kept: `userName` is the one."""

    value: str | None = None
    type: str | None = None
    primary: bool | None = None


class SentUser(Resource[Any]):
    """A person."""

    __schema__ = published.User.__schema__

    user_name: Annotated[str | None, Required.true] = None
    display_name: str | None = None
    name: Name | None = None
    active: bool | None = None
    emails: list[Email] | None = None


class Member(ComplexAttribute):
    """Who is in a group: `value` says it all."""

    value: str | None = None
    type: str | None = None


class SentGroup(Resource[Any]):
    """A group."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = None
    members: list[Member] | None = None


def created(model: type[Resource[Any]], payload: dict[str, Any]) -> Any:
    """Return what a program wants to have created. Raises ValidationError."""
    return model.model_validate(payload, scim_ctx=Context.RESOURCE_CREATION_REQUEST, scim_policy=LENIENT)


def replaced(model: type[Resource[Any]], payload: dict[str, Any]) -> Any:
    """Return what a program wants in the place of what is there. Raises ValidationError."""
    return model.model_validate(payload, scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST, scim_policy=LENIENT)


def patched(before: Any, payload: dict[str, Any]) -> Any:
    """Return what a program wants to become of what is there. Raises ValidationError, SCIMException.

    Members that go are taken out here: the library compares each with each, which takes minutes in a large group.
    """
    if any(isinstance(value, list) and len(value) > MOST_OPERATIONS for value in payload.values()):
        raise PayloadTooLargeException(detail=f"Send at most {MOST_OPERATIONS} operations at a time")
    patch_class: Any = PatchOp[type(before)]  # type: ignore[misc]
    patch = patch_class.model_validate(payload, scim_ctx=Context.RESOURCE_PATCH_REQUEST, scim_policy=LENIENT)
    after, left = before.model_copy(deep=True), DEAREST
    for operation in patch.operations or []:
        if isinstance(after, SentGroup) and (gone := _members_gone(operation)) is not None:
            after.members = [member for member in after.members or () if member.value not in gone]
            continue
        lists = (getattr(after, "members", None), getattr(after, "emails", None))
        left -= (1 + sum(len(values or ()) for values in lists)) * (1 + len(str(operation.path or "")) // 100)
        if left < 0:
            raise PayloadTooLargeException(detail="Send fewer operations at a time")
        patch.model_copy(update={"operations": [operation]}).patch(after, scim_policy=LENIENT)
    return after


def _members_gone(operation: Any) -> set[str] | None:
    """Return the ids of members that an operation removes; None where it does, or may do, something else."""
    path, value = str(operation.path or ""), operation.value
    if operation.op != "remove":
        return None
    if (found := _ONE_MEMBER.fullmatch(path)) and value is None:
        return {found[1]}
    values = value if isinstance(value, list) else [value]
    are_members = all(isinstance(one, dict) and isinstance(one.get("value"), str) for one in values)
    if path.lower() != "members" or not are_members:
        return None
    return {one["value"] for one in values}


def sent_of(person: User) -> SentUser:
    """Return a person as a program could have sent them."""
    kept = getattr(person, "provisioned", None) or Provisioned()
    return SentUser(
        id=person_id(person.pk),
        external_id=kept.external_id or None,
        user_name=person.email,
        display_name=person.name,
        name=Name(formatted=person.name, given_name=kept.given_name or None, family_name=kept.family_name or None),
        active=person.is_active,
        emails=[Email(value=person.email, type="work", primary=True)],
    )


def sent_group_of(group: DirectoryGroup, members: list[GroupMember]) -> SentGroup:
    """Return a group as a program could have sent it."""
    kept = getattr(group, "provisioned", None) or Provisioned()
    return SentGroup(
        id=group_id(group.pk),
        external_id=kept.external_id or None,
        display_name=group.name,
        members=[Member(value=member_id(member)) for member in members],
    )
