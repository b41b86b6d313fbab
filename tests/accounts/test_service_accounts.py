"""Service accounts and their keys (X2): who makes them, what they may, and what ends them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.machines import keys, service_accounts
from accounts.machines.key_file import key_file
from accounts.machines.keys import OVERLAPS, make_key, revoke_key, rotate_key
from accounts.machines.owning import accounts_of
from accounts.machines.scopes import PREFIX, SCOPES
from accounts.machines.service_accounts import (
    delegate_scopes,
    delete_service_account,
    make_service_account,
    restore_service_account,
    suspend_service_account,
    withdraw_scopes,
)
from accounts.machines.tokens import show
from accounts.models import AuditEvent, Customer, Reseller, ServiceAccount, ServiceAccountKey, User
from accounts.models.event_names import EventName
from accounts.organisations import VENDOR
from accounts.proof import ProofNeeded
from accounts.roles import Role
from subscriptions.restoring import close_restored_access
from tests.accounts.reading_notices import tell, told, untell
from tests.api.machines import machine
from tests.factories import make_customer, make_person, make_reseller

USERS, GROUPS = f"{PREFIX}admin.directory.user", f"{PREFIX}admin.directory.group"


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def backup(acme: Customer, ana: User) -> ServiceAccount:
    return make(ana)


def make(
    person: User, name: str = "Backup", scopes: tuple[str, ...] = (USERS,), *, is_stale: bool = False
) -> ServiceAccount:
    organisation = person.customer or person.reseller or VENDOR
    actor = Actor(user=person, is_stale=is_stale)
    return make_service_account(actor=actor, organisation=organisation, name=name, scopes=scopes)


def events() -> list[str]:
    return list(
        AuditEvent.objects.exclude(target_kind=None)
        .filter(target_kind="account")
        .order_by("pk")
        .values_list("name", flat=True)
    )


def test_X2_an_account_is_called_like_an_address_in_the_project_of_its_organisation(ana: User) -> None:
    first, second = make(ana, "Nightly backup"), make(ana, "Ünïcode 重要")
    assert first.email.startswith("nightly-backup@acme-example-")
    assert first.project_id == second.project_id
    assert second.email.endswith(".iam.serviceaccount.internal")
    assert len(first.unique_id) == 21 and first.unique_id.isdigit() and first.unique_id != second.unique_id
    other = make(make_person(make_customer("Acme", "acme-example.example"), Role.SUPER_ADMIN))
    assert other.project_id != first.project_id


def test_X2_only_super_admins_and_reseller_admins_make_accounts(acme: Customer) -> None:
    reseller = make_reseller("Resale", "resale.example")
    for person in (
        make_person(acme, Role.USER_MANAGEMENT_ADMIN),
        make_person(acme, Role.AUDITOR),
        make_person(acme),
        make_person(reseller, Role.RESELLER_AGENT),
        make_person(reseller, Role.INDIRECT_RESELLER_ADMIN),
        make_person(VENDOR, Role.VENDOR_SUPPORT),
    ):
        with pytest.raises(PermissionDenied):
            make(person)
    assert make(make_person(reseller, Role.RESELLER_ADMIN))
    assert make(make_person(VENDOR, Role.VENDOR_OPERATOR))


def test_X2_nobody_touches_the_account_of_another_organisation(backup: ServiceAccount, ana: User) -> None:
    key = make_key(actor=Actor(user=ana), account=backup, days=30).key
    stranger = Actor(user=make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN))
    for deed in (
        lambda: make_key(actor=stranger, account=backup, days=30),
        lambda: rotate_key(actor=stranger, key=key, overlap=1),
        lambda: revoke_key(actor=stranger, key=key),
        lambda: delegate_scopes(actor=stranger, account=backup, scopes=[GROUPS]),
        lambda: withdraw_scopes(actor=stranger, account=backup, scopes=[USERS]),
        lambda: suspend_service_account(actor=stranger, account=backup),
        lambda: restore_service_account(actor=stranger, account=backup),
        lambda: delete_service_account(actor=stranger, account=backup),
    ):
        with pytest.raises(PermissionDenied):
            deed()


def test_P13_giving_asks_for_a_fresh_proof_and_taking_does_not(backup: ServiceAccount, ana: User) -> None:
    stale = Actor(user=ana, is_stale=True)
    key = make_key(actor=Actor(user=ana), account=backup, days=30).key
    for deed in (
        lambda: make(ana, "Another", is_stale=True),
        lambda: make_key(actor=stale, account=backup, days=30),
        lambda: rotate_key(actor=stale, key=key, overlap=1),
        lambda: delegate_scopes(actor=stale, account=backup, scopes=[GROUPS]),
    ):
        with pytest.raises(ProofNeeded):
            deed()
    assert not delegate_scopes(actor=stale, account=backup, scopes=[USERS]), "nothing is given"
    assert withdraw_scopes(actor=stale, account=backup, scopes=[USERS])
    assert revoke_key(actor=stale, key=key)
    assert suspend_service_account(actor=stale, account=backup)
    with pytest.raises(ProofNeeded):
        restore_service_account(actor=stale, account=backup)
    assert delete_service_account(actor=stale, account=backup)


def test_X1_a_machine_makes_no_machines(backup: ServiceAccount, ana: User) -> None:
    """Whatever the person may whom it acts for, also to take away."""
    shown = show(machine(ana))
    assert shown and ana.customer
    with pytest.raises(PermissionDenied):
        suspend_service_account(actor=shown.actor(None), account=backup)
    fresh_machine = replace(shown.actor(None), is_stale=False)
    with pytest.raises(PermissionDenied):
        make_service_account(actor=fresh_machine, organisation=ana.customer, name="x", scopes=[USERS])


def test_A1_every_deed_is_one_event_with_what_changed(backup: ServiceAccount, ana: User) -> None:
    actor = Actor(user=ana)
    key = make_key(actor=actor, account=backup, days=30).key
    rotate_key(actor=actor, key=key, overlap=7)
    revoke_key(actor=actor, key=key)
    assert not revoke_key(actor=actor, key=key)
    delegate_scopes(actor=actor, account=backup, scopes=[GROUPS])
    withdraw_scopes(actor=actor, account=backup, scopes=[USERS])
    assert not withdraw_scopes(actor=actor, account=backup, scopes=[USERS])
    suspend_service_account(actor=actor, account=backup)
    restore_service_account(actor=actor, account=backup)
    delete_service_account(actor=actor, account=backup)
    assert events() == [
        "CREATE_SERVICE_ACCOUNT",
        "CREATE_SERVICE_ACCOUNT_KEY",
        "ROTATE_SERVICE_ACCOUNT_KEY",
        "REVOKE_SERVICE_ACCOUNT_KEY",
        "AUTHORIZE_API_CLIENT_ACCESS",
        "REMOVE_API_CLIENT_ACCESS",
        "SUSPEND_SERVICE_ACCOUNT",
        "RESTORE_SERVICE_ACCOUNT",
        "DELETE_SERVICE_ACCOUNT",
    ]
    removed = AuditEvent.objects.get(name=EventName.REMOVE_API_CLIENT_ACCESS)
    assert (removed.subject, removed.old_value, removed.new_value) == (
        "Backup",
        {"scopes": [USERS, GROUPS]},
        {"scopes": [GROUPS]},
    )
    assert removed.customer_id == ana.customer_id and removed.actor_email == ana.email
    with pytest.raises(Refused):
        make_key(actor=actor, account=backup, days=30)


def test_X2_the_private_half_of_a_key_is_kept_nowhere(backup: ServiceAccount, ana: User) -> None:
    made = make_key(actor=Actor(user=ana), account=backup, days=365)
    private = load_pem_private_key(made.private.encode(), None)
    certificate = x509.load_pem_x509_certificate(made.key.certificate.encode())
    assert certificate.public_key() == private.public_key()
    assert certificate.not_valid_after_utc == made.key.expires_at.replace(microsecond=0)
    secret = made.private.splitlines()[5]
    assert secret not in str(list(ServiceAccountKey.objects.values()))
    assert secret not in str(list(AuditEvent.objects.values("old_value", "new_value")))
    file = json.loads(key_file(made, "https://console.example.com/"))
    assert file["token_uri"] == "https://console.example.com/token"
    assert (file["client_email"], file["client_id"]) == (backup.email, backup.unique_id)
    assert file["type"] == "service_account" and file["private_key"] == made.private


def test_X2_a_key_ends_within_a_year(backup: ServiceAccount, ana: User) -> None:
    for days in (0, -1, 366, 100_000):
        with pytest.raises(Refused):
            make_key(actor=Actor(user=ana), account=backup, days=days)
    key = make_key(actor=Actor(user=ana), account=backup, days=365).key
    with pytest.raises(IntegrityError, match="key_ends_within_a_year"), transaction.atomic():
        ServiceAccountKey.objects.filter(pk=key.pk).update(expires_at=key.expires_at + timedelta(seconds=1))


@pytest.mark.parametrize("overlap", OVERLAPS)
def test_X2_a_rotated_key_works_on_beside_the_new_one_for_as_long_as_was_said(
    backup: ServiceAccount, ana: User, overlap: int
) -> None:
    old = make_key(actor=Actor(user=ana), account=backup, days=90).key
    new = rotate_key(actor=Actor(user=ana), key=old, overlap=overlap).key
    old.refresh_from_db()
    left = old.expires_at - database_now()
    assert timedelta(days=overlap) - timedelta(minutes=1) < left <= timedelta(days=overlap)
    assert new.expires_at - new.made_at == timedelta(days=90)
    if not overlap:
        with pytest.raises(Refused):
            rotate_key(actor=Actor(user=ana), key=old, overlap=1)


def test_X2_rotating_never_lets_the_old_key_work_longer(backup: ServiceAccount, ana: User) -> None:
    old = make_key(actor=Actor(user=ana), account=backup, days=30).key
    ends = database_now() + timedelta(days=2)
    ServiceAccountKey.objects.filter(pk=old.pk).update(expires_at=ends)
    rotate_key(actor=Actor(user=ana), key=old, overlap=30)
    old.refresh_from_db()
    assert old.expires_at == ends
    with pytest.raises(Refused):
        rotate_key(actor=Actor(user=ana), key=old, overlap=31)


def test_X2_accounts_and_keys_are_few_and_named_once(
    backup: ServiceAccount, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused) as refused:
        make(ana, "BACKUP")
    assert refused.value.field == "name"
    for scopes in ((), ("https://www.googleapis.com/auth/gmail",)):
        with pytest.raises(Refused) as refused:
            make(ana, "Other", scopes)
        assert refused.value.field == "scopes"
    monkeypatch.setattr(service_accounts, "MOST", 1)
    monkeypatch.setattr(keys, "MOST", 1)
    make_key(actor=Actor(user=ana), account=backup, days=30)
    with pytest.raises(Refused):
        make_key(actor=Actor(user=ana), account=backup, days=30)
    with pytest.raises(Refused):
        make(ana, "Other")
    delete_service_account(actor=Actor(user=ana), account=backup)
    assert make(ana, "Other", tuple(SCOPES)).scopes == list(SCOPES)
    with pytest.raises(Refused):
        make(ana, "Backup")


def test_R25_the_other_admins_are_told_of_all_of_it(backup: ServiceAccount, ana: User) -> None:
    ben = make_person(backup.customer, Role.SUPER_ADMIN, name="Ben")  # type: ignore[arg-type]
    untell()
    key = make_key(actor=Actor(user=ana), account=backup, days=30).key
    revoke_key(actor=Actor(user=ana), key=key)
    delegate_scopes(actor=Actor(user=ana), account=backup, scopes=[GROUPS])
    delete_service_account(actor=Actor(user=ana), account=backup)
    tell()
    assert told(ben) == [
        "A key of the service account Backup was made",
        "A key of the service account Backup was revoked",
        "The service account Backup may do more",
        "The service account Backup was deleted",
    ]
    assert told(ana) == []


def test_R25_the_other_admins_of_a_reseller_are_told_too(db: None) -> None:
    reseller: Reseller = make_reseller("Resale", "resale.example")
    rosa, tom = make_person(reseller, Role.RESELLER_ADMIN), make_person(reseller, Role.RESELLER_ADMIN)
    untell()
    make(rosa)
    tell()
    assert (told(tom), told(rosa)) == (["The service account Backup was made"], [])


def test_X2_a_restored_backup_opens_nothing_with_a_key_or_a_token(backup: ServiceAccount, ana: User) -> None:
    """They may have been revoked since the backup was taken."""
    key = make_key(actor=Actor(user=ana), account=backup, days=30).key
    token = machine(ana, account=backup)
    assert show(token)
    closed = close_restored_access(restored_from=database_now(), last_numbers=None)
    assert closed and closed.tokens == 1
    key.refresh_from_db()
    assert key.revoked_at and show(token) is None
    assert accounts_of(ana.customer).get() == backup  # type: ignore[arg-type]
