"""What operators read of the answers to *Was this information helpful?*"""

from __future__ import annotations

import pytest

from accounts.models import HelpFeedback
from accounts.organisations import VENDOR
from accounts.roles import Role
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.factories import make_customer, make_person

PAGE = "/operations/help/"

pytestmark = pytest.mark.django_db


def answer(slug: str, language: str, helpful: bool, comment: str = "") -> None:
    HelpFeedback.objects.create(slug=slug, language=language, helpful=helpful, comment=comment)


@pytest.fixture
def answers(db: None) -> None:
    answer("licences", "en", helpful=True)
    answer("reseller-access", "en", helpful=True, comment="Clear")
    answer("reseller-access", "en", helpful=False, comment="Where is the <table>?")
    answer("reseller-access", "fr", helpful=False, comment="Trop long")
    answer("a-text-that-is-gone", "de", helpful=True)


def test_only_operators_open_it() -> None:
    assert signed_in(make_person(VENDOR, Role.VENDOR_OPERATOR)).get(PAGE).status_code == 200
    assert signed_in(make_person(VENDOR, Role.VENDOR_SUPPORT)).get(PAGE).status_code == 403
    assert signed_in(make_person(make_customer("Acme"), Role.SUPER_ADMIN)).get(PAGE).status_code == 404


def test_the_figures_stand_by_text_and_language_those_that_helped_the_fewest_first(answers: None) -> None:
    page = signed_in(make_person(VENDOR, Role.VENDOR_OPERATOR)).get(PAGE)
    found = [(str(f.title), f.language, f.helped, f.not_helped, f.comments) for f in page.context["figures"].rows.rows]
    assert found == [
        ("Reseller access", "English", 1, 1, 2),
        ("Reseller access", "French", 0, 1, 1),
        ("Licences", "English", 1, 0, 0),
        ("a-text-that-is-gone", "de", 1, 0, 0),
    ]
    assert "Where is the &lt;table&gt;?" in page.content.decode()


def test_they_are_filtered(answers: None) -> None:
    client = signed_in(make_person(VENDOR, Role.VENDOR_OPERATOR))

    def comments(**asked: str) -> list[str]:
        return [answer.comment for answer in client.get(PAGE, asked).context["comments"].rows.rows]

    assert comments() == ["Trop long", "Where is the <table>?", "Clear"]
    assert comments(order="oldest") == ["Clear", "Where is the <table>?", "Trop long"]
    assert comments(language="fr") == ["Trop long"]
    assert comments(answer="yes") == ["Clear"]
    assert comments(text="licences") == []
    assert comments(text="nothing") == []
    assert "No answer matches this search" in text(client.get(PAGE, {"text": "groups"}))


def test_where_nobody_has_answered_it_says_so() -> None:
    assert "Nobody has answered yet" in text(signed_in(make_person(VENDOR, Role.VENDOR_OPERATOR)).get(PAGE))
