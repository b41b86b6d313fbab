"""Two verbs about the same domain at the same instant (P9)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db.models.functions import Now

from accounts.directory import people
from accounts.domain_holders import addresses_at, own_domains
from accounts.errors import Refused
from accounts.models import Address, Domain
from accounts.models.domains import LookAnswer
from accounts.organisations import Organisation
from accounts.own_domains.adding import add_domain, check_domain
from accounts.own_domains.deciding import verify_domain
from accounts.own_domains.looking import Look, settle_look
from accounts.own_domains.primary import change_primary_domain
from accounts.own_domains.removing import remove_domain
from tests.factories import make_customer, make_reseller
from tests.races import at_once, second_waits_for_first

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


def give(organisation: Organisation, email: str) -> Callable[[], object]:
    return lambda: people.create_user(actor=None, organisation=organisation, email=email, name="P")


def add(organisation: Organisation, name: str) -> Callable[[], object]:
    return lambda: add_domain(actor=None, organisation=organisation, name=name)


def remove(domain: Domain) -> Callable[[], object]:
    return lambda: remove_domain(actor=None, domain=domain)


def found(domain: Domain) -> Callable[[], object]:
    """A worker that has found the record of a domain."""
    check_domain(actor=None, domain=domain)
    domain.refresh_from_db()
    assert domain.look_asked_at is not None
    look = Look(domain.pk, domain.record_name, domain.record_value, domain.look_asked_at)
    return lambda: settle_look(actor=None, look=look, answer=LookAnswer.FOUND)


def test_P9_an_address_and_a_removal_at_once_leave_no_address_without_a_domain() -> None:
    acme, resale = make_customer("Acme", "acme.example"), make_reseller("Resale", "resale.example")
    for number in range(ROUNDS):
        for owner in (acme, resale):
            name = f"n{number}-{owner.pk}-{owner.primary_domain}"
            row = add_domain(actor=None, organisation=owner, name=name)
            if number % 2:
                verify_domain(actor=None, organisation=owner, name=name, reason="A race")
            email = f"p@{name}"
            raised = at_once(remove(row), give(owner, email))
            assert sum(isinstance(error, Refused) for error in raised) == 1, raised
            assert Address.objects.filter(email=email).exists() == (name in own_domains(owner).names)


def test_P9_an_address_and_a_take_over_at_once_leave_it_to_an_operator_or_to_the_one_that_verified() -> None:
    acme, globex = make_customer("Acme", "acme.example"), make_customer("Globex", "globex.example")
    for number in range(ROUNDS):
        name = f"n{number}.example"
        add_domain(actor=None, organisation=acme, name=name)
        asked = add_domain(actor=None, organisation=globex, name=name)
        refused, failed = at_once(give(acme, f"p@{name}"), found(asked))
        assert failed is None
        asked.refresh_from_db()
        has_address = addresses_at(acme, name).exists()
        assert has_address == (refused is None)
        assert asked.holds == (not has_address) and (asked.contested_at is None) == asked.holds
        assert Domain.objects.filter(customer=acme, name=name, holds=True).exists() == has_address


def test_P9_of_two_who_add_or_verify_a_name_or_those_around_it_one_has_it() -> None:
    acme, globex = make_customer("Acme", "acme.example"), make_customer("Globex", "globex.example")
    for number in range(ROUNDS):
        name, other = f"n{number}.example", f"mail.n{number}.example" if number % 2 else f"n{number}.example"
        at_once(add(acme, name), add(globex, other))
        rows = list(Domain.objects.filter(name__in=[name, other]).order_by("pk"))
        assert sum(row.holds for row in rows if row.name == name) == 1
        assert at_once(*[found(row) for row in rows]) == [None, None]
        kept = Domain.objects.filter(name__in=[name, other], verified_at__isnull=False)
        assert [row.holds for row in kept] == [True], "one verified, and the other is gone or was told so"


def test_P9_two_workers_with_the_same_answer_write_it_once() -> None:
    acme = make_customer("Acme", "acme.example")
    row = add_domain(actor=None, organisation=acme, name="more.example")
    write = found(row)
    assert at_once(write, write) == [None, None]
    row.refresh_from_db()
    assert row.is_verified
    check_domain(actor=None, domain=row)
    assert not Domain.objects.filter(look_due_at__lte=Now()).exists()


def test_P9_two_who_change_the_primary_domain_are_one_after_the_other() -> None:
    acme = make_customer("Acme", "acme.example")
    for name in ("one.example", "two.example"):
        verify_domain(actor=None, organisation=acme, name=name, reason="A race")
    one, two = Domain.objects.filter(name__in=["one.example", "two.example"]).order_by("name")
    second_waits_for_first(
        lambda: change_primary_domain(actor=None, domain=one), lambda: change_primary_domain(actor=None, domain=two)
    )
    acme.refresh_from_db()
    assert acme.primary_domain == "two.example"
    kinds = dict(Domain.objects.filter(customer=acme).values_list("name", "kind"))
    assert kinds == {"two.example": "primary", "one.example": "secondary", "acme.example": "secondary"}
