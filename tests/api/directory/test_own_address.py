"""A person's own address is one of theirs, and no alias of theirs."""

from __future__ import annotations

from accounts.models import Address
from accounts.roles import Role
from api.directory.user_resources import aliases_of_people
from tests.factories import make_customer, make_person


def test_the_own_address_is_no_alias(db: None) -> None:
    person, other = (make_person(customer, Role.USER_MANAGEMENT_ADMIN) for customer in [make_customer("Acme")] * 2)
    for email in (person.email, "sales@acme.example"):
        Address.objects.get_or_create(email=email, defaults={"user": person})
    assert aliases_of_people([person, other]) == {person.pk: ["sales@acme.example"]}
