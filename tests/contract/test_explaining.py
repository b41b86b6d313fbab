"""R24: over everybody and every permission the explanation agrees with the check."""

from __future__ import annotations

from accounts.authorisation import explain
from accounts.models import Customer, User
from accounts.permissions import Permission
from tests.contract.world import World


def test_R24_every_explanation_says_what_the_check_says(db: None, world: World) -> None:
    people = list(User.objects.select_related("customer", "reseller"))
    customers = list(Customer.objects.all())
    assert len(people) > 30
    for person in people:
        for customer in customers:
            held = person.get_all_permissions(customer)
            for permission in Permission:
                assert explain(person, permission, customer).allowed == (permission in held), (person, permission)
