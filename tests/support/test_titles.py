"""Titles of cases are changed, and a case names whom to write to (S11, P10)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.errors import Refused
from accounts.models import AuditEvent, Mail
from support import cases
from support.cases import Draft
from support.models import Case
from support.models.case import EventKind, Priority
from tests.cast import Cast
from tests.support.world import WORKSPACE, acting


def file(cast: Cast, contact: str = "") -> Case:
    draft = Draft(
        WORKSPACE, "mail.delivery", "Mail is late", "It takes hours.", Priority.P2, "en", "UTC", contact=contact
    )
    return cases.file_case(actor=acting(cast.acme.support_manager), customer=cast.acme.customer, draft=draft)


def test_a_title_is_changed_once_cleaned_and_said_as_long_as_the_case_is_open(cast: Cast) -> None:
    case, actor = file(cast), acting(cast.acme.support_manager)
    assert cases.change_title(actor=actor, case_id=case.pk, title="  Mail   is lost ")
    assert cases.change_title(actor=actor, case_id=case.pk, title="Mail is lost") is None
    case.refresh_from_db()
    assert case.title == "Mail is lost"
    events = case.events.filter(kind=EventKind.TITLE_CHANGED)
    assert list(events.values_list("old", "new")) == [("Mail is late", "Mail is lost")]
    [event] = AuditEvent.objects.filter(name="CHANGE_CASE_TITLE")
    assert (event.old_value, event.new_value) == ({"title": "Mail is late"}, {"title": "Mail is lost"})
    for title in ("", "\u200b", "x" * 500):
        with pytest.raises(Refused):
            cases.change_title(actor=actor, case_id=case.pk, title=title)
    for stranger in (cast.acme.auditor, cast.globex.super_admin, cast.resale_two.admin, cast.vendor_support):
        with pytest.raises(PermissionDenied):
            cases.change_title(actor=acting(stranger), case_id=case.pk, title="Mine")
    cases.close(actor=actor, case_id=case.pk)
    with pytest.raises(Refused, match="closed"):
        cases.change_title(actor=actor, case_id=case.pk, title="Too late")


def test_a_contact_gets_mail_and_must_be_able_to_read_the_case(cast: Cast) -> None:
    case = file(cast, contact="alice@acme.example")
    assert case.contact_email == "alice@acme.example"
    mails = Mail.objects.filter(kind="case_changed", about_id=case.events.get().pk)
    assert set(mails.values_list("recipient__email", flat=True)) == {"bob@acme.example", "alice@acme.example"}
    with pytest.raises(Refused):
        file(cast, contact="dave@acme.example")
