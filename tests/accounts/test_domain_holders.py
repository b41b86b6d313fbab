"""Nobody gets an address, or is founded, at, above or below a domain of someone else (P9)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.core import mail
from django.test import Client, override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.directory import deleting, groups, people, renaming
from accounts.directory.addresses import person_at
from accounts.directory.importing import Newcomer, create_users, refusals
from accounts.domain_holders import held_by_others
from accounts.domains import lineage, shown_domain, shown_email, stored_part
from accounts.errors import Refused
from accounts.mail.sending import send_due_mails
from accounts.models import Address, AuditEvent, Customer, Domain, User
from accounts.organisations import VENDOR, create_customer, create_reseller
from accounts.own_domains.adding import add_domain
from accounts.roles import Role
from subscriptions.lifecycle.customers import add_customer
from tests.access.world import World, make_world
from tests.cast import Cast
from tests.factories import PASSWORD, make_customer, make_domain, make_person, make_reseller
from tests.races import at_once
from tests.subscriptions.lifecycle_world import NEW, offer

# At, above and below the domains of Lumière (a customer), of Resale (a reseller) and of the vendor.
TAKEN = [
    *("lumiere.example", "mail.lumiere.example", "a.b.lumiere.example"),
    *("eu.resale.example.org", "resale.example.org", "example.org", "x.resale.example.org"),
    *("vendor.example", "mail.vendor.example"),
]
# Domains of Acme's own, which look like those of others to a careless comparison.
FREE = ["acme.example", "mail.acme.example", "xlumiere.example", "lumiere.example.net", "acme-mail.example"]
SUFFIXES = ["co.uk", "com.br", "github.io", "kawasaki.jp", "xn--55qx5d.cn"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def acme() -> Customer:
    make_customer("Lumière", "lumiere.example")
    make_reseller("Resale", "resale.example.org")
    return make_customer("Acme", "acme.example")


def doors(acme: Customer) -> dict[str, Callable[[str], object]]:
    """Every way to an address: a person added, imported or renamed, a group made or changed."""
    ana = make_person(acme, name="Ana")
    group = groups.create_group(actor=None, customer=acme, email="all@acme.example", name="All")

    def bulk(domain: str) -> None:
        refused = create_users(actor=None, customer=acme, newcomers=[Newcomer(f"file@{domain}", "File")])
        if refused:
            raise Refused(refused[f"file@{domain}"], "email")

    return {
        "add": lambda domain: people.create_user(actor=None, organisation=acme, email=f"new@{domain}", name="New"),
        "import": bulk,
        "rename": lambda domain: renaming.rename_user(actor=None, person=ana, email=f"ana.b@{domain}"),
        "group": lambda domain: groups.create_group(actor=None, customer=acme, email=f"g@{domain}", name="G"),
        "group changed": lambda domain: groups.change_group(
            actor=None, group=group, email=f"everybody@{domain}", name="All", description=""
        ),
    }


@pytest.mark.parametrize("door", ["add", "import", "rename", "group", "group changed"])
def test_P9_nobody_gets_an_address_around_a_domain_of_somebody_else(door: str, acme: Customer) -> None:
    give = doors(acme)[door]
    before = set(Address.objects.values_list("email", flat=True))
    for domain in [*TAKEN, *SUFFIXES, "new.acme.example", "free.example"]:
        with pytest.raises(Refused) as refused:
            give(domain)
        assert refused.value.field == "email", domain
    assert set(Address.objects.values_list("email", flat=True)) == before
    for domain in FREE:
        make_domain(acme, domain)
        give(domain)
        assert Address.objects.filter(email__endswith=f"@{domain}").exists()


def test_P9_the_vendor_and_resellers_keep_to_it_too(acme: Customer) -> None:
    reseller = make_reseller("Other", "other.example")
    for organisation in (VENDOR, reseller):
        with pytest.raises(Refused, match="belongs to another organisation"):
            people.create_user(actor=None, organisation=organisation, email="x@mail.acme.example", name="X")
        with pytest.raises(Refused, match="belongs to another organisation"):
            add_domain(actor=None, organisation=organisation, name="mail.acme.example")
    with pytest.raises(Refused, match="belongs to another organisation"):
        people.create_user(actor=None, organisation=reseller, email="x@vendor.example", name="X")
    make_domain(VENDOR, "mail.vendor.example")
    assert people.create_user(actor=None, organisation=VENDOR, email="x@mail.vendor.example", name="X").pk


@pytest.mark.parametrize("create", [create_customer, create_reseller])
def test_P9_nobody_is_founded_around_a_domain_of_somebody_else(create: Callable[..., object], acme: Customer) -> None:
    for domain in [*TAKEN, "acme.example", "b.acme.example", *SUFFIXES]:
        with pytest.raises(Refused) as refused:
            create(actor=None, name="New", primary_domain=domain)
        assert refused.value.field == "primary_domain", domain
    with pytest.raises(Refused, match=r"This domain is in use already: Lumière \(lumiere.example\)\."):
        create(actor=None, name="New", primary_domain="mail.lumiere.example")
    assert create(actor=None, name="New", primary_domain="xlumiere.example")


def test_P9_an_operator_is_told_who_has_addresses_there_and_decides(acme: Customer) -> None:
    make_domain(acme, "sub.initech.example")
    for name in ("one", "two"):
        people.create_user(actor=None, organisation=acme, email=f"{name}@sub.initech.example", name=name)
    with pytest.raises(Refused, match=r"in use already: Acme \(sub.initech.example\), Acme \(2 addresses\)\."):
        create_customer(actor=None, name="Initech", primary_domain="initech.example")
    initech = create_customer(actor=None, name="Initech", primary_domain="initech.example", despite_addresses=True)
    # Who had addresses there keeps them, and gets no more.
    assert User.objects.filter(customer=acme, email__endswith="@sub.initech.example").count() == 2
    with pytest.raises(Refused, match="claims this domain too"):
        people.create_user(actor=None, organisation=acme, email="three@sub.initech.example", name="Three")
    assert make_person(initech, email="peter@initech.example").pk


domains = st.lists(st.sampled_from("abc"), min_size=2, max_size=4).map(".".join)


@settings(deadline=None)
@given(
    st.lists(domains, unique=True, max_size=4), st.lists(domains, min_size=1, max_size=5), st.sets(st.integers(0, 3))
)
def test_P9_the_questions_for_many_domains_agree_with_the_rule(
    held: list[str], asked: list[str], unverified: set[int]
) -> None:
    """The index, the vendor's setting and the words of the rule say the same: at, above or below, verified, not own."""

    def around(one: str, other: str) -> bool:
        return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")

    vendors, rows = held[:1], held[1:]
    Customer.objects.all().delete()
    owners = [Customer.objects.create(name="C", sort_name="c", primary_domain=domain) for domain in rows]
    Domain.objects.filter(name__in=[rows[n] for n in unverified if n < len(rows)]).update(
        verified_at=None, verified_how=""
    )
    holders = [domain for n, domain in enumerate(rows) if n not in unverified]
    with override_settings(VENDOR_DOMAINS=vendors):
        for owner in (None, *owners):
            others = {*vendors, *holders} - ({owner.primary_domain} if owner else set())
            expected = {domain for domain in asked if any(around(domain, one) for one in others)}
            assert held_by_others(asked, owner) == expected
    assert all(lineage(domain)[-1] == ".".join(domain.split(".")[-2:]) for domain in asked)


@pytest.mark.django_db(transaction=True)
def test_P9_of_two_who_take_a_domain_at_once_one_gets_it() -> None:
    acme = make_customer("Acme", "acme.example")
    for number in range(12):
        make_domain(acme, f"n{number}.example")

    def found(domain: str) -> Callable[[], object]:
        return lambda: create_customer(actor=None, name="New", primary_domain=domain)

    def give(domain: str, number: int) -> Callable[[], object]:
        return lambda: people.create_user(actor=None, organisation=acme, email=f"p{number}@{domain}", name="P")

    for number in range(12):
        taken = f"mail.n{number}.example"
        second = found(f"n{number}.example") if number % 2 else give(f"n{number}.example", number)
        raised = at_once(found(taken), second)
        assert sum(isinstance(error, Refused) for error in raised) == 1, raised


# --- A reseller adds a customer --------------------------------------------------------------------------


@pytest.fixture
def world(acme: Customer) -> World:
    return make_world()


def test_P9_a_reseller_does_not_learn_who_holds_a_domain_and_the_operators_are_told_once(world: World) -> None:
    operator = make_person(VENDOR, Role.VENDOR_OPERATOR, name="Olga")
    acme = Customer.objects.get(primary_domain="acme.example")
    make_person(acme, email="ana@initech.example")
    admin = make_person(world.reseller, Role.RESELLER_ADMIN, name="Rita")
    client = Client()
    client.force_login(admin, backend="accounts.backends.SignInBackend")
    data = {"name": "Initech", "primary_domain": "initech.example", "postal_address": "1 Main", "phone_number": ""}
    data |= {"admin_name": "Peter", "admin_email": "peter@initech.example", "plan": "FLEXIBLE", "seats": "5"}
    data |= {"sku": "1010020027"}
    for _ in range(2):
        answer = client.post("/reseller/customers/new/", data)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "This domain is in use already." in page
        assert "Acme" not in page
        assert "Acme" not in client.get("/reseller/activity/").content.decode()
    event = AuditEvent.objects.get(name="DOMAIN_IN_USE")
    assert (event.customer_id, event.actor_id, event.subject) == (None, None, "initech.example")
    send_due_mails()
    [told] = [message for message in mail.outbox if message.to == [operator.email]]
    assert "could not add a customer under initech.example" in told.subject
    assert "Acme (1 address)" in told.body
    assert not Customer.objects.filter(name="Initech").exists()


def test_P9_an_international_customer_is_founded_as_people_type_it(world: World) -> None:
    actor = Actor(make_person(world.reseller, Role.RESELLER_ADMIN, name="Rita"))
    new = replace(NEW, name="Bücher", primary_domain="Bücher.example", admin_email="Chef@bücher.example")
    customer = add_customer(actor=actor, new=new, offer=offer()).customer
    assert customer.primary_domain == "xn--bcher-kva.example"
    chef = User.objects.get(customer=customer)
    assert chef.email == "chef@xn--bcher-kva.example"
    for typed in ("CHEF@BÜCHER.example", "chef@bu\u0308cher。example", "chef@xn--bcher-kva.example"):
        assert person_at(typed) == chef
    client = Client()
    client.force_login(actor.user, backend="accounts.backends.SignInBackend")
    for spelling in ("Bücher.example", "XN--BCHER-KVA.example", "bücher.example."):
        page = client.get(f"/reseller/customers/{spelling}/")
        assert page.status_code == 200, spelling
        assert "bücher.example" in page.content.decode()
    found = client.get("/reseller/", {"q": "bücher.ex"}).content.decode()
    assert "<bdi>Bücher</bdi>" in found


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("xn--bcher-kva.example", "bücher.example"),
        ("mail.xn--r8jz45g.xn--zckzah", "mail.例え.テスト"),
        ("acme.example", "acme.example"),
        # With a Cyrillic letter in place of the first one: it only looks like another name.
        ("xn--cme-5cd.example", "xn--cme-5cd.example"),
        ("xn--a.example", "xn--a.example"),
    ],
)
def test_a_domain_is_shown_as_people_read_it_unless_it_pretends(stored: str, shown: str) -> None:
    assert shown_domain(stored) == shown
    assert shown_email(f"ana@{stored}") == f"ana@{shown}"


@pytest.mark.parametrize(
    ("typed", "part"),
    [("bücher", "xn--bcher-kva"), ("Ana@Bücher.ex", "ana@xn--bcher-kva.ex"), ("ACME", "acme"), ("@", "@"), ("☃", "☃")],
)
def test_a_part_of_a_domain_is_searched_as_it_is_stored(typed: str, part: str) -> None:
    assert stored_part(typed) == part


# --- One way to find a person by an address ----------------------------------------------------------------


def test_an_address_finds_its_person_in_any_spelling_aliases_included(cast: Cast) -> None:
    dave = cast.acme.nobody
    renaming.rename_user(actor=None, person=dave, email="david@acme.example")
    for typed in ("David@ACME.example", "dave@acme.example", " ｄave@acme。example"):
        assert person_at(typed) == person_at(typed, cast.acme.customer) == dave
        assert person_at(typed, cast.globex.customer) is None
        assert person_at(typed, VENDOR) is None
    for typed in ("nobody@acme.example", "", "no address", "all@acme.example"):
        assert person_at(typed) is None
    User.objects.filter(pk=dave.pk).update(is_active=False, deleted_at="2026-01-01T00:00:00Z")
    assert person_at("david@acme.example") is None
    assert set(refusals(cast.acme.customer, ["david@acme.example"])) == {"david@acme.example"}


@pytest.mark.parametrize("spelling", ["ACME.example", "acme.example.", "ａｃｍｅ.example", "Acme。EXAMPLE"])
def test_a_console_is_found_under_any_spelling_by_who_may_know_it(spelling: str, cast: Cast) -> None:
    for person, status in ((cast.acme.super_admin, 200), (cast.globex.super_admin, 404), (cast.resale_two.agent, 404)):
        client = Client()
        client.force_login(person, backend="accounts.backends.SignInBackend")
        answer, nowhere = (client.get(f"/console/{name}/") for name in (spelling, "Nobody.example"))
        assert answer.status_code == status
        assert nowhere.status_code == 404
        if status == 404:
            assert answer.content == nowhere.content
    client = Client()
    client.force_login(cast.acme.super_admin, backend="accounts.backends.SignInBackend")
    for nothing in ("acme", "acme .example", "acme.example:80", "xn--a.example"):
        assert client.get(f"/console/{nothing}/").status_code == 404


@pytest.mark.parametrize("typed", ["david@acme.example", "DAVE@acme.example"])
def test_an_alias_signs_in_and_resets_as_the_address_itself(typed: str, cast: Cast) -> None:
    dave = cast.acme.nobody
    renaming.rename_user(actor=None, person=dave, email="david@acme.example")
    dave.set_password(PASSWORD)
    dave.save(update_fields=["password"])
    client = Client()
    assert client.post("/accounts/login/", {"login": typed, "password": PASSWORD}).status_code == 302
    assert client.session["_auth_user_id"] == str(dave.pk)
    Client().post("/accounts/password/reset/", {"email": typed})
    assert [message.to for message in mail.outbox] == [["david@acme.example"]]


def test_a_deleted_persons_address_leads_to_restoring_them(cast: Cast) -> None:
    dave = cast.acme.nobody
    deleting.delete_user(actor=None, person=dave)
    client = Client()
    client.force_login(cast.acme.super_admin, backend="accounts.backends.SignInBackend")
    data = {"given_name": "Dave", "email": "Dave", "org_unit": dave.org_unit_id, "password": "link"}
    answer = client.post("/console/acme.example/users/new/", data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "was deleted a short time ago" in page
    assert f'href="/console/acme.example/users/{dave.pk}/"' in page
    assert 'value="Dave"' in page
    # Someone else's deleted person is nobody's to restore, and has no name here.
    hugo = cast.globex.nobody
    Address.objects.filter(user=hugo).update(email="jack@free.example")
    deleting.delete_user(actor=None, person=hugo)
    answer = client.post("/console/acme.example/users/new/", {**data, "email": "jack@free.example"})
    assert "deleted" not in answer.content.decode().split("<main")[1].split("a deleted user")[0]
