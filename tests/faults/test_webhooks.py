"""The worker that sends messages of webhooks dies in the middle (X6)."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest
from django.db import transaction
from django.db.models import F

from accounts.actor import Actor
from accounts.audit import EventName, event, record_many
from accounts.background.nudging import nudge
from accounts.event_families import Family
from accounts.event_rows import SEND_WEBHOOKS
from accounts.models import WebhookDelivery
from accounts.models.webhooks import Outcome
from accounts.roles import Role
from accounts.webhooks.sending import LEASE, OF_ONE
from tests.accounts.webhooks.receiver import answer, listen, receiver
from tests.factories import make_customer, make_person
from tests.faults.crowd import eventually
from tests.servers import CeleryWorker

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

EVENTS = 10


def test_X6_a_worker_killed_in_the_middle_loses_nothing(start_worker: Callable[..., CeleryWorker]) -> None:
    ana = make_person(make_customer(), Role.SUPER_ADMIN)
    with receiver() as program:
        _endpoint, secret = listen(ana, program.url, Family.DIRECTORY)

        def hang(_handler: BaseHTTPRequestHandler) -> None:
            time.sleep(4)

        program.behaviour = hang
        with transaction.atomic():
            name = EventName.CREATE_GROUP
            record_many(event(name, actor=Actor(ana), customer=ana.customer_id) for _ in range(EVENTS))
        worker = start_worker()
        nudge(SEND_WEBHOOKS)
        eventually(lambda: len(program.got) == OF_ONE)
        worker.kill()
        assert not WebhookDelivery.objects.exclude(outcome="").exists()
        sent_twice = {got.id for got in program.got}

        program.behaviour = answer(204)
        WebhookDelivery.objects.update(next_attempt_at=F("next_attempt_at") - LEASE)
        start_worker()
        nudge(SEND_WEBHOOKS)

        eventually(lambda: WebhookDelivery.objects.filter(outcome=Outcome.DELIVERED).count() == EVENTS)
        each = [got.id for got in program.got]
        assert len(set(each)) == EVENTS and sorted(each) == sorted([*set(each), *sent_twice])
        assert all(got.verified(secret) for got in program.got)
