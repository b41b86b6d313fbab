"""X6: of every try of a message it is kept when it began, what was answered, and how long that took."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.event_families import Family
from accounts.models import Customer, User, WebhookAttempt, WebhookDelivery
from accounts.models.webhooks import ANSWER_MAX_LENGTH, Trouble
from accounts.roles import Role
from accounts.webhooks.asking import replay_delivery, send_test
from accounts.webhooks.outgoing import readable_answer
from accounts.webhooks.sending import due_deliveries, forget_old_deliveries
from tests.accounts.webhooks.receiver import Receiver, answer, listen
from tests.factories import make_customer, make_person


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


def send() -> None:
    """Send what is due, also what was to be tried again later."""
    WebhookDelivery.objects.update(next_attempt_at=F("queued_at"))
    sum(due_deliveries())


def tries() -> list[tuple[int | None, str, str]]:
    return list(WebhookAttempt.objects.order_by("pk").values_list("status", "error", "answer"))


def test_X6_every_try_is_kept_with_what_was_answered(ana: User, program: Receiver) -> None:
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    message = send_test(actor=Actor(user=ana), endpoint=endpoint)
    program.behaviour = answer(500, b"out of memory\nsee the log")
    send()
    program.behaviour = answer(204)
    send()
    message.refresh_from_db()
    replay_delivery(actor=Actor(user=ana), delivery=message)
    program.behaviour = answer(200, b"thanks")
    send()
    assert tries() == [(500, "", "out of memory\nsee the log"), (204, "", ""), (200, "", "thanks")]
    moments = list(message.tries.order_by("pk").values_list("began_at", "took"))
    assert moments == sorted(moments) and all(0 <= took < 5_000 for _at, took in moments)
    assert message.queued_at < moments[0][0]


def test_X6_a_try_without_an_answer_says_why(ana: User) -> None:
    endpoint, _secret = listen(ana, "http://127.0.0.1:1/", Family.DIRECTORY)
    send_test(actor=Actor(user=ana), endpoint=endpoint)
    send()
    assert tries() == [(None, Trouble.NO_CONNECTION, "")]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"", ""),
        (b"<script>alert(1)</script>", "<script>alert(1)</script>"),
        (b"a\x00b\x1b[31mred", "ab[31mred"),
        (b"\xff\xfe gone", "\ufffd\ufffd gone"),
        ("caf\u00e9 \u202etxt.exe".encode(), "caf\u00e9 txt.exe"),
        (b"one\r\n\r\n  two  ", "one\ntwo"),
    ],
)
def test_X6_an_answer_is_kept_as_a_person_can_read_it(body: bytes, text: str) -> None:
    assert readable_answer(body) == text


def test_X6_of_a_long_answer_the_beginning_is_kept(ana: User, program: Receiver) -> None:
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    send_test(actor=Actor(user=ana), endpoint=endpoint)
    program.behaviour = answer(400, b"x" * 1_000_000)
    send()
    assert tries() == [(400, "", "x" * ANSWER_MAX_LENGTH)]


def test_X6_tries_are_forgotten_with_their_message(ana: User, program: Receiver) -> None:
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    old, new = (send_test(actor=Actor(user=ana), endpoint=endpoint) for _ in range(2))
    send()
    WebhookDelivery.objects.filter(pk=old.pk).update(queued_at=F("queued_at") - timedelta(days=31))
    assert forget_old_deliveries()
    assert list(WebhookAttempt.objects.values_list("delivery", flat=True)) == [new.pk]


def test_X6_a_worker_of_the_release_before_forgets_messages_with_their_tries(ana: User, program: Receiver) -> None:
    """It knows nothing of tries: the database deletes them along."""
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    send_test(actor=Actor(user=ana), endpoint=endpoint)
    send()
    assert WebhookAttempt.objects.exists()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_webhookdelivery")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not WebhookAttempt.objects.exists()
