"""The reseller's list of customers: its keyset, its search, its states."""

from __future__ import annotations

from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.keyset import PAGE_SIZE
from accounts.models import Reseller
from accounts.roles import Role
from subscriptions.access import desired, propagation
from subscriptions.access.customers_page import CustomersPage, customers_page
from subscriptions.access.effective import AccessState
from tests.access.boxes import console, save
from tests.access.world import World, assign, propagate, sell
from tests.factories import put_customer, put_person, put_reseller

NAMES = ["Ångström", "angström", "Zoë & Co", "zoe & co", "100% Coffee", "100 Coffee", "under_score", "underXscore"]
NAMES += ["back\\slash", "O'Hara", "Straße", "strasse", "Élan", "elan", "ﬁsh", "{braces}", "%(name)s"]


@pytest.fixture
def reseller(db: None) -> Reseller:
    """Sells to 117 customers, many of them with equal names."""
    reseller = put_reseller()
    for number in range(100):
        sell(put_customer(f"Name {number % 7}"), reseller)
    for name in NAMES:
        sell(put_customer(name), reseller)
    propagation.apply_due_changes()
    return reseller


def keys(page: CustomersPage) -> list[tuple[str, int]]:
    return [row.key for row in page.rows]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("role", [Role.RESELLER_ADMIN, Role.RESELLER_AGENT])
def test_every_customer_comes_once_forwards_and_the_same_way_back(
    reseller: Reseller, descending: bool, role: Role
) -> None:
    agent = put_person(reseller, role)
    if role is Role.RESELLER_AGENT:
        for relation in reseller.access_grants.select_related("customer"):
            assign(agent, relation.customer)
    pages = [customers_page(agent, descending=descending)]
    while pages[-1].next:
        pages.append(customers_page(agent, descending=descending, after=pages[-1].next))
    everyone = [key for page in pages for key in keys(page)]
    assert [len(page.rows) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 17]
    assert {page.total for page in pages} == {117}
    expected = sorted(reseller.access_grants.values_list("customer_sort_name", "id"), reverse=descending)
    assert everyone == expected
    assert pages[0].previous is None

    back = [pages[-1]]
    while back[-1].previous:
        back.append(customers_page(agent, descending=descending, before=back[-1].previous))
    assert [keys(page) for page in back] == [keys(page) for page in reversed(pages)]
    assert back[-1].next == pages[0].next


def test_an_agent_sees_only_its_own_customers_and_counts_only_them(reseller: Reseller) -> None:
    agent = put_person(reseller, Role.RESELLER_AGENT)
    chosen = [r.customer for r in reseller.access_grants.select_related("customer")[3:9]]
    for customer in chosen:
        assign(agent, customer)
    page = customers_page(agent)
    assert {row.domain for row in page.rows} == {c.primary_domain for c in chosen}
    assert page.total == 6
    assert customers_page(agent, search="example").total == 6
    assert customers_page(put_person(reseller, Role.SUPPORT_AGENT)).total == 0
    assert customers_page(put_person(put_reseller(), Role.RESELLER_ADMIN)).rows == []


SEARCHES: dict[str, set[str]] = {
    "ANGSTROM": {"Ångström", "angström"},
    "zoë": {"Zoë & Co", "zoe & co"},
    "100%": {"100% Coffee"},
    "%": {"100% Coffee", "%(name)s"},
    "_": {"under_score"},
    "r_s": {"under_score"},
    "\\": {"back\\slash"},
    "o'h": {"O'Hara"},
    "STRASSE": {"Straße", "strasse"},
    "fish": {"ﬁsh"},
    "{": {"{braces}"},
    "%(name)s": {"%(name)s"},
    "  elan  ": {"Élan", "elan"},
    "nothing like it": set(),
    "an\x00gstrom": {"Ångström", "angström"},
    "'; DROP TABLE accounts_customer; --": set(),
}


def test_search_takes_every_character_as_it_is(reseller: Reseller) -> None:
    admin = put_person(reseller, Role.RESELLER_ADMIN)
    pages = {search: customers_page(admin, search=search) for search in SEARCHES}
    assert {search: {row.name for row in page.rows} for search, page in pages.items()} == SEARCHES
    assert {search: page.total for search, page in pages.items()} == {s: len(found) for s, found in SEARCHES.items()}


def test_search_finds_domains_and_pages_through_them(reseller: Reseller) -> None:
    admin = put_person(reseller, Role.RESELLER_ADMIN)
    first = customers_page(admin, search="EXAMPLE")
    second = customers_page(admin, search="EXAMPLE", after=first.next)
    assert (first.total, second.total, len(second.rows)) == (117, 117, PAGE_SIZE)
    assert not {*keys(first)} & {*keys(second)}


def test_a_forged_cursor_shows_a_part_of_the_same_list(world: World) -> None:
    names = ["", "name 3", "zzzz", "\x00", "%", "'", "\U0010ffff", "x" * 5000]
    numbers = [0, -1, 2**63, -(10**30), 10**30]
    for name, number, descending, key in product(names, numbers, (False, True), ("after", "before")):
        page = customers_page(world.agent, descending=descending, **{key: (name, number)})  # type: ignore[arg-type]
        assert {row.domain for row in page.rows} <= {world.customer.primary_domain}
        assert page.total == 1


def test_in_front_of_the_first_row_is_the_first_page(world: World) -> None:
    """The rows before it went away while someone read the second page."""
    first = customers_page(world.agent)
    assert customers_page(world.agent, before=first.rows[0].key) == first


def test_the_states_of_a_row(world: World) -> None:
    def state() -> tuple[AccessState, bool, bool]:
        [row] = customers_page(world.agent).rows
        return row.state, row.closes_at is not None, row.opens_at is not None

    assert state() == (AccessState.OPEN, False, False)
    save(world, console(world, False))
    assert state() == (AccessState.CLOSING, True, False)
    propagate()
    assert state() == (AccessState.CLOSED, False, False)
    save(world, console(world, True))
    assert state() == (AccessState.OPENING, False, True)
    propagate()
    assert state() == (AccessState.OPEN, False, False)
    desired.remove_now(actor=world.admin, customer=world.customer, reseller_id=world.reseller.pk)
    assert state() == (AccessState.CLOSED, False, False)


def test_it_counts_the_live_subscriptions_it_sold_to_each(world: World) -> None:
    sell(world.customer, world.reseller, "Google-Vault")
    sell(world.customer, put_reseller(), "Google-Vault")
    [row] = customers_page(world.agent).rows
    assert row.sold == 2


def test_the_number_of_queries_is_the_same_for_one_customer_and_for_fifty(world: World, reseller: Reseller) -> None:
    numbers = []
    for seller in (world.reseller, reseller):
        admin = put_person(seller, Role.RESELLER_ADMIN)
        with CaptureQueriesContext(connection) as queries:
            customers_page(admin)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]
