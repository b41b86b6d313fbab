"""What tests of domains need: two customers, an operator, and a worker that has found a record (P9)."""

from __future__ import annotations

import pytest
from django.db.models import F

from accounts.directory import people
from accounts.domain_holders import rows_of
from accounts.models import AuditEvent, Customer, Domain, Reseller, User
from accounts.models.domains import LookAnswer
from accounts.organisations import VENDOR, Organisation
from accounts.own_domains import looking
from accounts.own_domains.adding import check_domain
from accounts.roles import Role
from tests.factories import make_customer, make_person

REASON = "They showed us the contract"


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def globex(db: None) -> Customer:
    return make_customer("Globex", "globex.example")


@pytest.fixture
def olga(db: None) -> User:
    return make_person(VENDOR, Role.VENDOR_OPERATOR, name="Olga")


def row(organisation: Organisation, name: str) -> Domain:
    return rows_of(organisation).get(name=name)


def found_by_txt(domain: Domain) -> Domain:
    """What a worker writes that has found the record."""
    check_domain(actor=None, domain=domain)
    Domain.objects.filter(pk=domain.pk).update(look_due_at=F("look_asked_at"))
    look = looking._claim()  # noqa: SLF001  without a name server
    assert look is not None and look.domain_id == domain.pk
    looking.settle_look(actor=None, look=look, answer=LookAnswer.FOUND)
    domain.refresh_from_db()
    return domain


def events(organisation: Customer | Reseller) -> list[str]:
    column = "customer_id" if isinstance(organisation, Customer) else "actor_reseller_id"
    domains = AuditEvent.objects.filter(target_kind="domain", **{column: organisation.pk})
    return list(domains.order_by("at", "id").values_list("name", flat=True))


def make_person_at(organisation: Organisation, email: str) -> User:
    return people.create_user(actor=None, organisation=organisation, email=email, name="P")
