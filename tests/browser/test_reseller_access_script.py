"""What JavaScript adds to the page *Reseller access*: words while ticking, states that follow, one click."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import AuditEvent
from subscriptions.access import propagation
from subscriptions.models import AccessChange
from tests.access.world import DAY, World, make_world, pass_time
from tests.subscriptions.access_page import client_of, url_of


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
