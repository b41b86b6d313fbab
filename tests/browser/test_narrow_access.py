"""Level and end beside the box, as an admin chooses them: said before saving, in force afterwards (R16, R18)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from reseller_console.local.processes import Child
from subscriptions.models import AccessGrant
from tests.browser import stage
from tests.browser.stage import axe, sign_in
from tests.servers import CeleryWorker

URL = "/console/acme.example/account/reseller-access/"
# Milliseconds a journey waits for a worker and for the page to follow it.
SOON = 30_000
# Labels, and words that the page says.
WORDS = {
    "en": {
        "narrow": "Narrow: level, when, and end",
        "view": "View only",
        "last day": "Last day of access",
        "no end": "No end",
        "save": "Save",
        "said": "change nothing",
        "day": "31 December",
    },
    "fr": {
        "narrow": "Restreindre : niveau, moments et fin",
        "view": "Consultation seule",
        "last day": "Dernier jour d’accès",
        "no end": "Sans fin",
        "save": "Enregistrer",
        "said": "sans rien modifier",
        "day": "31 décembre",
    },
}


@pytest.fixture
def quick_worker(
    settings: LazySettings, start_beat: Callable[..., Child], start_worker: Callable[..., CeleryWorker]
) -> Callable[[], None]:
    """Changes are due within two seconds; scheduler and worker begin when asked to."""
    settings.ACCESS_PROPAGATION_MIN, settings.ACCESS_PROPAGATION_MEDIAN, settings.ACCESS_PROPAGATION_MAX = 1, 1, 2

    def begin() -> None:
        start_beat()
        start_worker()

    return begin


@pytest.mark.parametrize("language", ["en", "fr"])
def test_R16_R18_a_console_is_opened_for_viewing_until_a_day_and_then_for_ever(
    page: Page, live_server: LiveServer, transactional_db: None, language: str, quick_worker: Callable[[], None]
) -> None:
    scene, words = stage.build(language=language), WORDS[language]
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, live_server.url, scene.alice)
    page.goto(live_server.url + URL)
    page.get_by_text(words["narrow"]).first.click()
    axe(page)
    page.get_by_label(words["view"], exact=True).first.check()
    expect(page.get_by_label(words["last day"]).first).to_be_hidden()
    page.locator("[data-narrow] select").first.select_option("day")
    page.get_by_label(words["last day"]).first.fill("2031-12-31")
    changes = page.locator("#access-changes")
    expect(changes).to_contain_text(words["said"])
    expect(changes).to_contain_text(words["day"])
    page.get_by_role("button", name=words["save"], exact=True).click()
    status = page.locator(".choice--main .access-status").first
    quick_worker()
    expect(status).to_contain_text(words["view"], timeout=SOON)
    expect(status).to_contain_text(words["day"], timeout=SOON)
    axe(page)

    page.get_by_text(words["narrow"]).first.click()
    page.locator("[data-narrow] select").first.select_option(label=words["no end"])
    page.get_by_role("button", name=words["save"], exact=True).click()
    expect(status).not_to_contain_text(words["day"], timeout=SOON)
    grant = AccessGrant.objects.get(subscription=None)
    assert (grant.effective_level, grant.effective_until) == ("view", None)
