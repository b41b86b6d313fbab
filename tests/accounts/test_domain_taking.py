"""Who verifies a domain takes the name from those that did not; with addresses there, an operator decides (P9)."""

from __future__ import annotations

import pytest

from accounts.actor import Actor
from accounts.directory import renaming
from accounts.domain_holders import addresses_at, rows_of
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, Customer, Domain, User
from accounts.models.domains import DomainKind, LookAnswer, VerifiedHow
from accounts.organisations import create_customer
from accounts.own_domains.adding import add_domain
from accounts.own_domains.deciding import settle_domain, verify_domain
from accounts.own_domains.primary import change_primary_domain
from tests.accounts.domain_world import REASON, acme, events, found_by_txt, globex, make_person_at, olga, row
from tests.factories import make_person

__all__ = ["acme", "globex", "olga"]  # fixtures

pytestmark = pytest.mark.django_db


# --- Who verifies takes the name -----------------------------------------------------------------------


def test_P9_who_verifies_takes_a_name_without_addresses_at_once(acme: Customer, globex: Customer) -> None:
    held = add_domain(actor=None, organisation=acme, name="shared.example")
    below = add_domain(actor=None, organisation=acme, name="mail.shared.example")
    asked = add_domain(actor=None, organisation=globex, name="shared.example")
    assert (held.holds, asked.holds) == (True, False)
    with pytest.raises(Refused, match="once yours has verified it"):
        make_person_at(globex, "g@shared.example")
    found_by_txt(asked)
    assert (asked.holds, asked.verified_how, asked.contested_at) == (True, VerifiedHow.TXT, None)
    assert not Domain.objects.filter(pk__in=[held.pk, below.pk]).exists()
    lost = AuditEvent.objects.filter(name="DOMAIN_LOST").order_by("at", "id")
    assert [(e.customer_id, e.actor_id, e.subject) for e in lost] == [
        (acme.pk, None, "shared.example"),
        (acme.pk, None, "mail.shared.example"),
    ]
    assert "Globex" not in str(list(lost.values()))
    assert make_person_at(globex, "g@shared.example")
    with pytest.raises(Refused, match="belongs to another organisation"):
        make_person_at(acme, "a@shared.example")


def test_P9_a_holder_with_addresses_keeps_them_adds_none_and_an_operator_decides(
    acme: Customer, globex: Customer
) -> None:
    ana = make_person(acme, email="ana@shared.example")
    asked = found_by_txt(add_domain(actor=None, organisation=globex, name="shared.example"))
    held = row(acme, "shared.example")
    assert held.holds and not asked.holds
    assert held.contested_at is not None and asked.contested_at is not None
    for organisation in (acme, globex):
        with pytest.raises(Refused, match="claims this domain too"):
            make_person_at(organisation, "new@shared.example")
    with pytest.raises(Refused):
        renaming.rename_user(actor=None, person=ana, email="ana.b@shared.example")
    assert Address.objects.filter(email="ana@shared.example", user=ana).exists()
    assert events(acme)[-1] == "DOMAIN_CONTESTED"
    assert events(globex)[-1] == "VERIFY_SECONDARY_DOMAIN"
    with pytest.raises(Refused, match="Only a verified"):
        change_primary_domain(actor=None, domain=asked)


def test_P9_an_operator_decides_for_the_one_that_verified(acme: Customer, globex: Customer, olga: User) -> None:
    make_person(acme, email="ana@shared.example")
    found_by_txt(add_domain(actor=None, organisation=globex, name="shared.example"))
    settle_domain(actor=Actor(olga), organisation=acme, name="shared.example", reason=REASON)
    mine, theirs = row(acme, "shared.example"), row(globex, "shared.example")
    assert (mine.holds, mine.contested_at, theirs.holds, theirs.contested_at) == (False, None, True, None)
    assert addresses_at(acme, "shared.example").count() == 1
    assert make_person_at(globex, "g@shared.example")
    with pytest.raises(Refused):
        make_person_at(acme, "new@shared.example")
    decided = AuditEvent.objects.get(name="SETTLE_DOMAIN")
    assert (decided.customer_id, decided.actor_email, decided.new_value["reason"]) == (
        acme.pk,
        olga.email,
        REASON,
    )


def test_P9_an_operator_decides_for_the_one_that_has_addresses(acme: Customer, globex: Customer) -> None:
    make_person(acme, email="ana@shared.example")
    found_by_txt(add_domain(actor=None, organisation=globex, name="shared.example"))
    with pytest.raises(Refused, match="Another organisation has verified"):
        verify_domain(actor=None, organisation=acme, name="shared.example", reason=REASON)
    settle_domain(actor=None, organisation=globex, name="shared.example", reason=REASON)
    assert not rows_of(globex).filter(name="shared.example").exists()
    assert row(acme, "shared.example").contested_at is None
    verify_domain(actor=None, organisation=acme, name="shared.example", reason=REASON)
    assert make_person_at(acme, "new@shared.example")
    with pytest.raises(Refused, match="Nothing is to be decided"):
        settle_domain(actor=None, organisation=acme, name="shared.example", reason=REASON)


def test_P9_addresses_below_a_domain_that_another_verifies_stay_and_wait(acme: Customer, globex: Customer) -> None:
    make_person(acme, email="ana@mail.shared.example")
    found_by_txt(add_domain(actor=None, organisation=globex, name="shared.example"))
    below = row(acme, "mail.shared.example")
    assert below.holds and below.contested_at is not None
    assert row(globex, "shared.example").holds, "its name is another one"
    with pytest.raises(Refused, match="claims this domain too"):
        make_person_at(acme, "new@mail.shared.example")
    settle_domain(actor=None, organisation=acme, name="mail.shared.example", reason=REASON)
    below = row(acme, "mail.shared.example")
    assert (below.holds, below.contested_at) == (False, None)
    assert addresses_at(acme, "mail.shared.example").count() == 1


def test_P9_a_record_for_what_another_verified_first_verifies_nothing(acme: Customer, globex: Customer) -> None:
    first = add_domain(actor=None, organisation=acme, name="shared.example")
    second = add_domain(actor=None, organisation=globex, name="shared.example")
    below = add_domain(actor=None, organisation=globex, name="mail.shared.example")
    found_by_txt(first)
    assert not Domain.objects.filter(pk=below.pk).exists()
    found_by_txt(second)
    assert (second.is_verified, second.holds, second.look_answer) == (False, False, LookAnswer.TAKEN)


def test_P9_an_operator_verifies_with_a_reason_and_takes_the_name_with_it(
    acme: Customer, globex: Customer, olga: User
) -> None:
    make_person(acme, email="ana@shared.example")
    for reason in ("", "   ", "\u200b"):
        with pytest.raises(Refused) as refused:
            verify_domain(actor=Actor(olga), organisation=globex, name="shared.example", reason=reason)
        assert refused.value.field == "reason"
    done = verify_domain(actor=Actor(olga), organisation=globex, name="Shared.example", reason=REASON)
    assert (done.holds, done.verified_how, done.verified_by, done.reason) == (
        True,
        VerifiedHow.OPERATOR,
        olga,
        REASON,
    )
    mine = row(acme, "shared.example")
    assert (mine.holds, mine.contested_at, addresses_at(acme, "shared.example").count()) == (False, None, 1)
    with pytest.raises(Refused):
        make_person_at(acme, "new@shared.example")
    with pytest.raises(Refused, match="verified this domain"):
        verify_domain(actor=None, organisation=acme, name="mail.shared.example", reason=REASON)


def test_P9_a_new_organisation_has_its_primary_domain_from_who_had_it_unverified(acme: Customer) -> None:
    """An operator who creates it has decided; a domain without addresses goes at once."""
    add_domain(actor=None, organisation=acme, name="initech.example")
    initech = create_customer(actor=None, name="Initech", primary_domain="initech.example")
    assert not rows_of(acme).filter(name="initech.example").exists()
    primary = row(initech, "initech.example")
    assert (primary.kind, primary.holds, primary.verified_how) == (DomainKind.PRIMARY, True, VerifiedHow.CREATED)
