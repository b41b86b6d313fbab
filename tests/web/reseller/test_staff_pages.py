"""The pages where a reseller admin makes teams and assigns customers (P4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import staffing
from accounts.models import AuditEvent, Customer, Team, User
from accounts.roles import Role
from tests.cast import Cast
from tests.client import rows_of
from tests.client import signed_in as browser
from tests.factories import fresh, make_customer, make_person, make_team
from tests.web.reseller.staff_world import sell


def urls(cast: Cast) -> list[tuple[str, str]]:
    """Every page of the staff, about Resale One, with the method that it takes."""
    agent, team = {"agent_id": cast.resale_one.agent.pk}, {"team_id": cast.resale_one.team.pk}
    return [
        ("get", reverse("reseller_staff")),
        ("get", reverse("reseller_teams")),
        ("post", reverse("reseller_teams")),
        ("get", reverse("reseller_agent", kwargs=agent)),
        ("get", reverse("reseller_agent_customers", kwargs=agent)),
        ("post", reverse("reseller_agent_customers", kwargs=agent)),
        ("post", reverse("reseller_agent_suspend", kwargs=agent)),
        ("post", reverse("reseller_agent_restore", kwargs=agent)),
        ("post", reverse("reseller_agent_roles", kwargs=agent)),
        ("get", reverse("reseller_team", kwargs=team)),
        ("get", reverse("reseller_team_customers", kwargs=team)),
        ("post", reverse("reseller_team_customers", kwargs=team)),
        ("post", reverse("reseller_team_rename", kwargs=team)),
        ("post", reverse("reseller_team_delete", kwargs=team)),
        ("post", reverse("reseller_team_add_member", kwargs=team)),
        ("post", reverse("reseller_team_remove_member", kwargs=team | agent)),
    ]


def people_in(response: Any) -> list[User]:
    """The people whom the list shows."""
    return [row.person for row in rows_of(response)]


def everything(cast: Cast) -> tuple[object, ...]:
    """What these pages could change at Resale One."""
    people = User.objects.filter(reseller=cast.resale_one.reseller).order_by("pk")
    return (
        [(p.is_active, p.roles, set(staffing.customers_of(p)), set(staffing.teams_of(p))) for p in people],
        list(Team.objects.order_by("pk").values_list("name", "reseller")),
        AuditEvent.objects.count(),
    )


@pytest.mark.parametrize("who", ["agent", "indirect admin", "customer", "vendor", "stranger"])
def test_P4_only_an_admin_of_the_reseller_opens_and_changes_its_staff(who: str, cast: Cast, rita: Client) -> None:
    person, status = {
        "agent": (cast.resale_one.agent, 403),
        "indirect admin": (cast.resale_one.indirect_admin, 403),
        "customer": (cast.acme.super_admin, 404),
        "vendor": (cast.operator, 404),
        "stranger": (cast.resale_two.admin, 404),
    }[who]
    client, before = browser(person), everything(cast)
    form = {"name": "Mine", "email": cast.resale_one.agent.email, "customer": cast.acme.customer.pk, "roles": []}
    for method, url in urls(cast):
        if who == "stranger" and url in (reverse("reseller_staff"), reverse("reseller_teams")):
            continue  # its own
        data = form | {"action": "unassign"} if method == "post" else {}
        assert getattr(client, method)(url, data).status_code == status, url
    assert everything(cast) == before


def test_a_visitor_is_led_to_sign_in(cast: Cast) -> None:
    for method, url in urls(cast):
        response = getattr(Client(), method)(url)
        assert (response.status_code, response.url.split("?")[0]) == (302, "/accounts/login/")


def test_the_list_shows_the_people_of_this_reseller_and_nobody_else(cast: Cast, rita: Client) -> None:
    response = rita.get(reverse("reseller_staff"))
    assert people_in(response) == sorted(cast.resale_one.people, key=lambda p: p.sort_name)
    found = people_in(rita.get(reverse("reseller_staff"), {"q": "ÁNA"}))
    assert found == [cast.resale_one.agent]
    assert people_in(rita.get(reverse("reseller_staff"), {"q": "vera"})) == []
    assert people_in(rita.get(reverse("reseller_staff"), {"q": "%"})) == []
    assert rita.get(reverse("reseller_staff"), {"q": "a" * 300}).context["list"].form.errors


def test_fifty_people_a_page_by_keyset_to_the_end_and_back(cast: Cast, rita: Client) -> None:
    for number in range(120):
        make_person(
            cast.resale_one.reseller, Role.RESELLER_AGENT, name=f"Agent {number // 2:03}", email=f"a{number}@x.example"
        )
    expected = list(User.objects.filter(reseller=cast.resale_one.reseller).order_by("sort_name", "pk"))
    url: str | None = reverse("reseller_staff")
    pages, back = [], []
    previous: str | None = None
    while url:
        response = rita.get(url)
        pages.append(people_in(response))
        pager = response.context["list"].pager
        previous, url = pager.previous_url, pager.next_url
    assert [len(page) for page in pages] == [50, 50, 25]
    assert [agent for page in pages for agent in page] == expected
    while previous:
        response = rita.get(previous)
        back.append(people_in(response))
        previous = response.context["list"].pager.previous_url
    assert back == pages[-2::-1]


def test_the_number_of_queries_is_the_same_for_one_row_and_for_fifty(cast: Cast, rita: Client) -> None:
    reseller, team = cast.resale_one.reseller, cast.resale_one.team
    pages = [url for method, url in urls(cast) if method == "get"]
    pages.append(reverse("reseller_agent_customers", kwargs={"agent_id": cast.resale_one.colleague.pk}))

    def count() -> list[int]:
        counts = []
        for url in pages:
            rita.get(url)
            with CaptureQueriesContext(connection) as queries:
                assert rita.get(url).status_code == 200
            counts.append(len(queries))
        return counts

    before = count()
    customers = [make_customer() for _ in range(50)]
    for customer in customers:
        sell(customer, reseller)
    for number in range(50):
        agent = make_person(reseller, Role.RESELLER_AGENT, Role.SUPPORT_AGENT, email=f"a{number}@x.example")
        staffing.add_member(actor=None, team=team, agent=agent)
        make_team(reseller, agent, customers=customers[:1])
    staffing.assign_customers_to_team(actor=None, team=team, customers=customers)
    staffing.assign_customers_to_agent(actor=None, agent=cast.resale_one.agent, customers=customers)
    assert count() == before


def test_the_page_of_an_agent_says_what_it_sees_and_why(cast: Cast, rita: Client) -> None:
    ana, reseller = cast.resale_one.agent, cast.resale_one.reseller
    more = [make_customer(f"More {n}") for n in range(3)]
    for customer in more:
        sell(customer, reseller)
    staffing.assign_customers_to_agent(actor=None, agent=ana, customers=more[:1])
    make_team(reseller, ana, name="East", customers=[*more, cast.globex.customer])

    def sentence(agent: User) -> str:
        page = rita.get(reverse("reseller_agent", kwargs={"agent_id": agent.pk})).content.decode()
        section = re.search(r'id="agent-customers".*?<p>(.*?)</p>', page, re.DOTALL)
        assert section
        return " ".join(re.sub("</?bdi>", "", section[1]).split())

    assert sentence(ana) == "Ana sees 4 customers: 2 directly, 2 through teams."
    assert sentence(cast.resale_one.colleague) == "Colin sees 1 customer: 0 directly, 1 through teams."
    assert sentence(cast.resale_one.admin).startswith("Rita sees every customer of Resale One")
    assert sentence(cast.resale_one.support_agent).startswith("Sam sees no customers: that takes the role")
    rita.post(reverse("reseller_agent_suspend", kwargs={"agent_id": ana.pk}))
    assert sentence(ana) == "Ana is suspended and sees no customers."


def test_customers_are_assigned_and_unassigned_in_bulk(cast: Cast, rita: Client) -> None:
    more = [make_customer(f"More {n}") for n in range(3)]
    for customer in more:
        sell(customer, cast.resale_one.reseller)
    ana, north = cast.resale_one.agent, cast.resale_one.team
    workers: list[tuple[str, Callable[[], set[Customer]]]] = [
        (reverse("reseller_agent_customers", kwargs={"agent_id": ana.pk}), lambda: set(staffing.customers_of(ana))),
        (
            reverse("reseller_team_customers", kwargs={"team_id": north.pk}),
            lambda: set(staffing.customers_of_team(north)),
        ),
    ]
    for url, held in workers:
        assert held() == {cast.acme.customer}
        rita.post(url, {"customer": [c.pk for c in more], "action": "assign"})
        assert held() == {cast.acme.customer, *more}
        shown = rows_of(rita.get(url, {"show": "assigned", "q": "MORE"}))
        assert [(row.relation.customer_name, row.is_direct) for row in shown] == [(c.name, True) for c in more]
        rita.post(url, {"customer": [more[0].pk, cast.acme.customer.pk], "action": "unassign"})
        assert held() == set(more[1:])
    event = AuditEvent.objects.order_by("-id")[0]
    assert (event.name, event.actor_email) == ("UNASSIGN_CUSTOMER", "rita@resale-one.example")


@pytest.mark.parametrize("forged", ["globex", "nobody's", "text", "huge", "mixed"])
def test_a_customer_of_somebody_else_cannot_be_assigned(forged: str, cast: Cast, rita: Client) -> None:
    stranger = str(cast.globex.customer.pk)
    values = {
        "globex": [stranger],
        "nobody's": ["999999999"],
        "text": ["1 or 1=1"],
        "huge": ["9" * 40],
        "mixed": [str(cast.acme.customer.pk), stranger],
    }[forged]
    before = everything(cast)
    for name, kwargs in (
        ("reseller_agent_customers", {"agent_id": cast.resale_one.colleague.pk}),
        ("reseller_team_customers", {"team_id": cast.resale_one.team.pk}),
    ):
        assert rita.post(reverse(name, kwargs=kwargs), {"customer": values}).status_code == 404
    assert everything(cast) == before


def test_the_customers_to_choose_from_are_those_of_this_reseller(cast: Cast, rita: Client) -> None:
    url = reverse("reseller_agent_customers", kwargs={"agent_id": cast.resale_one.agent.pk})
    assert [row.relation.customer_name for row in rows_of(rita.get(url))] == ["Acme"]
    assert rows_of(rita.get(url, {"q": "globex"})) == []
    assert "Globex" not in rita.get(url, {"q": "a"}).content.decode()


def test_a_team_is_made_renamed_filled_and_deleted(cast: Cast, rita: Client) -> None:
    assert rita.post(reverse("reseller_teams"), {"name": "North"}).status_code == 422
    page = rita.post(reverse("reseller_teams"), {"name": "  "})
    assert page.status_code == 422 and "name" in page.context["form"].errors
    created = rita.post(reverse("reseller_teams"), {"name": "South <b>"}, follow=True)
    assert "South &lt;b&gt;" in created.content.decode() and "South <b>" not in created.content.decode()
    team = Team.objects.get(name="South <b>")
    kwargs = {"team_id": team.pk}
    rita.post(reverse("reseller_team_rename", kwargs=kwargs), {"name": "South"})
    rita.post(reverse("reseller_team_add_member", kwargs=kwargs), {"email": "ＡＮＡ@resale-one。example "})
    stranger = rita.post(
        reverse("reseller_team_add_member", kwargs=kwargs), {"email": "vera@resale-two.example"}, follow=True
    )
    assert "Nobody in your organisation has this e-mail address" in stranger.content.decode()
    assert list(staffing.members_of(team)) == [cast.resale_one.agent]
    assert rita.get(reverse("reseller_team", kwargs=kwargs)).context["members"] == [cast.resale_one.agent]
    rita.post(reverse("reseller_team_remove_member", kwargs=kwargs | {"agent_id": cast.resale_one.agent.pk}))
    assert not staffing.members_of(team).exists()
    rita.post(reverse("reseller_team_delete", kwargs=kwargs))
    assert set(Team.objects.values_list("name", "reseller__name")) == {("North", "Resale One"), ("North", "Resale Two")}
    assert rita.get(reverse("reseller_team", kwargs=kwargs)).status_code == 404


def test_an_agent_is_suspended_and_restored(cast: Cast, rita: Client) -> None:
    ana, client = cast.resale_one.agent, browser(cast.resale_one.agent)
    assert client.get(reverse("reseller_customers")).status_code == 200
    rita.post(reverse("reseller_agent_suspend", kwargs={"agent_id": ana.pk}))
    assert client.get(reverse("reseller_customers")).status_code == 302
    rita.post(reverse("reseller_agent_restore", kwargs={"agent_id": ana.pk}))
    assert fresh(ana).is_active
    own = rita.post(reverse("reseller_agent_suspend", kwargs={"agent_id": cast.resale_one.admin.pk}), follow=True)
    assert "You cannot suspend yourself" in own.content.decode()
    assert fresh(cast.resale_one.admin).is_active


def test_roles_are_what_the_boxes_say(cast: Cast, rita: Client) -> None:
    ana, boss = cast.resale_one.agent, cast.resale_one.admin
    url = reverse("reseller_agent_roles", kwargs={"agent_id": ana.pk})
    rita.post(url, {"roles": ["support_agent", "indirect_reseller_admin"]})
    assert fresh(ana).roles == {Role.SUPPORT_AGENT, Role.INDIRECT_RESELLER_ADMIN}
    rita.post(url, {"roles": ["super_admin"]})
    assert fresh(ana).roles == {Role.SUPPORT_AGENT, Role.INDIRECT_RESELLER_ADMIN}
    rita.post(url)
    assert fresh(ana).roles == set()
    rita.post(reverse("reseller_agent_roles", kwargs={"agent_id": boss.pk}), {"roles": ["support_agent"]})
    assert fresh(boss).roles == {Role.RESELLER_ADMIN}, "all or nothing"
