"""The judge of the drill finds what was lost, and blames nobody for what was right: without any machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.judge import allowed, judge, pauses
from drill.plan import Kind, Target
from drill.records import Attempt, Change, Fault, Outcome, Read, ip_address_of
from drill.report import summary, table

SAVED = Attempt(1, customer=7, began=100.0, ended=101.0, outcome=Outcome.SAVED)
REVOKED = Change(7, allowed=False, requested=100.5, due=110.0, settled=111.0, ip_address=SAVED.ip_address)
GRANTED = Change(7, allowed=True, requested=120.0, due=125.0, settled=126.0, ip_address=ip_address_of(2))
FAULT = Fault(Target.PRIMARY, Kind.KILL, "db1", began=118.0, undone=150.0, whole=160.0)


def look(began: float, *, seen: bool = True, customer: int = 7) -> Read:
    return Read(customer, began, began + 1, answered=True, seen=seen)


def test_what_was_saved_and_is_there_is_not_lost() -> None:
    verdict = judge([SAVED], [], [REVOKED])
    assert (verdict.passed, verdict.lost) == (True, [])


def test_what_was_saved_and_is_not_there_is_lost() -> None:
    verdict = judge([SAVED], [], [GRANTED])
    assert (verdict.passed, verdict.lost) == (False, [SAVED])


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.REFUSED])
def test_what_nobody_was_told_is_saved_may_be_there_or_not(outcome: Outcome) -> None:
    attempt = replace(SAVED, outcome=outcome)
    assert judge([attempt], [], []).passed
    assert judge([attempt], [], [REVOKED]).passed


def test_what_is_there_twice_is_doubled() -> None:
    assert judge([SAVED], [], [REVOKED, replace(REVOKED, allowed=True)]).doubled == [SAVED.ip_address]
    of_before = replace(REVOKED, ip_address="")
    assert judge([], [], [of_before, of_before]).doubled == []


def test_what_no_worker_settled_is_named() -> None:
    waiting = replace(REVOKED, settled=None)
    assert judge([], [], [waiting]).unsettled == [waiting]


@pytest.mark.parametrize(
    ("read", "blamed"),
    [
        (look(109.0), False),
        (look(109.9), False),  # it began before the end, and may have been answered then
        (look(110.1), True),
        (look(118.5), True),
        (look(118.5, seen=False), False),
        (look(119.5), False),  # granted while it was under way
        (look(300.0), False),
        (look(115.0, customer=8), False),  # of whom nothing was changed
    ],
)
def test_R8_who_is_inside_after_a_revocation_was_due_is_found(read: Read, blamed: bool) -> None:
    verdict = judge([], [read], [GRANTED, REVOKED])
    assert (verdict.open_too_long, verdict.passed) == ([read] if blamed else [], not blamed)


def test_a_revocation_that_was_taken_back_in_time_ends_nothing() -> None:
    back = replace(GRANTED, requested=105.0, due=106.0)
    assert judge([], [look(112.0)], [REVOKED, back]).passed
    assert allowed([REVOKED, back], 7) == [(float("-inf"), 110.0), (105.0, float("inf"))]


def test_a_fault_costs_the_longest_time_without_an_answer() -> None:
    saves = [replace(SAVED, ended=moment) for moment in (117.0, 119.0, 149.0, 151.0, 170.0)]
    saves.append(replace(SAVED, ended=130.0, outcome=Outcome.UNKNOWN))
    reads = [look(118.0), look(128.0), replace(look(140.0), answered=False), look(150.0), look(158.0)]
    late = [replace(GRANTED, settled=145.0), replace(GRANTED, due=200.0, settled=300.0), REVOKED]
    cost = pauses(FAULT, saves, reads, late)
    assert (cost.saving, cost.reading, cost.giving, cost.whole) == (30.0, 22.0, 20.0, 42.0)


def test_the_report_has_a_line_for_each_fault_and_says_what_was_lost() -> None:
    cost = pauses(FAULT, [SAVED], [], [])
    lines = list(table([(FAULT, cost), (FAULT, cost)]))
    assert [line.split("|")[1].strip() for line in lines] == [
        "fault",
        "-" * 12,
        *["kill primary"] * 2,
        "all primary",
        "",
    ]
    said = "\n".join(summary(judge([SAVED], [look(112.0)], [GRANTED, REVOKED]), [SAVED], [look(112.0)], set()))
    assert "1 decisions saved, 0 of them lost, 0 doubled" in said
    assert "1 of them after a revocation was due" in said
