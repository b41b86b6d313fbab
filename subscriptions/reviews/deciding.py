"""People decide the lines of a review: some today, the others tomorrow (R22)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.audit import EventName, record_many
from accounts.clock import database_now
from accounts.errors import Refused
from accounts.locking import taking_away
from accounts.models import AuditEvent
from accounts.moments import moment_in_log
from accounts.names import readable
from subscriptions.access.levels import OPENS
from subscriptions.models import Review, ReviewLine
from subscriptions.models.review import NOTE_MAX_LENGTH, Decision, LineKind
from subscriptions.reviews.activity import Facts, facts_of
from subscriptions.reviews.finishing import locked_review, require_open
from subscriptions.reviews.kinds import ENDED, Choice, Chosen, kinds
from subscriptions.reviews.recording import event_of_owner
from subscriptions.reviews.scope import Owner, lines_of, lock_owner

_CHOICES = (Decision.KEEP, Decision.NARROW, Decision.REMOVE)


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of some choices: how many lines are decided now, and why the others are not, by their ids."""

    number: int
    refused: Mapping[int, Promise | str]


@taking_away()
def decide_lines(*, actor: Actor, owner: Owner, review_id: int, choices: Collection[Choice]) -> Decided:
    """Decide some lines of a review, each by itself; what is narrowed or removed is so at once, by the verbs for it.

    A line that another person decided meanwhile, or whose subject changed since the page was made, stays as it is and
    is returned as refused; the others are decided. Deciding the same once more changes nothing.

    Raises Refused where the review is over, and for lines that are not in it; PermissionDenied for a person who may
    not decide it.
    """
    lock_owner(actor, owner)
    review = locked_review(owner, review_id)
    require_open(review)
    by_line = {choice.line_id: choice for choice in choices}
    lines = lines_of(review).select_for_update(of=("self",), no_key=True).select_related("customer")
    found = list(lines.filter(pk__in=by_line).order_by("pk"))
    if len(found) != len(by_line):
        raise Refused(_("This line does not exist."), reason="notFound")
    facts = facts_of(by_line)
    refused: dict[int, Promise | str] = {}
    chosen = []
    for line in found:
        choice = by_line[line.pk]
        if not _is_the_same(line, choice):
            if reason := _refusal(line, choice, facts[line.pk]):
                refused[line.pk] = reason
            else:
                chosen.append(Chosen(line, choice))
    for one in chosen:
        _write_down(one, facts[one.line.pk], actor)
    for name, kind in kinds().items():
        if of_kind := [one for one in chosen if one.line.kind == name]:
            refused |= kind.carry_out(actor, review, of_kind)
    decided = [one.line for one in chosen if one.line.pk not in refused]
    ReviewLine.objects.bulk_update(decided, _WRITTEN)
    record_many([_event(actor, review, line) for line in decided])
    return Decided(len(decided), refused)


def clean_note(note: str) -> str:
    """Return a note as it is stored (P10). Raises Refused for one that is too long."""
    note = "\n".join(readable(line) for line in note.splitlines()).strip()
    if len(note) > NOTE_MAX_LENGTH:
        raise Refused(_("Write at most %(number)s characters.") % {"number": NOTE_MAX_LENGTH}, "note")
    return note


def _is_the_same(line: ReviewLine, choice: Choice) -> bool:
    """Tell whether a line is decided so already: two clicks are one, and so are two admins of one mind."""
    return line.decision == choice.decision and (line.decision != Decision.NARROW or line.new_level == choice.level)


def _refusal(line: ReviewLine, choice: Choice, facts: Facts) -> Promise | str:
    """Return why a line cannot be decided so; empty where it can."""
    if line.decision:
        text = _("%(person)s has decided this meanwhile: %(decision)s.")
        return text % {"person": line.decided_by_email, "decision": line.get_decision_display()}
    if not facts.is_live:
        return ENDED
    if choice.decision not in _CHOICES:
        return _("Choose one of the decisions.")
    if choice.decision == Decision.NARROW and (line.kind != LineKind.CONSOLE or choice.level not in OPENS):
        return _("Only the access to a console can be narrowed: choose its level, or an end.")
    return ""


# Of a line, by a decision.
_WRITTEN = [
    "decision",
    "note",
    "decided_at",
    "decided_by_email",
    "level",
    "ends_at",
    "new_level",
    "new_ends_at",
    "last_used_at",
    "visits",
    "changes",
]


def _write_down(one: Chosen, facts: Facts, actor: Actor) -> None:
    """Put into a line what was decided, and what was true of it then."""
    line, choice = one.line, one.choice
    line.decision, line.note = choice.decision, clean_note(choice.note)
    line.decided_at, line.decided_by_email = database_now(), actor.user.email
    line.level, line.ends_at = facts.level, facts.ends_at
    line.last_used_at, line.visits, line.changes = facts.last_used_at, facts.visits, facts.changes


def _event(actor: Actor, review: Review, line: ReviewLine) -> AuditEvent:
    new = {"review_decision": line.decision, "line_kind": line.kind}
    new |= {"note": line.note} if line.note else {}
    if line.decision == Decision.NARROW:
        new |= {"level": line.new_level}
        new |= {"access_ends_at": moment_in_log(line.new_ends_at)} if line.new_ends_at else {}
    subject = ": ".join(filter(None, [line.who, line.what]))[:300]
    return event_of_owner(
        EventName.DECIDE_REVIEW_LINE,
        actor=actor,
        owner=review.owner,
        subject=subject,
        target=review,
        new=new,
        about_id=line.pk,
    )
