"""The one list component: what a person chooses is what they see, and what is typed into rows stays text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from accounts.roles import Role
from tests.client import signed_in, text_of, url_of
from tests.factories import make_customer, make_person
from web.lists import cells, listing

HEADERS = ["Name", "E-mail address", "Organisational unit", "Status", "Last sign-in"]


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def alice(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Alice")


@pytest.fixture
def client(alice: User) -> Client:
    return signed_in(alice)


def headers(response: Any) -> list[str]:
    """The headers that a list shows."""
    head = response.content.decode().split("<thead>")[1].split("</thead>")[0]
    texts = [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in re.findall(r"<th.*?</th>", head, re.DOTALL)]
    return [text for text in texts if text not in {"Selection", "More"}]


def choose(client: Client, **choice: Any) -> Any:
    return client.post(reverse("list_choice", args=["users"]), choice)


def test_a_list_shows_the_columns_that_a_person_has_chosen_and_always_the_first(client: Client, acme: Customer) -> None:
    users = url_of("users", acme)
    assert headers(client.get(users)) == HEADERS
    answer = choose(client, size=25, column=["roles", "status", "no_such_column"], next=users)
    assert (answer.status_code, answer.url) == (302, users)
    assert headers(client.get(users)) == ["Name", "Admin roles", "Status"]
    choose(client, size=25)
    assert headers(client.get(users)) == ["Name"]


def test_what_one_person_chooses_nobody_else_sees(client: Client, acme: Customer) -> None:
    bob = make_person(acme, Role.SUPER_ADMIN, name="Bob")
    choose(client, size=25, column=["email"])
    assert headers(signed_in(bob).get(url_of("users", acme))) == HEADERS


def test_a_page_has_as_many_rows_as_a_person_has_chosen(client: Client, acme: Customer) -> None:
    for number in range(60):
        make_person(acme, name=f"Person {number:02}")
    seen = []
    for size in (25, 50, 100):
        choose(client, size=size, column=["email"])
        seen.append(len(client.get(url_of("users", acme)).context["list"].rows.rows))
    assert seen == [25, 50, 61]


def test_a_page_of_25_rows_leads_to_all_others_and_back(client: Client, acme: Customer) -> None:
    names = sorted(["Alice", *(make_person(acme, name=f"Person {number:02}").name for number in range(60))])
    choose(client, size=25, column=[])
    address, walked = url_of("users", acme), []
    while address:
        page = client.get(address).context["list"]
        walked += [row.person.name for row in page.rows.rows]
        address = page.pager.next_url
    assert walked == names


@pytest.mark.parametrize("choice", [{"size": 10}, {"size": "all"}, {}, {"size": 1000}])
def test_a_choice_that_does_not_exist_changes_nothing_and_says_so(
    choice: dict[str, Any], client: Client, alice: User
) -> None:
    choose(client, column=["email"], **choice)
    alice.refresh_from_db()
    assert alice.list_choices == {}
    assert "does not exist" in client.get(reverse("notification_preferences")).content.decode()


def test_a_list_that_does_not_exist_is_not_kept(client: Client, alice: User) -> None:
    assert client.post(reverse("list_choice", args=["no-such-list"]), {"size": 25}).status_code == 404
    alice.refresh_from_db()
    assert alice.list_choices == {}


def test_what_was_kept_by_an_older_program_is_no_error(client: Client, acme: Customer, alice: User) -> None:
    alice.list_choices = {"users": {"size": 7, "columns": "email"}, "gone": {}}
    alice.save(update_fields=["list_choices"])
    assert headers(client.get(url_of("users", acme))) == HEADERS


def test_a_header_sorts_and_sorts_back_and_keeps_the_filter(client: Client, acme: Customer) -> None:
    page = client.get(url_of("users", acme), {"status": "active"})
    name = next(head for head in page.context["list"].shown if head.key == "name")
    assert (name.sorted, "status=active" in name.url) == ("ascending", True)
    page = client.get(name.url)
    name = next(head for head in page.context["list"].shown if head.key == "name")
    assert name.sorted == "descending"
    assert 'aria-sort="descending"' in page.content.decode()
    assert client.get(name.url).context["list"].order == "name"


def test_each_filter_in_use_can_be_taken_away(client: Client, acme: Customer) -> None:
    page = client.get(url_of("users", acme), {"q": "a", "status": "active", "role": "auditor", "order": "-name"})
    chips = page.context["list"].form.chips
    assert [(chip.label, chip.value) for chip in chips] == [("Admin role", "Auditor"), ("Status", "Active")]
    assert chips[0].query == "q=a&status=active&order=-name"


def test_more_than_can_be_counted_cheaply_is_said_so(
    client: Client, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_person(acme, name=f"Person {number}")
    assert "4 users" in client.get(url_of("users", acme)).content.decode()
    monkeypatch.setattr(listing, "COUNTED", 3)
    assert "more than 3 users" in client.get(url_of("users", acme)).content.decode()


def test_a_name_with_markup_stays_text_in_its_cell_its_box_and_its_menu(client: Client, acme: Customer) -> None:
    make_person(acme, name='<b>"Eve"', email="eve@acme.example")
    body = client.get(url_of("users", acme)).content.decode()
    assert '<b>"Eve"' not in body
    assert body.count("&lt;b&gt;&quot;Eve&quot;") == 3


def test_a_cell_that_may_be_cut_off_says_the_whole_on_hover(client: Client, acme: Customer, alice: User) -> None:
    make_person(acme, name='<b>"Bold" & Co</b>', email="bold@acme.example")
    page = client.get(url_of("users", acme)).content.decode()
    assert f'data-label="E-mail address" title="{alice.email}">' in page
    assert 'title="&lt;b&gt;&quot;Bold&quot; &amp; Co&lt;/b&gt;">' in page


def test_on_paper_a_page_says_that_there_are_others_and_where_it_begins_and_ends(
    client: Client, acme: Customer
) -> None:
    for number in range(60):
        make_person(acme, name=f"Person {number:02}")
    said = re.sub("[\u2068\u2069]", "", text_of(client.get(url_of("users", acme))))
    assert "61 users. One page of several: 50 rows, from “Alice” to “Person 48”." in said
    assert "One page of several" not in text_of(client.get(url_of("users", acme) + "?q=alice"))


def test_a_line_and_the_quieter_one_beside_it_are_two_words() -> None:
    assert cells.plain(cells.with_sub("vera@vendor.example", cells.name("Google"))) == "vera@vendor.example Google"


def test_cells_escape_what_is_not_safe() -> None:
    assert cells.link("/a?b=1&c=2", "<i>") == '<a href="/a?b=1&amp;c=2">&lt;i&gt;</a>'
    assert cells.with_sub("<i>", cells.name("<u>")) == (
        '<div>&lt;i&gt; <span class="table__sub"><bdi>&lt;u&gt;</bdi></span></div>'
    )
    assert cells.listed(["<a>", "b"]) == "&lt;a&gt;, b"
    assert cells.listed([]) == "–"


def test_the_menu_of_a_row_offers_only_what_this_reader_may_do(acme: Customer, alice: User) -> None:
    helper = make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Uma")
    plain = make_person(acme, name="Zoe")

    def offered(reader: User, person: User) -> list[str]:
        page = signed_in(reader).get(url_of("users", acme)).context["list"]
        [row] = [row for row in page.rows.rows if row.person == person]
        return [label for _url, label in page.rows.menu(row)[1]]

    assert offered(alice, helper) == ["Details", "Edit", "Admin roles", "Licences"]
    assert offered(helper, plain)[:2] == ["Details", "Edit"]
    # Only a super admin acts on people who hold an admin role (P3).
    assert "Edit" not in offered(helper, alice)
