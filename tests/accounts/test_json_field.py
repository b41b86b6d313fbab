"""JSON of columns is what was stored, however it is read."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from django.db.models import F
from django.db.models.fields.json import KT

from accounts.database.json_field import JSONField
from accounts.models import User
from tests.factories import make_customer, make_person

VALUES: list[Any] = [{}, {"a": [1, 2.5, None, True, 'é\u2068\\"', {"b": -(2**53)}]}, {"n": 2**63 - 1, "": ""}]


@pytest.mark.django_db
@pytest.mark.parametrize("value", VALUES)
def test_what_was_stored_is_read(value: Any) -> None:
    person = make_person(make_customer("Acme", "acme.example"))
    User.objects.filter(pk=person.pk).update(contact=value)
    assert User.objects.get(pk=person.pk).contact == value
    assert User.objects.values_list("contact", flat=True).get(pk=person.pk) == value


@pytest.mark.django_db
def test_a_part_of_it_is_read_as_django_reads_it() -> None:
    person = make_person(make_customer("Acme", "acme.example"))
    User.objects.filter(pk=person.pk).update(contact={"words": "1", "number": 1, "list": [1]})
    parts = User.objects.filter(pk=person.pk).values_list("contact__words", "contact__number", "contact__list")
    assert parts.get() == ("1", 1, [1])
    assert User.objects.annotate(text=KT("contact__words")).values_list("text", flat=True).get(pk=person.pk) == "1"
    assert User.objects.annotate(same=F("contact")).get(pk=person.pk).same["number"] == 1


def test_to_a_migration_it_is_djangos_own() -> None:
    assert JSONField(null=True).deconstruct() == models.JSONField(null=True).deconstruct()
