"""R17 where a support contract alone stands between the two (R19): a partner asks as one, and for no subscription."""

from __future__ import annotations

import pytest

from accounts.audit_log import events_of_customer
from accounts.errors import Refused
from subscriptions.access.answering import Answer, approve, seen_in
from subscriptions.access.asking import ask, withdraw
from subscriptions.access.desired import turn_off_for_all_resellers
from subscriptions.access.extent import Extent
from subscriptions.models.level import Level
from subscriptions.models.request import RequestStatus
from support.partners import remove_support_partner
from tests.access.requests_world import REASON, WEEK
from tests.access.world import may_enter, propagate
from tests.cast import Cast
from tests.support.world import CLOUD, acting, active, move

VOICE = "1010330004"


@pytest.fixture
def closed(cast: Cast) -> Cast:
    """Resale One supports Acme, has sold it nothing, and its console is closed."""
    active(cast.acme, cast.resale_one, CLOUD)
    move(cast.acme.customer)
    turn_off_for_all_resellers(actor=acting(cast.acme.super_admin), customer=cast.acme.customer)
    propagate()
    return cast


def test_R17_R19_a_partner_asks_and_is_let_in(closed: Cast) -> None:
    admin, customer = closed.resale_one.admin, closed.acme.customer
    asked = ask(actor=acting(admin), customer=customer, extent=Extent(Level.VIEW, lasts=WEEK), reason=REASON)
    answer = Answer(Extent(Level.VIEW, lasts=WEEK), frozenset(), seen_in(asked))
    approve(actor=acting(closed.acme.super_admin), customer=customer, request_id=asked.pk, answer=answer)
    propagate()
    assert may_enter(admin, customer)


def test_R17_R19_a_partner_that_sold_nothing_asks_for_no_subscription(closed: Cast) -> None:
    actor, extent = acting(closed.resale_one.admin), Extent(Level.FULL)
    with pytest.raises(Refused) as refused:
        ask(actor=actor, customer=closed.acme.customer, extent=extent, skus=[VOICE], reason=REASON)
    assert refused.value.field == "skus"


def test_A4_a_partner_that_sold_nothing_is_marked_as_one(closed: Cast) -> None:
    actor, customer = acting(closed.resale_one.admin), closed.acme.customer
    asked = ask(actor=actor, customer=customer, extent=Extent(Level.FULL), reason=REASON)
    withdraw(actor=actor, customer=customer, request_id=asked.pk)
    last = events_of_customer(customer).order_by("-pk")[:2]
    assert [(event.name, event.actor_kind) for event in last] == [
        ("WITHDRAW_ACCESS_REQUEST", "partner"),
        ("REQUEST_RESELLER_ACCESS", "partner"),
    ]


def test_S7_a_request_is_over_with_the_last_contract(closed: Cast) -> None:
    customer = closed.acme.customer
    actor = acting(closed.resale_one.admin)
    asked = ask(actor=actor, customer=customer, extent=Extent(Level.FULL), reason=REASON)
    contract = customer.support_assignments.get()
    remove_support_partner(actor=acting(closed.acme.super_admin), customer=customer, assignment_id=contract.pk)
    asked.refresh_from_db()
    assert asked.status == RequestStatus.PENDING
    assert asked.expires_at < asked.asked_at + WEEK
    answer = Answer(Extent(Level.FULL), frozenset(), seen_in(asked))
    with pytest.raises(Refused, match="does not work for you any more"):
        approve(actor=acting(closed.acme.super_admin), customer=customer, request_id=asked.pk, answer=answer)
