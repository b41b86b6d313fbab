"""P11: whoever gets an account gets a mail with a link to choose a password."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from allauth.account.utils import user_pk_to_url_str
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.directory import invitations, people
from accounts.errors import Refused
from accounts.links import LinkTokens
from accounts.mail.sending import send_due_mails
from accounts.models import AuditEvent, Customer, Domain, Job, Mail, User
from accounts.own_domains.deciding import verify_domain
from accounts.roles import Role
from subscriptions.lifecycle.customers import add_customer
from tests.cast import Cast, cast
from tests.client import signed_in as browser
from tests.client import url_of as url
from tests.factories import PASSWORD, fresh, make_customer, make_domain, make_person
from tests.jobs.bulk_world import acting, again, work
from tests.subscriptions.lifecycle_world import NEW, offer

__all__ = ["cast"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def console_url(settings: LazySettings, db: None) -> Iterator[None]:
    settings.CONSOLE_URL = "https://console.example"
    cache.clear()
    yield
    cache.clear()


def sent() -> list[tuple[str, str]]:
    """Let a worker send what waits: to whom, and the path of the link."""
    mail.outbox.clear()
    send_due_mails()
    found = []
    for message in mail.outbox:
        [path] = re.findall(r"https://console\.example(/accounts/password/reset/key/\S+)", str(message.body))
        found.append((message.to[0], path))
    return found


def choose_password(client: Client, path: str) -> int:
    page = client.get(path, follow=True)
    if not page.redirect_chain:
        return 404
    form = page.redirect_chain[-1][0]
    return client.post(form, {"password1": PASSWORD, "password2": PASSWORD}).status_code


def events() -> list[tuple[str, str | None]]:
    found = AuditEvent.objects.filter(name="INVITE_USER").order_by("pk")
    return [(event.subject, event.actor_email or None) for event in found]


def new_person(admin: Client, customer: Customer, email: str = "nia", how: str = "invitation") -> int:
    data = {"given_name": "Nia", "email": email, "password": how, "org_unit": customer.org_units.get(parent=None).pk}
    return admin.post(url("user_new", customer), data).status_code


# --- Everybody who gets an account -------------------------------------------------------------


def test_P11_somebody_added_one_by_one_chooses_a_password_by_the_link_in_their_mail(cast: Cast) -> None:
    assert new_person(browser(cast.acme.super_admin), cast.acme.customer) == 302
    [(to, path)] = sent()
    nia = User.objects.get(email="nia@acme.example")
    assert (to, nia.has_usable_password()) == (nia.email, False)
    assert events() == [(nia.email, cast.acme.super_admin.email)]
    looking = Client()
    for _ in range(3):
        looking.get(path, follow=True)
    assert choose_password(Client(), path) == 302, "looking at it uses nothing up"
    assert fresh(nia).check_password(PASSWORD)
    assert choose_password(Client(), path) == 404, "it works once"
    link_used = AuditEvent.objects.filter(name="password_link_used", customer_id=cast.acme.customer.pk)
    assert link_used.get().actor_email == nia.email


@pytest.mark.parametrize("how", ["temporary", "link"])
def test_P11_nobody_is_invited_who_was_not_to_be(cast: Cast, how: str) -> None:
    new_person(browser(cast.acme.super_admin), cast.acme.customer, how=how)
    assert User.objects.filter(email="nia@acme.example").exists()
    assert sent() == []


def link_made(ago: timedelta, person: User) -> str:
    class Then(LinkTokens):
        def _now(self) -> datetime:
            return super()._now() - ago

    key = {"uidb36": user_pk_to_url_str(person), "key": Then().make_token(person)}
    return reverse("account_reset_password_from_key", kwargs=key)


@pytest.mark.parametrize("days_ahead", [0, 365, -365])
def test_P11_the_link_works_for_72_hours_whatever_the_web_servers_clock_says(cast: Cast, days_ahead: int) -> None:
    new_person(browser(cast.acme.super_admin), cast.acme.customer)
    nia = User.objects.get(email="nia@acme.example")
    links = [(link_made(timedelta(hours=hours), nia), status) for hours, status in ((73, 404), (71, 302))]
    with time_machine.travel(timezone.now() + timedelta(days=days_ahead), tick=False):
        for link, status in links:
            assert choose_password(Client(), link) == status


def test_P11_the_first_super_admin_of_a_customer_that_a_reseller_added(cast: Cast) -> None:
    add_customer(actor=acting(cast.resale_one.admin), new=NEW, offer=offer())
    [(to, path)] = sent()
    assert to == "peter@initech.example"
    assert choose_password(Client(), path) == 302


def test_P11_the_reseller_that_added_a_customer_sends_it_again_until_somebody_can_sign_in_there(cast: Cast) -> None:
    """R14: it goes to that person alone, and no reseller invites anybody once the customer decides for itself."""
    add_customer(actor=acting(cast.resale_one.admin), new=NEW, offer=offer())
    sent()
    rita, page = browser(cast.resale_one.admin), reverse("reseller_customer", kwargs={"domain": "initech.example"})
    again = reverse("reseller_customer_invite", kwargs={"domain": "initech.example"})
    assert "has not chosen a password yet" in rita.get(page).content.decode()
    assert browser(cast.resale_two.admin).post(again).status_code == 404
    assert browser(cast.resale_one.agent).post(again).status_code == 403
    rita.post(again)
    [(to, second)] = sent()
    assert to == "peter@initech.example"
    assert events()[-1] == (to, cast.resale_one.admin.email)
    assert choose_password(Client(), second) == 302
    assert "has not chosen a password yet" not in rita.get(page).content.decode()
    rita.post(again)
    assert sent() == []


def test_P11_people_whom_an_operator_makes(cast: Cast) -> None:
    for name, organisation in (
        ("ada@vendor.example", ["--vendor"]),
        ("bea@resale-one.example", ["--reseller", "resale-one.example"]),
        ("cleo@acme.example", ["--customer", "acme.example", "--role", "super_admin"]),
    ):
        call_command("create_user", name, "New", *organisation, stdout=io.StringIO())
    call_command("invite_user", "ada@vendor.example", stdout=io.StringIO())
    assert sorted(to for to, _path in sent()) == [
        "ada@vendor.example",
        "ada@vendor.example",
        "bea@resale-one.example",
        "cleo@acme.example",
    ]


def test_P11_a_reseller_admin_invites_staff_and_sends_it_again(cast: Cast) -> None:
    rita = browser(cast.resale_one.admin)
    data = {"name": "Nia", "email": "nia@resale-one.example", "roles": ["reseller_agent"]}
    page = rita.post(reverse("reseller_agent_new"), data, follow=True)
    nia = User.objects.get(email="nia@resale-one.example")
    assert nia.reseller == cast.resale_one.reseller
    assert nia.roles == {Role.RESELLER_AGENT}
    assert "Nia was invited." in page.content.decode()
    again = rita.post(reverse("reseller_agent_invite", kwargs={"agent_id": nia.pk}), follow=True)
    assert "is on its way" in again.content.decode()
    assert [to for to, _path in sent()] == [nia.email, nia.email]
    wrong = rita.post(reverse("reseller_agent_new"), {**data, "name": "Nia the second"})
    assert wrong.status_code == 422
    assert "Nia the second" in wrong.content.decode()
    tom = browser(cast.resale_two.admin)
    assert tom.post(reverse("reseller_agent_invite", kwargs={"agent_id": nia.pk})).status_code == 404


def upload(admin: Client, customer: Customer, text: str, **ticked: str) -> Job:
    file = SimpleUploadedFile("people.csv", text.encode(), content_type="text/csv")
    admin.post(url("import_users", customer), {"file": file, **ticked})
    work()
    job = Job.objects.latest("pk")
    admin.post(url("job_start", customer, job_id=job.pk))
    work()
    return again(job)


def test_P11_people_from_a_file_are_invited_where_the_admin_ticked_it(cast: Cast) -> None:
    admin, acme = browser(cast.acme.super_admin), cast.acme.customer
    upload(admin, acme, "name,email\nEva,eva@acme.example\n")
    assert sent() == []
    file = f"name,email\nFinn,finn@acme.example\nGil,gil@acme.example\nAlice,{cast.acme.super_admin.email}\n"
    upload(admin, acme, file, invite="on")
    assert sorted(to for to, _path in sent()) == ["finn@acme.example", "gil@acme.example"]


# --- Limits, and again -------------------------------------------------------------------------


def test_P11_twenty_a_day_go_to_addresses_at_domains_that_are_not_verified(cast: Cast) -> None:
    admin, acme = browser(cast.acme.super_admin), cast.acme.customer
    make_domain(acme, "elsewhere.example")
    make_domain(cast.globex.customer, "elsewhere2.example")
    lines = "".join(f"P{n},p{n}@elsewhere.example\n" for n in range(22))
    job = upload(admin, acme, f"name,email\nEva,eva@acme.example\n{lines}", invite="on")
    assert User.objects.filter(email__endswith="@elsewhere.example").count() == 22, "all of them are created"
    invited = [to for to, _path in sent()]
    assert len(invited) == 21
    assert "eva@acme.example" in invited
    assert "2 new users were not invited" in admin.get(url("job", acme, job_id=job.pk)).content.decode()
    typed = {"given_name": "Typed", "family_name": "Name", "email": "nia@elsewhere.example", "password": "invitation"}
    typed["org_unit"] = str(acme.org_units.get(parent=None).pk)
    refused = admin.post(url("user_new", acme), typed)
    assert refused.status_code == 422
    assert "At most 20 invitations a day" in refused.content.decode()
    assert 'value="Typed"' in refused.content.decode()
    assert not User.objects.filter(email="nia@elsewhere.example").exists()
    assert new_person(admin, acme, "nia") == 302, "the primary domain is open"
    globex = browser(cast.globex.super_admin)
    assert new_person(globex, cast.globex.customer, "nia@elsewhere2.example") == 302, "as is another customer"
    verify_domain(actor=None, organisation=acme, name="elsewhere.example", reason="A contract")
    assert admin.post(url("user_new", acme), typed | {"email": "noa@elsewhere.example"}).status_code == 302
    Domain.objects.filter(name="elsewhere.example").update(verified_at=None, verified_how="")
    assert admin.post(url("user_new", acme), typed).status_code == 422
    Mail.objects.update(queued_at=F("queued_at") - timedelta(days=1))
    assert admin.post(url("user_new", acme), typed).status_code == 302


def test_P11_it_can_be_sent_again_until_there_is_a_password(cast: Cast) -> None:
    admin, acme = browser(cast.acme.super_admin), cast.acme.customer
    person = make_person(acme, name="Old Olaf")
    page = url("user", acme, user_id=person.pk)
    assert "was not invited" in admin.get(page).content.decode()
    invite = url("user_invite", acme, user_id=person.pk)
    admin.post(invite)
    assert "Send again" in admin.get(page).content.decode()
    admin.post(invite)
    links = [path for _to, path in sent()]
    assert len(links) == 2
    assert choose_password(Client(), links[1]) == 302
    assert choose_password(Client(), links[0]) == 404
    assert "Send again" not in admin.get(page).content.decode()
    admin.post(invite)
    assert sent() == []


def test_P11_nobody_floods_a_mailbox(cast: Cast) -> None:
    person = make_person(cast.acme.customer)
    for _ in range(invitations.TO_ONE_PERSON):
        invitations.invite_user(actor=None, person=person)
    with pytest.raises(Refused, match="today"):
        invitations.invite_user(actor=None, person=person)


def test_P11_a_mail_that_waits_is_not_sent_to_somebody_who_is_out_or_has_a_password(cast: Cast) -> None:
    suspended, ready = make_person(cast.acme.customer), make_person(cast.acme.customer)
    for person in (suspended, ready):
        invitations.invite_user(actor=None, person=person)
    people.suspend_user(actor=None, person=suspended)
    ready.set_password(PASSWORD)
    ready.save(update_fields=["password"])
    assert sent() == []
    for person in (suspended, ready):
        with pytest.raises(Refused, match="no invitation"):
            invitations.invite_user(actor=None, person=person)


def test_P3_R14_only_a_super_admin_invites_somebody_who_holds_a_role(cast: Cast) -> None:
    manager = make_person(cast.acme.customer, Role.USER_MANAGEMENT_ADMIN)
    with pytest.raises(Refused, match="holds an admin role"):
        invitations.invite_user(actor=acting(manager), person=cast.acme.auditor)
    invitations.invite_user(actor=acting(cast.acme.super_admin), person=cast.acme.auditor)
    assert [to for to, _path in sent()] == [cast.acme.auditor.email]


def test_P11_the_mail_speaks_the_language_of_who_added_them(cast: Cast) -> None:
    User.objects.filter(pk=cast.acme.super_admin.pk).update(language="fr")
    new_person(browser(fresh(cast.acme.super_admin)), cast.acme.customer)
    sent()
    [message] = mail.outbox
    assert message.subject == "Votre compte chez Acme"
    assert "72 heures" in str(message.body)
    assert "nia@acme.example" in str(message.body)


def test_P11_no_row_holds_the_link(cast: Cast) -> None:
    invitations.invite_user(actor=None, person=make_person(make_customer()))
    [(_to, path)] = sent()
    key = path.rstrip("/").rpartition("-")[2]
    assert key not in str([*Mail.objects.values(), *AuditEvent.objects.values()])
