"""How people and groups are named to programs: in one set of ids, since a member of a group can be either."""

from __future__ import annotations

from typing import Final

from accounts.ids import is_id
from accounts.models import GroupMember

_PERSON: Final = "u"
_GROUP: Final = "g"


def person_id(pk: int) -> str:
    return f"{_PERSON}{pk}"


def group_id(pk: int) -> str:
    return f"{_GROUP}{pk}"


def member_id(member: GroupMember) -> str:
    """Return the id of the person or the group that is in a group."""
    return person_id(member.user_id) if member.user_id else group_id(member.subgroup_id or 0)


def person_pk(text: str) -> int:
    """Return the key of a person's row; 0, which is nobody's, for what is no person's id."""
    return _pk(text, _PERSON)


def group_pk(text: str) -> int:
    """Return the key of a group's row; 0, which is no group's, for what is no group's id."""
    return _pk(text, _GROUP)


def _pk(text: str, kind: str) -> int:
    number = text.removeprefix(kind)
    return int(number) if number != text and is_id(number) else 0
