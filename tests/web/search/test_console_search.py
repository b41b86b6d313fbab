"""The search of a customer's console: what a person may open, and nothing beside it (P3, P4, R14, R18, R23)."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.db import connection, transaction

from accounts.directory import devices, groups, org_units
from accounts.directory.tree import tree_of
from accounts.models import Address, Customer, OpenedPage, Reseller, User
from accounts.roles import CUSTOMER_ROLES, Role
from subscriptions.access.levels import OPENS
from subscriptions.models import AccessGrant, Sku
from subscriptions.models.level import Level
from tests.access.world import World
from tests.accounts.entering import inside
from tests.client import signed_in, text_of, url_of
from tests.factories import make_person
from tests.web.search.found import BELOW, found, options

HERE = ("Users", "Groups", "Organisational units", "Devices", "Subscriptions", "Cases")


@pytest.fixture(autouse=True)
def _something_to_find(world: World, twin: World) -> None:
    """Of everything one with the same name, at the customer and at a stranger."""
    for one in (world, twin):
        furnish(one.customer, "ours" if one is world else "theirs")


def furnish(customer: Customer, whose: str) -> None:
    make_person(customer, name=f"Vault Keeper {whose}")
    groups.create_group(actor=None, customer=customer, email=f"vault@{customer.primary_domain}", name=f"Vault {whose}")
    root = tree_of(customer).root
    org_units.create_org_unit(actor=None, customer=customer, parent=root, name=f"Vault {whose}")
    devices.enrol_device(
        actor=None,
        customer=customer,
        kind="ios",
        serial_number=f"VAULT{whose.upper()}",
        model="",
        user=None,
        org_unit=root,
    )


def search(world: World, person: User, text: str) -> dict[str, list[str]]:
    return found(signed_in(person).get(url_of("console_search", world.customer), {"q": text}))


def test_resellers_are_found_by_who_sees_reseller_access(world: World, twin: World) -> None:
    Reseller.objects.filter(pk=world.reseller.pk).update(name="Lighthouse", sort_name="lighthouse")
    for role in (Role.SUPER_ADMIN, Role.AUDITOR, Role.HELP_DESK_ADMIN):
        found_now = search(world, make_person(world.customer, role), "ighthous")
        assert found_now.get("Resellers", []) == ([] if role == Role.HELP_DESK_ADMIN else ["Lighthouse"])
    admin = make_person(world.customer, Role.SUPER_ADMIN)
    assert "Resellers" not in search(world, admin, twin.reseller.name), "a reseller of others is none here"


EVERYTHING = {
    "Users": ["Vault Keeper ours"],
    "Groups": ["Vault ours"],
    "Organisational units": ["Vault ours"],
    "Devices": ["VAULTOURS"],
}
SEEN = {
    Role.SUPER_ADMIN: set(EVERYTHING),
    Role.AUDITOR: set(EVERYTHING),
    Role.USER_MANAGEMENT_ADMIN: set(EVERYTHING) - {"Devices"},
    Role.HELP_DESK_ADMIN: {"Users"},
    Role.SUPPORT: set(),
    Role.SUPPORT_MANAGER: set(),
}


@pytest.mark.parametrize("role", sorted(CUSTOMER_ROLES))
def test_P3_each_role_finds_what_its_lists_show_and_nothing_of_another_customer(world: World, role: Role) -> None:
    assert search(world, make_person(world.customer, role), "vault") == {kind: EVERYTHING[kind] for kind in SEEN[role]}


@pytest.mark.parametrize("level", OPENS)
def test_R18_an_agent_finds_what_their_level_opens(world: World, level: Level) -> None:
    AccessGrant.objects.filter(customer=world.customer, reseller=world.reseller, subscription=None).update(
        level=level, effective_level=level
    )
    client = inside(world)
    page = found(client.get(url_of("console_search", world.customer), {"q": "vault"}))
    assert page == ({} if level == Level.CASES else EVERYTHING)


def test_R14_an_agent_finds_no_subscription_that_is_not_opened_to_them(world: World) -> None:
    product = Sku.objects.get(pk=world.own.sku_id).name
    assert "Subscriptions" in search(world, world.admin.user, product)
    inside_page = inside(world).get(url_of("console_search", world.customer), {"q": product})
    assert product not in found(inside_page).get("Subscriptions", [])


def test_R23_what_an_agent_searches_stands_in_the_record_of_the_visit(world: World) -> None:
    inside(world).get(url_of("console_search", world.customer), {"q": "vault"}, headers=BELOW)
    row = OpenedPage.objects.get(page="console_search")
    assert (row.path, row.filter, row.rows) == ("search/", "q=vault", 4)


def test_R23_what_is_suggested_to_an_agent_stands_there_too(world: World) -> None:
    inside(world).get(url_of("console_people", world.customer), {"q": "keeper"})
    row = OpenedPage.objects.get(page="console_people")
    assert (row.filter, row.rows) == ("q=keeper", 1)


def test_one_letter_finds_what_begins_with_it(world: World) -> None:
    make_person(world.customer, name="Xavier Ovid")
    assert search(world, world.admin.user, "x") == {"Users": ["Xavier Ovid"]}
    assert "Users" not in search(world, world.admin.user, "vi")


def test_the_deleted_are_not_found_and_aliases_are(world: World) -> None:
    gone = make_person(world.customer, name="Vaulted Away")
    User.objects.filter(pk=gone.pk).update(is_active=False, deleted_at="2026-01-01T00:00Z")
    kept = make_person(world.customer, name="Greta Kept")
    Address.objects.create(email=f"oldname@{world.customer.primary_domain}", user=kept)
    assert search(world, world.admin.user, "vault")["Users"] == ["Vault Keeper ours"]
    assert search(world, world.admin.user, "oldname") == {"Users": ["Greta Kept"]}


def test_names_are_found_without_accents_and_whatever_else_was_pasted_with_them(world: World) -> None:
    make_person(world.customer, name="Zoë Łukasz", email=f"zl@{world.customer.primary_domain}")
    for typed in ("zoe luk", "ZOË ŁUK", "\u200bzoe  \u202eluk"):
        assert search(world, world.admin.user, typed)["Users"] == ["Zoë Łukasz"]


@pytest.mark.parametrize("typed", ["", " ", "\u200b", "%", "_", "\\", "'", "<>", "😀", "x" * 5000])
def test_whatever_is_typed_is_answered(world: World, typed: str) -> None:
    response = signed_in(world.admin.user).get(f"{url_of('console_search', world.customer)}?q={quote(typed)}")
    assert found(response) == {}


def test_pages_are_found_by_their_words_in_the_language_of_the_reader(world: World) -> None:
    admin, auditor = world.admin.user, make_person(world.customer, Role.SUPPORT)
    page = search(world, admin, "access res")
    assert page["Pages and settings"] == ["Reseller access"]
    assert "Reseller access" in page["Help"]
    User.objects.update(language="fr")
    page = search(world, User.objects.get(pk=admin.pk), "acces du rev")
    assert page["Pages et paramètres"] == ["Accès du revendeur"]
    # A page that is closed to a person is not offered.
    assert "Pages et paramètres" not in search(world, User.objects.get(pk=auditor.pk), "acces du rev")


def test_below_the_field_stand_fewer_with_a_way_to_all(world: World) -> None:
    for number in range(7):
        make_person(world.customer, name=f"Inez {number}")
    client, url = signed_in(world.admin.user), url_of("console_search", world.customer)
    below = client.get(url, {"q": "inez"}, headers=BELOW)
    names = [f"Inez {number} inez{number}@{world.customer.primary_domain}" for number in range(5)]
    assert options(below) == [*names, "More results: Users", "All results for “inez”"]
    assert f'href="{url_of("users", world.customer)}?q=inez"' in below.content.decode()
    assert len(found(client.get(url, {"q": "inez"}))["Users"]) == 7


def test_the_name_of_the_console_stands_in_the_tab_and_in_the_top_bar(world: World) -> None:
    name = world.customer.name
    for client in (signed_in(world.admin.user), inside(world)):
        page = client.get(url_of("users", world.customer)).content.decode()
        assert f"<title>Users – {name} – Admin console</title>" in page
        assert f'<span class="brand__organisation"><bdi>{name}</bdi></span>' in page


def test_a_stranger_is_told_no_name(world: World, twin: World) -> None:
    response = signed_in(world.agent).get(url_of("users", twin.customer))
    assert response.status_code == 404
    assert twin.customer.name not in response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_what_the_database_stops_is_said_and_the_rest_is_shown(world: World) -> None:
    other = connection.copy()
    try:
        with transaction.atomic():
            other.set_autocommit(False)
            other.cursor().execute("LOCK TABLE accounts_directorygroup IN ACCESS EXCLUSIVE MODE")
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '300ms'")
        response = signed_in(world.admin.user).get(url_of("console_search", world.customer), {"q": "vault"})
        assert found(response) == {"Users": EVERYTHING["Users"]}
        assert "The search took too long" in text_of(response)
    finally:
        other.rollback()
        other.close()
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
