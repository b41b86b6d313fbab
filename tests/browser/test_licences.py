"""Licences in a browser: assigned, automatic, revoked; every page in both languages, and axe is content."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from subscriptions.automatic_licences import give_automatic_licences
from subscriptions.licensing import assign_licences, change_auto_licence
from subscriptions.models import Licence, Subscription
from tests.browser import stage
from tests.browser.stage import Scene, axe, sign_in
from tests.factories import make_unit
from tests.jobs.bulk_world import work
from tests.subscriptions.licence_world import having, make_people

PATHS = (
    "licences/",
    "licences/{subscription}/",
    "licences/{subscription}/assign/",
    "licences/{subscription}/org-unit/?org_unit={unit}",
    "licences/{subscription}/automatic/",
    "users/{person}/licences/",
)


def live(scene: Scene) -> dict[str, str]:
    """A year of use, people in units, and a unit that waits for seats."""
    subscription = Subscription.objects.get(customer=scene.acme, reseller=None)
    people = make_people(scene.acme, 18, name="Ada")
    assign_licences(actor=None, subscription=subscription, people=people)
    for number, licence in enumerate(Licence.objects.order_by("pk")):
        Licence.objects.filter(pk=licence.pk).update(assigned_at=timezone.now() - timedelta(days=number * 19))
    unit = make_unit(scene.acme, "Sales")
    make_people(scene.acme, 6, make_unit(scene.acme, "Berlin", unit), name="Berta")
    change_auto_licence(actor=None, subscription=subscription, org_unit=unit, automatic=True)
    give_automatic_licences()
    return {"subscription": str(subscription.pk), "person": str(people[0].pk), "unit": str(unit.pk)}


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1280), ("fr", "dark", 360)])
def test_axe_is_content_with_every_page_of_licences(
    browser: Browser, live_server: LiveServer, transactional_db: None, language: str, scheme: str, width: int
) -> None:
    scene = stage.build(language=language)
    found = live(scene)
    context = browser.new_context(
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": width, "height": 900},
        locale=language,
    )
    page = context.new_page()
    sign_in(page, live_server.url, scene.alice)
    for path in PATHS:
        response = page.goto(f"{live_server.url}/console/acme.example/{path.format(**found)}")
        assert response is not None
        assert response.status == 200
        for details in page.locator("main details.disclosure").all():
            details.locator("summary").click()
        axe(page)
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, f"{path} is {overflow} pixels too wide at {width}"
    context.close()


def test_licences_are_assigned_and_revoked(page: Page, live_server: LiveServer, transactional_db: None) -> None:
    scene = stage.build()
    subscription = Subscription.objects.get(customer=scene.acme, reseller=None)
    make_people(scene.acme, 1, name="Ada")
    sign_in(page, live_server.url, scene.alice)
    page.get_by_role("link", name="Licences", exact=True).first.click()
    page.get_by_role("link", name="Gemini").click()
    page.get_by_role("link", name="Assign licences").click()
    page.get_by_label("Name or e-mail address").fill("ada")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("checkbox", name="Ada").check()
    page.get_by_role("button", name="Assign to chosen people").click()
    expect(page.locator("#messages")).to_contain_text("1 licence was assigned.")
    ada = User.objects.get(name__startswith="Ada")
    assert having(subscription) == {ada.pk}
    page.get_by_role("checkbox", name="Ada").check()
    page.get_by_role("button", name="Revoke licences").click()
    expect(page.locator("main")).to_contain_text("can no longer use")
    page.locator("main button[name=confirmed]").click()
    expect(page.locator("#messages")).to_contain_text("Started.")
    work()
    assert having(subscription) == set()
