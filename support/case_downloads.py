"""Giving out a file of a case is recorded: who took what (A1)."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName
from accounts.authorisation import person_now
from accounts.locking import lock_customer
from support.case_history import record_case_audit
from support.models import Attachment
from support.scope import cases_visible_to


@transaction.atomic
def record_download(*, actor: Actor, attachment_id: uuid.UUID) -> None:
    """Record that a person who may read the case at this instant takes a file of it; raises PermissionDenied."""
    file = Attachment.objects.select_related("case__customer").filter(pk=attachment_id).first()
    if file is None:
        raise PermissionDenied(_("Your role does not allow this."))
    lock_customer(file.case.customer)
    if not cases_visible_to(person_now(actor)).filter(pk=file.case_id).exists():
        raise PermissionDenied(_("Your role does not allow this."))
    record_case_audit(file.case, EventName.DOWNLOAD_CASE_ATTACHMENT, actor=actor, new={"file": file.name})
