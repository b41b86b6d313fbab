"""What customers and their partners add to a case: words, files, or both (S6, S11)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.errors import Refused
from support.attachments import Checked, add_rows, kept
from support.case_history import lock_case, move_to, record_case_event
from support.models import Attachment, Case, CaseEvent
from support.models.case import EventKind, State


@dataclass(frozen=True, slots=True)
class Added:
    """What was added to a case. event: the line of its history; files: the rows of what was attached."""

    case: Case
    event: CaseEvent
    files: list[Attachment]


def add_to_case(*, actor: Actor, case_id: int, text: str, files: Sequence[Checked] = ()) -> Added:
    """Add a comment, files, or both; an answer that was waited for puts the case back to work.

    Raises Refused where the case is closed or nothing was said.
    """
    with kept(files) as stored, transaction.atomic():
        case = lock_case(actor, case_id)
        if case.state == State.CLOSED:
            raise Refused(_("This case is closed. Reopen it to add something."), reason="conditionNotMet")
        if not text and not stored:
            raise Refused(_("Write a comment, or attach a file."), "text")
        rows = add_rows(case, actor.user, stored)
        fields, old, new = [], "", ""
        if case.state == State.ACTION_REQUIRED:
            old, new = case.state, State.IN_PROGRESS_GOOGLE_SUPPORT.value
            fields = move_to(case, State.IN_PROGRESS_GOOGLE_SUPPORT)
        kind = EventKind.COMMENTED if text else EventKind.ATTACHED
        name = EventName.COMMENT_CASE if text else EventName.ATTACH_TO_CASE
        said = {"files": [row.name for row in rows]} if rows else None
        event = record_case_event(case, kind, name, actor=actor, fields=fields, text=text, old=old, new=new, said=said)
    return Added(case, event, rows)
