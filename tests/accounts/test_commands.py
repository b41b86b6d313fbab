from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from accounts.directory.deleting import delete_user
from accounts.directory.passwords import make_password_link
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Mail, Reseller, User
from accounts.roles import Role
from tests import servers
from tests.commands import run
from tests.factories import PASSWORD, fresh, make_customer, make_person, make_reseller

pytestmark = pytest.mark.django_db


def test_an_operator_sets_up_a_customer_whose_super_admin_sets_a_password_by_a_link(client: Client) -> None:
    run("create_customer", "Acme", "ACME.example.")
    said = run("create_user", "Ana@acme.example", "Ana", "--customer", "Acme。example", "--role", "super_admin")
    ana = User.objects.get(email="ana@acme.example")
    assert ana.customer == Customer.objects.get()
    assert ana.roles == {Role.SUPER_ADMIN}
    assert not ana.has_usable_password()
    path = client.get(said.splitlines()[-1], follow=True).redirect_chain[-1][0]
    assert client.post(path, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert client.post("/accounts/login/", {"login": ana.email, "password": PASSWORD}).status_code == 302
    assert "token_fail" in Client().get(said.splitlines()[-1], follow=True).context, "the link works once"


def test_a_password_is_read_from_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    make_reseller(domain="resale.example")
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    said = run("create_user", "rita@resale.example", "Rita", "--reseller", "resale.example", "--password")
    assert "password" not in said.lower()
    assert User.objects.get().check_password(PASSWORD)
    assert not Mail.objects.exists(), "who was told the password needs no link"


def test_roles_and_suspension_follow_the_commands() -> None:
    person = make_person(make_customer(), Role.AUDITOR)
    run("assign_role", person.email.upper(), "support")
    run("unassign_role", person.email, "auditor")
    assert fresh(person).roles == {Role.SUPPORT}
    run("suspend_user", person.email)
    assert not fresh(person).is_active
    run("unsuspend_user", person.email)
    assert fresh(person).is_active


def test_a_reseller_is_created_suspended_and_restored() -> None:
    run("create_reseller", "Resale", "resale.example", "--postal-address", "1 Main Street")
    run("suspend_reseller", "RESALE.example")
    assert Reseller.objects.get().suspended_at is not None
    run("unsuspend_reseller", "resale.example")
    assert Reseller.objects.get().suspended_at is None
    assert list(AuditEvent.objects.order_by("id").values_list("name", "actor_kind")) == [
        ("CREATE_RESELLER", "system"),
        ("SUSPEND_RESELLER", "system"),
        ("UNSUSPEND_RESELLER", "system"),
    ]


@pytest.mark.parametrize(
    ("command", "complaint"),
    [
        (["create_customer", "Acme", "gmail.com"], "primary_domain: Use a managed account"),
        (
            ["create_customer", "Acme", "acme.example"],
            "primary_domain: This domain is in use already: Customer (acme.example)",
        ),
        (["create_customer", " ", "new.example"], "name: Enter a name"),
        (["create_user", "ana@gmail.com", "Ana", "--customer", "acme.example"], "email: Use a managed account"),
        (["create_user", "ana", "Ana", "--customer", "acme.example"], "email: Enter"),
        (["create_user", "a@acme.example", "Ana", "--customer", "other.example"], "customer: No customer has"),
        (["create_user", "a@acme.example", "Ana", "--vendor"], "email: This domain belongs to another organisation"),
        (["create_user", "a@acme.example", "Ana", "--customer", "acme.example", "--role", "reseller_admin"], "role: "),
        (["assign_role", "nobody@acme.example", "support"], "email: Nobody has the address"),
        (["assign_role", "only@acme.example", "reseller_admin"], "role: This role does not exist"),
        (["suspend_user", "only@acme.example"], "role: Only is the last active super admin"),
        (["unassign_role", "only@acme.example", "super_admin"], "role: Only is the last active super admin"),
        (["suspend_reseller", "nobody.example"], "reseller: No reseller has"),
    ],
)
def test_a_refusal_names_the_argument_and_changes_nothing(command: list[str], complaint: str) -> None:
    only = make_person(make_customer(domain="acme.example"), Role.SUPER_ADMIN, name="Only", email="only@acme.example")
    before = AuditEvent.objects.count()
    with pytest.raises(CommandError) as refused:
        run(*command)
    assert str(refused.value).startswith(complaint)
    assert AuditEvent.objects.count() == before
    assert (User.objects.get(), Customer.objects.count()) == (only, 1)
    assert fresh(only).is_active and fresh(only).roles == {Role.SUPER_ADMIN}


@override_settings(CONSOLE_URL="https://console.example.com")
def test_links_begin_as_people_type_the_console_and_stand_in_the_log(client: Client) -> None:
    make_customer(domain="acme.example")
    made = run("create_user", "ana@acme.example", "Ana", "--customer", "acme.example").splitlines()[-1]
    link = run("password_link", "ANA@acme.example").splitlines()[-1]
    for url in (made, link):
        assert url.startswith("https://console.example.com/accounts/password/reset/key/")
    names = ["CREATE_USER", "INVITE_USER", "CREATE_PASSWORD_LINK", "CREATE_PASSWORD_LINK"]
    written = AuditEvent.objects.filter(subject="ana@acme.example").order_by("id")
    assert list(written.values_list("name", "actor_kind")) == [(name, "system") for name in names]
    path = client.get(link, follow=True).redirect_chain[-1][0]
    assert client.post(path, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert "token_fail" in Client().get(made, follow=True).context, "both end with the new password"


def test_nobody_who_cannot_sign_in_gets_a_link() -> None:
    person = make_person(make_customer(), Role.AUDITOR)
    run("suspend_user", person.email)
    for email, complaint in ((person.email, "is suspended"), ("nobody@acme.example", "email: Nobody has the address")):
        with pytest.raises(CommandError, match=complaint):
            run("password_link", email)
    delete_user(actor=None, person=fresh(person))
    with pytest.raises(Refused, match="is deleted"):
        make_password_link(actor=None, person=fresh(person))
    assert not AuditEvent.objects.filter(name="CREATE_PASSWORD_LINK").exists()


@pytest.mark.parametrize("name", ["createsuperuser", "changepassword"])
def test_A1_django_offers_no_way_past_the_verbs(name: str) -> None:
    with pytest.raises(CommandError, match="Unknown command"):
        call_command(name)
    offered = servers.manage("help", "--commands").stdout.split()
    assert name not in offered and "create_user" in offered
