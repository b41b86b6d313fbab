"""Staffing ends with the relation, and does not come back with it (R13, P4)."""

from __future__ import annotations

from importlib import import_module

from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import staffing
from accounts.models import AuditEvent, CustomerAgent, CustomerTeam
from subscriptions import lifecycle
from subscriptions.models import AccessGrant, Subscription
from tests.cast import Cast
from tests.client import signed_in as browser
from tests.web.reseller.staff_world import sell, workers


def leave(cast: Cast) -> None:
    """Acme's last subscription from Resale One moves to Resale Two."""
    for subscription in Subscription.objects.filter(customer=cast.acme.customer, reseller=cast.resale_one.reseller):
        lifecycle.transfer_subscription(actor=None, subscription=subscription, reseller=cast.resale_two.reseller)


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
