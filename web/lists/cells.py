"""The pieces that rows of lists are made of, as HTML.

A list has hundreds of cells, and each node of a template costs more than the text it writes: rows are put together from
these (docs/performance.md). What is not SafeString is escaped, by Python's own function: Django's asks of each text
whether it is to be translated later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from html import escape, unescape
from typing import Final, TypeVar

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Choices
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from accounts.domains import shown_email
from accounts.moments import evidence_texts, three_texts

NOTHING: Final = SafeString("–")
Html = SafeString | str
_TAG: Final = re.compile("<[^>]*>")
C = TypeVar("C", bound=Choices)


# Where the number of a row stands in the URL of one of its pages.
NUMBER: Final = "\x01"


def pattern(name: str, parameter: str, **others: object) -> str:
    """Return the URL of a row's page with NUMBER in the place of its number: resolved once, and not for each row."""
    before, _zero, after = reverse(name, kwargs={parameter: 0, **others}).rpartition("/0/")
    return f"{before}/{NUMBER}/{after}"


def urls(name: str, parameter: str, **others: object) -> Callable[[int], str]:
    """Return what makes the URL of a row's page from its number."""
    before, after = pattern(name, parameter, **others).split(NUMBER)
    return lambda number: f"{before}{number}{after}"


def urls_by_domain(name: str) -> Callable[[str], str]:
    """Return what makes the URL of a page about a customer from their domain."""
    before, _domain, after = reverse(name, kwargs={"domain": "x.example"}).rpartition("/x.example/")
    return lambda domain: f"{before}/{domain}/{after}"


def name(text: str) -> SafeString:
    """Return a name, isolated: one that is read from right to left leaves the rest in its order."""
    return SafeString(f"<bdi>{escape(text)}</bdi>") if text else NOTHING


def link(url: str, text: Html, *, label: str = "") -> SafeString:
    """Return a link; text: escaped unless it is safe; label: its name, where the text alone does not say enough."""
    named = f' aria-label="{escape(label)}"' if label else ""
    return SafeString(f'<a href="{escape(url)}"{named}>{safe(text)}</a>')


def post(url: str, token: str, fields: Html) -> SafeString:
    """Return a form that is sent to a URL. token: of the page, against forged requests; fields: with its button."""
    hidden = f'<input type="hidden" name="csrfmiddlewaretoken" value="{token}">'
    return SafeString(f'<form class="row" method="post" action="{escape(url)}">{hidden}{safe(fields)}</form>')


def button(text: Html, *, label: str, kind: str = "outlined", value: str = "") -> SafeString:
    """Return the button of a form. label: its name, which begins with the text; value: `name=value` that it sends."""
    name, _equals, sent = value.partition("=")
    sends = f' name="{escape(name)}" value="{escape(sent)}"' if value else ""
    css = f"button button--{kind} button--small"
    return SafeString(f'<button class="{css}" type="submit"{sends} aria-label="{escape(label)}">{safe(text)}</button>')


def email(address: str) -> SafeString:
    """Return an address as people read it."""
    return SafeString(escape(shown_email(address))) if address else NOTHING


def domain(text: str) -> SafeString:
    """Return a domain as people read it."""
    return SafeString(escape(shown_email(text)))


def with_sub(text: Html, sub: Html) -> SafeString:
    """Return a line with a quieter one beside or below it, where there is one."""
    below = f' <span class="table__sub">{safe(sub)}</span>' if sub else ""
    return SafeString(f"<div>{safe(text)}{below}</div>")


def arrow(said: str) -> SafeString:
    """Return an arrow. said: what those hear who do not see it."""
    return SafeString(f'<span aria-hidden="true">→</span><span class="visually-hidden">{escape(said)}</span>')


def sub(text: Html) -> SafeString:
    """Return something quieter."""
    return SafeString(f'<span class="table__sub">{safe(text)}</span>')


def lines(parts: Iterable[Html]) -> SafeString:
    """Return several pieces, one after the other."""
    return SafeString(f"<div>{' '.join(safe(part) for part in parts if part)}</div>")


def listed(labels: Iterable[object]) -> SafeString:
    """Return labels with commas between them; a dash where there is none."""
    text = ", ".join(map(str, labels))
    return SafeString(escape(text)) if text else NOTHING


def moment(at: datetime | None, otherwise: Html | Promise = NOTHING) -> Html:
    """Return a time as one says it, with the exact one on hover; otherwise: where there is none."""
    return _time(*three_texts(at)) if at else safe(otherwise)


def day(at: datetime | None, otherwise: Html | Promise = NOTHING) -> Html:
    """Return the day of a time that is not near, and the exact time on hover; otherwise: where there is none."""
    return _time(*three_texts(at, day_only=True)) if at else safe(otherwise)


def exact_moment(at: datetime) -> SafeString:
    """Return day and time to the second: for the tables that are kept as evidence."""
    return _time(*evidence_texts(at))


def _time(program: str, exact: str, text: str) -> SafeString:
    return SafeString(f'<time datetime="{program}" title="{escape(exact)}">{escape(text)}</time>')


def chip(state: str, label: object) -> SafeString:
    """Return a chip as components/chip.html draws it. state: one of those that it knows."""
    return _chip(state, str(label))


def chips(states: Mapping[C, str]) -> dict[C, SafeString]:
    """Return the chip of each status, with its label, for the rows of a page. states: as `chip` takes them."""
    return {status: chip(state, status.label) for status, state in states.items()}


def labels(choices: Iterable[C]) -> dict[C, str]:
    """Return the label of each choice, for the rows of a page: for each row again it would be translated again."""
    return {choice: str(choice.label) for choice in choices}


@lru_cache(maxsize=512)
def _chip(state: str, label: str) -> SafeString:
    return render_to_string("components/chip.html", {"state": state, "label": label})


def safe(html: Html | Promise) -> SafeString:
    """Escape what is not marked as safe."""
    return html if isinstance(html, SafeString) else SafeString(escape(str(html)))


def plain(html: Html) -> str:
    """Return what a cell says, without its tags."""
    text = safe(html)
    return unescape(_TAG.sub("", text)) if "<" in text or "&" in text else text


def number(value: int) -> str:
    """Return a number as the reader's language groups its digits."""
    return _number(value, get_language())


@lru_cache(maxsize=1024)
def _number(value: int, _language: str | None) -> str:
    return str(intcomma(value))
