"""A form that is sent when the session is over comes back after signing in, and nothing is done by showing it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import settings
from django.urls import reverse

from accounts.models import Kept
from tests.contract import matrix
from tests.contract.cases import Sender, arguments
from tests.contract.database import difference_since, now
from tests.contract.posts import POSTS
from tests.contract.resolver import addresses
from tests.contract.world import World

LINES = matrix.lines()
ADDRESSES = {address.name: address for address in addresses()}
PAGES = {line.name for line in LINES if line.method == "GET"}
FORMS = [line for line in LINES if line.method == "POST" and line.name in PAGES and line.letters[-1] == "L"]
# Forms on a page at another URL.
BESIDE = sorted(name for name, address in ADDRESSES.items() if hasattr(address.view, "comes_back"))
# What a person wrote themselves, as the forms of POSTS name it.
TYPED = {
    "name",
    "title",
    "description",
    "text",
    "members",
    "serial_number",
    "postal_address",
    "seats",
    "email",
    "comment",
}


@pytest.mark.parametrize("line", FORMS, ids=[line.id for line in FORMS])
def test_a_form_sent_too_late_is_shown_again_and_does_nothing(line: matrix.Line, db: None, world: World) -> None:
    column = next(number for number, letter in enumerate(line.letters) if letter in "ON")
    who = matrix.people()[column]
    client = world.client(*who)
    client.get(reverse("preferences"))  # as any page does, it leaves at the browser who has signed in
    url = reverse(line.name, kwargs=arguments(line.name, ADDRESSES[line.name].route, world.acme, world))
    data = POSTS[line.name].data(Sender(world, client, world.persons.get(who)))
    session = client.cookies.pop(settings.SESSION_COOKIE_NAME)
    before = now()
    sent = client.post(url, urlencode(data, doseq=True), "application/x-www-form-urlencoded")
    assert sent.headers["Location"].startswith(reverse("account_login"))
    client.cookies[settings.SESSION_COOKIE_NAME] = session.value
    shown = client.get(f"{url}?unsaved=1", follow=True)
    Kept.objects.all().delete()
    assert not difference_since(before)
    assert "unsaved" not in sent.headers["Location"] or "nothing is saved yet" in shown.content.decode()
    if shown.redirect_chain or "unsaved" not in sent.headers["Location"]:
        return  # a button: there is nothing that was typed
    typed = [str(value) for name, value in data.items() if name in TYPED]
    assert [value for value in typed if value not in unescape(shown.content.decode())] == []


def stands_in(page: str, value: str) -> bool:
    """Whether a form holds it: typed, ticked, or chosen of several. A button with it is there to be pressed again."""
    tags = re.findall(rf'<(?:option|input|button)[^>]*value="{re.escape(value)}"[^>]*>', page)
    kept = [tag for tag in tags if not re.match("<option", tag) and not re.search('type="(checkbox|radio)"', tag)]
    return bool(kept) or any(re.search("selected|checked", tag) for tag in tags) or f">\n{value}</textarea>" in page


@pytest.mark.parametrize("name", BESIDE)
def test_a_form_of_another_page_comes_back_at_its_own_url(name: str, db: None, world: World) -> None:
    line = next(line for line in FORMS if line.name == name)
    who = matrix.people()[line.letters.index("O")]
    client = world.client(*who)
    client.get(reverse("preferences"))
    url = reverse(name, kwargs=arguments(name, ADDRESSES[name].route, world.acme, world))
    data = POSTS[name].data(Sender(world, client, world.persons.get(who)))
    session = client.cookies.pop(settings.SESSION_COOKIE_NAME)
    sent = client.post(url, data, headers={"referer": f"http://testserver{reverse('home')}"})
    assert parse_qs(urlsplit(sent.headers["Location"]).query)["next"] == [f"{url}?unsaved=1"]
    client.cookies[settings.SESSION_COOKIE_NAME] = session.value
    shown = unescape(client.get(f"{url}?unsaved=1").content.decode())
    assert "nothing is saved yet" in shown
    values = [value for given in data.values() for value in (given if isinstance(given, list) else [given])]
    assert [value for value in values if not stands_in(shown, value)] == []


def test_every_form_with_something_typed_comes_back(db: None, world: World) -> None:
    who = ("Acme", "super admin")
    sender = Sender(world, world.client(*who), world.persons[who])
    typed = {
        line.name
        for line in LINES
        if line.method == "POST" and line.letters[-1] == "L" and TYPED & set(POSTS[line.name].data(sender))
    }
    assert typed - PAGES == set()


def test_most_forms_are_shown_again() -> None:
    """So that the test above does not pass for want of forms."""
    assert len(FORMS) > 40
