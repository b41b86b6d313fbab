"""R18: one table says what each level opens, and its order is the stated one."""

from __future__ import annotations

import itertools

import pytest

from accounts.permissions import Permission
from accounts.roles import AGENT_PERMISSIONS
from subscriptions.access.levels import MEANINGS, OPENS, contains, levels_that_open, meet, narrowest, opened_by
from subscriptions.models.level import Level

# As the rule states it: each level, and those that it contains.
BELOW = {
    Level.CASES: set(),
    Level.VIEW: {Level.CASES},
    Level.HELP_DESK: {Level.CASES, Level.VIEW},
    Level.LICENCES: {Level.CASES, Level.VIEW},
    Level.DIRECTORY: {Level.CASES, Level.VIEW, Level.HELP_DESK},
    Level.FULL: set(Level) - {Level.FULL},
}


def test_R18_the_levels_contain_each_other_in_the_stated_order() -> None:
    assert OPENS.keys() == BELOW.keys() == MEANINGS.keys() == set(Level)
    for wider, narrower in itertools.product(Level, Level):
        assert contains(wider, narrower) == (narrower == wider or narrower in BELOW[wider])


def test_R14_R18_no_level_opens_what_the_table_does_not_and_the_widest_opens_all_of_it() -> None:
    assert all(opened <= AGENT_PERMISSIONS for opened in OPENS.values())
    assert OPENS[Level.FULL] == AGENT_PERMISSIONS
    assert all(Permission.VIEW_CASES in opened and Permission.VIEW_CONSOLE in opened for opened in OPENS.values())


def test_R18_what_two_levels_share_is_a_level_too() -> None:
    for first, second in itertools.product(Level, Level):
        assert opened_by(meet(first, second)) == OPENS[first] & OPENS[second]


@pytest.mark.parametrize("unknown", ["", "of a later release"])
def test_R18_a_level_that_the_code_does_not_know_opens_nothing(unknown: str) -> None:
    assert opened_by(unknown) == frozenset()
    assert not opened_by(meet(unknown, Level.FULL))
    assert unknown not in levels_that_open(Permission.VIEW_CONSOLE)


def test_the_narrowest_level_for_a_permission_is_named() -> None:
    assert narrowest([Permission.ASSIGN_LICENCES]) == Level.LICENCES
    assert narrowest([Permission.VIEW_USERS]) == Level.VIEW
    assert narrowest([Permission.ASSIGN_LICENCES, Permission.MANAGE_USERS]) == Level.FULL
    assert narrowest([Permission.VIEW_BILLING]) is None
