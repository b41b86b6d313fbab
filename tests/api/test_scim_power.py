"""A token gives no power (P15, decision 44): by no address, and to nobody who was suspended; no request is dear."""

from __future__ import annotations

import pytest

from accounts.directory.groups import add_members, create_group
from accounts.directory.people import suspend_user
from accounts.models import Customer, Reseller
from accounts.roles import Role
from tests.api.scim_world import Program, program_of
from tests.factories import fresh, make_person, make_reseller


@pytest.fixture
def resale(db: None) -> Reseller:
    return make_reseller("Resale One", "resale-one.example")


@pytest.mark.parametrize("role", [Role.RESELLER_AGENT, Role.RESELLER_ADMIN])
def test_P15_the_address_of_who_has_a_role_is_no_programs_to_change(resale: Reseller, role: Role) -> None:
    person = make_person(resale, role)
    before = person.email
    rename = {"op": "replace", "path": "userName", "value": "mallory@resale-one.example"}
    assert program_of(resale).patch(f"Users/u{person.pk}", rename).status_code == 403
    assert fresh(person).email == before


def test_P15_a_suspended_reseller_admin_is_brought_back_by_no_token(resale: Reseller) -> None:
    make_person(resale, Role.RESELLER_ADMIN)
    gone = make_person(resale, Role.RESELLER_ADMIN)
    suspend_user(actor=None, person=gone)
    back = {"op": "replace", "path": "active", "value": True}
    assert program_of(resale).patch(f"Users/u{gone.pk}", back).status_code == 403
    assert not fresh(gone).is_active


def test_P15_members_go_many_at_a_time_and_others_stay(acme: Customer) -> None:
    people = [make_person(acme) for _ in range(6)]
    group = create_group(actor=None, customer=acme, name="All", email="all@acme.example")
    add_members(actor=None, group=group, people=people)
    entra = program_of(acme)
    listed = {"op": "remove", "path": "members", "value": [{"value": f"u{person.pk}"} for person in people[:2]]}
    chosen = {"op": "remove", "path": f'members[value eq "u{people[2].pk}"]'}
    assert entra.patch(f"Groups/g{group.pk}", listed, chosen).status_code in {200, 204}
    assert set(group.members.values_list("user", flat=True)) == {person.pk for person in people[3:]}


def test_P15_more_operations_than_a_request_may_have_change_nothing(acme: Customer, db: None) -> None:
    entra: Program = program_of(acme)
    group = create_group(actor=None, customer=acme, name="All", email="all@acme.example")
    many = [{"op": "replace", "path": "displayName", "value": f"Name {number}"} for number in range(1_001)]
    assert entra.patch(f"Groups/g{group.pk}", *many).status_code == 413
    group.refresh_from_db()
    assert group.name == "All"
