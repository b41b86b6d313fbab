from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import HelpFeedback, User
from accounts.organisations import VENDOR
from accounts.roles import Role
from tests.client import signed_in
from tests.factories import fresh, make_customer, make_person, make_reseller

pytestmark = pytest.mark.django_db

PREFERENCES, HELP, FEEDBACK = "/preferences/", "/help/reseller-access/", "/help/reseller-access/feedback/"
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def nothing_counted(db: None) -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    return make_person(make_customer("Acme"), Role.SUPER_ADMIN, name="Alice")


@pytest.fixture
def browser(alice: User) -> Client:
    client = Client()
    client.force_login(alice, backend="accounts.backends.SignInBackend")
    return client


@pytest.mark.parametrize("elsewhere", ["//evil.example", "https://evil.example/", "\\\\evil.example", "nonsense"])
def test_after_saving_preferences_nobody_is_led_anywhere_but_to_a_page_of_ours(browser: Client, elsewhere: str) -> None:
    response = browser.post(PREFERENCES, {"theme": "dark", "next": elsewhere})
    assert (response.status_code, response["Location"]) == (302, "/")


def test_preferences_are_kept_with_the_person_and_shown_at_once(alice: User, browser: Client) -> None:
    chosen = {"language": "fr", "theme": "dark", "time_zone": "Europe/Paris"}
    response = browser.post(PREFERENCES, {**chosen, "next": "/accounts/sessions/?a=1"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/sessions/?a=1")
    stored = fresh(alice)
    assert (stored.language, stored.theme, stored.time_zone) == ("fr", "dark", "Europe/Paris")
    page = browser.get("/accounts/sessions/")
    assert page["Content-Language"] == "fr"
    assert 'lang="fr" data-theme="dark"' in page.content.decode()
    assert '<option value="Europe/Paris" selected>Paris</option>' in page.content.decode()


def test_a_preference_that_is_left_out_stays(alice: User, browser: Client) -> None:
    browser.post(PREFERENCES, {"theme": "light", "time_zone": "Asia/Tokyo"})
    browser.post(PREFERENCES, {"theme": "dark"})
    stored = fresh(alice)
    assert (stored.language, stored.theme, stored.time_zone) == ("", "dark", "Asia/Tokyo")


def test_a_time_zone_whose_name_is_dead_stays_with_who_has_it_and_nobody_else_gets_it(
    alice: User, browser: Client
) -> None:
    alice.time_zone = "Africa/Asmera"
    alice.save(update_fields=["time_zone"])
    page = browser.get("/accounts/sessions/").content.decode()
    assert '<option value="Africa/Asmera" selected>Africa/Asmera</option>' in page
    assert "Times are shown in the time zone Africa/Asmera, UTC+03:00." in page
    browser.post(PREFERENCES, {"theme": "dark", "time_zone": "Africa/Asmera"})
    assert (fresh(alice).theme, fresh(alice).time_zone) == ("dark", "Africa/Asmera")
    browser.post(PREFERENCES, {"time_zone": "Asia/Tokyo"})
    browser.post(PREFERENCES, {"time_zone": "Africa/Asmera"})
    assert fresh(alice).time_zone == "Asia/Tokyo"


@pytest.mark.parametrize("form", [{"language": "xx"}, {"theme": "<b>"}, {"time_zone": "../../etc/passwd"}])
def test_a_preference_that_does_not_exist_changes_nothing(form: dict[str, str], alice: User, browser: Client) -> None:
    response = browser.post(PREFERENCES, {"language": "fr", **form, "next": "/accounts/sessions/"}, follow=True)
    assert "Nothing was changed" in response.content.decode()
    stored = fresh(alice)
    assert (stored.language, stored.theme, stored.time_zone) == ("", "system", "UTC")


def test_signed_out_the_language_stays_in_a_cookie(client: Client) -> None:
    assert client.get("/accounts/login/")["Content-Language"] == "en"
    response = client.post(PREFERENCES, {"language": "fr"})
    assert response.status_code == 302
    assert list(response.cookies) == ["django_language"]
    assert client.get("/accounts/login/")["Content-Language"] == "fr"


def test_preferences_that_were_chosen_too_late_come_back_and_are_saved_then(alice: User, browser: Client) -> None:
    browser.get(HELP)
    session = browser.cookies.pop("sessionid")
    chosen = {"language": "fr", "theme": "dark", "time_zone": "Europe/Paris", "next": HELP}
    sent = browser.post(PREFERENCES, chosen)
    assert sent["Location"] == f"/accounts/login/?next={PREFERENCES}%3Funsaved%3D1"
    browser.cookies["sessionid"] = session.value
    form = browser.get(f"{PREFERENCES}?unsaved=1").context["form"]
    assert {name: form[name].value() for name in form.fields} == chosen
    assert fresh(alice).theme == "system"
    assert browser.post(PREFERENCES, chosen)["Location"] == HELP
    assert fresh(alice).theme == "dark"


def test_preferences_are_changed_by_post_and_with_a_token_only(alice: User, browser: Client) -> None:
    assert browser.get(PREFERENCES, {"theme": "dark"})["Location"] == "/"
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice, backend="accounts.backends.SignInBackend")
    assert strict.post(PREFERENCES, {"theme": "dark"}).status_code == 403
    assert fresh(alice).theme == "system"


def test_help_is_a_piece_of_page_for_htmx_and_a_page_without(browser: Client) -> None:
    piece, page = (browser.get(HELP, headers=headers) for headers in (HTMX, {}))
    assert piece.status_code == page.status_code == 200
    assert "<html" not in piece.content.decode() and "<html" in page.content.decode()
    for response in (piece, page):
        assert "Was this information helpful?" in response.content.decode()
        assert "HX-Request" in response["Vary"]


def slugs(response: Any) -> set[str]:
    return set(re.findall(r'href="/help/([\w-]+)/"', response.content.decode()))


def test_the_list_has_the_texts_of_a_persons_own_pages(alice: User, browser: Client) -> None:
    own = slugs(browser.get("/help/"))
    assert {"support-partners", "users", "your-account"} <= own
    assert not own & {"staff", "operations", "support-queue"}
    agent = signed_in(make_person(make_reseller("Resale"), Role.RESELLER_AGENT))
    assert {"staff", "users"} <= slugs(agent.get("/help/")) and "operations" not in slugs(agent.get("/help/"))
    assert browser.get("/help/operations/").status_code == agent.get("/help/support-queue/").status_code == 404
    assert "operations" in slugs(signed_in(make_person(VENDOR, Role.VENDOR_OPERATOR)).get("/help/"))


def test_the_help_is_searched_in_the_readers_language_by_all_words_in_any_spelling(
    alice: User, browser: Client
) -> None:
    assert "transfers" in slugs(browser.get("/help/", {"q": "TOKEN reseller"}))
    assert slugs(browser.get("/help/", {"q": "token zebra"})) == set()
    assert "No text has all these words" in browser.get("/help/", {"q": "%"}).content.decode()
    assert "operations" not in slugs(browser.get("/help/", {"q": "overdue"}))
    assert browser.get("/help/", {"q": "x" * 5000}).status_code == 200
    User.objects.filter(pk=alice.pk).update(language="fr")
    assert "transfers" in slugs(browser.get("/help/", {"q": "jeton"}))
    assert slugs(browser.get("/help/", {"q": "token"})) == set()


def test_related_texts_stand_under_each_as_far_as_the_reader_has_them(browser: Client) -> None:
    page = slugs(browser.get(HELP))
    assert {"reviews", "who-has-access", "access-requests"} <= page
    assert "What we recommend, and why" in browser.get(HELP).content.decode()
    beside = browser.get(HELP, headers=HTMX).content.decode()
    assert 'hx-get="/help/reviews/"' in beside


def test_help_that_does_not_exist_is_not_found(browser: Client) -> None:
    for slug in ("page", "answer", "nothing"):
        for headers in (HTMX, {}):
            assert browser.get(f"/help/{slug}/", headers=headers).status_code == 404
        for form in ({"helpful": "yes"}, {}):
            assert browser.post(f"/help/{slug}/feedback/", form).status_code == 404
    assert not HelpFeedback.objects.exists()


def test_help_is_for_people_who_have_signed_in(client: Client) -> None:
    assert client.get(HELP).status_code == 302
    assert client.post(FEEDBACK, {"helpful": "yes"}).status_code == 302
    assert not HelpFeedback.objects.exists()


def test_an_answer_is_stored_without_a_name_and_thanked_for(alice: User, browser: Client) -> None:
    beside = browser.post(FEEDBACK, {"helpful": "no", "comment": " Too <b>long</b> "}, headers=HTMX)
    assert "Thank you" in beside.content.decode() and 'id="help-feedback"' in beside.content.decode()
    page = browser.post(FEEDBACK, {"helpful": "yes"}, follow=True)
    assert page.redirect_chain == [(HELP, 302)] and "Thank you" in page.content.decode()
    stored = list(HelpFeedback.objects.order_by("id").values_list("slug", "language", "helpful", "comment"))
    assert stored == [("reseller-access", "en", False, "Too <b>long</b>"), ("reseller-access", "en", True, "")]


@pytest.mark.parametrize("form", [{}, {"helpful": "maybe"}, {"helpful": "yes", "comment": "x" * 2001}])
def test_an_answer_that_cannot_be_read_is_not_stored(form: dict[str, str], browser: Client) -> None:
    refused = browser.post(FEEDBACK, form)
    assert refused.status_code == 422
    assert form.get("comment", "") in refused.content.decode(), "what was typed is still there"
    assert not HelpFeedback.objects.exists()


def test_one_person_cannot_flood_the_answers(alice: User, browser: Client) -> None:
    statuses = [browser.post(FEEDBACK, {"helpful": "yes"}, headers=HTMX).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [422] * 2
    assert HelpFeedback.objects.count() == 5
    other = Client()
    other.force_login(make_person(make_customer()), backend="accounts.backends.SignInBackend")
    assert other.post(FEEDBACK, {"helpful": "yes"}, headers=HTMX).status_code == 200
