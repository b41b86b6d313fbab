"""Who hears of support contracts and of new cases (R25)."""

from __future__ import annotations

import re

from accounts.directory import people
from accounts.mail.sending import send_due_mails
from accounts.models import Mail
from accounts.notifications.mails import MailKind
from accounts.roles import Role
from support import cases
from support.models.case import Priority
from support.models.partner import Service
from tests.accounts.reading_notices import tell, told, untell
from tests.cast import Cast
from tests.support.world import CLOUD, VOICE, WORKSPACE, acting, active, ask, confirm, remove


def file(cast: Cast, service: Service, category: str) -> None:
    draft = cases.Draft(service, category, "More spam", "Today.", Priority.P2, "en", "UTC")
    cases.file_case(actor=acting(cast.acme.support_manager), customer=cast.acme.customer, draft=draft)


def test_R25_a_partner_made_and_removed(cast: Cast) -> None:
    acme, resale = cast.acme, cast.resale_one
    untell()
    assignment = ask(acme, resale, CLOUD)
    tell()
    name = f"Google Cloud · {resale.reseller.name}"
    assert told(acme.super_admin) == [f"Support partner added: {name}"]
    assert told(resale.support_agent) == [f"{acme.customer.name} asks you to confirm support"]
    assert told(acme.support_manager) == []
    confirm(assignment)
    remove(acme, assignment)
    tell()
    assert told(acme.super_admin)[1:] == [f"Support partner confirmed: {name}", f"Support partner removed: {name}"]
    # Who asked has a mail of their own about the answer, and reads it behind the bell all the same.
    assert told(acme.support_manager) == [f"Support partner confirmed: {name}"]
    assert not Mail.objects.filter(kind=MailKind.NOTICES, recipient=acme.support_manager).exists()
    ended = f"Support for {acme.customer.name} has ended: {name}"
    assert told(resale.support_agent)[1:] == [ended]
    assert told(resale.admin) == [ended]
    assert told(cast.resale_two.admin) == told(cast.globex.super_admin) == []


def test_R25_a_new_case_on_a_partners_service(cast: Cast) -> None:
    acme, resale = cast.acme, cast.resale_one
    assignment = active(acme, resale)
    tell()
    before = told(resale.support_agent)
    for service, category in ((WORKSPACE, "mail.spam"), (VOICE, "voice_devices.phones")):
        file(cast, service, category)
    tell()
    [says] = told(resale.support_agent)[len(before) :]
    # Not what the case is about, which stays in the console.
    assert re.fullmatch(rf"New case \d+ of {acme.customer.name}", says)
    assert told(cast.resale_two.support_agent) == []
    # The partner is removed: nothing more of it reaches them (S7).
    remove(acme, assignment)
    assert says not in told(resale.support_agent)


def test_R25_a_support_agent_without_the_role_hears_nothing(cast: Cast) -> None:
    acme, resale = cast.acme, cast.resale_one
    active(acme, resale)
    untell()
    file(cast, WORKSPACE, "mail.spam")
    tell()
    people.unassign_role(actor=None, person=resale.support_agent, role=Role.SUPPORT_AGENT)
    assert told(resale.support_agent) == []
    send_due_mails()
    assert not Mail.objects.filter(kind__startswith="notices", recipient=resale.support_agent, sent_at__isnull=False)
