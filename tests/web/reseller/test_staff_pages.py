"""The pages where a reseller admin makes teams and assigns customers (P4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import staffing
from accounts.models import AuditEvent, Customer, CustomerAgent, CustomerTeam, Reseller, Team, User
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.models import AccessGrant, Sku, Subscription
from subscriptions.models.subscription import Plan
from tests.cast import Cast, cast
from tests.client import signed_in as browser
from tests.factories import fresh, make_customer, make_person, make_team

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


def sell(customer: Customer, reseller: Reseller, sku: str = "1010020027") -> None:
    offer = lifecycle.Offer(Sku.objects.get(pk=sku), Plan.FLEXIBLE, 10)
    lifecycle.order_subscription(actor=None, customer=customer, reseller=reseller, offer=offer)


@pytest.fixture
def rita(cast: Cast) -> Client:
    """The browser of Resale One's admin; its reseller sold to Acme, the other one to Globex."""
    sell(cast.acme.customer, cast.resale_one.reseller)
    sell(cast.globex.customer, cast.resale_two.reseller)
    return browser(cast.resale_one.admin)


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
    assert response.context["agents"] == sorted(cast.resale_one.people, key=lambda p: p.sort_name)
    found = rita.get(reverse("reseller_staff"), {"q": "ÁNA"}).context["agents"]
    assert found == [cast.resale_one.agent]
    assert rita.get(reverse("reseller_staff"), {"q": "vera"}).context["agents"] == []
    assert rita.get(reverse("reseller_staff"), {"q": "%"}).context["agents"] == []
    assert rita.get(reverse("reseller_staff"), {"q": "a" * 300}).context["form"].errors


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
        pages.append(response.context["agents"])
        previous, url = response.context["pager"].previous_url, response.context["pager"].next_url
    assert [len(page) for page in pages] == [50, 50, 25]
    assert [agent for page in pages for agent in page] == expected
    while previous:
        response = rita.get(previous)
        back.append(response.context["agents"])
        previous = response.context["pager"].previous_url
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
        shown = rita.get(url, {"show": "assigned", "q": "MORE"}).context["rows"]
        assert [(r.customer_name, direct) for r, direct, _ in shown] == [(c.name, True) for c in more]
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
    assert [r.customer_name for r, _, _ in rita.get(url).context["rows"]] == ["Acme"]
    assert rita.get(url, {"q": "globex"}).context["rows"] == []
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


def leave(cast: Cast) -> None:
    """Acme's last subscription from Resale One moves to Resale Two."""
    for subscription in Subscription.objects.filter(customer=cast.acme.customer, reseller=cast.resale_one.reseller):
        lifecycle.transfer_subscription(actor=None, subscription=subscription, reseller=cast.resale_two.reseller)


def workers(cast: Cast) -> set[User]:
    """The people of Resale One who may know of Acme at this instant."""
    one, acme = cast.resale_one, cast.acme.customer
    return {person for person in (one.agent, one.colleague) if fresh(person).has_perm(Permission.KNOW_CUSTOMER, acme)}


def test_R13_staffing_ends_with_the_relation_and_does_not_come_back_with_it(cast: Cast, rita: Client) -> None:
    one, acme = cast.resale_one, cast.acme.customer
    assert workers(cast) == {one.agent, one.colleague}
    leave(cast)
    sell(acme, one.reseller)
    assert workers(cast) == set()
    assert not CustomerAgent.objects.filter(user__reseller=one.reseller).exists()
    assert not CustomerTeam.objects.filter(group=one.team.group_id).exists()
    # What stands at the other reseller of the other customer is not concerned.
    assert staffing.customers_of(cast.resale_two.agent).get() == cast.globex.customer


def test_R13_each_assignment_that_ends_so_stands_in_the_resellers_log_and_nobody_elses(
    cast: Cast, rita: Client
) -> None:
    leave(cast)
    events = AuditEvent.objects.filter(name="UNASSIGN_CUSTOMER")
    told = set(events.values_list("subject", "old_value__customer", "actor_kind", "customer_id"))
    domain = cast.acme.customer.primary_domain
    assert told == {(cast.resale_one.agent.email, domain, "system", None), ("North", domain, "system", None)}
    activity = reverse("reseller_activity")
    assert cast.resale_one.agent.email in rita.get(activity, {"event": "UNASSIGN_CUSTOMER"}).content.decode()
    for stranger in (cast.resale_two.admin, cast.resale_one.colleague):
        page = browser(stranger).get(activity, {"event": "UNASSIGN_CUSTOMER"}).content.decode()
        assert cast.resale_one.agent.email not in page


def test_R13_staffing_stays_while_anything_is_sold(cast: Cast, rita: Client) -> None:
    sell(cast.acme.customer, cast.resale_one.reseller, "Google-Vault")
    lifecycle.cancel_subscription(
        actor=None, subscription=Subscription.objects.filter(customer=cast.acme.customer).earliest("pk")
    )
    assert workers(cast) == {cast.resale_one.agent, cast.resale_one.colleague}
    assert not AuditEvent.objects.filter(name="UNASSIGN_CUSTOMER").exists()


def test_R13_the_migration_ends_what_outlived_its_relation_and_nothing_else(cast: Cast, rita: Client) -> None:
    """Rows as they were left behind before staffing ended with the relation."""
    AccessGrant.objects.filter(customer=cast.acme.customer).update(
        ended_at=Now(), allowed=False, effective_from=None, effective_until=None
    )
    statement = import_module("support.migrations.0003_staffing_ends_with_its_relation").forwards()
    with connection.cursor() as cursor:
        cursor.execute(statement)
    assert set(CustomerAgent.objects.values_list("user", flat=True)) == {cast.resale_two.agent.pk}
    assert set(CustomerTeam.objects.values_list("group", flat=True)) == {cast.resale_two.team.group_id}
    told = AuditEvent.objects.filter(name="UNASSIGN_CUSTOMER", actor_reseller_id=cast.resale_one.reseller.pk)
    assert set(told.values_list("subject", "old_value__customer")) == {
        (cast.resale_one.agent.email, "acme.example"),
        ("North", "acme.example"),
    }
    assert AuditEvent.objects.filter(name="UNASSIGN_CUSTOMER").count() == 2


def test_R13_who_is_assigned_while_the_relation_ends_does_not_outlive_it(cast: Cast, rita: Client) -> None:
    """The page asks for the customer with its relation locked: whichever is first, nothing is left."""
    with CaptureQueriesContext(connection) as captured:
        rita.post(
            reverse("reseller_agent_customers", kwargs={"agent_id": cast.resale_one.colleague.pk}),
            {"action": "assign", "customer": cast.acme.customer.pk},
        )
    asked = [query["sql"] for query in captured if "accessgrant" in query["sql"]]
    assert any("FOR NO KEY UPDATE" in sql for sql in asked)
    assert CustomerAgent.objects.filter(user=cast.resale_one.colleague).exists()
