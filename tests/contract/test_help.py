"""Every page leads to a help text or says why not; every text belongs to a page and is there in both languages."""

from __future__ import annotations

import re

import polib
import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.urls import resolve
from django.utils import translation

from reseller_console.translations import path_of
from tests.contract.ours import ROOT
from tests.contract.resolver import addresses
from tests.contract.walks import walk
from tests.contract.world import World
from web.help.finding import template_of
from web.help.pages import HELP_OF_PAGE, NO_HELP
from web.help.topics import TOPICS

NAMES = {address.name for address in addresses()}
# Titles that are spelled the same in both languages.
SHARED = {"Activations", "Applications", "Licences", "Notifications", "Webhooks"}
TEXTS = ROOT / "templates/personal/help/texts"
# Labels that a page puts together from two texts.
COMPOSED = {"All: Users": "Tout : Utilisateurs"}


def test_every_page_leads_to_a_text_or_gives_a_reason_why_not() -> None:
    assert NAMES - HELP_OF_PAGE.keys() - NO_HELP.keys() == set(), "add these to web/help/pages.py"
    assert (HELP_OF_PAGE.keys() | NO_HELP.keys()) - NAMES == set(), "these pages are gone"
    assert HELP_OF_PAGE.keys() & NO_HELP.keys() == set()
    assert all(NO_HELP.values())


def test_every_text_belongs_to_a_page_and_leads_on_to_others() -> None:
    assert set(HELP_OF_PAGE.values()) == TOPICS.keys()
    assert {path.stem for path in TEXTS.glob("*.html")} == TOPICS.keys()
    for topic in TOPICS.values():
        assert set(topic.related) <= TOPICS.keys() - {topic.slug}, topic.slug


@pytest.mark.parametrize("slug", TOPICS)
def test_every_text_is_there_in_both_languages(slug: str) -> None:
    texts = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            text = render_to_string(template_of(TOPICS[slug]), {"level": "h2", "vendor_name": "Vendor"})
            texts.append((str(TOPICS[slug].title), text))
            assert len(re.findall(r"<(p|li)>", text)) >= 4
            assert "<h2" in text
    (first_title, first), (second_title, second) = texts
    assert first != second
    assert first_title != second_title or first_title in SHARED


def _plain(text: str) -> str:
    """Write a label as a text quotes it: what is filled in is an ellipsis, and every space is one."""
    return re.sub(r"%\(\w+\)s", "…", text).replace("\xa0", " ")


def test_a_text_quotes_labels_as_the_pages_have_them_in_both_languages() -> None:
    catalogue = polib.pofile(str(path_of("fr")))
    labels = {english: {french} for english, french in COMPOSED.items()}
    for entry in catalogue:
        labels.setdefault(_plain(entry.msgid), set()).add(_plain(entry.msgstr))
    wrong = []
    for path in sorted(TEXTS.glob("*.html")):
        for text in re.findall(r'translate "(.*?)" %}', path.read_text(encoding="utf-8")):
            translated = catalogue.find(text)
            assert translated is not None
            quoted = re.findall(r"“(.*?)”", text)
            in_french = set(re.findall(r"« (.*?) »", _plain(translated.msgstr)))
            wrong += [(path.stem, label) for label in quoted if not labels.get(label, set()) & in_french]
            wrong += [(path.stem, label) for label in in_french if not any(label in labels.get(q, ()) for q in quoted)]
    assert wrong == []


@pytest.mark.parametrize(
    "walker", [("Acme", "super admin"), ("inside", "admin"), ("vendor", "operator"), ("vendor", "support")]
)
def test_the_button_of_each_page_leads_to_its_text(walker: tuple[str, str], db: None, world: World) -> None:
    found = {}
    for url, page in walk(world, walker, world.acme).items():
        if 'class="topbar"' not in page.text or page.response.status_code != 200:
            continue
        name = resolve(url.partition("?")[0].partition("#")[0]).url_name or ""
        slug = HELP_OF_PAGE.get(name)
        address = f'href="/help/{slug}/" hx-get' if slug else 'href="/help/"'
        found[name] = address in page.text
    assert len(found) >= 3
    assert {name for name, leads in found.items() if not leads} == set()
