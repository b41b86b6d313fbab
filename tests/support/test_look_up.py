"""Looking up a partner by its verifier's address gives nothing away (S3, S10)."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import organisations
from accounts.directory import people
from accounts.errors import Refused
from accounts.locking import CustomerBusy
from accounts.models import AuditEvent, User
from accounts.roles import Role
from support import look_up as looking
from support.look_up import look_up, may_verify
from support.models import LookUp
from tests.cast import Cast
from tests.factories import make_person
from tests.support.world import acting, ask, pass_days


@pytest.fixture
def silent(cast: Cast) -> dict[str, str]:
    """Addresses that must all answer alike: of nobody, and of people who may not verify. All are as long."""
    one = cast.resale_one.reseller
    people.suspend_user(actor=None, person=make_person(one, Role.SUPPORT_AGENT, name="Suspended Sue"))
    organisations.suspend_reseller(actor=None, reseller=cast.resale_two.reseller)
    make_person(one, name="Without Role")
    return {
        "unknown": "nobody@resale-one.example",
        "suspended person": "suspendedsue@resale-one.example",
        "no role": "withoutrole@resale-one.example",
        "a role that may not": cast.resale_one.agent.email,
        "indirect admin": cast.resale_one.indirect_admin.email,
        "suspended reseller": cast.resale_two.support_agent.email,
        "a customer's admin": cast.globex.super_admin.email,
        "a colleague": cast.acme.super_admin.email,
        "the vendor": cast.vendor_support.email,
        "part of an address": "sam@resale-one.exampl",
        "wild cards": "s%m@resale-one.example",
    }


def manager(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.acme.support_manager)
    return client


def press_look_up(client: Client, cast: Cast, email: str) -> Any:
    url = reverse(
        "support_partner_assign",
        kwargs={"domain": cast.acme.customer.primary_domain, "service": "google_workspace"},
    )
    return client.post(url, {"verifier_email": email, "step": "look_up"})


@pytest.mark.parametrize("typed", ["sam@resale-one.example", "SAM@Resale-One.EXAMPLE", " sam@resale-one。example "])
def test_S3_an_exact_address_in_any_spelling_finds_the_partner(cast: Cast, typed: str) -> None:
    assert may_verify(typed) == cast.resale_one.support_agent
    assert look_up(actor=acting(cast.acme.support_manager), customer=cast.acme.customer, email=typed) == (
        cast.resale_one.reseller
    )


def test_S10_only_active_people_of_live_resellers_who_may_verify_are_found(cast: Cast, silent: dict[str, str]) -> None:
    assert [kind for kind, email in silent.items() if may_verify(email)] == []
    assert may_verify("not an address") is None
    assert may_verify("") is None
    assert may_verify("a\0b@resale-one.example") is None
    assert may_verify(cast.resale_one.admin.email) == cast.resale_one.admin


def test_S10_every_silent_address_gets_the_same_page_after_the_same_queries(cast: Cast, silent: dict[str, str]) -> None:
    client = manager(cast)
    press_look_up(client, cast, "warm@up.example")
    answers = {}
    for kind, email in silent.items():
        with CaptureQueriesContext(connection) as queries:
            response = press_look_up(client, cast, email)
        page = re.sub(r'(csrfmiddlewaretoken"|"X-CSRFToken":) (value=)?"\w+"', "", response.content.decode())
        shapes = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in queries]
        answers[kind] = (response.status_code, page.replace(email, "EMAIL"), shapes)
    for kind, answer in answers.items():
        assert answer == answers["unknown"], kind
    assert "No support partner was found with this address" in answers["unknown"][1]


def test_S10_a_partner_that_is_found_costs_the_same_queries(cast: Cast) -> None:
    numbers = []
    for email in ("nobody@resale-one.example", "sam@resale-one.example"):
        with CaptureQueriesContext(connection) as queries:
            look_up(actor=acting(cast.acme.support_manager), customer=cast.acme.customer, email=email)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_S10_every_look_up_is_audited_whatever_its_answer(cast: Cast) -> None:
    for email in ("nobody@resale-one.example", "sam@resale-one.example"):
        look_up(actor=acting(cast.acme.support_manager), customer=cast.acme.customer, email=email)
    events = AuditEvent.objects.filter(name="SUPPORT_PARTNER_LOOKED_UP", customer_id=cast.acme.customer.pk)
    assert list(events.order_by("pk").values_list("subject", "new_value__partner")) == [
        ("nobody@resale-one.example", None),
        ("sam@resale-one.example", "Resale One"),
    ]


def exhaust(person: User, cast: Cast, number: int = looking.LOOK_UPS_PER_ADMIN) -> None:
    LookUp.objects.bulk_create([LookUp(looked_up_by=person) for _ in range(number)])


def test_S10_an_admin_has_twenty_look_ups_an_hour(cast: Cast) -> None:
    exhaust(cast.acme.support_manager, cast, 19)
    assert press_look_up(manager(cast), cast, "sam@resale-one.example").status_code == 200
    refused = press_look_up(manager(cast), cast, "sam@resale-one.example")
    assert "Too many look-ups" in refused.content.decode()
    assert "Resale One" not in refused.content.decode()
    actor = acting(cast.acme.super_admin)
    assert look_up(actor=actor, customer=cast.acme.customer, email="sam@resale-one.example")
    pass_days(1 / 24)
    assert press_look_up(manager(cast), cast, "sam@resale-one.example").status_code == 200


def test_S10_all_admins_of_a_customer_together_have_a_hundred_an_hour_and_use_up_nobody_elses(cast: Cast) -> None:
    colleagues = [make_person(cast.acme.customer, Role.SUPPORT_MANAGER) for _ in range(5)]
    for colleague in colleagues:
        exhaust(colleague, cast, looking.LOOK_UPS_PER_CUSTOMER // 5)
    with pytest.raises(Refused, match="Too many"):
        look_up(actor=acting(cast.acme.support_manager), customer=cast.acme.customer, email="sam@resale-one.example")
    LookUp.objects.bulk_create([LookUp(looked_up_by=colleagues[0]) for _ in range(1000)])
    globex = acting(cast.globex.support_manager)
    assert look_up(actor=globex, customer=cast.globex.customer, email="sam@resale-one.example")


@pytest.mark.django_db(transaction=True)
def test_S10_nobody_waits_for_the_look_up_of_another_customer(cast: Cast) -> None:
    """One that is frozen in the middle holds up its own customer alone."""
    answers: list[object] = []

    def ask_as_globex() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '2s'")
                globex = acting(cast.globex.support_manager)
                answers.append(look_up(actor=globex, customer=cast.globex.customer, email="sam@resale-one.example"))
        finally:
            connections.close_all()

    with transaction.atomic():
        look_up(actor=acting(cast.acme.support_manager), customer=cast.acme.customer, email="x@resale-one.example")
        other = threading.Thread(target=ask_as_globex)
        other.start()
        other.join(10)
    assert answers == [cast.resale_one.reseller]


def test_S10_trying_addresses_in_the_form_itself_counts_too_also_when_refused(cast: Cast) -> None:
    for _ in range(looking.LOOK_UPS_PER_ADMIN):
        with pytest.raises(Refused, match="Nobody with this address"):
            ask(cast.acme, cast.resale_one, verifier=cast.resale_one.agent)
    with pytest.raises(Refused, match="Too many"):
        ask(cast.acme, cast.resale_one)


@pytest.mark.django_db(transaction=True)
def test_S10_look_ups_at_the_same_moment_cannot_pass_the_limit_together(cast: Cast) -> None:
    exhaust(cast.acme.support_manager, cast, 18)
    barrier = threading.Barrier(6)
    answers: list[bool] = []

    def answer() -> bool:
        try:
            actor = acting(cast.acme.support_manager)
            return bool(look_up(actor=actor, customer=cast.acme.customer, email="sam@resale-one.example"))
        except Refused:
            return False
        except CustomerBusy:  # of many only two wait for a customer: the others are told to try again, and do
            return answer()

    def ask_at_once() -> None:
        barrier.wait(10)
        answers.append(answer())
        connections.close_all()

    threads = [threading.Thread(target=ask_at_once) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [False] * 4 + [True] * 2


@pytest.mark.parametrize("who", ["auditor", "nobody"])
def test_S2_only_support_managers_look_up(cast: Cast, who: str) -> None:
    actor = acting(getattr(cast.acme, who))
    with pytest.raises(PermissionDenied):
        look_up(actor=actor, customer=cast.acme.customer, email="sam@resale-one.example")
    assert not LookUp.objects.exists()
