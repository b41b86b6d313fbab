"""What is drawn once for the process says the same to every reader, in the reader's language."""

from __future__ import annotations

import re

import pytest
from django.conf import settings
from django.utils import translation

from web.templatetags.shell import drawn_once

TEMPLATES = settings.BASE_DIR / "templates"
# All that a template can say about a request is a variable, or a tag that looks at one.
CONSTANT_TAGS = {"load", "static", "translate", "lucide", "comment", "endcomment"}


def drawn() -> list[str]:
    texts = (path.read_text() for path in TEMPLATES.rglob("*.html"))
    return sorted({name for text in texts for name in re.findall(r'{% drawn_once "([^"]+)" %}', text)})


def test_it_is_used() -> None:
    assert "components/stale.html" in drawn()


@pytest.mark.parametrize("name", drawn())
def test_nothing_of_a_request_is_kept(name: str) -> None:
    """R11: what a person may do, and who they are, is asked for each request."""
    text = (TEMPLATES / name).read_text()
    assert "{{" not in text
    assert set(re.findall(r"{% (\w+)", text)) <= CONSTANT_TAGS


def test_each_language_has_its_own() -> None:
    said: dict[str, list[str]] = {}
    for language in ("en", "fr", "en"):
        with translation.override(language):
            said.setdefault(language, []).append(drawn_once("components/stale.html"))
    assert "Your session has ended" in said["en"][0]
    assert "Your session has ended" not in said["fr"][0]
    assert said["en"][0] == said["en"][1]
