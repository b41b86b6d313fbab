"""The tokens of identity providers (P15): who makes them, how long they work, and what is kept of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F

from accounts.actor import Actor
from accounts.authorisation import authorise, person_now
from accounts.clock import database_now
from accounts.directory.people import assign_role, create_user, unassign_role
from accounts.directory.rules import require_permission
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Reseller, RoleAssignment, ScimToken, User
from accounts.models.event_names import EventName
from accounts.permissions import Permission
from accounts.proof import ProofNeeded
from accounts.provisioning import tokens
from accounts.provisioning.showing import show
from accounts.provisioning.tokens import make_scim_token, revoke_scim_token, rotate_scim_token, tokens_of
from accounts.roles import Role
from subscriptions.restoring import close_restored_access
from tests.accounts.reading_notices import tell, told, untell
from tests.factories import make_customer, make_person, make_reseller


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


def make(person: User, name: str = "Entra ID", days: int = 90, *, is_stale: bool = False) -> str:
    organisation = person.customer or person.reseller
    assert organisation
    actor = Actor(user=person, is_stale=is_stale)
    return make_scim_token(actor=actor, organisation=organisation, name=name, days=days, invites_people=False)


def token(person: User) -> ScimToken:
    return tokens_of(person.customer or person.reseller).get()  # type: ignore[arg-type]


def test_P15_a_token_is_kept_as_a_digest_only(ana: User) -> None:
    code = make(ana)
    row = ScimToken.objects.filter(pk=token(ana).pk).values().get()
    assert code not in str(row) and len(code) > 40
    [event] = AuditEvent.objects.filter(name=EventName.CREATE_SCIM_TOKEN)
    assert (event.subject, event.actor_email, event.customer_id) == ("Entra ID", ana.email, ana.customer_id)
    assert code not in str(event.new_value) and row["digest"] not in str(event.new_value)


def test_P15_only_super_admins_and_reseller_admins_make_tokens(acme: Customer) -> None:
    reseller = make_reseller("Resale", "resale.example")
    for person in (
        make_person(acme, Role.USER_MANAGEMENT_ADMIN),
        make_person(acme, Role.AUDITOR),
        make_person(acme),
        make_person(reseller, Role.RESELLER_AGENT),
    ):
        with pytest.raises(PermissionDenied):
            make(person)
    stranger = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    with pytest.raises(PermissionDenied):
        make_scim_token(actor=Actor(user=stranger), organisation=acme, name="x", days=90, invites_people=False)
    assert make(make_person(reseller, Role.RESELLER_ADMIN))


def test_P13_giving_a_token_asks_for_a_proof_and_taking_it_does_not(ana: User) -> None:
    with pytest.raises(ProofNeeded):
        make(ana, is_stale=True)
    make(ana)
    with pytest.raises(ProofNeeded):
        rotate_scim_token(actor=Actor(user=ana, is_stale=True), token=token(ana))
    assert revoke_scim_token(actor=Actor(user=ana, is_stale=True), token=token(ana))
    assert not revoke_scim_token(actor=Actor(user=ana, is_stale=True), token=token(ana))


def test_P15_a_replaced_token_works_as_long_again_and_the_old_one_no_more(ana: User) -> None:
    old = make(ana, days=30)
    ScimToken.objects.update(made_at=F("made_at") - timedelta(days=20), expires_at=F("expires_at") - timedelta(days=20))
    new = rotate_scim_token(actor=Actor(user=ana), token=token(ana))
    assert show(old) is None
    shown = show(new)
    assert shown and shown.token.name == "Entra ID"
    assert timedelta(days=29) < token(ana).expires_at - database_now() <= timedelta(days=30)
    ScimToken.objects.update(expires_at=F("made_at"))
    with pytest.raises(Refused):
        rotate_scim_token(actor=Actor(user=ana), token=token(ana))


def test_P15_a_name_is_given_once_and_for_ever(ana: User) -> None:
    make(ana)
    revoke_scim_token(actor=Actor(user=ana), token=token(ana))
    with pytest.raises(Refused) as refused:
        make(ana, "ENTRA id")
    assert refused.value.field == "name"
    for days in (0, -1, 366, 100_000):
        with pytest.raises(Refused):
            make(ana, f"{days}", days)


def test_P15_an_organisation_has_a_few_tokens_at_a_time(ana: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 2)
    make(ana, "One")
    make(ana, "Two")
    with pytest.raises(Refused):
        make(ana, "Three")
    revoke_scim_token(actor=Actor(user=ana), token=ScimToken.objects.get(name="One"))
    assert make(ana, "Three")


def test_P15_last_use_is_noted(ana: User) -> None:
    code = make(ana)
    assert token(ana).last_used_at is None
    assert show(code)
    assert token(ana).last_used_at
    for wrong in ("", "x", code + "x", code[:-1], "é" * 20, "x" * 10_000):
        assert show(wrong) is None


def test_P15_a_token_opens_people_and_groups_of_its_organisation_and_nothing_else(acme: Customer, ana: User) -> None:
    make(ana)
    actor = Actor.of_token(token(ana), None)
    globex, reseller = make_customer("Globex", "globex.example"), make_reseller("Resale", "resale.example")
    for permission in Permission:
        for organisation in (acme, globex):
            opened = organisation == acme and permission in (Permission.MANAGE_USERS, Permission.MANAGE_GROUPS)
            if opened:
                authorise(actor, permission, organisation)
                continue
            with pytest.raises(PermissionDenied):
                authorise(actor, permission, organisation)
    for other in (globex, reseller):
        with pytest.raises(PermissionDenied):
            require_permission(actor, other, Permission.MANAGE_USERS)
    with pytest.raises(PermissionDenied):
        person_now(actor)


def test_P15_no_role_is_given_or_taken_with_a_token(acme: Customer, ana: User) -> None:
    make(ana)
    actor = Actor.of_token(token(ana), None)
    person = create_user(actor=actor, organisation=acme, email="zoe@acme.example", name="Zoe")
    for verb in (assign_role, unassign_role):
        with pytest.raises(PermissionDenied):
            verb(actor=actor, person=person, role=Role.AUDITOR)
    with pytest.raises(PermissionDenied):
        create_user(
            actor=actor, organisation=acme, email="max@acme.example", name="Max", roles=[Role.USER_MANAGEMENT_ADMIN]
        )


def test_P15_a_token_is_no_founder_of_a_customer_that_the_system_made(acme: Customer, ana: User) -> None:
    """Who created a customer in which nobody holds a role makes its first admin; a token has as little of a number."""
    make(ana)
    actor = Actor.of_token(token(ana), None)
    RoleAssignment.objects.all().delete()
    with pytest.raises(PermissionDenied):
        require_permission(actor, acme, Permission.ASSIGN_ROLES)


def test_R25_the_other_admins_are_told_of_tokens(acme: Customer, ana: User) -> None:
    ben = make_person(acme, Role.SUPER_ADMIN, name="Ben")
    untell()
    make(ana)
    rotate_scim_token(actor=Actor(user=ana), token=token(ana))
    revoke_scim_token(actor=Actor(user=ana), token=token(ana))
    tell()
    assert told(ben) == [
        "The SCIM token Entra ID was made",
        "The SCIM token Entra ID was replaced by a new one",
        "The SCIM token Entra ID was revoked",
    ]
    assert told(ana) == []


def test_R25_the_other_admins_of_a_reseller_are_told_too(db: None) -> None:
    reseller: Reseller = make_reseller("Resale", "resale.example")
    rosa, tom = make_person(reseller, Role.RESELLER_ADMIN), make_person(reseller, Role.RESELLER_ADMIN)
    untell()
    make(rosa, "Okta")
    tell()
    assert (told(tom), told(rosa)) == (["The SCIM token Okta was made"], [])


def test_P15_a_restored_backup_opens_nothing_with_a_token(ana: User) -> None:
    """It may have been revoked since the backup was taken."""
    code = make(ana)
    closed = close_restored_access(restored_from=database_now(), last_numbers=None)
    assert closed and closed.tokens == 1
    assert show(code) is None
    [event] = AuditEvent.objects.filter(name=EventName.REVOKE_SCIM_TOKEN)
    assert (event.actor_kind, event.customer_id) == ("system", ana.customer_id)
