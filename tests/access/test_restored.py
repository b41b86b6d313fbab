"""After a restore nothing that was taken away since is open again (R8, P8, R15), and nobody is told twice."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.console_sessions.entering import enter_console
from accounts.directory.people import suspend_user
from accounts.mail import post, sending
from accounts.models import AuditEvent, ConsoleSession, Mail
from accounts.models.mail import INVITATION, DropReason
from accounts.restoring import GAP
from accounts.roles import Role
from subscriptions.access import reconcile
from subscriptions.access.outbox import requested_event, settled_event
from subscriptions.access.relation import begin_contract
from subscriptions.models import AccessChange, AccessGrant, Restore, TransferToken
from subscriptions.restoring import Closed, close_restored_access, would_close
from subscriptions.transfers import generate_transfer_token
from tests.access.boxes import console, own, save
from tests.access.world import World, assign, events, make_world, may_enter, outcomes, propagate, sell, visible
from tests.commands import run
from tests.factories import put_person, put_reseller
from tests.web.console.access_page import agreed, box, client_of, open_page

TAKEN_AT = datetime(2026, 1, 1, 6, 20, tzinfo=UTC)
TIME = "2026-01-01T06:20:00Z"


def close() -> Closed:
    closed = close_restored_access(restored_from=TAKEN_AT, last_numbers=None)
    assert closed is not None
    return closed


def said(*options: str) -> str:
    return run("reconcile_access", *options)


@pytest.fixture
def opened(world: World) -> World:
    """Console and subscription are open."""
    save(world, own(world, True))
    propagate()
    assert may_enter(world.agent, world.customer) and visible(world.agent, world.customer) >= {world.own.pk}
    return world


def test_R8_console_subscription_and_contract_are_closed_at_once(opened: World, stranger: World) -> None:
    supporter = put_reseller("Supporter")
    agent = put_person(supporter, Role.RESELLER_AGENT)
    begin_contract(actor=opened.admin, customer=opened.customer, reseller=supporter, opens=True)
    assign(agent, opened.customer)
    propagate()
    assert may_enter(agent, opened.customer)
    assert would_close() == close()
    inside = [(opened.agent, opened.customer), (agent, opened.customer), (stranger.agent, stranger.customer)]
    for person, customer in inside:
        assert not may_enter(person, customer)
        assert visible(person, customer) == set()
    assert not AccessGrant.objects.filter(allowed=True).exists()
    assert reconcile.check() == []
    propagate()
    assert not may_enter(opened.agent, opened.customer), "nothing that waited gives it back"


def test_R10_what_waits_to_be_given_is_overtaken_and_a_late_end_comes_now(world: World, stranger: World) -> None:
    save(world, own(world, True))
    save(stranger, console(stranger, False))
    assert may_enter(stranger.agent, stranger.customer), "it ends later"
    close()
    assert outcomes(world.opened()) == ["superseded", "applied"]
    assert outcomes(stranger.console()) == ["applied", "superseded", "applied"]
    assert not may_enter(stranger.agent, stranger.customer)
    assert reconcile.check() == []
    propagate()
    assert visible(world.agent, world.customer) == set()


def test_A1_each_change_has_the_events_that_the_verbs_would_write(opened: World) -> None:
    save(opened, console(opened, False))
    before = AuditEvent.objects.count()
    close()
    changes = list(AccessChange.objects.filter(restore__isnull=False).order_by("pk"))
    assert [change.grant_id for change in changes] == [opened.console().pk, opened.opened().pk]
    for change in changes:
        found = AuditEvent.objects.filter(access_change_id=change.pk).order_by("pk")
        due = requested_event(change, before={"allowed": False}, actor=None), settled_event(change)
        due[0].new_value |= {"restored_from": TAKEN_AT.isoformat()}
        assert [as_written(event) for event in found] == [as_written(event) for event in due]
    superseded = AccessChange.objects.filter(outcome="superseded")
    assert [events([change])[-1] for change in superseded] == ["RESELLER_ACCESS_SUPERSEDED"] * 2
    assert AuditEvent.objects.count() == before + 2 * 2 + 2 + 1
    [restored] = AuditEvent.objects.filter(name="RESTORE_BACKUP")
    assert restored.new_value == {"restored_from": TAKEN_AT.isoformat(), "access": 2, "mails": 0}


def as_written(event: AuditEvent) -> dict[str, object]:
    return {f.attname: getattr(event, f.attname) for f in event._meta.concrete_fields if f.name not in {"id", "at"}}


def test_a_second_run_closes_nothing_that_was_given_since(opened: World) -> None:
    close()
    save(opened, console(opened, True))
    propagate()
    assert close_restored_access(restored_from=TAKEN_AT, last_numbers=None) is None
    assert may_enter(opened.agent, opened.customer)
    assert "Nothing was closed again" in said("--restored-from", TIME)
    assert may_enter(opened.agent, opened.customer)
    assert Restore.objects.count() == 1


def test_the_number_of_statements_does_not_grow_with_the_access(world: World) -> None:
    def statements(taken_at: datetime) -> int:
        with CaptureQueriesContext(connection) as queries:
            close_restored_access(restored_from=taken_at, last_numbers=None)
        return len(queries)

    one = statements(TAKEN_AT)
    for _number in range(5):
        make_world()
    assert statements(TAKEN_AT + timedelta(days=1)) == one


def test_R15_everybody_is_out_with_the_next_request(opened: World) -> None:
    browser, admin = client_of(opened.agent), client_of(opened.admin.user)
    key = browser.session.session_key
    enter_console(actor=Actor(opened.agent), customer=opened.customer, session_key=key)
    home = reverse("console_home", kwargs={"domain": opened.customer.primary_domain})
    assert (browser.get(home).status_code, admin.get(home).status_code) == (200, 200)
    assert UserSession.objects.count() == 2
    close()
    assert (Session.objects.count(), UserSession.objects.count()) == (0, 0)
    assert ConsoleSession.objects.get().ended_because == "over"
    for client in (browser, admin):
        assert client.get(home).headers["Location"].startswith(reverse("account_login"))


def test_mails_that_waited_are_not_sent_and_super_admins_are_told_once(opened: World, stranger: World) -> None:
    put_person(opened.customer, Role.AUDITOR)
    suspend_user(actor=None, person=put_person(opened.customer, Role.SUPER_ADMIN))
    post.queue(INVITATION, [opened.agent])
    close()
    told = Mail.objects.exclude(kind=INVITATION).values_list("recipient", flat=True)
    assert set(told) == {opened.admin.user.pk, stranger.admin.user.pk}
    assert Mail.objects.get(kind=INVITATION).dropped_because == DropReason.RESTORED
    sending.send_due_mails()
    said("--restored-from", TIME)
    sending.send_due_mails()
    assert [letter.to for letter in mail.outbox] == [[opened.admin.user.email], [stranger.admin.user.email]]
    [body, other] = [letter.body for letter in mail.outbox]
    assert "backup of 1 January 2026" in body
    assert f"\n- {opened.reseller.name}\n- {opened.reseller.name}: {opened.own.sku.name}\n" in body
    assert reverse("reseller_access", kwargs={"domain": opened.customer.primary_domain}) in body
    assert opened.own.sku.name not in other


def test_a_transfer_token_that_waited_is_revoked(world: World) -> None:
    other = put_reseller()
    generate_transfer_token(actor=world.admin, customer=world.customer, reseller=other)
    assert close().tokens == 1
    assert TransferToken.objects.get().revoked_at is not None
    assert AuditEvent.objects.filter(name="REVOKE_TRANSFER_TOKEN", actor_kind="system").count() == 1


@pytest.mark.parametrize("over", ["used_at", "revoked_at", "expires_at"])
def test_a_transfer_token_that_is_over_is_left_as_it_was(world: World, over: str) -> None:
    generate_transfer_token(actor=world.admin, customer=world.customer, reseller=put_reseller())
    TransferToken.objects.update(**{over: TAKEN_AT})
    before = TransferToken.objects.values().get()
    assert close().tokens == 0
    assert TransferToken.objects.values().get() == before
    assert not AuditEvent.objects.filter(name="REVOKE_TRANSFER_TOKEN").exists()


def last_numbers() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        return {name: last or 0 for name, last in cursor.fetchall()}


def test_no_number_is_given_twice(world: World) -> None:
    before = last_numbers()
    close()
    after = last_numbers()
    assert {name for name, last in after.items() if last < before[name] + GAP} == set()
    assert after["support_case_id_seq"] - before["support_case_id_seq"] == GAP
    known = before | {"support_case_id_seq": before["support_case_id_seq"] + GAP + 7}
    close_restored_access(restored_from=TAKEN_AT + timedelta(days=1), last_numbers=known)
    assert last_numbers()["support_case_id_seq"] == before["support_case_id_seq"] + GAP + 7
    assert last_numbers()["accounts_job_id_seq"] == after["accounts_job_id_seq"], "it is ahead already"


def test_check_says_what_would_close_and_changes_nothing(opened: World) -> None:
    text = said("--restored-from", TIME, "--check")
    assert "Nothing was changed yet" in text and "2  access to consoles and subscriptions" in text
    assert "later than that" in text
    assert may_enter(opened.agent, opened.customer)
    assert not Restore.objects.exists()


@pytest.mark.parametrize("run_first", [False, True])
def test_what_was_allowed_is_listed_as_csv_before_and_after(opened: World, stranger: World, run_first: bool) -> None:
    save(stranger, console(stranger, False))
    if run_first:
        close()
    out, err = io.StringIO(), io.StringIO()
    call_command("reconcile_access", "--restored-from", TIME, "--check", "--csv", "access", stdout=out, stderr=err)
    head, *rows = csv.reader(io.StringIO(out.getvalue().removeprefix("\ufeff")))
    assert head == ["Domain", "Customer", "Reseller", "Subscription", "At last"]
    domain, name, reseller = opened.customer.primary_domain, opened.customer.name, opened.reseller.name
    assert rows == [[domain, name, reseller, "", ""], [domain, name, reseller, opened.own.sku.name, ""]]
    assert "2 by 1 customers" in err.getvalue()


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ([], "Say what to do: --check, --apply or --restored-from TIME."),
        (["--restored-from", "yesterday"], "--restored-from: “yesterday” is no moment."),
        (["--restored-from", "2026-01-01T06:20:00"], "--restored-from: “2026-01-01T06:20:00” has no time zone."),
        (["--restored-from", "2999-01-01T06:20:00Z"], "--restored-from: “2999-01-01T06:20:00Z” lies ahead"),
        (["--check", "--old-database", "old"], "--old-database: this belongs to --restored-from TIME."),
        (["--restored-from", TIME, "--old-database", "nowhere"], "--old-database: This database cannot be opened"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_closed(opened: World, options: list[str], complaint: str) -> None:
    with pytest.raises(CommandError) as refused:
        run("reconcile_access", *options)
    assert str(refused.value).startswith(complaint)
    assert may_enter(opened.agent, opened.customer)


@pytest.mark.parametrize("option", [["--check"], ["--apply"], ["--restored-from", TIME]])
def test_a_schema_that_is_older_than_the_code_is_refused(opened: World, option: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    with pytest.raises(CommandError, match="1 migrations are pending"):
        run("reconcile_access", *option)
    assert may_enter(opened.agent, opened.customer)


def test_the_page_says_why_and_everything_is_allowed_again_in_one_save(opened: World, stranger: World) -> None:
    close()
    admin = opened.admin.user
    page = open_page(admin, opened.customer)
    assert "All access was closed after a restore" in page.text and "After a restore" in page.text
    names = [box(opened.reseller), box(opened.reseller, opened.own)]
    assert [page.boxes[name].checked for name in names] == [False, False]
    page.hidden |= {"step": "edit"}
    again = page.tick(*names).save(confirmed=False)
    assert [again.boxes[name].checked for name in names] == [True, True]
    assert open_page(admin, opened.customer).html.count("Tick these boxes again") == 1
    again.tick(agreed(opened.reseller)).save()
    propagate()
    assert may_enter(opened.agent, opened.customer) and visible(opened.agent, opened.customer) >= {opened.own.pk}
    assert "All access was closed after a restore" not in open_page(admin, opened.customer).text
    assert not may_enter(stranger.agent, stranger.customer)


def test_the_form_of_the_notice_ticks_what_was_allowed(opened: World) -> None:
    close()
    page = open_page(opened.admin.user, opened.customer)
    form = page.html.partition('aria-labelledby="restored-title"')[2].partition("</form>")[0]
    sent = {name: form.count(f'name="allow" value="{name}"') for name in page.boxes if not name.startswith("agreed")}
    assert sent == {box(opened.reseller): 1, box(opened.reseller, opened.own): 1}
    assert 'name="step" value="edit"' in form, "nothing is saved by that"


def ticked(world: World) -> list[str]:
    """The boxes that the form of the notice ticks."""
    page = open_page(world.admin.user, world.customer)
    form = page.html.partition('aria-labelledby="restored-title"')[2].partition("</form>")[0]
    return re.findall(r'name="allow" value="([^"]+)"', form)


def test_what_is_allowed_again_by_now_stays_ticked_in_the_form_of_the_notice(opened: World) -> None:
    close()
    save(opened, console(opened, True))
    assert sorted(ticked(opened)) == sorted([box(opened.reseller), box(opened.reseller, opened.own)])


def test_of_two_restores_the_page_tells_of_the_last(opened: World) -> None:
    close()
    save(opened, console(opened, True))
    propagate()
    close_restored_access(restored_from=TAKEN_AT + timedelta(days=31), last_numbers=None)
    assert "backup of 1 February 2026" in open_page(opened.admin.user, opened.customer).text
    assert ticked(opened) == [box(opened.reseller)], "what was closed by the first one had not been allowed since"


def test_what_the_backup_did_not_allow_any_more_is_not_offered(opened: World, stranger: World) -> None:
    sell(stranger.customer, opened.reseller)
    propagate()
    save(opened, console(opened, False))
    assert may_enter(opened.agent, opened.customer), "it ends later"
    close()
    page = open_page(opened.admin.user, opened.customer)
    assert "All access was closed after a restore" in page.text
    assert "Allowed when the backup was taken" not in page.text and "Tick these boxes again" not in page.text


def test_a_reader_of_the_page_gets_no_button(opened: World) -> None:
    close()
    auditor = put_person(opened.customer, Role.AUDITOR)
    page = open_page(auditor, opened.customer)
    assert "All access was closed after a restore" in page.text and "Tick these boxes again" not in page.text


def test_the_page_does_not_say_it_for_ever(opened: World) -> None:
    close()
    Restore.objects.update(closed_at=database_now() - timedelta(days=31))
    assert "after a restore" not in open_page(opened.admin.user, opened.customer).text.partition("History")[0]
