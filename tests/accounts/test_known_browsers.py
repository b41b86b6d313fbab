"""P14: guessing does not lock out a browser that has signed in as that person before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.directory import passwords
from accounts.directory.rules import organisation_of
from accounts.models import User
from accounts.roles import Role
from tests.factories import PASSWORD, fresh, make_customer, make_person

pytestmark = pytest.mark.django_db

SIGN_IN, SIGN_OUT, SESSIONS = "/accounts/login/", "/accounts/logout/", "/accounts/sessions/"
RESET, COOKIE = "/accounts/password/reset/", "known-browser"
WRONG, NEW = "wrong-lantern-orchard", "another-lantern-orchard"


@pytest.fixture(autouse=True)
def no_counted_attempts(db: None) -> Iterator[None]:
    """Each test begins with all its attempts."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def alice(db: None) -> User:
    customer = make_customer("Acme", "acme.example")
    return make_person(customer, Role.SUPER_ADMIN, name="Alice", email="alice@acme.example", password=PASSWORD)


def sign_in(client: Client, password: str = PASSWORD, login: str = "alice@acme.example") -> Any:
    return client.post(SIGN_IN, {"login": login, "password": password})


def is_in(client: Client) -> bool:
    return client.get(SESSIONS).status_code == 200


def known_browser() -> Client:
    """A browser in which Alice has signed in before, and out again."""
    client = Client()
    assert sign_in(client).status_code == 302
    client.post(SIGN_OUT)
    assert not is_in(client)
    return client


def guess(*, times: int = 6, ip_address: str = "127.0.0.1") -> None:
    for _ in range(times):
        sign_in(Client(REMOTE_ADDR=ip_address), WRONG)


def is_stopped(response: Any) -> bool:
    return response.status_code == 429 or "Too many attempts" in response.content.decode()


def test_P14_guessing_from_anywhere_does_not_lock_out_a_browser_that_was_signed_in(alice: User) -> None:
    home = known_browser()
    guess(ip_address="198.51.100.7")
    assert is_stopped(sign_in(Client())), "a browser that nobody knows waits"
    sign_in(home)
    assert is_in(home)


def test_P14_nor_does_guessing_at_the_same_ip_address(alice: User) -> None:
    """All three limits at once: of the address, of failures from an IP address, of sign-ins from one."""
    home = known_browser()
    guess(times=6)
    for number in range(12):
        sign_in(Client(), WRONG, f"person{number}@acme.example")
    for _ in range(30):
        sign_in(Client(), "")
    assert sign_in(Client()).status_code == 429
    sign_in(home)
    assert is_in(home)


def test_P14_a_known_browser_has_five_attempts_of_its_own(alice: User) -> None:
    home = known_browser()
    assert not any(is_stopped(sign_in(home, WRONG)) for _ in range(5))
    assert is_stopped(sign_in(home))
    elsewhere = Client()
    sign_in(elsewhere)
    assert is_in(elsewhere), "its failures lock out nobody else"


def test_P14_each_known_browser_of_a_person_is_counted_by_itself(alice: User) -> None:
    home, office = known_browser(), known_browser()
    for _ in range(6):
        sign_in(home, WRONG)
    assert is_stopped(sign_in(home))
    sign_in(office)
    assert is_in(office)


def test_P14_a_password_that_is_right_takes_no_attempt_away(alice: User) -> None:
    home = known_browser()
    for _ in range(8):
        sign_in(home)
        assert is_in(home)
        home.post(SIGN_OUT)


def test_P14_the_cookie_counts_for_nobody_else(alice: User) -> None:
    bob = make_person(organisation_of(alice), name="Bob", email="bob@acme.example", password=PASSWORD)
    home = known_browser()
    for _ in range(6):
        sign_in(Client(), WRONG, bob.email)
    assert is_stopped(sign_in(home, PASSWORD, bob.email))


def test_P14_a_browser_of_several_people_counts_for_each_of_them(alice: User) -> None:
    bob = make_person(organisation_of(alice), name="Bob", email="bob@acme.example", password=PASSWORD)
    shared = known_browser()
    sign_in(shared, PASSWORD, bob.email)
    shared.post(SIGN_OUT)
    guess()
    for _ in range(6):
        sign_in(Client(), WRONG, bob.email)
    for email in (alice.email, bob.email):
        sign_in(shared, PASSWORD, email)
        assert is_in(shared)
        shared.post(SIGN_OUT)


def forged(value: str) -> str:
    return f"0{value}"


@pytest.mark.parametrize(
    "change", [forged, str.upper, lambda _value: "|:|x|'\"|1.x:y:z", lambda value: "|".join("abcdef") + f"|{value}"]
)
def test_P14_a_cookie_that_was_not_made_here_counts_for_nobody(alice: User, change: Callable[[str], str]) -> None:
    home = known_browser()
    home.cookies[COOKIE] = change(home.cookies[COOKIE].value)
    guess()
    assert is_stopped(sign_in(home))


@pytest.mark.parametrize("how", ["link", "admin"])
def test_P14_it_ends_with_a_change_of_the_password(alice: User, how: str) -> None:
    home, there = known_browser(), Client()
    if how == "link":
        there.post(RESET, {"email": alice.email})
        there.post(form_behind_the_link(there), {"password1": NEW, "password2": NEW})
        new = NEW
    else:
        new = passwords.reset_password(actor=None, person=alice)
    assert fresh(alice).check_password(new)
    guess()
    assert is_stopped(sign_in(home, new))


def form_behind_the_link(client: Client) -> str:
    [path] = re.findall(r"(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    return str(client.get(path, follow=True).redirect_chain[-1][0])


def test_P14_elsewhere_the_link_for_a_new_password_opens_the_way(alice: User) -> None:
    """While the address is locked, with the guessing going on, also at the same IP address."""
    guess()
    there = Client()
    assert is_stopped(sign_in(there))
    there.post(RESET, {"email": alice.email})
    form = form_behind_the_link(there)
    for _ in range(25):
        Client().post(f"{RESET}key/1-no-such-key/", {})
    assert there.post(form, {"password1": NEW, "password2": NEW}).status_code == 302
    guess(times=12)
    sign_in(there, NEW)
    assert is_in(there)


def test_P14_it_ends_after_180_days(alice: User) -> None:
    home = known_browser()
    assert home.cookies[COOKIE]["max-age"] == int(timedelta(days=180).total_seconds())
    for days, stopped in ((179, False), (181, True)):
        with time_machine.travel(in_days(days), tick=False):
            cache.clear()
            guess()
            browser = Client()
            browser.cookies[COOKIE] = home.cookies[COOKIE].value
            assert is_stopped(sign_in(browser)) is stopped


def in_days(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def test_P14_the_cookie_is_out_of_reach_of_scripts_and_says_no_name(alice: User, settings: LazySettings) -> None:
    settings.SECURE = True
    cookie = known_browser().cookies[COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (True, "Lax", "/", "")
    assert cookie["secure"] is True
    assert "alice" not in cookie.value
