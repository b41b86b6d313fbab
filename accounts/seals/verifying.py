"""Verifying the log by its seals, and the seals by what is kept outside the database (A5)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection

from accounts.audit import EventName
from accounts.database.time_limits import sweep_transaction
from accounts.models import AuditEvent, DroppedMonths
from accounts.seals import outside
from accounts.seals.chain import Chain, Link
from accounts.seals.comparing import Comparison
from accounts.seals.ends import compare_ends
from accounts.seals.outside import OutsideAway, OutsideDiffers
from accounts.seals.parts import Part, parts
from accounts.seals.records import Record
from accounts.seals.sealing import AT_MOST, TOGETHER

# Problems after which nothing more is looked for: the first one is what counts.
ENOUGH: Final = 20


@dataclass
class Verdict:
    """What was verified.

    problems: in the order of the log; none when all is well. notes: what a person should know all the same.
    events: that are as they were sealed. dropped: that are kept only as seals. unsealed: that no seal holds yet.
    is_compared: whether the place outside answered.
    """

    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seals: int = 0
    events: int = 0
    dropped: int = 0
    unsealed: int = 0
    is_compared: bool = True


def verify(*, trusted: Collection[str] = ()) -> Verdict:
    """Verify every seal and every event that is there; memory does not grow with the log.

    trusted: keys that seals may be signed with, beside those that are kept outside; as hexadecimal digits.
    """
    verdict = Verdict()
    found = parts()
    keys = set(trusted) | _keys_outside(verdict)
    if not keys:
        verdict.notes.append("Which keys may sign is believed from the database: nothing else names any.")
    dropped_before, went = _drops()
    chain, comparison = Chain(keys), Comparison(dropped_before)
    for part in found:
        if not part.is_leftover and part.era.number > 1:
            verdict.notes.append(f"Era {part.era.number} began at {part.era.began_at.isoformat()}: {part.era.reason}")
        _verify_part(part, chain, comparison, verdict.problems)
        if len(verdict.problems) >= ENOUGH:
            verdict.notes.append("There may be more: what stands behind these was not looked at.")
            break
    else:
        if comparison.dropped != went:
            verdict.problems.append(
                f"{comparison.dropped} events of before {dropped_before:%Y-%m-%d} are missing, and {went} were dropped"
            )
        _compare_outside([part for part in found if not part.is_leftover], verdict)
        verdict.unsealed = sum(_beyond(part) for part in found if not part.is_over)
    verdict.seals, verdict.events, verdict.dropped = chain.seals, comparison.compared, comparison.dropped
    if verdict.dropped:
        verdict.notes.append(
            f"{verdict.dropped} events of before {comparison.dropped_before:%Y-%m-%d} were dropped by an operator:"
            " they are kept only as seals."
        )
    return verdict


def _keys_outside(verdict: Verdict) -> set[str]:
    try:
        return outside.keys()
    except OutsideAway as error:
        _say_away(verdict, error)
        return set()


def _say_away(verdict: Verdict, error: OutsideAway) -> None:
    if verdict.is_compared:
        verdict.notes.append(f"The place outside does not answer, so a tail that was cut off is not found: {error}")
    verdict.is_compared = False


def _verify_part(part: Part, chain: Chain, comparison: Comparison, problems: list[str]) -> None:
    """Verify the seals of a part and its events, about as many at once as are sealed together."""
    waiting: list[Link] = []
    for link in chain.links(part):
        if waiting and not _goes_on(waiting, link):
            _compare(part, waiting, comparison)
            waiting = []
        waiting.append(link)
        _collect(chain, comparison, problems)
        if len(problems) >= ENOUGH:
            return
    _compare(part, waiting, comparison)
    _collect(chain, comparison, problems)
    if part.is_whole:
        problems += [f"event {number} was inserted: it belongs to no seal" for number in _first_beyond(part)]


def _goes_on(waiting: list[Link], link: Link) -> bool:
    """Tell whether a seal's events can be read together with those that wait: right behind them, and not too many."""
    last = waiting[-1]
    together = sum(len(one.records) for one in waiting) + len(link.records)
    return link.after == last.records[-1].position and link.form == last.form and together <= AT_MOST * TOGETHER


def _compare(part: Part, links: list[Link], comparison: Comparison) -> None:
    if links:
        sealed: list[Record] = [record for link in links for record in link.records]
        comparison.compare(part, links[0].after, sealed, links[0].form)


def _collect(chain: Chain, comparison: Comparison, problems: list[str]) -> None:
    problems += [*chain.problems, *(difference.says for difference in comparison.differences)]
    chain.problems.clear()
    comparison.differences.clear()


def _compare_outside(own: list[Part], verdict: Verdict) -> None:
    try:
        compare_ends([part.era for part in own], verdict.problems, verdict.notes)
    except OutsideAway as error:
        _say_away(verdict, error)
    except OutsideDiffers as error:
        verdict.problems.append(str(error))


def _beyond(part: Part) -> int:
    # While the first stretch of a large log is being sealed these are many.
    with sweep_transaction(), connection.cursor() as cursor:
        cursor.execute(part.beyond_sql())
        return int(cursor.fetchone()[0])


def _first_beyond(part: Part) -> list[int]:
    """Return the numbers of events that a part has behind its last seal, though a later part has begun."""
    [statement] = part.reads(part.sealed_up_to, limit=ENOUGH)
    with connection.cursor() as cursor:
        cursor.execute(statement)
        assert cursor.description is not None
        place = [column.name for column in cursor.description].index("id")
        return [row[place] for row in cursor.fetchall()]


def _drops() -> tuple[datetime | None, int]:
    """Return before which moment events need not be there, and how many went: as an event says that stands in the log.

    Only the newest is asked: those of the drops before it may have been dropped themselves.
    """
    rows = list(DroppedMonths.objects.order_by("-pk"))
    if not rows:
        return None, 0
    said = AuditEvent.objects.filter(pk=rows[0].event_id, name=EventName.DROP_AUDIT_MONTHS).first()
    in_all = sum(row.events for row in rows)
    new = {"before": rows[0].before.isoformat(), "events": rows[0].events, "in_all": in_all}
    is_said = said is not None and said.new_value == new
    return (rows[0].before, in_all) if is_said else (None, 0)
