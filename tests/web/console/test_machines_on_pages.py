"""Where a machine did something for a person, pages and files say so (X1, X4)."""

from __future__ import annotations

import csv
import io

import pytest
from django.core import mail
from django.test import RequestFactory

from accounts.actor import Actor
from accounts.audit import record_audit
from accounts.mail.sending import send_due_mails
from accounts.models import ConsoleSession, ServiceAccount
from accounts.models.event_names import EventName
from accounts.permissions import Permission
from accounts.roles import Role
from api.core.call import Call
from api.door.consoles import console
from tests.access.world import World, make_world
from tests.api.machines import account_of
from tests.client import content_of, main_text_of, signed_in, text_of, url_of
from tests.factories import fresh, put_person
from tests.web.trail_world import export


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def robot(world: World) -> ServiceAccount:
    """A machine that is inside, and has changed something."""
    account = account_of(world.agent, name="Robot")
    actor = Actor.of_machine(account, fresh(world.agent), "203.0.113.7")
    call = Call("directory.users.get", {}, {}, actor, frozenset(), RequestFactory().get("/"))
    customer = console(call, world.customer.customer_id, Permission.VIEW_USERS)
    record_audit(EventName.CHANGE_USER, actor=call.actor, customer=customer, subject="zoe@acme.example")
    return account


def test_X1_the_log_and_its_export_name_the_machine(world: World, robot: ServiceAccount) -> None:
    browser = signed_in(world.admin.user)
    page = main_text_of(browser.get(url_of("audit_log", world.customer)))
    assert page.count("Robot") == 2 and world.agent.email in page
    text = content_of(browser.get(export(world.customer))).decode("utf-8-sig")
    found = {row["Event"]: row["Machine"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert found["CHANGE_USER"] == found["RESELLER_CONSOLE_ENTERED"] == "Robot"
    assert "Robot" not in found["ORDER_SUBSCRIPTION"]


def test_X1_the_reseller_s_activity_names_it_too(world: World, robot: ServiceAccount) -> None:
    admin = signed_in(put_person(world.reseller, Role.RESELLER_ADMIN))
    assert "Robot" in main_text_of(admin.get("/reseller/activity/"))


def test_X4_a_machine_is_listed_while_inside_and_put_out_there(world: World, robot: ServiceAccount) -> None:
    browser = signed_in(world.admin.user)
    page = main_text_of(browser.get(url_of("outside_access", world.customer)))
    assert "Robot" in page and "A machine has no second factor" in page
    visit = ConsoleSession.objects.get()
    shown = main_text_of(browser.get(url_of("outside_visit", world.customer, session_id=visit.pk)))
    assert "Robot" in shown and robot.email in shown and "Inside now" in shown
    lines = content_of(browser.get(url_of("outside_visit_export", world.customer, session_id=visit.pk))).decode()
    assert "Machine" in lines.splitlines()[0] and lines.splitlines()[1].endswith("Robot")
    browser.post(url_of("outside_access_end", world.customer), {"session": visit.pk})
    assert "No active external sessions" in text_of(browser.get(url_of("outside_access", world.customer)))


def test_R15_the_mail_says_that_it_was_a_machine(world: World, robot: ServiceAccount) -> None:
    send_due_mails()
    [body] = [sent.body for sent in mail.outbox if "has entered the admin console" in sent.body]
    assert "It was a machine, with the service account" in body and "Robot" in body


def test_X2_the_rules_say_whether_machines_are_admitted(world: World) -> None:
    browser = signed_in(world.admin.user)
    url = url_of("reseller_access_rules", world.customer)
    assert "Machines of resellers may work in this console" in text_of(browser.get(url))
    rules = {"longest": "none", "level": "full", "lasts": "none", "activation_longest": "4"}
    rules |= {"activation_approval": "at_once"}
    assert browser.post(url, rules).status_code == 302
    world.customer.refresh_from_db()
    assert not world.customer.admits_machines
    assert browser.post(url, {**rules, "machines": "on"}).status_code == 302
    world.customer.refresh_from_db()
    assert world.customer.admits_machines
