"""The audit log over all organisations: what operators read of it, and what they do not (A4, P14)."""

from __future__ import annotations

from django.test import Client

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.people import change_user, suspend_user
from accounts.models import Job, User
from accounts.models.jobs import JobKind, JobStatus
from accounts.organisations import VENDOR, create_customer
from accounts.own_domains.adding import add_domain
from accounts.roles import Role
from accounts.sign_in.events import record_sign_in
from jobs.stopping import stop_job
from tests.client import lines_of, main_text_of
from tests.factories import make_customer, make_person, put_reseller

PAGE = "/operations/audit-log/"


def test_A4_of_what_happens_inside_an_organisation_operators_read_neither_who_nor_whom_nor_what(
    client: Client,
) -> None:
    customer = make_customer("Acme", "acme.example")
    admin = make_person(customer, Role.SUPER_ADMIN, name="Ada Admin", email="ada@acme.example")
    worker = make_person(customer, name="Wilma Worker", email="wilma@acme.example")
    change_user(actor=Actor(admin, "192.0.2.99"), person=worker, name="Wilma Wonder")
    answer = client.get(PAGE, {"event": "CHANGE_USER"})
    assert f'href="/operations/organisations/customer/{customer.pk}/"' in answer.content.decode()
    [line] = lines_of(answer)
    assert "Acme" in line
    assert "A person of Acme" in line
    for secret in ("ada@", "wilma@", "Wilma", "Wonder", "192.0.2.99"):
        assert secret not in line
    [line] = lines_of(client.get(PAGE, {"event": "CHANGE_USER", "actor": "ADA@acme.example"}))
    assert "ada@acme.example" in line, "whom they named"
    assert "wilma@" not in line
    assert "Wonder" not in line
    assert lines_of(client.get(PAGE, {"event": "CHANGE_USER", "actor": "wilma@acme.example"})) == []


def test_what_the_vendor_did_is_read_whole_but_for_cases(client: Client, operator: User) -> None:
    customer = make_customer("Acme", "acme.example")
    make_person(customer, Role.SUPER_ADMIN)
    person = make_person(customer, email="wilma@acme.example")
    suspend_user(actor=Actor(operator), person=person)
    vera = make_person(VENDOR, Role.VENDOR_SUPPORT, name="Vera")
    record_audit(EventName.COMMENT_CASE, actor=Actor(vera), customer=customer, subject="#7 Our secret merger")
    lines = lines_of(client.get(PAGE, {"what": "vendor"}))
    [suspended] = [line for line in lines if "suspended" in line]
    assert operator.email in suspended
    assert "wilma@acme.example" in suspended
    [comment] = [line for line in lines if "merger" in line or vera.email in line]
    assert vera.email in comment
    assert "merger" not in comment


def test_A4_the_file_of_a_job_that_an_operator_stopped_is_named_neither_in_the_log_nor_on_the_first_page(
    client: Client, operator: User
) -> None:
    customer = make_customer("Acme", "acme.example")
    job = Job.objects.create(
        customer=customer,
        kind=JobKind.IMPORT_USERS,
        status=JobStatus.QUEUED,
        requested_by=make_person(customer, Role.USER_MANAGEMENT_ADMIN),
        arguments={"file": "layoffs-2027.csv"},
        total=9,
    )
    stop_job(actor=Actor(operator), job=job)
    [stopped] = lines_of(client.get(PAGE, {"event": "BULK_STOPPED"}))
    assert operator.email in stopped
    home = main_text_of(client.get("/operations/"))
    assert "Bulk change stopped" in home
    assert "layoffs" not in stopped + home


def test_A4_what_concerns_an_organisation_has_its_values_and_not_who_of_it_did_it(client: Client) -> None:
    customer = make_customer("Acme", "acme.example")
    admin = make_person(customer, Role.SUPER_ADMIN, email="ada@acme.example")
    add_domain(actor=Actor(admin, "192.0.2.99"), organisation=customer, name="beside.example")
    asked = {"event": "ADD_SECONDARY_DOMAIN", "domain": "acme.example"}
    [line] = lines_of(client.get(PAGE, asked))
    assert "beside.example" in line
    assert "A person of Acme" in line
    assert "ada@" not in line
    assert "192.0.2.99" not in line
    [line] = lines_of(client.get(PAGE, asked | {"actor": "ada@acme.example"}))
    assert "ada@acme.example" in line, "whom they named"


def test_one_organisation_is_shown_by_its_domain(client: Client, operator: User) -> None:
    reseller = put_reseller("Resale")
    agent = make_person(reseller, Role.RESELLER_AGENT)
    record_sign_in(actor=Actor(agent))
    acme = create_customer(actor=Actor(operator), name="Acme", primary_domain="acme.example")
    create_customer(actor=Actor(operator), name="Other", primary_domain="other.example")
    found = main_text_of(client.get(PAGE, {"domain": "ACME.example"}))
    assert acme.name in found
    assert "Other" not in found
    [line] = lines_of(client.get(PAGE, {"domain": reseller.primary_domain}))
    assert "Signed in" in line
    assert lines_of(client.get(PAGE, {"domain": "nobodys.example"})) == []


def test_P14_sign_ins_are_filtered_and_refused_ones_say_how_many_from_which_network(client: Client) -> None:
    person = make_person(make_customer("Acme", "acme.example"), email="wilma@acme.example")
    record_sign_in(actor=Actor(person, "192.0.2.99"))
    said = {"attempts": 7, "network": "192.0.2.0/24"}
    record_audit(
        EventName.LOGIN_FAILURE, actor=Actor(person), customer=person.customer_id, subject=person.email, new=said
    )
    [accepted] = [line for line in lines_of(client.get(PAGE, {"what": "accepted"})) if "Acme" in line]
    assert "192.0.2" not in accepted
    [refused] = lines_of(client.get(PAGE, {"what": "refused"}))
    assert "7" in refused
    assert "192.0.2.0/24" in refused
    assert "wilma@" not in refused + accepted
