"""What is wrong with the access that a customer gives, found at the moment of the question (docs/decisions, 28).

Nothing of it is stored. A console has one finding at most, the most urgent, beside that of its contract: what helps
against that one changes the others. Another subject adds a function to SOURCES, a kind, and its words (remedies.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from accounts.figures import only_super_admin
from accounts.models import Customer
from accounts.moments import moment_text
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.roles import SUPPORT_PARTNER_PERMISSIONS
from subscriptions.access.box import Box
from subscriptions.access.durations import DURATIONS, HOUR, duration_text
from subscriptions.access.effective import AccessState
from subscriptions.access.extent import level_at
from subscriptions.access.levels import level_label, narrowest, opened_by
from subscriptions.access.overview import Overview
from subscriptions.access.policy import policy_of
from subscriptions.access.remedies import WORDS, Remedy, Words
from subscriptions.access.use import Opens, Use, last_visits, used_since
from subscriptions.models import AccessGrant
from subscriptions.models.finding import FindingKind
from subscriptions.models.level import Level

DAY: Final = timedelta(days=1)
UNUSED, LONG_UNUSED = 30 * DAY, 90 * DAY
# From how many days of use it follows which level would do; whatever was opened or decided later is too young.
LOOKED_AT: Final = 90 * DAY
ENDS_SOON: Final = 7 * DAY
# After so long without a decision an access without an end is worth a look: the original's has none.
NOT_DECIDED: Final = 365 * DAY
# What the form offers where access gets an end.
USUAL_END: Final = 30 * DAY


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong now.

    about: the box it is about; empty for the whole account. facts: what it follows from; others make it another one.
    said: what its words name. form: what the form that its remedy opens is filled in with.
    """

    kind: FindingKind
    about: str
    facts: str
    said: Mapping[str, Any] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)
    box: Box | None = None
    otherwise: bool = False

    @property
    def key(self) -> str:
        """What forms name it by."""
        return f"{self.kind}:{self.about}:{self.facts}"

    @property
    def words(self) -> Words:
        return WORDS[self.kind]

    @property
    def remedy(self) -> Remedy:
        return self.words.remedy

    @property
    def remedy_label(self) -> str:
        return str(self.remedy.label) % self.said

    @property
    def says(self) -> str:
        words = self.words
        return str(words.says_otherwise if self.otherwise and words.says_otherwise else words.says) % self.said

    @property
    def detail(self) -> str:
        words = self.words
        return str(words.detail_otherwise if self.otherwise and words.detail_otherwise else words.detail) % self.said


@dataclass
class Question:
    """What is asked about one customer, with everything that the answers need, each read once.

    case_work: when each reseller last worked on a case (support/case_work.py). opens: which right a page needs.
    undecided: what the last review left (R22). kept: when a review last kept a console as it is, by its grant.
    """

    customer: Customer
    overview: Overview
    case_work: Mapping[int, datetime]
    opens: Opens
    undecided: int = 0
    kept: Mapping[int, datetime] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.overview.now

    @cached_property
    def open_consoles(self) -> list[Box]:
        boxes = [section.console for section in self.overview.sections]
        return [box for box in boxes if box.allowed and box.access is AccessState.OPEN]

    @cached_property
    def visits(self) -> Mapping[int, datetime]:
        return last_visits(self.customer)

    @cached_property
    def longest(self) -> timedelta | None:
        return policy_of(self.customer).longest

    @cached_property
    def used(self) -> Mapping[int, Use]:
        """What was done in the consoles that have been as open as they are for long enough."""
        old = {box.reseller.pk for box in self.open_consoles if self._is_older(box, LOOKED_AT)}
        return used_since(self.customer, old, self.now - LOOKED_AT, self.opens) if old else {}

    def decided(self, box: Box) -> datetime | None:
        """Return when a console was last decided about: by a change, or by keeping it in a review."""
        changed = box.newest and box.newest.requested_at
        return max((moment for moment in (changed, self.kept.get(_grant(box).pk)) if moment), default=None)

    def _is_older(self, box: Box, age: timedelta) -> bool:
        """Tell whether a console is open, and nothing was decided about it, for that long."""
        began, decided = _grant(box).effective_from, self.decided(box)
        return began is not None and decided is not None and max(began, decided) <= self.now - age

    def last_use(self, box: Box) -> datetime | None:
        """Return when a console was last used. Cases of a contract need none, so they do not count for it (S6)."""
        found = [self.visits.get(box.reseller.pk)]
        if box.grant and not box.grant.is_support_only:
            found.append(self.case_work.get(box.reseller.pk))
        return max((moment for moment in found if moment), default=None)


def findings_of(question: Question) -> list[Finding]:
    """Return what is wrong, the most urgent first; as many queries for one reseller as for a hundred."""
    found = [finding for source in SOURCES for finding in source(question)]
    places = {kind: place for place, kind in enumerate(FindingKind)}
    return sorted(found, key=lambda finding: places[finding.kind])


def _of_the_account(question: Question) -> Iterator[Finding]:
    if person := only_super_admin(question.customer):
        yield Finding(FindingKind.ONLY_ADMIN, "", str(person.pk), {"person": isolated(person.name)})
    if number := question.undecided:
        yield Finding(FindingKind.REVIEW, "", str(number), {"number": number})


def _of_boxes(question: Question) -> Iterator[Finding]:
    """What failed, and what a suspension has overtaken (R9, R13)."""
    for box in question.overview.boxes.values():
        if box.reseller.suspended_at is not None:
            if box.allowed and box.subscription is None:
                yield _about(FindingKind.SUSPENDED, box, box.reseller.suspended_at.isoformat())
        elif box.can_retry:
            said = {"box": box.title, "reason": box.reason}
            yield _about(FindingKind.FAILED, box, str(box.generation), said)


def _of_consoles(question: Question) -> Iterator[Finding]:
    """What is open and was not used, ends soon, is wider than its use, or has no end: the first of these."""
    for box in question.open_consoles:
        if box.reseller.suspended_at is not None or box.can_retry:
            continue
        checks = (_unused, _ending, _wider, _endless)
        yield from [finding for check in checks if (finding := check(question, box))][:1]


def _of_contracts(question: Question) -> Iterator[Finding]:
    """What a contract opened when it moved, as long as nobody of the customer has decided about it (S12)."""
    for box in question.open_consoles:
        by_itself = box.newest is not None and not box.newest.requested_by_email
        if box.grant and box.grant.is_support_only and by_itself:
            yield _about(FindingKind.CONTRACT, box, str(box.generation))


SOURCES: Final[tuple[Callable[[Question], Iterable[Finding]], ...]] = (
    _of_the_account,
    _of_boxes,
    _of_consoles,
    _of_contracts,
)


def _unused(question: Question, box: Box) -> Finding | None:
    last = question.last_use(box)
    since = max(moment for moment in (_grant(box).effective_from, last) if moment)
    ago = question.now - since
    if ago < UNUSED or (ago < LONG_UNUSED and box.ends_at):
        return None
    kind = FindingKind.LONG_UNUSED if ago >= LONG_UNUSED else FindingKind.UNUSED
    form = _form_with(box, end=_end(USUAL_END, question.longest))
    return _about(kind, box, since.isoformat(), {"days": ago.days}, form, otherwise=since != last)


def _ending(question: Question, box: Box) -> Finding | None:
    """Only what was given for longer than that: an access of a day ends soon from its beginning."""
    began = _grant(box).effective_from
    if box.ends_at is None or began is None or box.ends_at - began <= ENDS_SOON:
        return None
    if box.ends_at - question.now > ENDS_SOON:
        return None
    said = {"moment": moment_text(box.ends_at, sentence=True)}
    form = _form_with(box, end=_end(USUAL_END, question.longest))
    return _about(FindingKind.ENDS_SOON, box, box.ends_at.isoformat(), said, form)


def _wider(question: Question, box: Box) -> Finding | None:
    use = question.used.get(box.reseller.pk)
    enough = narrowest(use.needed | {Permission.VIEW_CONSOLE}) if use and use.is_known else None
    level = level_at(_grant(box), question.now)
    if enough is None or not _opens(box, enough) < _opens(box, level):
        return None
    said = {"level": level_label(enough), "now": level_label(level)}
    return _about(FindingKind.WIDER, box, f"{level} {enough}", said, _form_with(box, level=enough))


def _endless(question: Question, box: Box) -> Finding | None:
    longest, decided = question.longest, question.decided(box)
    if box.ends_at is not None or box.extent.ends_at is not None or decided is None:
        return None
    if longest is None and question.now - decided < NOT_DECIDED:
        return None
    said = {"days": (question.now - decided).days, "longest": duration_text(longest)}
    form = _form_with(box, end=_end(NOT_DECIDED, longest))
    facts = f"{box.generation} {longest}"
    return _about(FindingKind.NO_END, box, facts, said, form, otherwise=longest is not None)


def _about(
    kind: FindingKind,
    box: Box,
    facts: str,
    said: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    *,
    otherwise: bool = False,
) -> Finding:
    named = {"reseller": isolated(box.reseller.name), **(said or {})}
    return Finding(kind, box.id, facts, named, form or {"box": box.id}, box, otherwise)


def _grant(box: Box) -> AccessGrant:
    assert box.grant is not None  # an open box has one
    return box.grant


def _opens(box: Box, level: str) -> frozenset[Permission]:
    return opened_by(level) & SUPPORT_PARTNER_PERMISSIONS if _grant(box).is_support_only else opened_by(level)


def _form_with(box: Box, *, level: Level | None = None, end: timedelta | None = None) -> dict[str, str]:
    """Return what *Reseller access* opens the fields of a console with."""
    filled = {"box": box.id}
    if level is not None:
        filled["level"] = level.value
    if end is not None:
        filled["end"] = str(end // HOUR)
    return filled


def _end(wished: timedelta, longest: timedelta | None) -> timedelta:
    """Return the longest of the durations to choose from that is within what is wished and what may be."""
    limit = wished if longest is None else min(wished, longest)
    return max((lasts for lasts in DURATIONS if lasts <= limit), default=DURATIONS[0])
