"""A reseller's own people: deleted, restored, removed for good, at its own domain only (P11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import deleting, people, renaming
from accounts.errors import Refused
from accounts.models import Activation, Address, AuditEvent, CustomerAgent, Reseller, User
from accounts.models.activations import ActivationStatus, Approval
from accounts.own_domains.adding import add_domain
from accounts.permissions import Permission
from accounts.roles import Role
from accounts.staffing import teams_of
from subscriptions import lifecycle
from subscriptions.access import propagation
from subscriptions.models import AccessGrant, Sku
from subscriptions.models.standing import Standing
from subscriptions.models.subscription import Plan
from tests.cast import Cast
from tests.client import rows_of, signed_in
from tests.factories import fresh, make_person, make_reseller
from tests.races import at_once

pytestmark = pytest.mark.django_db


def listed(client: Client, **asked: str) -> list[User]:
    """The people whom the list of staff shows."""
    return [row.person for row in rows_of(client.get(reverse("reseller_staff"), asked))]


def reseller_admins(reseller: Reseller) -> int:
    return User.objects.filter(reseller=reseller, is_active=True, role_assignments__role=Role.RESELLER_ADMIN).count()


def open_console(cast: Cast) -> AccessGrant:
    """Resale One sells to Acme, whose console opens."""
    offer = lifecycle.Offer(Sku.objects.get(pk="1010020027"), Plan.FLEXIBLE, 10)
    sold_to, reseller = cast.acme.customer, cast.resale_one.reseller
    lifecycle.order_subscription(actor=None, customer=sold_to, reseller=reseller, offer=offer)
    propagation.apply_due_changes()
    return AccessGrant.objects.get(customer=sold_to, reseller=reseller, subscription=None)


def events_about(agent: User) -> list[tuple[str, str]]:
    """What the admin's deed left in the log, in its order."""
    found = AuditEvent.objects.filter(actor_email="rita@resale-one.example").order_by("pk")
    return [(event.name, event.subject) for event in found]


def test_P11_a_deleted_agent_is_out_with_the_next_request_and_keeps_no_work(cast: Cast) -> None:
    open_console(cast)
    ana, acme = cast.resale_one.agent, cast.acme.customer
    staffing.add_member(actor=None, team=cast.resale_one.team, agent=ana)
    client = signed_in(ana)
    assert client.get(reverse("reseller_customers")).status_code == 200
    assert fresh(ana).has_perm(Permission.VIEW_CONSOLE, acme)
    for _ in range(2):
        deleting.delete_user(actor=Actor(cast.resale_one.admin), person=ana)
    assert client.get(reverse("reseller_customers")).status_code == 302
    gone = fresh(ana)
    assert (gone.is_active, gone.deleted_at is not None, gone.roles) == (False, True, frozenset())
    assert not CustomerAgent.objects.filter(user=ana).exists()
    assert not teams_of(ana).exists()
    assert not gone.has_perm(Permission.KNOW_CUSTOMER, acme)
    *taken, last = events_about(ana)
    assert last == ("DELETE_USER", ana.email)
    assert sorted(taken) == [
        ("REMOVE_TEAM_MEMBER", cast.resale_one.team.name),
        ("UNASSIGN_CUSTOMER", ana.email),
        ("UNASSIGN_ROLE", ana.email),
    ]
    # A colleague in the same team goes on working.
    assert fresh(cast.resale_one.colleague).has_perm(Permission.VIEW_CONSOLE, acme)


@pytest.mark.parametrize("way", ["suspend", "delete"])
def test_P11_R20_the_activations_of_an_agent_who_goes_end_for_good(way: str, cast: Cast) -> None:
    grant = open_console(cast)
    ana, acme = cast.resale_one.agent, cast.acme.customer
    AccessGrant.objects.filter(pk=grant.pk).update(standing=Standing.NOTHING, effective_standing=Standing.NOTHING)
    assert grant.effective_from is not None
    Activation.objects.create(
        customer=acme,
        reseller=cast.resale_one.reseller,
        agent=ana,
        window_began=grant.effective_from,
        reason="Printers",
        lasts=timedelta(hours=4),
        approval=Approval.AT_ONCE,
        status=ActivationStatus.BEGUN,
        asked_at=Now(),
        expires_at=Now() + timedelta(days=1),
        effective_from=Now(),
        effective_until=Now() + timedelta(hours=4),
    )
    assert fresh(ana).has_perm(Permission.VIEW_CONSOLE, acme)
    actor = Actor(cast.resale_one.admin)
    if way == "suspend":
        people.suspend_user(actor=actor, person=ana)
        people.unsuspend_user(actor=actor, person=ana)
    else:
        deleting.delete_user(actor=actor, person=ana)
        deleting.undelete_user(actor=actor, person=ana)
        people.assign_role(actor=actor, person=ana, role=Role.RESELLER_AGENT)
        staffing.assign_customers_to_agent(actor=actor, agent=ana, customers=[acme])
    assert fresh(ana).has_perm(Permission.KNOW_CUSTOMER, acme)
    assert not fresh(ana).has_perm(Permission.VIEW_CONSOLE, acme)


def test_P11_a_deleted_agent_comes_back_with_nothing_but_the_name(cast: Cast) -> None:
    ana, actor = cast.resale_one.agent, Actor(cast.resale_one.admin)
    deleting.delete_user(actor=actor, person=ana)
    for refused in (
        lambda: staffing.assign_customers_to_agent(actor=actor, agent=ana, customers=[cast.acme.customer]),
        lambda: staffing.add_member(actor=actor, team=cast.resale_one.team, agent=ana),
        lambda: people.assign_role(actor=actor, person=ana, role=Role.RESELLER_AGENT),
    ):
        with pytest.raises(Refused, match="deleted"):
            refused()
    back = deleting.undelete_user(actor=actor, person=ana)
    assert (back.is_active, back.name, fresh(back).roles) == (True, "Ana", frozenset())
    assert not staffing.customers_of(back).exists()


def test_P11_after_20_days_nothing_says_any_more_who_an_agent_was(cast: Cast) -> None:
    ana, address = cast.resale_one.agent, cast.resale_one.agent.email
    deleting.delete_user(actor=Actor(cast.resale_one.admin), person=ana)
    User.objects.filter(pk=ana.pk).update(deleted_at=Now() - timedelta(days=21))
    assert deleting.purge_deleted_users(actor=None) == 1
    gone = fresh(ana)
    assert (gone.name, gone.email, gone.reseller) == ("–", f"purged-{ana.pk}@purged.invalid", cast.resale_one.reseller)
    assert not Address.objects.filter(user=ana).exists()
    event = AuditEvent.objects.get(name="PURGE_USER")
    assert (event.subject, event.customer_id, event.actor_reseller_id) == (address, None, cast.resale_one.reseller.pk)
    # The address is free again, and its new owner is another person.
    assert make_person(cast.resale_one.reseller, name="Ana", email=address).pk != ana.pk


@pytest.mark.parametrize("who", ["agent", "indirect admin", "stranger", "customer", "vendor support"])
def test_P11_only_an_admin_of_the_reseller_deletes_and_restores_its_people(who: str, cast: Cast) -> None:
    person = {
        "agent": cast.resale_one.colleague,
        "indirect admin": cast.resale_one.indirect_admin,
        "stranger": cast.resale_two.admin,
        "customer": cast.acme.super_admin,
        "vendor support": cast.vendor_support,
    }[who]
    with pytest.raises(PermissionDenied):
        deleting.delete_user(actor=Actor(person), person=cast.resale_one.agent)
    deleting.delete_user(actor=Actor(cast.operator), person=cast.resale_one.agent)
    with pytest.raises(PermissionDenied):
        deleting.undelete_user(actor=Actor(person), person=cast.resale_one.agent)
    with pytest.raises(Refused, match="vendor"):
        deleting.delete_user(actor=Actor(cast.operator), person=cast.vendor_support)


def test_P11_the_last_admin_and_oneself_are_not_deleted(cast: Cast) -> None:
    rita = cast.resale_one.admin
    for actor in (rita, cast.operator):  # who is the last one has no other admin to ask
        with pytest.raises(Refused, match="last active reseller admin"):
            deleting.delete_user(actor=Actor(actor), person=rita)
    make_person(cast.resale_one.reseller, Role.RESELLER_ADMIN)
    with pytest.raises(Refused, match="yourself"):
        deleting.delete_user(actor=Actor(rita), person=rita)
    assert fresh(rita).roles == {Role.RESELLER_ADMIN}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", ["delete", "suspend", "unassign"])
def test_P11_two_at_once_do_not_delete_the_last_two_admins(other: str) -> None:
    reseller = make_reseller()
    ana, bea = (make_person(reseller, Role.RESELLER_ADMIN, name=name) for name in ("Ana", "Bea"))

    def take_bea() -> None:
        if other == "delete":
            deleting.delete_user(actor=None, person=bea)
        elif other == "suspend":
            people.suspend_user(actor=None, person=bea)
        else:
            people.unassign_role(actor=None, person=bea, role=Role.RESELLER_ADMIN)

    for attempt in range(10):
        raised = at_once(lambda: deleting.delete_user(actor=None, person=ana), take_bea)
        assert reseller_admins(reseller) == 1, f"attempt {attempt}: {raised}"
        assert sum(isinstance(error, Refused) for error in raised) == 1
        for person in (ana, bea):
            deleting.undelete_user(actor=None, person=person)
            people.unsuspend_user(actor=None, person=person)
            people.assign_role(actor=None, person=person, role=Role.RESELLER_ADMIN)


@pytest.mark.parametrize("email", ["new@elsewhere.example", "new@sub.resale-one.example"])
def test_P11_an_admin_gives_addresses_at_own_domains_only(email: str, cast: Cast) -> None:
    reseller, rita, operator = cast.resale_one.reseller, Actor(cast.resale_one.admin), Actor(cast.operator)
    for actor in (rita, operator):
        with pytest.raises(Refused, match="not a domain of your organisation"):
            people.create_user(actor=actor, organisation=reseller, email=email, name="New")
        with pytest.raises(Refused, match="not a domain of your organisation"):
            renaming.rename_user(actor=actor, person=cast.resale_one.agent, email=email)
    assert fresh(cast.resale_one.agent).email == "ana@resale-one.example"
    here = people.create_user(actor=rita, organisation=reseller, email="new@resale-one.example", name="New")
    add_domain(actor=rita, organisation=reseller, name=email.rpartition("@")[2])
    assert renaming.rename_user(actor=rita, person=here, email=email).email == email


def test_the_page_of_an_agent_deletes_restores_and_resets(cast: Cast) -> None:
    ana, rita, browser = cast.resale_one.agent, signed_in(cast.resale_one.admin), Client()
    browser.force_login(ana, backend="accounts.backends.SignInBackend")
    arguments = [ana.pk]
    shown = rita.post(reverse("reseller_agent_password", args=arguments), follow=True)
    password = shown.context["shown"]["password"]
    assert password in shown.content.decode() and fresh(ana).check_password(password)
    assert password not in rita.get(reverse("reseller_agent_password", args=arguments)).content.decode()
    assert browser.get(reverse("reseller_customers")).status_code == 302
    assert fresh(ana).must_change_password
    rita.post(reverse("reseller_agent_delete", args=arguments))
    assert ana not in listed(rita)
    assert listed(rita, status="deleted") == [ana]
    assert "Until" in rita.get(reverse("reseller_agent", args=arguments)).content.decode()
    rita.post(reverse("reseller_agent_undelete", args=arguments))
    assert ana in listed(rita)


def test_the_list_of_staff_is_filtered_by_role_and_status(cast: Cast) -> None:
    rita, one = signed_in(cast.resale_one.admin), cast.resale_one
    people.suspend_user(actor=None, person=one.colleague)

    def shown(**asked: str) -> set[User]:
        return set(listed(rita, **asked))

    assert shown(role="reseller_agent") == {one.agent, one.colleague}
    assert shown(role="reseller_agent", status="active") == {one.agent}
    assert shown(status="suspended") == {one.colleague}
    assert one.admin not in shown(status="invited") and one.agent in shown(status="invited")
    assert shown(status="unknown") == set()


def test_the_roles_of_a_reseller_are_explained_where_they_are_given(cast: Cast) -> None:
    rita = signed_in(cast.resale_one.admin)
    for url in (reverse("reseller_agent_new"), reverse("reseller_agent", args=[cast.resale_one.agent.pk])):
        page = rita.get(url).content.decode()
        assert page.count('class="field__hint"') >= 4
        assert "sells nothing more to them" in page
