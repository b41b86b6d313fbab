"""Whatever ends between two calls ends the machine with the second one (X3, P8, R13, P12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.test import Client
from django.urls import get_resolver

from accounts.actor import Actor
from accounts.audit import record_audit
from accounts.authorisation import authorise, person_now
from accounts.directory.deleting import delete_user
from accounts.directory.passwords import reset_password
from accounts.directory.people import suspend_user
from accounts.machines.keys import revoke_key
from accounts.machines.service_accounts import delete_service_account, suspend_service_account, withdraw_scopes
from accounts.machines.tokens import forget_expired_tokens, mint, show
from accounts.models import ApiToken, Customer, Reseller, ServiceAccount, ServiceAccountKey, User
from accounts.models.event_names import EventName
from accounts.organisations import suspend_reseller
from accounts.permissions import Permission
from accounts.roles import Role
from api.core.prefixes import DOOR
from tests.api.machines import account_of, key_of, machine
from tests.factories import make_customer, make_person, make_reseller


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


@pytest.fixture
def zoe(acme: Customer) -> User:
    return make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Zoe")


@pytest.fixture
def account(ana: User) -> ServiceAccount:
    found = account_of(ana, name="Backup")
    key_of(found, ana)
    return found


@pytest.fixture
def token(account: ServiceAccount, zoe: User) -> str:
    """A token that acts for Zoe, given for a key of the account."""
    return mint(account=account, key=ServiceAccountKey.objects.get(), person=zoe, scopes=account.scopes)[0]


def grace_over(zoe: User, settings: Any) -> None:
    User.objects.filter(pk=zoe.pk).update(must_enrol_factor=True)


def required_of_super_admins(zoe: User, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = ["super-admins"]
    zoe.role_assignments.create(role=Role.SUPER_ADMIN)
    User.objects.filter(pk=zoe.pk).update(factor_due_at=Now() - timedelta(seconds=1))


ENDS: dict[str, Callable[[User, User, ServiceAccount, Any], object]] = {
    "the person is suspended": lambda ana, zoe, account, settings: suspend_user(actor=Actor(user=ana), person=zoe),
    "the person is deleted": lambda ana, zoe, account, settings: delete_user(actor=Actor(user=ana), person=zoe),
    "a temporary password": lambda ana, zoe, account, settings: reset_password(actor=Actor(user=ana), person=zoe),
    "a factor was lost": lambda ana, zoe, account, settings: grace_over(zoe, settings),
    "the grace is over": lambda ana, zoe, account, settings: required_of_super_admins(zoe, settings),
    "the key is revoked": lambda ana, zoe, account, settings: revoke_key(
        actor=Actor(user=ana), key=ServiceAccountKey.objects.get()
    ),
    "the key is over": lambda ana, zoe, account, settings: ServiceAccountKey.objects.update(
        made_at=F("made_at") - timedelta(days=200), expires_at=Now()
    ),
    "the account is suspended": lambda ana, zoe, account, settings: suspend_service_account(
        actor=Actor(user=ana), account=account
    ),
    "the account is deleted": lambda ana, zoe, account, settings: delete_service_account(
        actor=Actor(user=ana), account=account
    ),
    "the token is over": lambda ana, zoe, account, settings: ApiToken.objects.update(expires_at=Now()),
    "the token is revoked": lambda ana, zoe, account, settings: ApiToken.objects.update(revoked_at=Now()),
}


@pytest.mark.parametrize("ends", ENDS)
def test_X3_a_token_is_refused_at_the_next_call(
    ana: User, zoe: User, account: ServiceAccount, token: str, settings: Any, ends: str
) -> None:
    assert show(token)
    ENDS[ends](ana, zoe, account, settings)
    assert show(token) is None
    answer = Client().get("/oauth2/v3/userinfo", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401


def test_P12_within_the_grace_machines_work_on(zoe: User, token: str, settings: Any) -> None:
    required_of_super_admins(zoe, settings)
    User.objects.filter(pk=zoe.pk).update(factor_due_at=Now() + timedelta(days=1))
    assert show(token)


def test_R13_a_suspended_reseller_s_machines_do_nothing(db: None) -> None:
    reseller: Reseller = make_reseller("Resale", "resale.example")
    rosa = make_person(reseller, Role.RESELLER_ADMIN)
    token = machine(rosa)
    assert show(token)
    suspend_reseller(actor=None, reseller=reseller)
    assert show(token) is None


def test_X2_a_person_of_another_organisation(account: ServiceAccount) -> None:
    """Also where a row says so: no verb makes one."""
    gus = make_person(make_customer("Globex", "globex.example"), Role.SUPER_ADMIN)
    token, _until = mint(account=account, key=None, person=gus, scopes=account.scopes)
    assert show(token) is None


def test_X2_scopes_are_those_of_the_token_that_are_delegated_still(ana: User, account: ServiceAccount) -> None:
    token = machine(ana, "admin.directory.user", "admin.directory.group", account=account)
    withdraw_scopes(actor=Actor(user=ana), account=account, scopes=["admin.directory.user"])
    shown = show(token)
    assert shown and [scope.rpartition("/")[2] for scope in shown.scopes] == ["admin.directory.group"]


def test_X2_a_machine_never_outranks_its_person(acme: Customer, zoe: User, token: str) -> None:
    shown = show(token)
    assert shown
    actor = shown.actor(None)
    authorise(actor, Permission.MANAGE_USERS, acme)
    for permission in (Permission.ASSIGN_ROLES, Permission.VIEW_AUDIT_LOG, Permission.MANAGE_SERVICE_ACCOUNTS):
        with pytest.raises(Exception, match="Your role does not allow this"):
            authorise(actor, permission, acme)


def test_X2_an_account_by_itself_is_nobody(acme: Customer, account: ServiceAccount) -> None:
    token, _until = mint(account=account, key=None, person=None, scopes=account.scopes)
    shown = show(token)
    assert shown and shown.person is None
    with pytest.raises(Exception, match="Your role does not allow this"):
        person_now(shown.actor(None))


def test_X1_events_of_people_name_no_machine(ana: User) -> None:
    event = record_audit(EventName.CHANGE_USER, actor=Actor(user=ana), customer=ana.customer)
    event.refresh_from_db()
    assert (event.client_id, event.client_name) == (None, None)


def test_X3_last_use_is_noted_once_a_minute(account: ServiceAccount, token: str) -> None:
    assert show(token)
    account.refresh_from_db()
    first = account.last_used_at
    assert first and show(token)
    account.refresh_from_db()
    assert account.last_used_at == first
    ServiceAccount.objects.update(last_used_at=F("last_used_at") - timedelta(seconds=61))
    assert show(token)
    account.refresh_from_db()
    assert account.last_used_at and account.last_used_at > first - timedelta(seconds=1)


@pytest.mark.parametrize(
    "wrong", ["", "x", "rcapi_", "rcapi_" + "x" * 43, "é" * 20, "rcapi_" + "x" * 10_000, "\0", "a.b.c"]
)
def test_what_is_no_token_opens_nothing(token: str, wrong: str) -> None:
    assert show(wrong) is None


def test_tokens_that_are_over_are_deleted(token: str, account: ServiceAccount) -> None:
    assert forget_expired_tokens() == 0
    ApiToken.objects.update(expires_at=Now())
    assert forget_expired_tokens() == 1


def test_a_token_is_asked_for_with_one_statement(
    zoe: User, token: str, django_assert_num_queries: Any, settings: Any
) -> None:
    settings.SECOND_FACTOR_REQUIRED = ["super-admins", "resellers", "vendor"]
    show(token)
    with django_assert_num_queries(1):
        shown = show(token)
    assert shown
    with django_assert_num_queries(0):
        assert shown.person and shown.person.roles == {Role.USER_MANAGEMENT_ADMIN}
        assert shown.person.customer and shown.account.customer and shown.account.customer.name == "Acme"


# By the names of URLs: what each method answers to a client that shows nothing. What is left out answers 405.
TABLE = {
    "api_token": {"POST": 400},
    "api_token_v4": {"POST": 400},
    "api_tokeninfo": {"GET": 400, "POST": 400},
    "api_tokeninfo_v1": {"GET": 400, "POST": 400},
    "api_tokeninfo_v2": {"GET": 400, "POST": 400},
    "api_tokeninfo_v3": {"GET": 400, "POST": 400},
    "api_userinfo": {"GET": 401, "POST": 401},
    "api_revoke": {"GET": 400, "POST": 400},
    "api_openid_configuration": {"GET": 200},
    "api_key_set": {"GET": 200},
    "api_key_certificates": {"GET": 200},
    "api_certificates": {"GET": 404},
}


def test_every_endpoint_of_the_door_answers_who_shows_nothing(db: None) -> None:
    known: Any = get_resolver().reverse_dict
    names = [name for name in known if isinstance(name, str)]
    routes = {name: known[name] for name in names if f"/{known[name][0][0][0]}".startswith(DOOR)}
    assert set(routes) == set(TABLE)
    for name, answers in TABLE.items():
        [(template, _params)] = routes[name][0]
        path = "/" + template % {"email": "x@y.example"}
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = Client().generic(method, path, content_type="application/x-www-form-urlencoded")
            assert answer.status_code == answers.get(method, 405), (name, method)
            assert answer.headers["Content-Type"] == "application/json" and not answer.cookies
