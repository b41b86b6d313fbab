"""Finding people over SCIM (P15): filters, pages, and only what is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.directory.people import suspend_user
from accounts.directory.renaming import rename_user
from accounts.models import Customer, Provisioned
from tests.api.scim_world import Program
from tests.factories import make_customer, make_person


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ('userName eq "ANA@acme.example"', ["ana"]),
        ('emails.value eq "ana.old@acme.example"', ["ana"]),
        ('emails[type eq "work" and value eq "ben@acme.example"]', ["ben"]),
        ('externalId eq "k1"', ["ana"]),
        ('externalId eq "K1"', []),
        ('displayName eq "ana ASTER"', ["ana"]),
        ('displayName co "ste"', ["ana"]),
        ('userName sw "b"', ["ben"]),
        ('name.familyName eq "aster"', ["ana"]),
        ("active eq false", ["ben"]),
        ('userName eq "ben@acme.example" or externalId eq "k1"', ["ana", "ben"]),
        ("active eq true and not (displayName pr)", []),
        ('userName ne "ben@acme.example" and externalId pr', ["ana"]),
        ('userName eq "100%_"', []),
        ('userName eq "carol@globex.example"', []),
    ],
)
def test_P15_people_are_found_as_providers_ask(acme: Customer, entra: Program, asked: str, found: list[str]) -> None:
    ana = make_person(acme, name="Ana Aster", email="ana.old@acme.example")
    rename_user(actor=None, person=ana, email="ana@acme.example")
    Provisioned.objects.create(user=ana, external_id="k1", family_name="Aster")
    suspend_user(actor=None, person=make_person(acme, name="Ben", email="ben@acme.example"))
    make_person(make_customer("Globex", "globex.example"), email="carol@globex.example")
    answer = entra.get(f"Users?filter={asked}")
    assert answer.status_code == 200
    names = [one["userName"].partition("@")[0] for one in answer.json()["Resources"]] if found else []
    assert (answer.json()["totalResults"], set(names)) == (len(found), set(found))


def test_P15_pages_begin_where_they_are_asked_to(acme: Customer, entra: Program) -> None:
    for _person in range(4):
        make_person(acme)
    everybody = [one["id"] for one in entra.get("Users").json()["Resources"]]
    assert len(everybody) == 5
    said = entra.get("Users?startIndex=2&count=2").json()
    assert [one["id"] for one in said["Resources"]] == everybody[1:3]
    assert (said["totalResults"], said["startIndex"], said["itemsPerPage"]) == (5, 2, 2)
    for query in ("count=0", "count=-3", "startIndex=99", "startIndex=" + "9" * 40):
        said = entra.get(f"Users?{query}").json()
        assert (said["totalResults"], said.get("Resources", [])) == (5, [])
    assert len(entra.get("Users?startIndex=-1").json()["Resources"]) == 5


def test_P15_only_what_is_asked_for_is_answered(acme: Customer, entra: Program) -> None:
    person = make_person(acme)
    assert set(entra.get(f"Users/u{person.pk}?attributes=userName").json()) == {"schemas", "id", "userName"}
    assert "emails" not in entra.get("Users?excludedAttributes=emails").json()["Resources"][0]
    both = entra.get("Users?excludedAttributes=emails&attributes=id")
    assert both.status_code == 400


@pytest.mark.parametrize("number", [1, 100])
def test_P15_a_list_takes_the_same_queries_for_one_and_for_a_hundred(
    acme: Customer, entra: Program, number: int, django_assert_num_queries: Any
) -> None:
    for _person in range(number):
        Provisioned.objects.create(user=make_person(acme), external_id="")
    with django_assert_num_queries(5):
        # The token (2), a page of people, their aliases, how many there are.
        answer = entra.get("Users?count=200")
    assert len(answer.json()["Resources"]) == number + 1
