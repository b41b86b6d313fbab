"""The columns of the list of users, and the pages that concern one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from accounts.directory.rules import may_change
from accounts.directory.tree import Tree, place
from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import Role
from web.lists import cells
from web.lists.columns import Column, Menu
from web.lists.listing import Kind, Words
from web.lists.people import LONG_AGO, NAME_DOWN, NAME_UP, RECENT

_NEVER = pgettext_lazy("sign-in", "Never")


@dataclass(frozen=True, slots=True)
class UserRow:
    """A person as the list shows them."""

    person: User
    url: str
    unit: str
    roles: list[Role]
    status: cells.Html


def _status(person: User, deleted: cells.Html, active: cells.Html, suspended: cells.Html) -> cells.Html:
    if person.deleted_at:
        return deleted
    return active if person.is_active else suspended


_COLUMNS = (
    Column[UserRow](
        "name",
        gettext_lazy("Name"),
        lambda row: cells.link(row.url, cells.name(row.person.name)),
        up=NAME_UP,
        down=NAME_DOWN,
    ),
    Column[UserRow]("email", gettext_lazy("E-mail address"), lambda row: cells.email(row.person.email), is_text=True),
    Column[UserRow]("unit", gettext_lazy("Organisational unit"), lambda row: cells.name(row.unit), is_text=True),
    Column[UserRow](
        "roles", gettext_lazy("Admin roles"), lambda row: cells.listed(role.label for role in row.roles), is_shown=False
    ),
    Column[UserRow]("status", gettext_lazy("Status"), lambda row: row.status),
    Column[UserRow](
        "last_sign_in",
        gettext_lazy("Last sign-in"),
        lambda row: cells.day(row.person.last_login, _NEVER),
        up=LONG_AGO,
        down=RECENT,
    ),
)


def _counted(number: int) -> str:
    return ngettext("%(number)s user", "%(number)s users", number) % {"number": cells.number(number)}


def all_users(number: str) -> str:
    """Return the words for all that the filter finds."""
    return _("Select all %(number)s users") % {"number": number}


_WORDS = Words(
    name=gettext_lazy("Users"),
    search=gettext_lazy("Search users"),
    counted=_counted,
    none_found=gettext_lazy("No user matches this search"),
    none_found_text=gettext_lazy(
        "Search for a part of the name or of the address, or choose other filters. Aliases are found by how they begin."
    ),
    none=gettext_lazy("No users yet"),
    none_text=gettext_lazy("The people of the organisation will be listed here."),
    icon="users",
)


USERS = Kind("users", _WORDS, _COLUMNS)


def rows_of(people: list[User], customer: Customer, tree: Tree, roles: Mapping[int, list[Role]]) -> list[UserRow]:
    """Return the rows of a page. roles: of its people, read with one query."""
    url = cells.urls("user", "user_id", domain=customer.primary_domain)
    deleted, suspended = cells.chip("closed", _("Deleted")), cells.chip("closed", _("Suspended"))
    active = cells.chip("open", _("Active"))
    return [
        UserRow(
            person,
            url(person.pk),
            place(tree, person.org_unit_id, customer),
            roles[person.pk],
            _status(person, deleted, active, suspended),
        )
        for person in people
    ]


def menu_of(viewer: User, customer: Customer, may: frozenset[Permission]) -> Callable[[UserRow], tuple[int, Menu]]:
    """Return what lists the pages about a person that this reader may open; each page asks again."""
    pages = {
        permission: (cells.pattern(name, "user_id", domain=customer.primary_domain), label)
        for permission, name, label in (
            (Permission.VIEW_USERS, "user", _("Details")),
            (Permission.MANAGE_USERS, "user_edit", _("Edit")),
            (Permission.ASSIGN_ROLES, "user_roles", _("Admin roles")),
            (Permission.ASSIGN_LICENCES, "user_licences", _("Licences")),
        )
        if permission in may
    }
    offered = tuple(pages.values())
    of_an_admin = tuple(page for permission, page in pages.items() if permission != Permission.MANAGE_USERS)

    def menu(row: UserRow) -> tuple[int, Menu]:
        if row.person.deleted_at is not None:
            return row.person.pk, offered[:1]
        return row.person.pk, offered if may_change(viewer, row.person, row.roles) else of_an_admin

    return menu
