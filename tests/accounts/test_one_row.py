"""What each request reads by hand is what the ORM would have read: the session, the person, the customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.utils import timezone

from accounts.backends import SignInBackend
from accounts.console_sessions.browser_sessions import SessionStore
from accounts.database.one_row import OneRow
from accounts.models import Customer, User
from accounts.roles import Role
from tests.factories import make_customer, make_person

pytestmark = pytest.mark.django_db


def values(row: Model | None) -> dict[str, object]:
    assert row is not None
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


@pytest.fixture
def person() -> User:
    person = make_person(make_customer("Acme"), Role.SUPER_ADMIN)
    person.list_choices = {"users": {"size": 25, "columns": ["email"]}}
    person.save(update_fields=["list_choices"])
    return person


def test_a_row_has_all_that_the_orm_reads(person: User) -> None:
    assert values(OneRow(User, "id = %s").get(person.pk)) == values(User.objects.get(pk=person.pk))
    customer = Customer.objects.get()
    found = OneRow(Customer, "primary_domain = %s").get(customer.primary_domain)
    assert values(found) == values(customer)
    assert found == customer
    assert found is not None
    found.name = "Renamed"
    found.save(update_fields=["name"])
    assert Customer.objects.get().name == "Renamed"


def test_nothing_is_found_where_there_is_nothing(person: User) -> None:
    assert OneRow(User, "id = %s").get(person.pk + 1) is None
    assert OneRow(Customer, "primary_domain = %s").get("' OR true --") is None


def test_each_time_the_database_is_asked(person: User) -> None:
    people = OneRow(User, "id = %s")
    assert people.get(person.pk) is not people.get(person.pk)
    User.objects.update(name="Another name")
    found = people.get(person.pk)
    assert found is not None
    assert found.name == "Another name"


def test_who_is_suspended_is_nobody_with_the_next_request(person: User) -> None:
    assert SignInBackend().get_user(person.pk) == person
    User.objects.update(is_active=False, suspended_at=timezone.now())
    assert SignInBackend().get_user(person.pk) is None


def test_a_session_that_has_expired_is_empty(person: User) -> None:
    store = SessionStore()
    store["visits"] = 1
    store.save()
    key = store.session_key
    assert SessionStore(key)["visits"] == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    expired = SessionStore(key)
    assert "visits" not in expired
    assert expired.session_key is None


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(person: User) -> None:
    backend = SignInBackend()
    found = backend.get_user(person.pk)
    assert found is not None
    assert found.roles == {Role.SUPER_ADMIN}
    person.role_assignments.all().delete()
    found = backend.get_user(person.pk)
    assert found is not None
    assert found.roles == frozenset()
