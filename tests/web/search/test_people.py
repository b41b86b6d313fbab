"""Suggestions where an address is asked for: whom this person sees in that place, and nobody else (P3, S10)."""

from __future__ import annotations

import pytest

from accounts.directory import groups
from accounts.models import User
from accounts.roles import Role
from tests.access.world import World
from tests.accounts.entering import inside
from tests.client import signed_in, url_of
from tests.factories import make_person
from tests.web.search.found import options


@pytest.fixture(autouse=True)
def _quinns(world: World, twin: World) -> None:
    for one in (world, twin):
        domain = one.customer.primary_domain
        make_person(one.customer, name="Quinn Able", email=f"quinn@{domain}")
        gone = make_person(one.customer, name="Quinn Gone", email=f"quinngone@{domain}")
        User.objects.filter(pk=gone.pk).update(is_active=False)
        groups.create_group(actor=None, customer=one.customer, email=f"quinns@{domain}", name="All Quinns")
        make_person(one.reseller, Role.SUPPORT_AGENT, name="Quinn Partner")


def suggested(world: World, person: User, **query: str) -> list[str]:
    return options(signed_in(person).get(url_of("console_people", world.customer), {"q": "quinn", **query}))


def test_active_people_of_this_directory_are_suggested_and_groups_where_they_can_be_named(world: World) -> None:
    domain = world.customer.primary_domain
    assert suggested(world, world.admin.user) == [f"Quinn Able quinn@{domain}"]
    assert suggested(world, world.admin.user, groups="") == [
        f"All Quinns quinns@{domain}",
        f"Quinn Able quinn@{domain}",
    ]
    # A help desk admin sees people and no groups (P3).
    help_desk = make_person(world.customer, Role.HELP_DESK_ADMIN)
    assert suggested(world, help_desk, groups="") == [f"Quinn Able quinn@{domain}"]
    agent = inside(world).get(url_of("console_people", world.customer), {"q": "quinn"})
    assert options(agent) == [f"Quinn Able quinn@{domain}"]


def test_who_sees_no_people_is_suggested_none(world: World) -> None:
    support = make_person(world.customer, Role.SUPPORT)
    client = signed_in(support)
    assert client.get(url_of("console_people", world.customer), {"q": "quinn"}).status_code == 403
    # So the page does not ask, and the field is one like any other.
    assert "data-suggests" not in client.get(url_of("support_case_new", world.customer)).content.decode()
    assert "data-suggests" in signed_in(world.admin.user).get(url_of("users", world.customer)).content.decode()


FIELDS = {
    "device_enrol": 'name="user"',
    "support_case_new": 'name="subscribers"',
}


@pytest.mark.parametrize("page", FIELDS)
def test_the_fields_for_an_address_suggest_people(world: World, page: str) -> None:
    query = {"service": "google_workspace", "category": "mail.spam"} if page == "support_case_new" else {}
    html = signed_in(world.admin.user).get(url_of(page, world.customer), query).content.decode()
    field = next(tag for tag in html.split("<") if FIELDS[page] in tag)
    assert "data-people=" in field


def test_S10_the_field_for_a_verifier_suggests_nobody(world: World) -> None:
    url = url_of("support_partner_assign", world.customer, service="google_cloud")
    html = signed_in(world.admin.user).get(url).content.decode()
    assert 'name="verifier_email"' in html
    assert "data-people" not in html.replace("data-people-groups", "data-people")
    assert "Quinn" not in html
