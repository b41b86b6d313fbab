"""By when vendor support answers, and what is late (S13): a comparison with the database's clock."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection
from django.db.models.functions import Now

from support import cases, vendor_desk
from support import due as due_times
from support.cases import Draft
from support.due import ANSWER_WITHIN, is_late, repairs, with_lateness
from support.models import Case
from support.models.case import Priority, State
from support.tasks import move_due_customers
from tests.cast import Cast
from tests.client import main_text_of, signed_in, url_of
from tests.support.world import WORKSPACE, acting
from tests.web.cases_pages_world import listed, of_vendor

WAITING, SOLVED, WORKING = State.ACTION_REQUIRED, State.SOLUTION_PROVIDED, State.IN_PROGRESS_GOOGLE_SUPPORT
HOURS = {"P0": 1, "P1": 1, "P2": 4, "P3": 8, "P4": 24}


def file(cast: Cast, priority: Priority = Priority.P2, title: str = "Mail is late") -> Case:
    draft = Draft(WORKSPACE, "mail.delivery", title, "It takes hours.", priority, language="en", time_zone="UTC")
    actor = acting(cast.acme.support_manager)
    return cases.file_case(actor=actor, customer=cast.acme.customer, draft=draft)


def pass_hours(hours: float) -> None:
    """Let time pass for every case: the database's clock rules."""
    columns = ("filed_at", "due_from", "due_at", "waiting_since", "closed_at", "answered_at")
    moved = ", ".join(f"{column} = {column} - %(by)s * interval '1 hour'" for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE support_case SET {moved}", {"by": hours})


def left(case: Case) -> float:
    """The hours until an answer is due, to a hundredth; negative where it is late."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM due_at - clock_timestamp()) / 3600 FROM support_case WHERE id = %s", [case.pk]
        )
        return round(float(cursor.fetchone()[0]), 2)


def due(case: Case) -> object:
    return Case.objects.values_list("due_at", flat=True).get(pk=case.pk)


def answer(cast: Cast, case: Case, state: State) -> None:
    vendor_desk.answer(actor=acting(cast.vendor_support), case_id=case.pk, text="We look", state=state)


@pytest.mark.parametrize("priority", Priority)
def test_S13_the_first_answer_is_due_by_priority_and_then_it_is_late_without_any_job(
    cast: Cast, priority: Priority
) -> None:
    hours = HOURS[priority]
    assert ANSWER_WITHIN[priority] == timedelta(hours=hours)
    case = file(cast, priority)
    assert left(case) == pytest.approx(hours, abs=0.02)
    pass_hours(hours - 0.05)
    assert not Case.objects.filter(is_late()).exists()
    pass_hours(0.06)
    assert set(Case.objects.filter(is_late())) == {case}
    assert with_lateness(Case.objects.all()).get().is_late  # type: ignore[attr-defined]


def test_S13_each_answer_draws_the_time_to_the_next_update(cast: Cast) -> None:
    case = file(cast)
    pass_hours(6)
    answer(cast, case, WORKING)
    assert left(case) == pytest.approx(4, abs=0.02)
    assert not Case.objects.filter(is_late()).exists()
    case.refresh_from_db()
    first = case.answered_at
    pass_hours(5)
    assert set(Case.objects.filter(is_late())) == {case}
    answer(cast, case, WORKING)
    case.refresh_from_db()
    assert first is not None
    assert case.answered_at == first - timedelta(hours=5), "the first answer is the first"


def test_S13_nothing_is_due_while_support_waits_and_that_time_moves_it_on(cast: Cast) -> None:
    case = file(cast)
    answer(cast, case, WORKING)
    pass_hours(3)
    Case.objects.filter(pk=case.pk).update(state=WAITING)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE support_case SET waiting_since = clock_timestamp(), due_at = NULL")
    pass_hours(10)
    assert due(case) is None
    assert not Case.objects.filter(is_late()).exists()
    cases.comment(actor=acting(cast.acme.support_manager), case_id=case.pk, text="Here they are")
    assert left(case) == pytest.approx(1, abs=0.02), "three hours had passed, and the ten do not count"


def test_S13_an_answer_that_asks_the_customer_gives_the_whole_time_after_theirs(cast: Cast) -> None:
    case = file(cast)
    answer(cast, case, WAITING)
    pass_hours(30)
    answer(cast, case, WAITING)  # asked again
    pass_hours(2)
    cases.comment(actor=acting(cast.acme.support_manager), case_id=case.pk, text="Here they are")
    assert left(case) == pytest.approx(4, abs=0.02)


def test_S13_another_priority_draws_it_from_the_same_opening(cast: Cast) -> None:
    case = file(cast, Priority.P4)
    pass_hours(3)
    cases.change_priority(actor=acting(cast.acme.support_manager), case_id=case.pk, priority=Priority.P1)
    assert left(case) == pytest.approx(-2, abs=0.02)
    assert set(Case.objects.filter(is_late())) == {case}
    vendor_desk.set_priority(actor=acting(cast.vendor_support), case_id=case.pk, priority=Priority.P3)
    assert left(case) == pytest.approx(5, abs=0.02)
    answer(cast, case, WAITING)
    cases.change_priority(actor=acting(cast.acme.support_manager), case_id=case.pk, priority=Priority.P0)
    assert due(case) is None, "a priority does not make support answer a question of its own"


def test_S13_a_solved_or_closed_case_is_never_late_and_a_reopened_one_begins_again(cast: Cast) -> None:
    case, bob = file(cast), acting(cast.acme.support_manager)
    answer(cast, case, SOLVED)
    pass_hours(100)
    assert due(case) is None
    cases.close(actor=bob, case_id=case.pk)
    pass_hours(100)
    assert not Case.objects.filter(is_late()).exists()
    cases.reopen(actor=bob, case_id=case.pk, text="Still late")
    assert left(case) == pytest.approx(4, abs=0.02)


def test_S13_lists_are_filtered_by_what_is_late_and_sorted_by_due_time_and_priority(cast: Cast) -> None:
    late = file(cast, Priority.P3, "Late")
    pass_hours(9)
    file(cast, Priority.P4, "Slow")
    solved = file(cast, Priority.P0, "Solved")
    answer(cast, solved, SOLVED)
    file(cast, Priority.P1, "Urgent")
    customer, desk = signed_in(cast.acme.support_manager), signed_in(cast.vendor_support)
    page = url_of("support_cases", cast.acme.customer)
    assert listed(customer, page) == ["Urgent", "Solved", "Slow", "Late"]
    assert listed(customer, page, due="late") == ["Late"]
    assert listed(customer, page, order="due") == ["Late", "Urgent", "Slow", "Solved"]
    assert listed(customer, page, order="priority") == ["Solved", "Urgent", "Late", "Slow"]
    assert listed(desk, of_vendor("cases")) == ["Late", "Urgent", "Slow", "Solved"], "what is late stands first"
    assert listed(desk, of_vendor("cases"), due="late") == ["Late"]
    said = main_text_of(desk.get(of_vendor("case", case_id=late.pk)))
    assert "First answer due" in said and "Late" in said


def test_pages_in_the_order_of_due_times_show_each_case_once(cast: Cast) -> None:
    for number in range(60):
        file(cast, title=f"Case {number}")
    Case.objects.filter(title__endswith="7").update(due_at=None)
    desk = signed_in(cast.vendor_support)
    first = desk.get(of_vendor("cases"))
    second = desk.get(first.context["list"].pager.next_url)
    titles = [row.case.title for page in (first, second) for row in page.context["list"].rows.rows]
    assert len(titles) == len(set(titles)) == 60
    assert {title for title in titles[-6:] if title.endswith("7")} == set(titles[-6:])
    assert (
        desk.get(second.context["list"].pager.previous_url).context["list"].rows.rows == first.context["list"].rows.rows
    )


def test_S13_cases_from_before_get_the_due_times_that_the_verbs_would_have_written(cast: Cast) -> None:
    bob = acting(cast.acme.support_manager)
    made = {name: file(cast, Priority.P3, name) for name in ("new", "answered", "asked", "back", "solved", "reopened")}
    for name, state in {"answered": WORKING, "asked": WAITING, "back": WAITING, "solved": SOLVED}.items():
        answer(cast, made[name], state)
    cases.comment(actor=bob, case_id=made["new"].pk, text="Still so")
    cases.comment(actor=bob, case_id=made["back"].pk, text="Here they are")
    cases.close(actor=bob, case_id=made["reopened"].pk)
    cases.reopen(actor=bob, case_id=made["reopened"].pk)
    columns = ("due_from", "due_at", "answered_at", "waiting_since")
    before = {case.title: [getattr(case, column) for column in columns] for case in Case.objects.all()}
    Case.objects.update(due_from=Now(), due_at=None, answered_at=None, waiting_since=None)
    with connection.cursor() as cursor:
        cursor.execute(import_module("support.migrations.0008_open_cases_have_due_times").FILL)
    for case in Case.objects.all():
        for column, was in zip(columns, before[case.title], strict=True):
            now = getattr(case, column)
            assert (now is None) == (was is None), (case.title, column)
            assert now is None or abs(now - was) < timedelta(seconds=5), (case.title, column)


def test_S13_what_the_release_before_files_asks_and_closes_beside_this_one_is_made_up_for(cast: Cast) -> None:
    """It knows no due time: the sweep gives each case the one that the verbs would have written, once."""
    bob = acting(cast.acme.support_manager)
    states = {"answered": WORKING, "asked": WAITING, "back": WAITING, "solved": SOLVED}
    made = {name: file(cast, Priority.P3, name) for name in ("new", *states, "closed")}
    untouched = file(cast, Priority.P3, "untouched")
    for name, state in states.items():
        answer(cast, made[name], state)
    cases.comment(actor=bob, case_id=made["back"].pk, text="Here they are")
    cases.close(actor=bob, case_id=made["closed"].pk)
    columns = ("due_from", "due_at", "answered_at", "waiting_since")
    before = {case.title: [getattr(case, column) for column in columns] for case in Case.objects.all()}
    others = Case.objects.exclude(pk=untouched.pk)
    others.filter(state__in=("NEW", WORKING)).update(due_from=Now(), due_at=None, answered_at=None)
    others.exclude(state__in=("NEW", WORKING)).update(due_at=Now(), answered_at=None, waiting_since=None)
    assert list(repairs()) == [6]
    for case in Case.objects.all():
        for column, was in zip(columns, before[case.title], strict=True):
            now = getattr(case, column)
            assert (now is None) == (was is None), (case.title, column)
            assert now is None or abs(now - was) < timedelta(seconds=5), (case.title, column)
    assert list(repairs()) == [0]
    Case.objects.filter(title="new").update(due_at=None)
    move_due_customers()
    pass_hours(9)
    assert "new" in Case.objects.filter(is_late()).values_list("title", flat=True)


def test_a_sweep_of_due_times_works_in_batches_and_waits_for_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(due_times, "BATCH", 2)
    for number in range(5):
        file(cast, title=f"Case {number}")
    Case.objects.update(due_at=None)
    assert list(repairs()) == [2, 2, 1]
    assert not Case.objects.filter(due_at=None).exists()


def test_S13_to_a_test_case_nothing_is_ever_due(cast: Cast) -> None:
    bob = acting(cast.acme.support_manager)
    draft = Draft(WORKSPACE, "mail.delivery", "A test", "x", Priority.P0, language="en", time_zone="UTC", is_test=True)
    case = cases.file_case(actor=bob, customer=cast.acme.customer, draft=draft)
    assert due(case) is None
    cases.change_priority(actor=bob, case_id=case.pk, priority=Priority.P1)
    answer(cast, case, WAITING)
    cases.comment(actor=bob, case_id=case.pk, text="Here they are")
    cases.close(actor=bob, case_id=case.pk)
    cases.reopen(actor=bob, case_id=case.pk)
    assert due(case) is None
    assert list(repairs()) == [0], "and the sweep gives it none"
    Case.objects.filter(pk=case.pk).update(due_at=Now())
    assert list(repairs()) == [1]
    assert due(case) is None, "nor one that the release before has given it"
