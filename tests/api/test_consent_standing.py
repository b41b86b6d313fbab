"""X7: what ends what a person allowed, with the next call; and that it enters consoles as a machine does (X4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.applications.allowing import allow_application, consents_of, organisation_of
from accounts.applications.ending import end_consent, remove_application
from accounts.applications.registering import end_application, register_application
from accounts.directory.signing_out import end_sessions_of
from accounts.directory.suspending import suspend_users, unsuspend_users
from accounts.models import AuditEvent, Consent, ConsoleSession, Customer, User
from accounts.proof import ProofNeeded
from accounts.roles import Role
from subscriptions.restoring import close_restored_access
from tests.access.world import make_world
from tests.accounts.reading_notices import tell, told, untell
from tests.api.applications import USERS, Program, application
from tests.client import signed_in
from tests.factories import PASSWORD, fresh, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(acme: Customer, ana: User) -> User:
    """Another super admin, who allows the application."""
    ben = make_person(acme, Role.SUPER_ADMIN, name="Ben")
    ben.set_password(PASSWORD)
    ben.save()
    return ben


@pytest.fixture
def program(ana: User) -> Program:
    return Program(application(ana))


def suspended(ana: User, ben: User, program: Program) -> None:
    suspend_users(actor=Actor(ana), organisation=organisation_of(ana), people=[ben.pk])


def suspended_and_back(ana: User, ben: User, program: Program) -> None:
    suspended(ana, ben, program)
    unsuspend_users(actor=Actor(ana), organisation=organisation_of(ana), people=[ben.pk])


def signed_out_everywhere(ana: User, ben: User, program: Program) -> None:
    end_sessions_of(actor=Actor(ana), person=ben)


def changed_password(ana: User, ben: User, program: Program) -> None:
    new = {"oldpassword": PASSWORD, "password1": "nine-copper-harbours", "password2": "nine-copper-harbours"}
    signed_in(ben).post("/accounts/password/change/", new)
    assert fresh(ben).check_password("nine-copper-harbours")


def locked_out(ana: User, ben: User, program: Program) -> None:
    User.objects.filter(pk=ben.pk).update(must_change_password=True)


def removed(ana: User, ben: User, program: Program) -> None:
    assert remove_application(actor=Actor(ben), consent_id=Consent.objects.get(person=ben, ended_at=None).pk)


def ended_by_admin(ana: User, ben: User, program: Program) -> None:
    assert end_consent(
        actor=Actor(ana), consent=Consent.objects.select_related("account").get(person=ben, ended_at=None)
    )


def ended(ana: User, ben: User, program: Program) -> None:
    end_application(actor=Actor(ana), account=program.account)


def restored_backup(ana: User, ben: User, program: Program) -> None:
    close_restored_access(restored_from=timezone.now() - timedelta(days=1), last_numbers=None)


@pytest.mark.parametrize(
    "ends",
    [
        suspended,
        suspended_and_back,
        signed_out_everywhere,
        changed_password,
        locked_out,
        removed,
        ended_by_admin,
        ended,
        restored_backup,
    ],
)
def test_X7_it_ends_with_the_next_call(
    program: Program, ana: User, ben: User, ends: Callable[[User, User, Program], None]
) -> None:
    tokens, hers = program.allowed_by(ben), program.allowed_by(ana)
    assert program.users(tokens["access_token"]).status_code == 200
    code = program.code(ben)
    ends(ana, ben, program)
    assert program.users(tokens["access_token"]).status_code == 401
    answers = [program.refresh(tokens["refresh_token"]), program.exchange(code)]
    assert {answer.json()["error"] for answer in answers} == {"invalid_client" if ends is ended else "invalid_grant"}
    # It ends for this person alone, where it does not end for all.
    left = 401 if ends in (ended, restored_backup) else 200
    assert program.users(hers["access_token"]).status_code == left


def test_R25_a_person_is_told_what_ended_it_unless_they_did(program: Program, ana: User, ben: User) -> None:
    program.allowed_by(ben)
    removed(ana, ben, program)
    program.allowed_by(ben)
    User.objects.filter(pk=ben.pk).update(created_at=timezone.now() - timedelta(hours=1))
    untell()
    ended_by_admin(ana, ben, program)
    tell()
    assert told(ben) == ["The application Reports may no longer act for you"]
    tokens = program.allowed_by(ben)
    program.refresh(tokens["refresh_token"])
    assert program.refresh(tokens["refresh_token"]).status_code == 400
    tell()
    copied = "A key of the application Reports was copied: the application may no longer act for you"
    assert told(ben)[1:] == [copied]
    assert not [line for line in told(ana) if "act for you" in line]


def test_X7_with_another_password_nothing_of_before_comes_back(program: Program, ana: User, ben: User) -> None:
    tokens = program.allowed_by(ben)
    changed_password(ana, ben, program)
    again = program.allowed_by(fresh(ben))
    assert program.users(again["access_token"]).status_code == 200
    assert program.users(tokens["access_token"]).status_code == 401
    assert [consent.ended_at is None for consent in Consent.objects.order_by("pk")] == [False, True]


def test_X7_a_new_secret_key_keeps_what_was_allowed(
    program: Program, ben: User, settings: LazySettings, client: Client
) -> None:
    tokens = program.allowed_by(ben)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key" * 6
    assert program.users(tokens["access_token"]).status_code == 200
    assert consents_of(ben).count() == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert program.users(tokens["access_token"]).status_code == 401
    # The key that id tokens were signed with cannot be opened any more: there is another one.
    assert len(client.get("/oauth2/v3/certs").json()["keys"]) == 1


def test_X7_a_role_that_was_taken_opens_nothing(program: Program, ben: User) -> None:
    tokens = program.allowed_by(ben)
    ben.role_assignments.all().delete()
    assert program.users(tokens["access_token"]).status_code == 403


def test_X1_it_gives_nothing_that_asks_for_a_proof(ana: User, ben: User) -> None:
    program = Program(application(ana, "admin.directory.user", "admin.directory.rolemanagement"))
    tokens = program.allowed_by(ben, *program.account.scopes)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    path = f"/admin/directory/v1/users/{ana.public_id}/makeAdmin"
    eve = make_person(organisation_of(ana), name="Eve")
    answer = program.client.post(
        path.replace(ana.public_id, eve.public_id), {"status": True}, "application/json", headers=bearer
    )
    assert answer.status_code == 403 and not fresh(eve).roles
    machine = Actor.of_machine(program.account, ben, None)
    with pytest.raises(PermissionDenied):
        application_by(machine, ana)
    with pytest.raises(PermissionDenied):
        allow_application(actor=machine, account=program.account, scopes=[USERS])


def application_by(actor: Actor, admin: User) -> Any:
    return register_application(
        actor=actor, organisation=organisation_of(admin), name="x", where="public", redirects=[], scopes=[USERS]
    )


def test_P13_who_allows_shows_that_it_is_them(program: Program, ben: User) -> None:
    with pytest.raises(ProofNeeded):
        allow_application(actor=Actor(ben, is_stale=True), account=program.account, scopes=[USERS])
    assert not Consent.objects.exists()


def test_X7_what_was_allowed_before_is_no_second_event(program: Program, ben: User) -> None:
    for _time in range(2):
        program.allowed_by(ben, USERS)
    program.allowed_by(ben, USERS, "email")
    events = AuditEvent.objects.filter(name="ALLOW_OAUTH_CLIENT").order_by("id")
    assert [event.new_value["scopes"] for event in events] == [[USERS], [USERS, "email"]]
    consent = Consent.objects.get()
    assert consent.last_used_at is not None


def test_X4_it_enters_a_customer_s_console_by_its_name() -> None:
    world = make_world()
    rosa = make_person(world.reseller, Role.RESELLER_ADMIN, name="Rosa")
    program = Program(application(rosa, name="Robot"))
    tokens = program.allowed_by(rosa)
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    path = f"/admin/directory/v1/users?customer={world.customer.customer_id}"
    assert program.client.get(path, headers=bearer).status_code == 200
    visit = ConsoleSession.objects.get()
    assert (visit.client, visit.agent) == (program.account, rosa)
    event = AuditEvent.objects.get(name="RESELLER_CONSOLE_ENTERED")
    assert (event.client_name, event.actor_email) == ("Robot", rosa.email)
