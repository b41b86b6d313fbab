"""The domains of an organisation (P9): who adds, verifies, takes over, removes them, and which one is primary."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.directory import groups, renaming
from accounts.domain_holders import own_domains, rows_of
from accounts.errors import Refused
from accounts.models import Address, AuditEvent, Customer, Domain, User
from accounts.models.domains import DomainKind, VerifiedHow
from accounts.organisations import VENDOR, Organisation
from accounts.own_domains.adding import UNVERIFIED_AT_MOST, add_domain, check_domain
from accounts.own_domains.collisions import claim_elsewhere, find_collisions
from accounts.own_domains.deciding import settle_domain, verify_domain
from accounts.own_domains.primary import change_primary_domain
from accounts.own_domains.removing import remove_domain
from accounts.roles import Role
from tests.accounts.domain_world import REASON, acme, events, found_by_txt, globex, make_person_at, olga, row
from tests.accounts.reading_notices import tell, told
from tests.cast import Cast
from tests.factories import make_customer, make_person, make_reseller, put_customer

__all__ = ["acme", "globex", "olga"]  # fixtures

pytestmark = pytest.mark.django_db


# --- Adding ------------------------------------------------------------------------------------------


def test_P9_a_domain_is_added_in_any_spelling_and_gives_addresses_before_it_is_verified(acme: Customer) -> None:
    added = add_domain(actor=None, organisation=acme, name="Bücher。EXAMPLE", kind=DomainKind.ALIAS)
    assert (added.name, added.kind, added.holds, added.is_verified) == ("xn--bcher-kva.example", "alias", True, False)
    assert make_person(acme, email="ana@bücher.example").email == "ana@xn--bcher-kva.example"
    assert groups.create_group(actor=None, customer=acme, email="all@bücher.example", name="All").pk
    assert events(acme)[-1] == "ADD_DOMAIN_ALIAS"
    with pytest.raises(Refused, match="in your list already"):
        add_domain(actor=None, organisation=acme, name="bücher.example")
    with pytest.raises(Refused, match="in your list already"):
        add_domain(actor=None, organisation=acme, name="acme.example")


@pytest.mark.parametrize(
    "name",
    [
        *("globex.example", "mail.globex.example", "vendor.example", "a.vendor.example"),
        *("co.uk", "github.io", "gmail.com", "example", "acme .example", ""),
    ],
)
def test_P9_a_domain_of_another_the_vendors_or_nobodys_is_refused(name: str, acme: Customer, globex: Customer) -> None:
    with pytest.raises(Refused) as refused:
        add_domain(actor=None, organisation=acme, name=name)
    assert refused.value.field == "name"
    assert [held.name for held in rows_of(acme)] == ["acme.example"]


def test_P9_above_a_verified_domain_of_another_is_refused_too(acme: Customer) -> None:
    make_reseller("Resale", "shop.resale.example")
    with pytest.raises(Refused, match="belongs to another organisation"):
        add_domain(actor=None, organisation=acme, name="resale.example")
    add_domain(actor=None, organisation=make_customer("Other", "other.example"), name="shop.store.example")
    assert add_domain(actor=None, organisation=acme, name="store.example").holds, "that one is not verified"


def test_an_organisation_adds_so_many_unverified_ones_and_verified_ones_without_end(acme: Customer) -> None:
    for number in range(UNVERIFIED_AT_MOST):
        add_domain(actor=None, organisation=acme, name=f"n{number}.example")
    with pytest.raises(Refused, match="50 of your domains"):
        add_domain(actor=None, organisation=acme, name="more.example")
    verify_domain(actor=None, organisation=acme, name="n0.example", reason=REASON)
    assert add_domain(actor=None, organisation=acme, name="more.example").pk


def test_P9_super_admins_and_reseller_admins_change_the_domains_of_their_own_organisation(cast: Cast) -> None:
    acme, resale = cast.acme.customer, cast.resale_one.reseller
    allowed: list[tuple[User, Organisation]] = [
        (cast.acme.super_admin, acme),
        (cast.resale_one.admin, resale),
        (cast.operator, acme),
        (cast.operator, resale),
        (cast.operator, VENDOR),
    ]
    for number, (person, organisation) in enumerate(allowed):
        add_domain(actor=Actor(person), organisation=organisation, name=f"allowed{number}.example")
    mine = row(acme, "allowed0.example")
    others = [*cast.acme.people[1:], cast.globex.super_admin, *cast.resale_one.people, cast.vendor_support]
    for person in others:
        verbs: tuple[Callable[[Actor], object], ...] = (
            lambda actor: add_domain(actor=actor, organisation=acme, name="denied.example"),
            lambda actor: check_domain(actor=actor, domain=mine),
            lambda actor: remove_domain(actor=actor, domain=mine),
            lambda actor: change_primary_domain(actor=actor, domain=mine),
        )
        for verb in verbs:
            with pytest.raises(PermissionDenied):
                verb(Actor(person))
    for person in (*cast.resale_one.people[1:], cast.resale_two.admin, cast.acme.super_admin):
        with pytest.raises(PermissionDenied):
            add_domain(actor=Actor(person), organisation=resale, name="denied.example")
    for person in (cast.acme.super_admin, cast.resale_one.admin, cast.vendor_support):
        with pytest.raises(PermissionDenied):
            verify_domain(actor=Actor(person), organisation=acme, name="allowed0.example", reason=REASON)
        with pytest.raises(PermissionDenied):
            settle_domain(actor=Actor(person), organisation=acme, name="allowed0.example", reason=REASON)
        with pytest.raises(PermissionDenied):
            find_collisions(actor=Actor(person))
    assert not Domain.objects.filter(name="denied.example").exists()
    assert not row(acme, "allowed0.example").is_verified


# --- Removing -------------------------------------------------------------------------------------------


def test_P9_a_domain_is_removed_when_no_address_is_there(acme: Customer) -> None:
    ana = make_person(acme, name="Ana", email="ana@more.example")
    make_person(acme, email="bo@more.example")
    groups.create_group(actor=None, customer=acme, email="all@more.example", name="All")
    more = row(acme, "more.example")
    with pytest.raises(Refused, match="3 addresses are at this domain"):
        remove_domain(actor=None, domain=more)
    renaming.rename_user(actor=None, person=ana, email="ana@acme.example")
    with pytest.raises(Refused, match="3 addresses"):
        remove_domain(actor=None, domain=more)
    Address.objects.exclude(email="ana@more.example").filter(email__endswith="@more.example").delete()
    with pytest.raises(Refused, match="1 address is at this domain"):
        remove_domain(actor=None, domain=more)
    renaming.remove_alias(actor=None, person=ana, email="ana@more.example")
    remove_domain(actor=None, domain=more)
    assert not Domain.objects.filter(name="more.example").exists()
    assert events(acme)[-1] == "REMOVE_SECONDARY_DOMAIN"
    with pytest.raises(Refused, match="primary domain"):
        remove_domain(actor=None, domain=row(acme, "acme.example"))
    with pytest.raises(Refused, match="not in your list"):
        remove_domain(actor=None, domain=more)


def test_P9_when_the_holder_goes_the_one_that_verified_has_the_name(acme: Customer, globex: Customer) -> None:
    make_person(acme, email="ana@shared.example")
    found_by_txt(add_domain(actor=None, organisation=globex, name="shared.example"))
    Address.objects.filter(email="ana@shared.example").delete()
    remove_domain(actor=None, domain=row(acme, "shared.example"))
    theirs = row(globex, "shared.example")
    assert (theirs.holds, theirs.contested_at) == (True, None)


# --- The primary one --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["customer", "reseller"])
def test_P9_another_verified_own_domain_becomes_primary_and_addresses_stay(kind: str, cast: Cast) -> None:
    owner = cast.acme.customer if kind == "customer" else cast.resale_one.reseller
    admin = cast.acme.super_admin if kind == "customer" else cast.resale_one.admin
    old, new = owner.primary_domain, add_domain(actor=None, organisation=owner, name="brand.example")
    with pytest.raises(Refused, match="Only a verified domain"):
        change_primary_domain(actor=Actor(admin), domain=new)
    verify_domain(actor=None, organisation=owner, name="brand.example", reason=REASON)
    before = set(Address.objects.values_list("email", "user"))
    for _twice in range(2):
        change_primary_domain(actor=Actor(admin), domain=new)
    owner.refresh_from_db()
    assert owner.primary_domain == "brand.example"
    assert set(Address.objects.values_list("email", "user")) == before
    assert {(d.name, d.kind, d.was_primary, d.holds) for d in rows_of(owner)} == {
        ("brand.example", "primary", False, True),
        (old, "secondary", True, True),
    }
    changed = AuditEvent.objects.get(name="CHANGE_PRIMARY_DOMAIN")
    assert (changed.old_value, changed.new_value) == ({"primary_domain": old}, {"primary_domain": "brand.example"})
    assert make_person_at(owner, f"new@{old}").pk
    change_primary_domain(actor=Actor(admin), domain=row(owner, old))
    owner.refresh_from_db()
    assert owner.primary_domain == old


# --- What the database itself keeps true --------------------------------------------------------------------


def test_P9_the_database_keeps_one_primary_domain_and_one_holder(acme: Customer, globex: Customer) -> None:
    add_domain(actor=None, organisation=acme, name="a.example")
    breaches: tuple[Callable[[], object], ...] = (
        lambda: Domain.objects.create(customer=acme, name="b.example", kind=DomainKind.PRIMARY),
        lambda: Domain.objects.create(customer=globex, name="a.example", kind=DomainKind.SECONDARY),
        lambda: Domain.objects.create(customer=acme, name="a.example", kind=DomainKind.ALIAS, holds=False),
        lambda: Domain.objects.create(name="c.example", kind=DomainKind.ALIAS),
        lambda: Domain.objects.create(name="c.example", kind=DomainKind.PRIMARY, is_vendor=True),
        lambda: Domain.objects.create(customer=acme, name="C.example", kind=DomainKind.ALIAS),
        lambda: Domain.objects.create(customer=acme, name="c.example", kind="other"),
        lambda: rows_of(acme).update(verified_how=VerifiedHow.OPERATOR),
        lambda: rows_of(acme).filter(name="a.example").update(verified_how=VerifiedHow.TXT),
        lambda: (
            rows_of(acme).filter(name="acme.example").update(look_asked_at=F("added_at"), look_due_at=F("added_at"))
        ),
    )
    for breach in breaches:
        with pytest.raises(IntegrityError), transaction.atomic():
            breach()


@pytest.mark.django_db(transaction=True)
def test_P9_nobody_takes_the_row_of_a_primary_domain_away(acme: Customer) -> None:
    """Decision 9: what an organisation names is a row of its own."""
    with pytest.raises(IntegrityError):
        rows_of(acme).delete()
    with pytest.raises(IntegrityError):
        rows_of(acme).update(name="other.example")
    assert row(acme, "acme.example").kind == DomainKind.PRIMARY


def test_P9_the_release_before_writes_the_column_alone_and_the_row_follows() -> None:
    """As its code does: it knows no rows."""
    customer = put_customer()
    made = rows_of(customer).get()
    assert (made.name, made.kind, made.verified_how) == (customer.primary_domain, "primary", VerifiedHow.BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_customer SET primary_domain = 'renamed.example' WHERE id = %s", [customer.pk])
    assert set(rows_of(customer).values_list("name", "kind", "was_primary")) == {
        ("renamed.example", "primary", False),
        (customer.primary_domain, "secondary", True),
    }
    other = make_customer()
    add_domain(actor=None, organisation=other, name="taken.example")
    late = Customer.objects.create(name="Late", sort_name="late", primary_domain="taken.example")
    waits = rows_of(late).get()
    assert (waits.holds, waits.contested_at is None) == (False, False), "listed for an operator"


# --- Operators ------------------------------------------------------------------------------------------------


def test_P9_the_commands_list_collisions_verify_and_decide(
    acme: Customer, globex: Customer, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("domain_collisions")
    assert capsys.readouterr().out == "Nothing collides.\n"
    ana = make_person(acme, email="ana@acme.example")
    # The release before gave addresses anywhere.
    for email in ("ana@free.example", "ana@mail.globex.example", "ana@co.uk"):
        Address.objects.create(email=email, user=ana)
    call_command("domain_collisions")
    lines = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [(line[0], line[1], line[4]) for line in lines[1:]] == [
        ("co.uk", "Acme", "1"),
        ("mail.globex.example", "Acme", "1"),
    ]
    assert own_domains(acme).names == {"acme.example", "free.example"}
    call_command("settle_domain", "mail.globex.example", "--customer", "acme.example", "--reason", REASON)
    call_command("verify_domain", "free.example", "--customer", "acme.example", "--reason", REASON)
    call_command("verify_domain", "vendor-shop.example", "--vendor", "--reason", REASON)
    assert row(VENDOR, "vendor-shop.example").is_verified
    assert row(acme, "free.example").reason == REASON
    with pytest.raises(CommandError, match="name: Another organisation has verified"):
        call_command("verify_domain", "mail.globex.example", "--customer", "acme.example", "--reason", REASON)
    assert set(Address.objects.filter(user=ana).values_list("email", flat=True)) == {
        "ana@acme.example",
        "ana@free.example",
        "ana@mail.globex.example",
        "ana@co.uk",
    }


def test_P9_collisions_of_before_are_listed_and_nobody_loses_an_address(acme: Customer) -> None:
    """Two primary domains of which one is below the other, and two organisations with addresses at one domain."""
    sub = put_customer()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_customer SET primary_domain = 'eu.acme.example' WHERE id = %s", [sub.pk])
    sub.refresh_from_db()
    Domain.objects.filter(customer=sub, kind="secondary").delete()
    globex = make_customer("Globex", "globex.example")
    for organisation in (acme, globex):
        person = make_person(organisation)
        Address.objects.create(email=f"p{organisation.pk}@both.example", user=person)
    claims = find_collisions(actor=None)
    assert {(claim.row.name, claim.organisation, claim.row.holds, claim.addresses) for claim in claims} == {
        ("acme.example", "Acme", True, 1),
        ("eu.acme.example", sub.name, True, 0),
        ("both.example", "Acme", False, 1),
        ("both.example", "Globex", False, 1),
    }
    # At its own domain each stays what it was.
    assert make_person_at(sub, "s@eu.acme.example").pk
    assert make_person_at(acme, "a@acme.example").pk
    with override_settings(VENDOR_DOMAINS=["vendor.example"]):
        assert find_collisions(actor=None) == find_collisions(actor=None)


def test_P9_comparing_locks_domains_only_where_there_is_something_to_claim(acme: Customer) -> None:
    with CaptureQueriesContext(connection) as nothing:
        assert claim_elsewhere(actor=None) == 0
    assert [query["sql"] for query in nothing if "LOCK TABLE" in query["sql"]] == []
    person = make_person(acme)
    Address.objects.create(email="p@elsewhere.example", user=person)
    with CaptureQueriesContext(connection) as something:
        assert claim_elsewhere(actor=None) == 1
    said = [query["sql"] for query in something]
    [locked] = [number for number, sql in enumerate(said) if "LOCK TABLE accounts_domain" in sql]
    assert "accounts_address" in said[locked + 1], "asked again behind the lock"
    for number in range(12):
        Address.objects.create(email=f"p@more-{number}.example", user=make_person(put_customer()))
        Address.objects.create(email=f"q@more-{number}.example", user=person)
    claim_elsewhere(actor=None)
    with CaptureQueriesContext(connection) as listed:
        assert len(find_collisions(actor=None)) == 24
    assert len(listed) <= 8, "no query for each claim"


# --- Who is told -------------------------------------------------------------------------------------------------


def test_R25_admins_and_operators_are_told_of_a_domain_that_two_claim(cast: Cast) -> None:
    resale = cast.resale_one.reseller
    make_person(resale, Role.RESELLER_AGENT, email="ana@shared.example")
    found_by_txt(add_domain(actor=None, organisation=cast.acme.customer, name="shared.example"))
    tell()
    assert "The domain shared.example is verified" in told(cast.acme.super_admin)
    assert "Another organisation has verified shared.example: the vendor decides who has it" in told(
        cast.resale_one.admin
    )
    assert "Two organisations claim the domain shared.example" in told(cast.operator)
    for person in (cast.acme.auditor, cast.resale_one.agent, cast.globex.super_admin, cast.resale_two.admin):
        assert not any("shared.example" in text for text in told(person))
