"""Filters of cases and classifications: what the original documents is understood, everything else is an error."""

from __future__ import annotations

from contextlib import suppress
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.cloud_support.expressions import LONGEST, parse
from api.core.errors import Invalid
from support.categories import CATEGORIES
from support.models import Case
from support.models.case import Priority, State
from tests.api.cloud_support.world import TOLD, ask, name_of, parent_of
from tests.cast import Cast
from tests.factories import make_person
from tests.support.world import make_case


def titles(answer: dict[str, Any]) -> set[str]:
    return {case["displayName"] for case in answer["cases"]}


@pytest.fixture
def some_cases(cast: Cast) -> Cast:
    for title, priority, state, person in (
        ("Urgent", Priority.P0, State.NEW, cast.acme.super_admin),
        ("High", Priority.P1, State.ACTION_REQUIRED, cast.acme.support_manager),
        ("Low", Priority.P3, State.NEW, cast.acme.support_manager),
        ("Old", Priority.P0, State.CLOSED, cast.acme.super_admin),
    ):
        case = make_case(cast.acme.customer, person, title=title)
        closed_at = case.filed_at if state == State.CLOSED else None
        Case.objects.filter(pk=case.pk).update(priority=priority, state=state, closed_at=closed_at)
    return cast


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        # The examples of the original's reference of cases.list.
        ("state=CLOSED", {"Old"}),
        ('state=OPEN AND creator.email="BOB@acme.example"', {"High", "Low"}),
        ("state=OPEN AND (priority=P0 OR priority=P1)", {"Urgent", "High"}),
        ("priority=P1 OR priority=P2", {"High"}),
        ("", {"Urgent", "High", "Low", "Old"}),
        # OR binds tighter than AND (AIP-160), and a space is AND.
        ("priority=P0 OR priority=P3 AND state=OPEN", {"Urgent", "Low"}),
        ('state = "OPEN" priority=P0', {"Urgent"}),
        ('creator.email="nobody"', set()),
    ],
)
def test_cases_are_filtered_as_the_original_documents_it(some_cases: Cast, expression: str, found: set[str]) -> None:
    parent = parent_of(some_cases.acme.customer)
    assert titles(ask(some_cases.acme.auditor, "cases.list", parent=parent, filter=expression)) == found
    assert titles(ask(some_cases.acme.auditor, "cases.search", parent=parent, query=expression)) == found


@pytest.mark.parametrize(
    "expression",
    [
        "state=NEW", "priority=P9", "priority>P0", "state", '"words"', "title=x", "state=OPEN AND", "(state=OPEN",
        "state=OPEN)", "NOT state=OPEN", "state=", "=OPEN", '"', "AND", 'update_time>"2020-01-01T00:00:00Z"',
        "(" * 50 + "state=OPEN" + ")" * 50, "state=OPEN " * (LONGEST // 10),
    ],
)  # fmt: skip
def test_what_is_no_filter_of_cases_is_an_error(cast: Cast, expression: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(cast.acme.super_admin, "cases.list", parent=parent_of(cast.acme.customer), filter=expression)
    assert refused.value.location == "filter"


def test_search_looks_into_title_description_and_comments_and_for_the_last_change(some_cases: Cast) -> None:
    bob, parent = some_cases.acme.support_manager, parent_of(some_cases.acme.customer)
    low = Case.objects.get(title="Low")
    ask(bob, "cases.comments.create", {"body": 'It says "100% full_" now'}, parent=name_of(low))

    def search(query: str) -> set[str]:
        return titles(ask(bob, "cases.search", parent=parent, query=query))

    assert search("urg") == {"Urgent"}
    assert search('"takes HOURS"') == {"Urgent", "High", "Low", "Old"}
    assert search('"100% full_"') == search('"says \\"100"') == {"Low"}
    assert search("takes state=OPEN priority=P3") == {"Low"}
    later = Case.objects.get(title="Old").updated_at.isoformat()
    assert search(f'update_time>"{later}"') == {"Low"}
    for query in ('update_time>"yesterday"', 'update_time>"2020-01-01T00:00:00"', 'update_time<"2020-01-01T00:00:00Z"'):
        with pytest.raises(Invalid):
            search(query)


def test_v2beta_names_the_organisation_in_the_expression(some_cases: Cast) -> None:
    alice, parent = some_cases.acme.super_admin, parent_of(some_cases.acme.customer)
    assert titles(ask(alice, "cases.search", query=f'organization="{parent}" AND state=CLOSED')) == {"Old"}
    assert len(titles(ask(alice, "cases.search", query=f'organization="{parent}"'))) == 4
    for query in ("state=CLOSED", "", f'organization="{parent}" OR state=CLOSED', f'organization="{parent}" ' * 2):
        with pytest.raises(Invalid):
            ask(alice, "cases.search", query=query)


def test_every_category_of_every_service_is_a_classification_and_can_be_filed(cast: Cast) -> None:
    alice, found, token = cast.acme.super_admin, [], ""
    while True:
        answer = ask(alice, "caseClassifications.search", pageSize=25, pageToken=token)
        found += answer["caseClassifications"]
        token = answer.get("nextPageToken")
        if not token:
            break
    assert len(found) == len({each["id"] for each in found}) == sum(map(len, CATEGORIES.values()))
    assert len([each for each in found if each["id"].endswith(".account.billing")]) == 4
    for each in found[::7]:
        filed = ask(alice, "cases.create", TOLD | {"classification": each}, parent=parent_of(cast.acme.customer))
        assert filed["classification"] == each


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ('display_name:"*Virtual machines*"', 1),
        ('display_name:"virtual"', 1),
        ('displayName="Google Cloud > Network > *"', 3),
        ('id="google_voice.calls.quality"', 1),
        ("invoices", 4),
        ('invoices AND display_name:"*google voice*"', 1),
        ('display_name:"Google Cloud"', 15),
        ('display_name:"a*a*b"', 0),
    ],
)
def test_classifications_are_found_by_words_and_patterns(cast: Cast, query: str, number: int) -> None:
    person = make_person(cast.acme.customer, name="Zoe")
    found = ask(person, "caseClassifications.search", query=query, pageSize=100)["caseClassifications"]
    assert len(found) == number
    with pytest.raises(Invalid):
        ask(person, "caseClassifications.search", query="priority=P0")


@given(st.text(alphabet='ab ()=<>!:"\\ANDOR.*', max_size=60))
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    with suppress(Invalid):
        parse(text, "filter")


def test_the_longest_expression_is_read_in_linear_time() -> None:
    def cost(text: str) -> float:
        began = process_time()
        for _ in range(20):
            with suppress(Invalid):
                parse(text, "filter")
        return process_time() - began

    for text in ('"' * LONGEST, "\\" * LONGEST, ' "a' * (LONGEST // 3), "a " * (LONGEST // 2), "(" * LONGEST):
        assert cost(text) < 1
