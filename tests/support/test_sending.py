"""Mail goes out from rows: nothing is lost, nothing is doubled blindly, nothing reaches who may not see it."""

from __future__ import annotations

import threading
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import redis
from celery import current_app
from django.core import mail
from django.db import connections, transaction
from django.db.models import Max
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from accounts.directory import people
from accounts.mail import sending
from accounts.mail.writing import WrittenMail
from accounts.models import AuditEvent, Mail
from accounts.models.mail import DropReason
from accounts.moments import zoned_text
from support.assignments import open_request
from support.models import SupportAssignment
from support.partners import withdraw_request
from tests import servers
from tests.cast import Cast
from tests.support.world import CLOUD, WORKSPACE, acting, ask, pass_days, token_sent


@pytest.fixture
def post_office(monkeypatch: pytest.MonkeyPatch) -> list[Exception | None]:
    """What the mail server answers next, one each; it takes the mail where the list is empty or says None."""
    answers: list[Exception | None] = []
    plain = sending.hand_over

    def answer(letter: WrittenMail) -> None:
        if answers and (error := answers.pop(0)) is not None:
            raise error
        plain(letter)

    monkeypatch.setattr(sending, "hand_over", answer)
    return answers


def the_mail() -> Mail:
    return Mail.objects.get()


def test_a_mail_is_queued_with_its_change_or_not_at_all(cast: Cast) -> None:
    with transaction.atomic():
        ask(cast.acme, cast.resale_one)
        transaction.set_rollback(True)
    assert not Mail.objects.exists()
    ask(cast.acme, cast.resale_one)
    assert the_mail().sent_at is None


def test_a_mail_is_sent_once_and_marked(cast: Cast) -> None:
    ask(cast.acme, cast.resale_one)
    assert sending.send_due_mails() == 1
    pass_days(1)
    assert sending.send_due_mails() == 0
    assert len(mail.outbox) == 1
    assert the_mail().sent_at is not None


def test_mail_speaks_the_language_of_its_recipient_in_their_time_zone(cast: Cast, settings: Any) -> None:
    settings.CONSOLE_URL = "https://console.example/"
    verifier = cast.resale_one.support_agent
    verifier.language, verifier.time_zone = "fr", "Asia/Kathmandu"
    verifier.save(update_fields=["language", "time_zone"])
    ask(cast.acme, cast.resale_one)
    token = token_sent()
    body = str(mail.outbox[0].body)
    assert f"https://console.example/support/verify/{token}/" in body
    expires_at = SupportAssignment.objects.get().expires_at
    assert expires_at
    with translation.override("fr"), timezone.override(ZoneInfo("Asia/Kathmandu")):
        assert zoned_text(expires_at) in body
    assert "(Asia/Kathmandu, UTC+05:45)" in body


def test_names_stand_in_mails_as_they_are_and_cannot_forge_headers(cast: Cast) -> None:
    customer = cast.acme.customer
    customer.name = "R&D <b>\r\nBcc: everybody@example.com"
    customer.save(update_fields=["name"])
    ask(cast.acme, cast.resale_one)
    sending.send_due_mails()
    [sent] = mail.outbox
    assert "R&D <b> Bcc: everybody@example.com" in sent.subject
    assert "\n" not in sent.subject
    assert sent.recipients() == [cast.resale_one.support_agent.email]
    assert "R&D <b>" in str(sent.body)


def test_a_mail_server_that_is_away_is_tried_again_later_with_growing_pauses(
    cast: Cast, post_office: list[Exception | None]
) -> None:
    ask(cast.acme, cast.resale_one)
    pauses = []
    for _ in range(3):
        post_office.append(SMTPServerDisconnected("away"))
        assert sending.send_due_mails() == 1
        waiting = the_mail()
        assert waiting.claimed_at is not None
        pauses.append((waiting.next_attempt_at - waiting.claimed_at).total_seconds() // 60)
        assert (waiting.sent_at, "away" in waiting.error) == (None, True)
        assert sending.send_due_mails() == 0
        pass_days(1)
    assert pauses == [1, 2, 4]
    token = token_sent()
    assert open_request(token, cast.resale_one.support_agent)
    assert (len(mail.outbox), the_mail().error, the_mail().attempts) == (1, "", 4)


def test_after_ten_attempts_it_is_given_up_with_the_reason(cast: Cast, post_office: list[Exception | None]) -> None:
    ask(cast.acme, cast.resale_one)
    post_office.extend(OSError("no route") for _ in range(20))
    for _ in range(12):
        sending.send_due_mails()
        pass_days(0.1)
    given_up = the_mail()
    assert (given_up.attempts, given_up.dropped_because, given_up.error) == (10, DropReason.GAVE_UP, "no route")


@pytest.mark.parametrize(("code", "dropped"), [(550, "refused"), (450, "")])
def test_an_address_that_is_refused_for_good_is_not_tried_again(
    cast: Cast, post_office: list[Exception | None], code: int, dropped: str
) -> None:
    ask(cast.acme, cast.resale_one)
    post_office.append(SMTPRecipientsRefused({"sam@resale-one.example": (code, b"no")}))
    sending.send_due_mails()
    assert the_mail().dropped_because == dropped


def test_one_mail_that_cannot_be_sent_holds_up_no_other(cast: Cast, post_office: list[Exception | None]) -> None:
    for service in (WORKSPACE, CLOUD):
        ask(cast.acme, cast.resale_one, service)
    post_office.append(ValueError("broken"))
    assert sending.send_due_mails() == 2
    assert len(mail.outbox) == 1


class Killed(BaseException):
    """The worker is gone at this instruction."""


@pytest.mark.parametrize("moment", ["before sending", "after sending"])
def test_a_worker_that_dies_loses_nothing_and_its_mail_waits_for_the_end_of_the_lease(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    ask(cast.acme, cast.resale_one)
    plain = sending.hand_over

    def die(letter: WrittenMail) -> None:
        if moment == "after sending":
            plain(letter)
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(sending, "hand_over", die)
        with pytest.raises(Killed):
            sending.send_due_mails()
    assert sending.send_due_mails() == 0
    pass_days(sending.LEASE.total_seconds() / 86400)
    token = token_sent()
    assert len(mail.outbox) == (2 if moment == "after sending" else 1)
    assert open_request(token, cast.resale_one.support_agent)
    assert the_mail().attempts == 2


@pytest.mark.parametrize("reason", ["withdrawn", "expired", "recipient suspended"])
def test_S7_at_the_moment_of_sending_it_is_asked_again_whether_it_may_be_seen(cast: Cast, reason: str) -> None:
    assignment = ask(cast.acme, cast.resale_one)
    if reason == "withdrawn":
        actor = acting(cast.acme.support_manager)
        withdraw_request(actor=actor, customer=cast.acme.customer, assignment_id=assignment.pk)
    elif reason == "expired":
        pass_days(15)
    else:
        people.suspend_user(actor=None, person=cast.resale_one.support_agent)
    sending.send_due_mails()
    assert mail.outbox == []
    assert the_mail().dropped_because == DropReason.NOT_FOR_THEM
    assert SupportAssignment.objects.get().token_hash is None


def test_no_secret_lies_in_the_database_while_a_mail_waits_or_after(cast: Cast) -> None:
    ask(cast.acme, cast.resale_one)
    token = token_sent()
    stored = (
        f"{list(Mail.objects.values())} {list(SupportAssignment.objects.values())} {list(AuditEvent.objects.values())}"
    )
    assert token not in stored


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_mail_once(cast: Cast, settings: Any) -> None:
    for service in (WORKSPACE, CLOUD):
        ask(cast.acme, cast.resale_one, service)
        ask(cast.globex, cast.resale_two, service)
    barrier = threading.Barrier(4)

    def work() -> None:
        try:
            barrier.wait(10)
            sending.send_due_mails()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(mail.outbox) == 4
    assert Mail.objects.filter(sent_at__isnull=False).count() == 4
    assert Mail.objects.aggregate(most=Max("attempts")) == {"most": 1}


def test_S4_the_nudge_is_sent_after_the_commit_and_a_dead_broker_harms_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    tried = []
    with redis.Redis.from_url(servers.broker_url()) as client:
        client.flushdb()  # else enough messages may wait

    def away(name: str, **options: Any) -> None:
        tried.append(name)
        raise OperationalError("broker away")

    monkeypatch.setattr(current_app, "send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        ask(cast.acme, cast.resale_one)
        assert tried == []
    assert tried == ["accounts.tasks.send_due_mails"]
    assert sending.send_due_mails() == 1
