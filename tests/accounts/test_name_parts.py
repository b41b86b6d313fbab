"""Given and family names beside the name: the database keeps them in step where only the name is written (0048)."""

from __future__ import annotations

import pytest
from django.db import connection

from accounts.actor import Actor
from accounts.directory import people
from accounts.directory.importing import Newcomer, create_users
from accounts.directory.name_parts import NameParts, clean_parts
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Provisioned, ScimToken, User
from accounts.provisioning.recording import record_provisioned_person
from tests.api.scim_world import make_token
from tests.factories import fresh, make_customer, make_person


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


def parts(person: User) -> tuple[str, str, str]:
    person = fresh(person)
    return person.name, person.given_name, person.family_name


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [
        ("Ana", "Ana", ""),
        ("Ana Lima", "Ana", "Lima"),
        ("Ana Sofia de Lima", "Ana Sofia de", "Lima"),
        ("李 小龙", "李", "小龙"),
    ],
)
def test_the_last_word_is_the_family_name_where_only_the_name_is_written(
    acme: Customer, name: str, given: str, family: str
) -> None:
    person = make_person(acme, name="Before", email="a@acme.example")
    assert (person.given_name, person.family_name) == ("Before", "")
    people.change_user(actor=None, person=person, name=name)
    assert parts(person) == (name, given, family)
    User.objects.filter(pk=person.pk).update(name="As Another Release")
    assert parts(person)[1:] == ("As Another", "Release")


def test_people_from_a_file_have_parts(acme: Customer) -> None:
    create_users(actor=None, customer=acme, newcomers=[Newcomer("l@acme.example", "Lea Roy")])
    person = User.objects.get(email="l@acme.example")
    assert (person.given_name, person.family_name) == ("Lea", "Roy")
    assert len(person.public_id) == 21


def test_parts_that_are_known_stay_as_they_were_said(acme: Customer) -> None:
    lea = people.create_user(
        actor=None, organisation=acme, email="l@acme.example", name=clean_parts("Lea Maria", "de la Cruz")
    )
    assert parts(lea) == ("Lea Maria de la Cruz", "Lea Maria", "de la Cruz")
    people.change_user(actor=None, person=lea, name=NameParts("Lea", "Maria de la Cruz"))
    assert parts(lea) == ("Lea Maria de la Cruz", "Lea", "Maria de la Cruz")
    [event] = AuditEvent.objects.filter(name="CHANGE_USER")
    assert event.old_value == {"given_name": "Lea Maria", "family_name": "de la Cruz"}
    people.change_user(actor=None, person=lea, name=NameParts("Lea", "Maria de la Cruz"))
    assert AuditEvent.objects.filter(name="CHANGE_USER").count() == 1


@pytest.mark.parametrize(("given", "family"), [("", ""), ("\u200b", " "), ("x" * 201, ""), ("x" * 150, "y" * 150)])
def test_P10_parts_that_nobody_can_read_are_refused(acme: Customer, given: str, family: str) -> None:
    with pytest.raises(Refused):
        clean_parts(given, family)


def test_what_a_provider_says_of_the_parts_counts(acme: Customer) -> None:
    person = make_person(acme, name="Dr. Ana Lima", email="a@acme.example")
    make_token(acme)
    token = ScimToken.objects.get()
    said = {"given_name": "Ana", "family_name": "Lima"}
    record_provisioned_person(actor=Actor.of_token(token, None), person=person, said=said)
    assert parts(person) == ("Dr. Ana Lima", "Ana", "Lima")
    people.change_user(actor=None, person=person, name="Prof. Ana Lima Roy")
    record_provisioned_person(actor=Actor.of_token(token, None), person=person, said=said)
    assert parts(person) == ("Prof. Ana Lima Roy", "Ana", "Lima")
    assert Provisioned.objects.get(user=person).given_name == "Ana"


def test_ids_are_random_and_nobody_has_the_same(acme: Customer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_customer (name, sort_name, primary_domain, postal_address, phone_number,"
            " asks_for_entry_reason) SELECT n, n, 'c' || n || '.example', '', '', false"
            " FROM (SELECT i::text AS n FROM generate_series(1, 2000) i) g"
        )
    rows = Customer.objects.values_list("customer_id", "organization_number")
    ids, numbers = zip(*rows, strict=True)
    assert len(set(ids)) == len(set(numbers)) == 2001
    assert all(len(one) == 9 and one[0] == "C" and one[1:].isalnum() and one[1:] == one[1:].lower() for one in ids)
    assert all(10**11 <= number < 10**12 for number in numbers)
