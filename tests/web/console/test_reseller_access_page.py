"""What the page *Reseller access* shows, to whom, and how it follows what is under way."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.roles import Role
from subscriptions.access import propagation
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.overview import overview_of
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.change import FailureReason, Outcome
from tests.access.world import World, pass_time, propagate, sell, wish
from tests.factories import put_customer, put_person, put_reseller
from tests.web.console.access_page import agreed, box, client_of, open_page, url_of


def give_own(world: World) -> None:
    """Open the subscription bought from the vendor to the reseller; it waits."""
    save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[wish(world.customer, world.reseller, True, world.own)],
        agreed=[world.reseller.pk],
    )


def take_console(world: World) -> None:
    save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, False)]
    )


def test_R1_the_first_box_stands_under_what_the_reseller_sold(world: World) -> None:
    page = open_page(world.admin.user, world.customer)
    assert f"Subscriptions purchased from {world.reseller.name}" in page.text
    assert str(world.sold.sku.name) in page.text
    assert "Allow reseller access" in page.text
    assert page.boxes[box(world.reseller)].checked
    assert "In effect since" in page.text


def test_R3_each_subscription_from_the_vendor_has_a_box_that_is_off(world: World) -> None:
    page = open_page(world.admin.user, world.customer)
    assert "Subscriptions purchased from Google" in page.text
    assert not page.boxes[box(world.reseller, world.own)].checked
    assert not page.boxes[box(world.reseller, world.own)].disabled
    assert agreed(world.reseller) in page.boxes
    assert box(world.reseller, world.sold) not in page.boxes


def test_R3_without_script_one_save_opens_the_console_and_a_subscription(world: World) -> None:
    take_console(world)
    page = open_page(world.admin.user, world.customer)
    assert not page.boxes[box(world.reseller)].checked
    assert not page.boxes[box(world.reseller)].disabled
    assert not page.boxes[box(world.reseller, world.own)].disabled
    assert "These boxes need “Allow reseller access”" in page.text
    alone = page.tick(box(world.reseller, world.own), agreed(world.reseller)).save(confirmed=False)
    assert alone.status == 422, "without the first box they open nothing"
    page.tick(box(world.reseller)).save()
    assert world.console().allowed
    assert world.opened().allowed


def test_R12_each_reseller_has_a_section(world: World) -> None:
    other = put_reseller("Another")
    sell(world.customer, other)
    page = open_page(world.admin.user, world.customer)
    assert {box(world.reseller), box(other), box(other, world.own)} <= set(page.boxes)
    assert "Turn off for all resellers" in page.text


def test_nothing_of_another_customer_is_shown(world: World, stranger: World) -> None:
    page = open_page(world.admin.user, world.customer)
    assert set(page.boxes) == {box(world.reseller), box(world.reseller, world.own), agreed(world.reseller)}
    assert stranger.customer.primary_domain not in page.html
    assert stranger.reseller.primary_domain not in page.html
    assert stranger.admin.user.email not in page.html


def test_a_cancelled_subscription_has_no_box(world: World) -> None:
    cancel_subscription(actor=None, subscription=world.own)
    page = open_page(world.admin.user, world.customer)
    assert box(world.reseller, world.own) not in page.boxes
    assert "You bought nothing from Google directly" in page.text


def test_a_customer_without_reseller_reads_what_would_be_here(db: None) -> None:
    customer = put_customer()
    page = open_page(put_person(customer, Role.SUPER_ADMIN), customer)
    assert "No reseller sells to you" in page.text
    assert page.boxes == {}
    assert page.hidden == {}


def test_R5_an_auditor_sees_everything_and_can_change_nothing(world: World) -> None:
    auditor = put_person(world.customer, Role.AUDITOR)
    page = open_page(auditor, world.customer)
    assert page.boxes[box(world.reseller)].disabled
    assert page.boxes[box(world.reseller, world.own)].disabled
    assert agreed(world.reseller) not in page.boxes
    assert "a super admin of your organisation can change it" in page.text
    assert "Remove now" not in page.text
    assert "<form" not in page.html.split("<main")[1]


@pytest.mark.parametrize("name", ["reseller_access", "reseller_access_state", "reseller_access_history"])
def test_R14_an_agent_inside_the_console_never_sees_the_page(world: World, name: str) -> None:
    assert client_of(world.agent).get(url_of(world.customer, name)).status_code == 403


def test_R5_other_admins_are_refused_and_strangers_find_nothing(world: World, stranger: World) -> None:
    helper = put_person(world.customer, Role.HELP_DESK_ADMIN)
    assert open_page(helper, world.customer).status == 403
    assert open_page(stranger.admin.user, world.customer).status == 404


def test_R7_a_waiting_change_says_until_when_and_at_the_latest(world: World) -> None:
    give_own(world)
    page = open_page(world.admin.user, world.customer)
    assert re.search(r"Takes effect by <time[^>]*>\d\d:\d\d tomorrow</time>, usually sooner\.", page.text)
    assert re.search(r"Expected by <time[^>]*>\d\d:\d\d( tomorrow)?</time>\.", page.text)
    assert f"Turned on by {world.admin.user.email}, <time" in page.text
    propagate()
    page = open_page(world.admin.user, world.customer)
    assert "Expected" not in page.text
    assert page.text.count("In effect since") == 2


def test_R8_a_closing_access_says_when_it_ends_and_closes_without_a_worker(world: World) -> None:
    take_console(world)
    assert "Access ends" in open_page(world.admin.user, world.customer).text
    pass_time(24 * 60 * 60)
    page = open_page(world.admin.user, world.customer)
    assert "Access ends" not in page.text
    assert "No access since" in page.text


def test_R9_a_failed_change_says_why_and_offers_to_try_again(world: World) -> None:
    give_own(world)
    AccessChange.objects.filter(grant=world.opened()).update(
        outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP, settled_at=overview_of(world.customer).now
    )
    page = open_page(world.admin.user, world.customer)
    assert "Our system tried several times without success." in page.text
    assert "Try again" in page.text


def test_R9_the_history_tells_a_superseded_change(world: World) -> None:
    give_own(world)
    save_reseller_access(
        actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, False, world.own)]
    )
    page = open_page(world.admin.user, world.customer)
    assert "Superseded by a newer change" in page.text


def test_R13_a_suspended_reseller_is_shown_without_access(world: World) -> None:
    world.reseller.suspended_at = overview_of(world.customer).now
    world.reseller.save(update_fields=["suspended_at"])
    page = open_page(world.admin.user, world.customer)
    assert "has suspended this reseller" in page.text
    assert "In effect since" not in page.text


def test_the_page_follows_only_while_something_is_under_way(world: World) -> None:
    assert "every " not in open_page(world.admin.user, world.customer).html
    give_own(world)
    page = open_page(world.admin.user, world.customer)
    assert re.search(r'hx-trigger="every \d+s"', page.html)
    assert "Refresh" in page.text


def test_the_follower_hears_nothing_until_something_is_different(world: World) -> None:
    give_own(world)
    page = open_page(world.admin.user, world.customer)
    [url] = re.findall(r'hx-get="([^"]+state/[^"]+)"', page.html)
    asked = page.client.get(url, headers={"HX-Request": "true"})
    assert asked.status_code == 204
    propagate()
    asked = page.client.get(url, headers={"HX-Request": "true"})
    html = asked.content.decode()
    assert asked.status_code == 200
    assert f'<div id="state-{box(world.reseller, world.own)}" hx-swap-oob="innerHTML">' in html
    assert "Waiting" not in html
    assert "every " not in html
    # What the admin is ticking at this moment stays: no box comes with it.
    assert 'type="checkbox"' not in html


def test_the_address_of_the_follower_leads_a_browser_to_the_page(world: World) -> None:
    response = client_of(world.admin.user).get(url_of(world.customer, "reseller_access_state"))
    assert response.status_code == 302
    assert response["Location"] == url_of(world.customer)


def test_the_back_button_never_shows_boxes_from_before(world: World) -> None:
    response = client_of(world.admin.user).get(url_of(world.customer))
    assert "no-store" in response["Cache-Control"]


def test_the_history_is_read_fifty_at_a_time_with_from_and_to(world: World) -> None:
    for allowed in [False, True] * 30:
        save_reseller_access(
            actor=world.admin, customer=world.customer, desired=[wish(world.customer, world.reseller, allowed)]
        )
    client = client_of(world.admin.user)
    first = client.get(url_of(world.customer, "reseller_access_history"))
    assert len(first.context["changes"]) == 50
    assert [(c.before, c.allowed) for c in first.context["changes"][:2]] == [(False, True), (True, False)]
    second = client.get(first.context["pager"].next_url)
    seen = [c.pk for c in [*first.context["changes"], *second.context["changes"]]]
    assert seen == list(AccessChange.objects.filter(grant=world.console()).order_by("-pk").values_list("pk", flat=True))
    assert second.context["changes"][-1].before is None


def test_the_page_asks_as_many_questions_for_fifty_subscriptions_and_resellers_as_for_one(world: World) -> None:
    client, url = client_of(world.admin.user), url_of(world.customer)
    give_own(world)
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for _number in range(49):
        sell(world.customer, None)
    for number in range(10):
        sell(world.customer, put_reseller(f"Reseller {number}"))
    propagation.apply_due_changes()
    save_reseller_access(
        actor=world.admin,
        customer=world.customer,
        desired=[
            wish(world.customer, world.reseller, True, subscription)
            for subscription in world.customer.subscriptions.filter(reseller=None)
        ],
        agreed=[world.reseller.pk],
    )
    assert AccessGrant.objects.filter(customer=world.customer).count() == 61
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few)


def test_times_are_shown_in_the_persons_zone_and_language(world: World) -> None:
    user = world.admin.user
    user.time_zone, user.language = "Pacific/Kiritimati", "fr"
    user.save(update_fields=["time_zone", "language"])
    page = open_page(user, world.customer)
    assert re.search(r'<time datetime="[^"]*\+14:00" title="[^"]* UTC\+14:00">', page.html)
    with translation.override("fr"):
        assert '<html lang="fr"' in page.html


def test_a_name_is_never_markup(world: World) -> None:
    world.reseller.name = "Smith & <b>Sons</b>"
    world.reseller.save(update_fields=["name"])
    sell(world.customer, put_reseller("Another"))
    give_own(world)
    for page in (
        open_page(world.admin.user, world.customer),
        open_page(world.admin.user, world.customer).untick(box(world.reseller)).save(confirmed=False),
        open_page(world.admin.user, world.customer).untick(box(world.reseller)).save(),
    ):
        assert "Smith &amp; &lt;b&gt;Sons&lt;/b&gt;" in page.html
        assert "<b>Sons" not in page.html
        assert "&amp;amp;" not in page.html
        assert "&lt;time" not in page.html
        assert "{{" not in page.html
