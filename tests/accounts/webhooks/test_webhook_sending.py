"""X6: messages are signed, sent at least once, tried again for three days, and then their endpoint is paused."""

from __future__ import annotations

import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from django.db.models import F
from standardwebhooks.webhooks import WebhookVerificationError

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.event_families import Family
from accounts.models import AuditEvent, Customer, User, WebhookDelivery, WebhookEndpoint
from accounts.models.webhooks import Outcome, PausedBecause, Trouble
from accounts.roles import Role
from accounts.webhooks import outgoing, sending
from accounts.webhooks.asking import replay_delivery, send_test
from accounts.webhooks.endpoints import remove_webhook, resume_webhook, rotate_webhook_secret
from accounts.webhooks.failing import PAUSES, TRIED_FOR
from accounts.webhooks.queueing import as_queued, queue, writers
from accounts.webhooks.sending import due_deliveries, forget_old_deliveries
from tests.accounts.reading_notices import tell, told, untell
from tests.accounts.webhooks.receiver import Receiver, answer, listen
from tests.factories import make_customer, make_person


@pytest.fixture
def acme(db: None) -> Customer:
    return make_customer("Acme", "acme.example")


@pytest.fixture
def ana(acme: Customer) -> User:
    return make_person(acme, Role.SUPER_ADMIN, name="Ana")


def send() -> int:
    return sum(due_deliveries())


def happen(person: User, name: EventName = EventName.CREATE_GROUP, subject: str = "Everybody") -> None:
    record_audit(name, actor=Actor(user=person), customer=person.customer_id, subject=subject)


def passes(time_passed: timedelta) -> None:
    """Let time pass for what waits."""
    moments = {"next_attempt_at": F("next_attempt_at") - time_passed, "due_since": F("due_since") - time_passed}
    WebhookDelivery.objects.update(**moments)
    WebhookEndpoint.objects.update(held_until=F("held_until") - time_passed)


def delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_X6_an_event_comes_signed_with_what_the_audit_log_shows(ana: User, program: Receiver) -> None:
    _endpoint, secret = listen(ana, program.url, Family.DIRECTORY)
    happen(ana)
    assert send() == 1
    [got] = program.got
    body = got.verified(secret)
    assert got.path == "/hooks?for=us" and got.id.startswith("msg_")
    assert body["type"] == "directory.create_group"
    data = body["data"]
    assert (data["name"], data["subject"], data["actor"]["email"]) == ("CREATE_GROUP", "Everybody", ana.email)
    assert data["customer"] == {"domain": "acme.example", "name": "Acme"}
    assert (delivery().outcome, delivery().status, delivery().attempts) == (Outcome.DELIVERED, 204, 1)
    assert send() == 0


def test_X6_another_secret_verifies_nothing(ana: User, program: Receiver) -> None:
    listen(ana, program.url)
    _other, wrong = listen(ana, program.url + "2", Family.SUPPORT, name="Other")
    happen(ana)
    send()
    with pytest.raises(WebhookVerificationError):
        program.got[0].verified(wrong)


def test_X6_while_a_secret_is_replaced_both_verify_and_a_day_later_the_new_one(ana: User, program: Receiver) -> None:
    endpoint, old = listen(ana, program.url, Family.DIRECTORY)
    new = rotate_webhook_secret(actor=Actor(user=ana), endpoint=endpoint)
    happen(ana)
    send()
    assert program.got[0].verified(old) == program.got[0].verified(new)
    WebhookEndpoint.objects.update(old_secret_until=F("old_secret_until") - timedelta(hours=24))
    happen(ana)
    send()
    program.got[1].verified(new)
    with pytest.raises(WebhookVerificationError):
        program.got[1].verified(old)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_X6_what_is_not_taken_is_tried_again_with_the_same_id(ana: User, program: Receiver, status: int) -> None:
    listen(ana, program.url, Family.DIRECTORY)
    program.behaviour = answer(status)
    happen(ana)
    send()
    assert (delivery().outcome, delivery().status) == ("", status)
    assert send() == 0
    passes(PAUSES[0] * 2)
    program.behaviour = answer(200)
    send()
    first, second = program.got
    assert first.id == second.id and first.body == second.body
    assert (delivery().outcome, delivery().attempts) == (Outcome.DELIVERED, 2)


def test_X6_a_redirect_is_not_followed(ana: User, program: Receiver) -> None:
    listen(ana, program.url, Family.DIRECTORY)
    program.behaviour = answer(307, Location=program.url)
    happen(ana)
    send()
    assert len(program.got) == 1
    assert (delivery().outcome, delivery().status) == ("", 307)


def test_X6_after_three_days_the_endpoint_is_paused_and_its_admins_are_told(
    acme: Customer, ana: User, program: Receiver
) -> None:
    ben = make_person(acme, Role.SUPER_ADMIN, name="Ben")
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    untell()
    program.behaviour = answer(500)
    happen(ana)
    send()
    tried = 1
    left = TRIED_FOR
    while not delivery().outcome:
        pause = PAUSES[min(tried, len(PAUSES)) - 1] * 1.1
        passes(pause)
        left -= pause
        tried += send()
    assert len(program.got) == tried == len(PAUSES) + 1
    assert delivery().outcome == Outcome.GAVE_UP and abs(left) < timedelta(hours=8)
    endpoint.refresh_from_db()
    assert endpoint.paused_because == PausedBecause.FAILING
    [event] = AuditEvent.objects.filter(name=EventName.PAUSE_WEBHOOK)
    assert (event.actor_kind, event.customer_id, event.new_value) == ("system", ana.customer_id, {"reason": "failing"})
    tell()
    said = "The webhook Ticketing is paused: nothing is sent to it"
    assert told(ana) == told(ben) == [said]
    happen(ana)
    assert WebhookDelivery.objects.count() == 1


def test_X6_a_resumed_endpoint_gets_what_waited_and_what_comes(ana: User, program: Receiver) -> None:
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    program.behaviour = answer(410)
    happen(ana)
    happen(ana)
    send()
    endpoint.refresh_from_db()
    assert endpoint.paused_because == PausedBecause.GONE and len(program.got) == 2
    WebhookDelivery.objects.order_by("pk").filter(pk=delivery_ids()[0]).update(settled_at=None, outcome="")
    assert send() == 0
    program.behaviour = answer(200)
    assert resume_webhook(actor=Actor(user=ana), endpoint=endpoint)
    happen(ana)
    send()
    assert len(program.got) == 4


def delivery_ids() -> list[int]:
    return list(WebhookDelivery.objects.order_by("pk").values_list("pk", flat=True))


def test_X6_a_hanging_receiver_ends_within_the_limit_and_is_left_alone(
    ana: User, program: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TIME_LIMIT", 0.4)
    listen(ana, program.url, Family.DIRECTORY)

    def drip(handler: BaseHTTPRequestHandler) -> None:
        for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100:
            handler.wfile.write(bytes([byte]))
            time.sleep(0.05)

    program.behaviour = drip
    for _ in range(10):
        happen(ana)
    began = time.monotonic()
    send()
    assert time.monotonic() - began < 2
    assert len(program.got) == sending.OF_ONE
    waiting = WebhookDelivery.objects.filter(attempts=1).first()
    assert waiting and waiting.status is None and waiting.error == Trouble.LATE
    endpoint = WebhookEndpoint.objects.get()
    assert endpoint.held_until and endpoint.failures
    program.behaviour = answer(200)
    passes(timedelta(minutes=10))
    send()
    assert not WebhookDelivery.objects.exclude(outcome=Outcome.DELIVERED).exists()
    assert WebhookEndpoint.objects.get().failures == 0


def test_X6_one_endpoint_that_does_not_answer_holds_up_no_other(
    ana: User, program: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "TIME_LIMIT", 0.5)
    listen(ana, "http://127.0.0.1:1/", Family.DIRECTORY, name="Away")
    listen(ana, program.url, Family.DIRECTORY)
    for _ in range(30):
        happen(ana)
    send()
    assert len(program.got) == 30


def test_X6_what_comes_behind_an_answer_is_nothing_to_us(ana: User, program: Receiver) -> None:
    listen(ana, program.url, Family.DIRECTORY)

    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**9))
        handler.end_headers()
        for _ in range(1_000):
            handler.wfile.write(b"x" * 100_000)

    program.behaviour = flood
    happen(ana)
    began = time.monotonic()
    send()
    assert delivery().outcome == Outcome.DELIVERED and time.monotonic() - began < 2


def test_X6_a_test_and_a_replay_are_messages_like_others(ana: User, program: Receiver) -> None:
    endpoint, secret = listen(ana, program.url, Family.DIRECTORY)
    send_test(actor=Actor(user=ana), endpoint=endpoint)
    send()
    assert program.got[0].verified(secret)["type"] == "webhook.test"
    replay_delivery(actor=Actor(user=ana), delivery=delivery())
    send()
    assert program.got[0].id == program.got[1].id
    assert list(AuditEvent.objects.order_by("pk").values_list("name", flat=True))[-2:] == [
        EventName.TEST_WEBHOOK,
        EventName.REPLAY_WEBHOOK,
    ]


def test_X6_nothing_goes_to_a_removed_endpoint(ana: User, program: Receiver) -> None:
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    happen(ana)
    assert remove_webhook(actor=Actor(user=ana, is_stale=True), endpoint=endpoint)
    assert send() == 0 and program.got == []
    kept = WebhookEndpoint.objects.get()
    assert (kept.secret, kept.old_secret) == ("", "")


def test_X6_other_packages_queue_messages_of_their_own(
    ana: User, program: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoint, secret = listen(ana, program.url, Family.DIRECTORY)
    monkeypatch.setattr(sending, "writers", lambda: {**writers(), "channel": as_queued})
    queue(endpoint, "channel", type="channel.exists", body='{"kind": "x"}', headers={"X-Goog-Resource-State": "exists"})
    send()
    [got] = program.got
    assert got.headers["x-goog-resource-state"] == "exists" and got.verified(secret) == {"kind": "x"}


def test_X6_a_message_that_cannot_be_written_holds_up_no_other(
    ana: User, program: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint, _secret = listen(ana, program.url, Family.DIRECTORY)
    queue(endpoint, "nobody writes this", type="x.y")
    happen(ana)
    send()
    assert len(program.got) == 1 and "could not be written" in caplog.text


def test_X6_old_messages_are_forgotten(ana: User, program: Receiver) -> None:
    listen(ana, program.url, Family.DIRECTORY)
    happen(ana)
    happen(ana)
    send()
    old = delivery_ids()[0]
    WebhookDelivery.objects.filter(pk=old).update(queued_at=F("queued_at") - timedelta(days=31))
    assert (forget_old_deliveries(), forget_old_deliveries()) == (1, 0)
    assert old not in delivery_ids() and len(delivery_ids()) == 1
