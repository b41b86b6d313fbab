"""The buttons of the page *Reseller access* that act at once, and the way to the page."""

from __future__ import annotations

import pytest

from accounts.models import AuditEvent
from accounts.roles import Role
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import FailureReason, Outcome
from tests.access.world import World, may_enter, propagate, sell, visible, wish
from tests.factories import put_person, put_reseller
from tests.web.console.access_page import box, client_of, open_page, url_of

ACTIONS = ("reseller_access_remove_now", "reseller_access_turn_off_all", "reseller_access_retry")


def press(world: World, action: str, name: str = "") -> str:
    response = client_of(world.admin.user).post(url_of(world.customer, action), {"box": name}, follow=True)
    assert response.redirect_chain == [(url_of(world.customer), 302)]
    return response.content.decode()


def open_own(world: World) -> None:
    save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[wish(world.customer, world.reseller, True, world.own)],
        agreed=[world.reseller.pk],
    )
    propagate()


def test_R8_remove_now_closes_the_console_with_the_next_request(world: World) -> None:
    open_own(world)
    assert may_enter(world.agent, world.customer)
    text = press(world, "reseller_access_remove_now", box(world.reseller))
    assert "has no access any more" in text
    assert not may_enter(world.agent, world.customer)
    assert visible(world.agent, world.customer) == set()
    assert not world.opened().allowed


def test_R8_remove_now_of_one_subscription_leaves_the_console(world: World) -> None:
    open_own(world)
    press(world, "reseller_access_remove_now", box(world.reseller, world.own))
    assert visible(world.agent, world.customer) == {world.sold.pk}


def test_remove_now_pressed_twice_acts_once_and_says_so(world: World) -> None:
    press(world, "reseller_access_remove_now", box(world.reseller))
    before = AuditEvent.objects.count()
    assert "There was no access to remove any more." in press(world, "reseller_access_remove_now", box(world.reseller))
    assert AuditEvent.objects.count() == before


def test_remove_now_is_offered_only_where_there_is_something_to_remove(world: World) -> None:
    assert "Remove now" in open_page(world.admin.user, world.customer).text
    press(world, "reseller_access_remove_now", box(world.reseller))
    assert "Remove now" not in open_page(world.admin.user, world.customer).text


def test_R12_turn_off_for_all_resellers(world: World, stranger: World) -> None:
    other = put_reseller("Another")
    sell(world.customer, other)
    open_own(world)
    press(world, "reseller_access_turn_off_all")
    assert not AccessGrant.objects.filter(customer=world.customer, allowed=True).exists()
    assert stranger.console().allowed
    assert "Access is off for every reseller already." in press(world, "reseller_access_turn_off_all")


def test_R12_turn_off_for_all_is_not_offered_when_all_is_off(world: World) -> None:
    sell(world.customer, put_reseller("Another"))
    assert "Turn off for all resellers" in open_page(world.admin.user, world.customer).text
    press(world, "reseller_access_turn_off_all")
    assert "Turn off for all resellers" not in open_page(world.admin.user, world.customer).text


def test_R9_try_again_queues_what_failed_once_more(world: World) -> None:
    open_own(world)
    AccessChange.objects.filter(grant=world.opened()).update(
        outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP, settled_at=overview_of(world.customer).now
    )
    press(world, "reseller_access_retry", box(world.reseller, world.own))
    outcomes = (
        AccessChange.objects.filter(grant=world.opened()).order_by("generation").values_list("outcome", flat=True)
    )
    assert list(outcomes) == [Outcome.FAILED, None]
    assert "There is nothing to retry." in press(world, "reseller_access_retry", box(world.reseller, world.own))
    assert AccessChange.objects.filter(grant=world.opened()).count() == 2


@pytest.mark.parametrize("action", ACTIONS)
def test_R5_only_a_super_admin_acts(world: World, stranger: World, action: str) -> None:
    before = AuditEvent.objects.count()
    data = {"box": box(world.reseller)}
    auditor = put_person(world.customer, Role.AUDITOR)
    assert client_of(auditor).post(url_of(world.customer, action), data).status_code == 403
    assert client_of(world.agent).post(url_of(world.customer, action), data).status_code == 403
    assert client_of(stranger.admin.user).post(url_of(world.customer, action), data).status_code == 404
    assert world.console().allowed
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_get_only_leads_to_the_page(world: World, action: str) -> None:
    before = AuditEvent.objects.count()
    response = client_of(world.admin.user).get(url_of(world.customer, action), {"box": box(world.reseller)})
    assert response["Location"] == url_of(world.customer)
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("name", ["", "x", "1-", "9" * 30])
@pytest.mark.parametrize("action", ["reseller_access_remove_now", "reseller_access_retry"])
def test_rubbish_instead_of_a_box_is_not_found(world: World, action: str, name: str) -> None:
    response = client_of(world.admin.user).post(url_of(world.customer, action), {"box": name})
    assert response.status_code == 404


def test_another_customers_box_is_not_reached(world: World, stranger: World) -> None:
    press(world, "reseller_access_remove_now", box(stranger.reseller))
    assert stranger.console().allowed
    assert may_enter(stranger.agent, stranger.customer)


def test_account_settings_lead_to_reseller_access(world: World) -> None:
    response = client_of(world.admin.user).get(url_of(world.customer, "account_settings"))
    text = response.content.decode()
    assert "Account management" in text
    assert f'href="{url_of(world.customer)}"' in text.split("<main")[1]


def test_R14_an_agent_does_not_open_account_settings(world: World) -> None:
    assert client_of(world.agent).get(url_of(world.customer, "account_settings")).status_code == 403
