"""P12: people of whom a second factor is required, and who have none: in their grace, and after it.

In the grace every address answers as the table says. After it none opens but adding a factor, signing out and the
language, and nothing changes.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings, settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.clock import database_now
from accounts.factors import RequiredOf, factors_of
from accounts.models import User
from tests.contract import matrix
from tests.contract.answers import letter_of, url_of
from tests.contract.cases import Sender
from tests.contract.crawl import content_of
from tests.contract.database import difference_since, now, written
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.world import World

LINES = matrix.lines()
WHO = (("Acme", "super admin"), ("inside", "admin"), ("vendor", "operator"))
# What is open after the grace, and what asks for no person.
# With the answer of a provider, which may be the proof that adding a factor asks for (P13, P15).
OPEN = {"second_factor", "second_factor_app", "passkey_add", "fresh_proof", "account_logout", "preferences"}
OPEN |= {"provider_callback"}
PROBES = {"health_live", "health_ready", "metrics"}
# Their forms give the sender a factor first, or are about one that is there.
ABOUT_FACTORS = {"second_factor_app", "passkey_add", "fresh_proof", "passkey_rename", "factor_remove", "recovery_codes"}


@pytest.fixture(autouse=True)
def _required(settings: LazySettings) -> None:
    settings.SECOND_FACTOR_REQUIRED = list(RequiredOf)


def without_factor(world: World, who: tuple[str, str], due: timedelta) -> Client:
    """A browser of a person without a factor, whose grace ends, or ended, at a distance from now."""
    person = world.persons[who]
    factors_of(person).delete()
    User.objects.filter(pk=person.pk).update(factor_due_at=database_now() + due)
    return world.client(*who)


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_P12_after_the_grace_nothing_else_opens(line: Line, db: None, world: World) -> None:
    url, is_form = url_of(line.name, world), line.method == "POST"
    for who in WHO:
        with transaction.atomic():
            data = POSTS[line.name].data(Sender(world, world.client(*who), world.persons[who])) if is_form else {}
            client = without_factor(world, who, -timedelta(seconds=1))
            before, rows = now(), written()
            response = client.post(url, data) if is_form else client.get(url)
            content_of(response)
            effect = written() != rows and bool(difference_since(before))
            piece = client.get(url, headers={"HX-Request": "true"})
            transaction.set_rollback(True)
        if line.name in PROBES:
            continue
        if line.name in OPEN:
            assert letter_of(response) == "O" or line.name == "fresh_proof", who
            continue
        assert (response.status_code, response.headers.get("Location")) == (302, reverse("second_factor")), who
        assert piece.headers.get("HX-Redirect") == reverse("second_factor")
        assert not effect


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_P12_in_the_grace_everything_is_as_before(line: Line, db: None, world: World) -> None:
    url, is_form = url_of(line.name, world), line.method == "POST"
    for who in WHO[:2]:
        expected = line.letters[matrix.people().index(who)]
        with transaction.atomic():
            client = without_factor(world, who, timedelta(days=3))
            data = POSTS[line.name].data(Sender(world, client, world.persons[who])) if is_form else {}
            response = client.post(url, data) if is_form else client.get(url)
            page = content_of(response)
            transaction.set_rollback(True)
        if line.name not in ABOUT_FACTORS:
            assert letter_of(response) == ("O" if expected == "N" else expected), who
        if b'id="main"' in page and letter_of(response) == "O":
            assert b"3 days left" in page


def test_P12_of_whom_it_can_be_required() -> None:
    assert tuple(settings.NEED_SECOND_FACTOR) == tuple(RequiredOf)
