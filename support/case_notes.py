"""Notes about a case that only one organisation's own people read: a partner's, or the vendor's (S13)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.errors import Refused
from accounts.models import User
from support.case_history import lock_case
from support.models import CaseNote
from support.partner_desk import record_internal
from support.scope import cases_visible_to


def notes_visible_to(person: User) -> QuerySet[CaseNote]:
    """Return the notes of a person's own organisation on cases they may read now; customers have none (S7, S13)."""
    if person.customer_id is not None:
        return CaseNote.objects.none()
    return CaseNote.objects.filter(reseller=person.reseller_id, case__in=cases_visible_to(person))


@transaction.atomic
def add_note(*, actor: Actor, case_id: int, text: str) -> CaseNote:
    """Write a note for one's own colleagues; the audit log holds that it was written, and not its words.

    Raises Refused for a note without words, PermissionDenied for people of customers.
    """
    if actor.user.customer_id is not None:
        raise PermissionDenied(_("Your role does not allow this."))
    case = lock_case(actor, case_id, vendor=actor.user.is_vendor)
    if not text.strip():
        raise Refused(_("Write a note."), "text")
    note = CaseNote.objects.create(case=case, reseller=actor.user.reseller, text=text, by=actor.user)
    record_internal(EventName.NOTE_CASE, case, actor=actor)
    return note
