"""axe finds nothing on any page: once in English, light and wide, and once in French, dark and narrow."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from tests.browser import stage
from tests.browser.stage import sign_in

CONSOLE, MOVED = "/console/acme.example/", "/console/globex.example/"
PAGES = {
    "alice": [
        CONSOLE,
        CONSOLE + "users/jobs/",
        CONSOLE + "subscriptions/",
        CONSOLE + "billing/",
        CONSOLE + "account/",
        CONSOLE + "account/reseller-access/",
        CONSOLE + "account/health/",
        CONSOLE + "account/applications/new/",
        CONSOLE + "account/roles/",
        CONSOLE + "account/outside-access/",
        "/notifications/",
        "/notifications/preferences/",
        CONSOLE + "audit/",
        CONSOLE + "search/?q=a",
        "/help/reseller-access/",
        "/accounts/sessions/",
        "/accounts/password/change/",
    ],
    "rosa": [
        "/reseller/home/",
        "/reseller/",
        "/reseller/customers/acme.example/",
        "/reseller/transfers/",
        "/reseller/staff/",
        "/reseller/activity/",
        "/reseller/search/?q=a",
    ],
    "olga": [
        "/operations/",
        "/operations/organisations/",
        "/operations/organisations/new/reseller/",
        "/operations/organisations/customer/{customer}/",
        "/operations/organisations/customer/{customer}/people/new/",
        "/operations/organisations/customer/{customer}/payment/new/",
        "/operations/domains/",
        "/operations/people/?email=alice@acme.example",
        "/operations/people/explain/",
        "/operations/staff/",
        "/operations/queues/",
        "/operations/audit-log/",
        "/operations/limits/",
        "/operations/health/",
        "/operations/access-changes/",
        "/operations/lost-factors/",
        "/operations/help/",
        "/help/?q=access",
    ],
    "sam": [
        CONSOLE + "support/",
        CONSOLE + "support/partners/",
        CONSOLE + "support/partners/assign/google_cloud/?q=north",
        CONSOLE + "support/partners/assign/google_cloud/?partner={partner}",
        CONSOLE + "support/contracts/",
        CONSOLE + "support/cases/",
        CONSOLE + "support/cases/new/",
        CONSOLE + "support/cases/{case}/",
    ],
    "gina": [MOVED + "support/", MOVED + "support/contracts/", MOVED + "support/contracts/new/?partner={partner}"],
    "lena": [
        "/support/verify/{token}/",
        "/reseller/support/",
        "/reseller/support/cases/",
        "/reseller/support/cases/new/",
        "/reseller/support/cases/{case}/",
    ],
    "vera": ["/vendor/search/?q=a", "/vendor/support/cases/", "/vendor/support/cases/{case}/"],
}


@pytest.mark.parametrize(("language", "scheme", "width"), [("en", "light", 1280), ("fr", "dark", 360)])
def test_axe_is_content(
    browser: Browser, live_server: LiveServer, transactional_db: None, language: str, scheme: str, width: int
) -> None:
    scene = stage.build(language=language)
    found = {**stage.live_with_support(scene), "customer": scene.alice.customer_id}
    for number, (person, paths) in enumerate(PAGES.items()):
        context = browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 900},
            locale=language,
        )
        page = context.new_page()
        if number == 0:  # to those who have not signed in, all is the same
            page.goto(live_server.url)
            stage.axe(page)
        sign_in(page, live_server.url, getattr(scene, person))
        for path in paths:
            answer = page.goto(live_server.url + path.format_map(found))
            assert answer is not None
            assert answer.status == 200, path
            stage.axe(page)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
                f"{path} scrolls sideways"
            )
        context.close()
