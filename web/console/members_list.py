"""The columns of the members of a group."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Customer, DirectoryGroup, GroupMember
from accounts.models.directory import MemberRole
from accounts.names import isolated
from accounts.permissions import Permission
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import NEWEST, OLDEST, ShortSelect
from web.lists.listing import Kind, Words


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member as the list shows them.

    url: of their page, empty for a reader who may not open it; role_url, remove_url: of the buttons, empty where there
    are none; token: of the page, against forged requests.
    """

    member: GroupMember
    url: str
    role_url: str
    remove_url: str
    token: str

    @property
    def name(self) -> str:
        found = self.member.user or self.member.subgroup
        assert found is not None, "a member is a person or a group"
        return found.name


def _name(row: MemberRow) -> cells.Html:
    name = cells.name(row.name)
    return cells.link(row.url, name) if row.url else name


def _email(row: MemberRow) -> cells.Html:
    found = row.member.user or row.member.subgroup
    return cells.email(found.email if found else "")


def _type(row: MemberRow) -> cells.Html:
    person = row.member.user
    kind = cells.chip("plain", _("Person") if person else _("Group"))
    return cells.lines([kind, cells.chip("closed", _("Suspended"))]) if person and not person.is_active else kind


def _role(row: MemberRow) -> cells.Html:
    """Return the role, and for those who may change it what changes it."""
    if not row.role_url:
        return str(MemberRole(row.member.role).label)
    name = {"name": isolated(row.name)}
    label = {"aria-label": _("Role of %(name)s") % name}
    select = ShortSelect(label, MemberRole.choices).render("role", row.member.role)
    button = cells.button(_("Save"), label=_("Save the role of %(name)s") % name, kind="text")
    return cells.post(row.role_url, row.token, SafeString(f'<div class="field">{select}</div>{button}'))


def _remove(row: MemberRow) -> cells.Html:
    label = _("Remove %(name)s from the group") % {"name": isolated(row.name)}
    return cells.post(row.remove_url, row.token, cells.button(_("Remove"), label=label, kind="text"))


_COLUMNS = (
    Column[MemberRow]("name", gettext_lazy("Name"), _name),
    Column[MemberRow]("email", gettext_lazy("E-mail address"), _email, is_text=True),
    Column[MemberRow]("type", gettext_lazy("Type"), _type),
    Column[MemberRow](
        "added",
        gettext_lazy("Added"),
        lambda row: cells.day(row.member.added_at),
        up=OLDEST,
        down=NEWEST,
        is_shown=False,
    ),
    Column[MemberRow]("role", gettext_lazy("Role in the group"), _role),
)
_REMOVE = Column[MemberRow]("remove", gettext_lazy("Action"), _remove)


def _counted(number: int) -> str:
    return ngettext("%(number)s member", "%(number)s members", number) % {"number": cells.number(number)}


_WORDS = Words(
    name=gettext_lazy("Members"),
    search=gettext_lazy("Search members"),
    counted=_counted,
    none_found=gettext_lazy("No member matches this search"),
    none_found_text=gettext_lazy("Search for a part of the name or of the address, or choose another role."),
    none=gettext_lazy("Nobody is in this group"),
    none_text=gettext_lazy("Add people, and other groups, by their addresses. Mail to the group then reaches them."),
    icon="users-round",
)


def members_list(*, may_change: bool) -> Kind[MemberRow]:
    """Return the list as this reader sees it. may_change: whether they may change who is in the group."""
    return Kind("members", _WORDS, (*_COLUMNS, _REMOVE) if may_change else _COLUMNS)


def rows_of(
    members: Iterable[GroupMember], group: DirectoryGroup, customer: Customer, may: frozenset[Permission], token: str
) -> list[MemberRow]:
    """Return the rows of a page."""
    place = {"domain": customer.primary_domain}
    user_url, group_url = cells.urls("user", "user_id", **place), cells.urls("group", "group_id", **place)
    role_url, remove_url = (
        cells.urls(name, "member_id", **place, group_id=group.pk)
        for name in ("group_member_role", "group_member_remove")
    )
    opens_people, may_change = Permission.VIEW_USERS in may, Permission.MANAGE_GROUPS in may

    def row(member: GroupMember) -> MemberRow:
        if member.subgroup_id:
            url = group_url(member.subgroup_id)
        else:
            url = user_url(member.user_id or 0) if opens_people else ""
        return MemberRow(
            member,
            url,
            role_url(member.pk) if may_change and member.user_id else "",
            remove_url(member.pk) if may_change else "",
            token,
        )

    return [row(member) for member in members]
