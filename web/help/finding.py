"""Searching the help: all words must stand in a text or its title, in the reader's language."""

from __future__ import annotations

import re
from functools import cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.html import strip_tags

from accounts.models import User
from accounts.names import sort_key
from web.help.topics import TOPICS, Topic, topics_for

# Longer searches are no better, and each word is looked for in every text.
WORDS_AT_MOST = 10


def template_of(topic: Topic) -> str:
    """Return the template with the words of a text."""
    return f"personal/help/texts/{topic.slug}.html"


def topics_with(words: str, person: User) -> list[Topic]:
    """Return the texts of a person that have all these words, those with one in the title first."""
    wanted = sort_key(words).split()[:WORDS_AT_MOST]
    if not wanted:
        return []
    language = translation.get_language() or ""
    found = [topic for topic in topics_for(person) if all(word in _read(topic.slug, language) for word in wanted)]
    return sorted(found, key=lambda topic: not any(word in sort_key(str(topic.title)) for word in wanted))


@cache
def _read(slug: str, language: str) -> str:
    """Return the words of a text as they are searched: read once for each language, as they never change."""
    topic = TOPICS[slug]
    with translation.override(language):
        words = strip_tags(render_to_string(template_of(topic), {"level": "h2", "vendor_name": settings.VENDOR_NAME}))
        return sort_key(re.sub(r"\s+", " ", f"{topic.title} {words}"))
