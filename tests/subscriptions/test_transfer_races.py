"""Two who meet at one token: of two real connections exactly one is first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from accounts.errors import Refused
from accounts.models import AuditEvent
from subscriptions.models import Transfer, TransferToken
from subscriptions.transfers import revoke_transfer_token
from tests.access.world import make_world
from tests.races import second_waits_for_first
from tests.subscriptions.transfer_world import VOICE, WORKSPACE, make_buyer

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_token_used_twice_at_once_moves_once() -> None:
    buyer = make_buyer(make_world())
    start = Barrier(2)

    def take() -> str:
        start.wait(10)
        try:
            buyer.take(WORKSPACE, VOICE)
        except Refused as refused:
            return refused.field
        finally:
            connection.close()
        return "moved"

    with ThreadPoolExecutor(2) as pool:
        ends = [running.result(30) for running in [pool.submit(take), pool.submit(take)]]
    assert sorted(ends) == ["moved", "token"]
    assert Transfer.objects.count() == 2
    assert AuditEvent.objects.filter(name="TRANSFER_SUBSCRIPTION").count() == 2


def test_the_second_of_two_who_use_a_token_waits_and_is_refused() -> None:
    buyer = make_buyer(make_world())
    said: list[str] = []

    def second() -> None:
        try:
            buyer.take(VOICE)
        except Refused as refused:
            said.append(refused.field)

    second_waits_for_first(lambda: buyer.take(WORKSPACE), second)
    assert said == ["token"]
    assert Transfer.objects.get().product_id == WORKSPACE


def test_a_token_revoked_while_it_is_used_moves_nothing() -> None:
    buyer = make_buyer(make_world())
    said: list[str] = []

    def second() -> None:
        try:
            buyer.take(WORKSPACE)
        except Refused as refused:
            said.append(refused.field)

    token = TransferToken.objects.get()
    second_waits_for_first(lambda: revoke_transfer_token(actor=buyer.world.admin, token=token), second)
    assert said == ["token"]
    assert not Transfer.objects.exists()


def test_a_token_used_while_it_is_revoked_stays_used() -> None:
    buyer = make_buyer(make_world())
    revoked: list[bool] = []
    token = TransferToken.objects.get()
    second_waits_for_first(
        lambda: buyer.take(WORKSPACE),
        lambda: revoked.append(revoke_transfer_token(actor=buyer.world.admin, token=token)),
    )
    assert revoked == [False]
    token.refresh_from_db()
    assert (token.used_at is not None, token.revoked_at) == (True, None)
