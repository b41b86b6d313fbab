"""What each level of access opens in a customer's console: the one table (R18).

A level that stands in no row here, as one of a later release would, opens nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS, CASE_PERMISSIONS
from subscriptions.models.level import Level

_CASES = CASE_PERMISSIONS | {Permission.VIEW_CONSOLE}
_VIEW = _CASES | {
    Permission.VIEW_USERS,
    Permission.VIEW_GROUPS,
    Permission.VIEW_ORG_UNITS,
    Permission.VIEW_DEVICES,
    Permission.VIEW_SUBSCRIPTIONS,
    Permission.VIEW_LICENCES,
}
_HELP_DESK = _VIEW | {Permission.RESET_PASSWORDS}

OPENS: Final[Mapping[str, frozenset[Permission]]] = MappingProxyType(
    {
        Level.CASES: _CASES,
        Level.VIEW: _VIEW,
        Level.HELP_DESK: _HELP_DESK,
        Level.LICENCES: _VIEW | {Permission.ASSIGN_LICENCES},
        Level.DIRECTORY: _HELP_DESK
        | {
            Permission.MANAGE_USERS,
            Permission.MANAGE_GROUPS,
            Permission.MANAGE_ORG_UNITS,
            Permission.MANAGE_DEVICES,
        },
        Level.FULL: AGENT_PERMISSIONS,
    }
)

# In words for the choice on the page: what a reseller may do with it.
MEANINGS: Final[Mapping[Level, Promise]] = MappingProxyType(
    {
        Level.CASES: _("File and read support cases, and see nothing else."),
        Level.VIEW: _("See everything that access opens, change nothing, and file support cases."),
        Level.HELP_DESK: _("View, and reset passwords of people without an admin role."),
        Level.LICENCES: _("View, and assign and unassign licences."),
        Level.DIRECTORY: _("Help desk, and manage users, groups, organisational units and devices."),
        Level.FULL: _("Everything that access opens: the directory, devices, licences and support cases."),
    }
)


def level_label(level: str) -> str:
    """Return the name of a level; what a level that this code does not know opens is named nothing too."""
    return str(Level(level).label) if level in OPENS else str(_("Nothing"))


def opened_by(level: str) -> frozenset[Permission]:
    """Return what a level opens; nothing for one that this code does not know."""
    return OPENS.get(level, frozenset())


def contains(wider: str, narrower: str) -> bool:
    """Tell whether a level opens everything that another one opens."""
    return opened_by(narrower) <= opened_by(wider)


def meet(first: str, second: str) -> str:
    """Return the widest level that both contain: what is left where one follows the other (R18)."""
    both = [level for level in OPENS if contains(first, level) and contains(second, level)]
    return max(both, key=lambda level: len(OPENS[level])) if both else ""


def levels_that_open(permission: Permission) -> list[str]:
    """Return the levels with which a permission is open, the narrowest first."""
    return [level for level, opened in OPENS.items() if permission in opened]


def narrowest(permissions: Iterable[Permission]) -> Level | None:
    """Return the narrowest level that opens all of these; None where none does."""
    asked = frozenset(permissions)
    return next((Level(level) for level, opened in OPENS.items() if asked <= opened), None)
