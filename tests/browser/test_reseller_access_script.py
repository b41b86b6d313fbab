"""What JavaScript adds to the page *Reseller access*: words while ticking, states that follow, one click."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Dialog, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import AuditEvent
from subscriptions.access import propagation
from subscriptions.models import AccessChange
from tests.access.world import DAY, World, make_world, pass_time
from tests.web.console.access_page import client_of, url_of


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.fixture
def access(world: World, live_server: LiveServer, page: Page) -> Page:
    """The page, opened by the customer's super admin."""
    cookie = client_of(world.admin.user).cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page.goto(live_server.url + url_of(world.customer))
    return page


def test_the_words_appear_while_ticking_and_go_again(world: World, access: Page) -> None:
    main, own = access.get_by_label("Allow reseller access"), access.get_by_label(world.own.sku.name)
    words = access.locator("#access-changes")
    expect(words).to_contain_text("No unsaved changes.")
    own.check()
    expect(words).to_contain_text(f"will see {world.own.sku.name} in your console")
    main.uncheck()
    expect(own).to_be_disabled()
    expect(words).to_contain_text("will lose access to your admin console")
    expect(words).not_to_contain_text("will see")
    main.check()
    own.uncheck()
    expect(words).to_contain_text("No unsaved changes.")


def test_R3_the_agreement_is_asked_for_when_something_is_newly_ticked(world: World, access: Page) -> None:
    agreement = access.get_by_label("agreed to support")
    expect(agreement).to_be_hidden()
    access.get_by_label(world.own.sku.name).check()
    expect(agreement).to_be_visible()
    access.get_by_role("button", name="Save").click()
    expect(access.get_by_role("alert")).to_be_focused()
    expect(access.get_by_label(world.own.sku.name)).to_be_checked()
    agreement.check()
    access.get_by_role("button", name="Save").click()
    expect(access.get_by_text("Expected by").first).to_be_visible()
    assert world.opened().allowed


def test_the_state_follows_without_a_reload_and_leaves_the_ticks_alone(world: World, access: Page) -> None:
    access.get_by_label(world.own.sku.name).check()
    access.get_by_label("agreed to support").check()
    access.get_by_role("button", name="Save").click()
    expect(access.get_by_text("A change is in progress.")).to_be_visible()
    AccessChange.objects.filter(settled_at=None).update(due_at=world.console().began_at)
    access.reload()
    access.get_by_label("Allow reseller access").uncheck()
    pass_time(DAY)
    propagation.apply_due_changes()
    expect(access.get_by_text("In effect since")).to_have_count(2, timeout=15_000)
    expect(access.get_by_text("A change is in progress.")).to_have_count(0)
    expect(access.get_by_label("Allow reseller access")).not_to_be_checked()
    expect(access.locator("#access-changes")).to_contain_text("will lose access to your admin console")


def test_R6_a_double_click_saves_once_and_back_shows_what_is_stored(world: World, access: Page) -> None:
    access.get_by_label("Allow reseller access").uncheck()
    access.get_by_role("button", name="Save").dblclick()
    expect(access.get_by_text("Access ends")).to_be_visible()
    assert AuditEvent.objects.filter(name="CHANGE_RESELLER_ACCESS", actor_id=world.admin.user.pk).count() == 1
    access.go_back()
    expect(access.get_by_label("Allow reseller access")).not_to_be_checked()
    expect(access.get_by_text("Access ends")).to_be_visible()


def test_R8_remove_now_asks_first_and_works_by_keyboard(world: World, access: Page) -> None:
    opener = access.locator("summary", has_text="Remove now")
    opener.focus()
    access.keyboard.press("Enter")
    dialog = access.get_by_role("dialog", name=re.compile("Remove the access of"))
    cancel = dialog.get_by_role("button", name="Cancel")
    expect(cancel).to_be_focused()
    access.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    # The focus comes back a moment after the dialog has gone; a key pressed before it goes elsewhere.
    expect(opener).to_be_focused()
    assert world.console().allowed
    access.keyboard.press("Enter")
    expect(cancel).to_be_focused()
    access.keyboard.press("Tab")
    access.keyboard.press("Enter")
    expect(access.get_by_text("has no access any more")).to_be_visible()
    assert not world.console().allowed


@pytest.mark.parametrize("size", [(390, 664), (360, 640), (844, 480)], ids=str)
def test_on_a_telephone_the_required_box_is_not_hidden_behind_the_bar(
    world: World, access: Page, size: tuple[int, int]
) -> None:
    """What was just opened is where a finger can press it, and the bar leaves three quarters of the height."""
    width, height = size
    access.set_viewport_size({"width": width, "height": height})
    own = access.get_by_label(world.own.sku.name)
    # Where a thumb finds it: just above the bottom.
    own.evaluate("box => scrollTo(0, box.getBoundingClientRect().bottom + scrollY - innerHeight + 40)")
    own.check()
    agreement = access.get_by_label("agreed to support")
    expect(agreement).to_be_in_viewport(ratio=1)
    for part in (agreement, access.locator("label", has_text="agreed to support")):
        assert part.evaluate(
            """part => { const { left, top, width, height } = part.getBoundingClientRect();
               return [0.02, 0.5, 0.98].every((share) =>
                 part.contains(document.elementFromPoint(left + width / 2, top + height * share))); }"""
        ), "something lies over it"
    bar = access.locator("#access-form").bounding_box()
    assert bar is not None
    assert bar["height"] <= height / 4
    agreement.click()
    expect(agreement).to_be_checked()
    save = access.get_by_role("button", name="Save")
    expect(save).to_be_in_viewport(ratio=1)
    save.click()
    expect(access.get_by_text("Saved.")).to_be_visible()


def test_unsaved_ticks_are_asked_about_before_leaving_and_not_on_the_way_to_saving(world: World, access: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    access.on("dialog", stay)
    own, here = access.get_by_label(world.own.sku.name), access.url
    own.check()
    own.uncheck()
    access.reload()
    assert asked == [], "nothing differs"
    own.check()
    access.get_by_role("link", name="All changes").click()
    expect(own).to_be_checked()
    assert (asked, access.url) == (["beforeunload"], here)
    access.get_by_label("agreed to support").check()
    access.get_by_role("button", name="Save").click()
    expect(access.get_by_text("Expected by").first).to_be_visible()
    own.uncheck()
    access.get_by_role("link", name="Discard").click()
    expect(access.get_by_text("No unsaved changes.")).to_be_visible()
    assert asked == ["beforeunload"]


def test_when_the_session_ends_meanwhile_the_ticks_stay_and_come_back(world: World, access: Page) -> None:
    """The page that follows a change would lead to the sign-in page by itself; not while something is unsaved."""
    access.get_by_label("Allow reseller access").uncheck()
    access.get_by_role("button", name="Save").click()
    expect(access.get_by_text("A change is in progress.")).to_be_visible()
    access.get_by_label("Allow reseller access").check()
    own = access.get_by_label(world.own.sku.name)
    own.check()
    access.get_by_label("agreed to support").check()
    access.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    expect(access.get_by_text("Your session has ended.")).to_be_visible(timeout=30_000)
    expect(own).to_be_checked()
    access.get_by_role("button", name="Save").click()
    expect(access.get_by_text("so nothing was saved")).to_be_visible()
    cookie = client_of(world.admin.user).cookies[settings.SESSION_COOKIE_NAME].value
    access.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": access.url}])
    access.reload()  # the sign-in page leads on those who have signed in
    expect(access.get_by_text("nothing is saved yet")).to_be_visible()
    expect(own).to_be_checked()
    assert not world.console().allowed
    access.get_by_role("button", name="Save").click()
    expect(access.get_by_text("Saved:")).to_be_visible()
    assert world.console().allowed
