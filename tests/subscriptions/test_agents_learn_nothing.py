"""What an agent never learns inside a console: what other resellers sold to this customer (R3, R13, R14)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import AuditEvent
from accounts.models.audit_event import ActorKind
from accounts.models.event_names import EventName
from accounts.models.jobs import BulkAction, JobKind
from jobs.choosing import change_rows
from subscriptions import leaving, lifecycle
from subscriptions.licence_use import use_over_time
from subscriptions.licensing import assign_licences
from subscriptions.models import Order, Subscription
from tests.access.world import World, propagate, sell
from tests.factories import fresh, put_person, put_reseller
from tests.jobs.bulk_world import inside, work
from tests.subscriptions.licence_world import PLUS, make_people


@pytest.fixture
def rival(world: World) -> Subscription:
    """Another product of the same kind, from someone else."""
    return sell(world.customer, put_reseller("Rival"), PLUS)


@pytest.fixture
def agent(world: World) -> Client:
    client = Client()
    client.force_login(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    return client


def test_R14_whoever_has_a_licence_that_another_reseller_sold_has_it_without_its_name(
    world: World, rival: Subscription, agent: Client
) -> None:
    people = make_people(world.customer, 2)
    assign_licences(actor=None, subscription=rival, people=people)
    kwargs = {"domain": world.customer.primary_domain, "subscription_id": world.sold.pk}
    admin = Client()
    admin.force_login(world.admin.user)
    assert rival.sku.name in admin.get(reverse("licences_assign", kwargs=kwargs)).content.decode()
    answers = [
        agent.get(reverse("licences_assign", kwargs=kwargs)),
        agent.post(reverse("licences_assign", kwargs=kwargs), {"person": [people[0].pk]}),
        agent.post(reverse("licences_assign", kwargs=kwargs), {"person": [people[0].pk], "switch": "on"}),
        agent.get(reverse("licences_unit", kwargs=kwargs), {"org_unit": str(people[0].org_unit_id)}),
        agent.get(reverse("user", kwargs={"domain": kwargs["domain"], "user_id": people[0].pk})),
    ]
    assert [answer.status_code for answer in answers] == [200, 422, 422, 200, 200]
    for answer in answers:
        assert rival.sku.name not in answer.content.decode()
        assert "Rival" not in answer.content.decode()
    assert "another licence" in answers[0].content.decode()


def test_R14_deleting_somebody_tells_an_agent_nothing_of_what_another_reseller_sold(
    world: World, rival: Subscription
) -> None:
    """Its licences are released all the same; the agent's own trail (A4) names those of its scope only."""
    one, many = make_people(world.customer, 2)
    for subscription, someone in ((rival, one), (rival, many), (world.own, one)):
        assign_licences(actor=None, subscription=subscription, people=type(one).objects.filter(pk=someone.pk))
    actor = Actor(fresh(world.agent))
    leaving.delete_user_with_licences(actor=actor, person=one)
    chosen = type(one).objects.filter(pk=many.pk)
    change_rows(
        actor=inside(fresh(world.agent), world.customer),
        customer=world.customer,
        kind=JobKind.CHANGE_USERS,
        action=BulkAction.DELETE,
        chosen=chosen,
    )
    work()
    revoked = AuditEvent.objects.filter(name=EventName.USER_LICENSE_REVOKE)
    assert revoked.count() == 3
    assert set(revoked.values_list("actor_kind", flat=True)) == {ActorKind.SYSTEM}
    client = Client()
    client.force_login(world.agent)
    activity = client.get(reverse("reseller_activity")).content.decode()
    assert one.email in activity and many.email in activity
    assert rival.sku.name not in activity and world.own.sku.name not in activity


def test_A4_deleting_somebody_with_an_own_licence_is_the_agents_deed(world: World) -> None:
    one = make_people(world.customer, 1)
    assign_licences(actor=None, subscription=world.sold, people=one)
    leaving.delete_user_with_licences(actor=Actor(fresh(world.agent)), person=one[0])
    assert AuditEvent.objects.get(name=EventName.USER_LICENSE_REVOKE).actor_email == world.agent.email


def test_R13_the_seats_that_another_reseller_sold_before_are_in_no_chart_of_an_agent(world: World) -> None:
    moved = sell(world.customer, put_reseller("Rival"), PLUS)
    Order.objects.filter(subscription=moved).update(at=F("at") - timedelta(days=100), seats=777)
    lifecycle.transfer_subscription(actor=None, subscription=moved, reseller=world.reseller)
    moved.refresh_from_db()
    everything = [month.seats for month in use_over_time(moved, "UTC")]
    its_own = [month.seats for month in use_over_time(moved, "UTC", of_seller=True)]
    assert 777 in everything and everything[-1] == moved.seats
    assert set(its_own) == {None, moved.seats} and its_own[-1] == moved.seats
    propagate()
    client = Client()
    client.force_login(world.agent)
    client.post(reverse("enter_console", kwargs={"domain": world.customer.primary_domain}))
    page = reverse(
        "subscription_licences", kwargs={"domain": world.customer.primary_domain, "subscription_id": moved.pk}
    )
    answer = client.get(page)
    assert (answer.status_code, "777" in answer.content.decode()) == (200, False)
    admin = Client()
    admin.force_login(put_person(world.customer, *world.admin.user.roles))
    assert "777" in admin.get(page).content.decode()
