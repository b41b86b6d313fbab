"""Admin roles on their pages and on the page of a person (P3, P7)."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.directory.renaming import rename_user
from accounts.roles import Role
from tests.access.world import World
from tests.client import signed_in
from tests.factories import fresh
from tests.web.console.users_world import person, url


@pytest.fixture
def admin(world: World) -> Client:
    return signed_in(world.admin.user)


def test_roles_are_given_by_address_and_taken(world: World, stranger: World, admin: Client) -> None:
    plain, other = person(world, "Plain"), person(stranger, "Other")
    assign = url(world, "admin_role_assign", role="auditor")
    rename_user(actor=None, person=plain, email=f"renamed@{world.customer.primary_domain}")
    for typed in (other.email, "nobody@acme.example", "nonsense@", ""):
        assert admin.post(assign, {"email": typed}).status_code == 422
    assert admin.post(assign, {"email": plain.email}).status_code == 302, "also by an alias"
    assert "Plain" in admin.get(url(world, "admin_role", role="auditor")).content.decode()
    assert fresh(plain).roles == {Role.AUDITOR}
    admin.post(url(world, "admin_role_unassign", plain, role="auditor"))
    assert fresh(plain).roles == frozenset()
    for name in ("vendor_operator", "reseller_admin", "x"):
        assert admin.post(url(world, "admin_role_assign", role=name), {"email": plain.email}).status_code == 404
    assert admin.post(url(world, "admin_role_unassign", other, role="auditor")).status_code == 404


def test_P7_the_last_super_admin_is_not_demoted_and_the_page_says_why(world: World, admin: Client) -> None:
    boss = world.admin.user
    taken = admin.post(url(world, "admin_role_unassign", boss, role="super_admin"), follow=True)
    assert "last active super admin" in taken.content.decode()
    boxes = admin.post(url(world, "user_roles", boss), {"roles": ["auditor"]})
    assert boxes.status_code == 422 and "last active super admin" in boxes.content.decode()
    assert fresh(boss).roles == {Role.SUPER_ADMIN}, "all or nothing"


def test_several_roles_are_given_and_taken_at_once(world: World, admin: Client) -> None:
    plain = person(world, "Plain", Role.AUDITOR)
    page = admin.get(url(world, "user_roles", plain)).content.decode()
    assert page.count(" checked") == 1 and "resets their passwords" in page
    admin.post(url(world, "user_roles", plain), {"roles": ["support", "help_desk_admin"]})
    assert fresh(plain).roles == {Role.SUPPORT, Role.HELP_DESK_ADMIN}
    assert admin.post(url(world, "user_roles", plain), {"roles": ["reseller_admin"]}).status_code == 422


def test_the_list_of_roles_says_how_many_hold_each(world: World, stranger: World, admin: Client) -> None:
    for name in ("A", "B"):
        person(world, name, Role.AUDITOR)
        person(stranger, name, Role.SUPPORT)
    rows = {role: number for role, _words, number in admin.get(url(world, "admin_roles")).context["rows"]}
    assert (rows[Role.AUDITOR], rows[Role.SUPER_ADMIN], rows[Role.SUPPORT]) == (2, 1, 0)
