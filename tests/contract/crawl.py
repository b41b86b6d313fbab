"""Walks through the pages as a person does: every link is followed, every form is noted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

from django.test import Client

# More pages than the world has; a crawl that gets here walks in circles.
LIMIT = 800


@dataclass
class Form:
    """A form as it stands on a page."""

    page: str
    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)

    @property
    def data(self) -> dict[str, list[str]]:
        """What is sent when nobody touches a field."""
        return {name: [value for other, value in self.fields if other == name] for name, _ in self.fields}


@dataclass
class Page:
    """What a page links to, what can be sent from it, and what a strict policy forbids on it."""

    url: str
    response: Any
    links: set[str] = field(default_factory=set)
    forms: list[Form] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    text: str = ""


class _Reader(HTMLParser):
    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self.form: Form | None = None
        self.select = ""
        self.text_of = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._look_for_inline(tag, values)
        for name in ("href", "hx-get"):
            if name in values and tag != "link":
                self.page.links.add(values[name])
        if tag == "form":
            action = urljoin(self.page.url, values.get("action") or self.page.url)
            self.form = Form(self.page.url, values.get("method", "get").lower(), action)
            self.page.forms.append(self.form)
        elif tag == "select":
            self.select = values.get("name", "")
        self._look_for_field(tag, values)

    def _look_for_field(self, tag: str, values: dict[str, str]) -> None:
        if self.form is None or "disabled" in values:
            return
        if tag in ("input", "textarea", "button") and values.get("name"):
            unticked = values.get("type") in ("checkbox", "radio") and "checked" not in values
            if not unticked:
                self.form.fields.append((values["name"], values.get("value", "")))
        elif tag == "option" and self.select and "selected" in values:
            self.form.fields.append((self.select, values.get("value", "")))

    def _look_for_inline(self, tag: str, values: dict[str, str]) -> None:
        if tag == "style" or "style" in values or any(name.startswith("on") for name in values):
            self.page.inline.append(self.get_starttag_text() or tag)
        if values.get("href", "").startswith("javascript:"):
            self.page.inline.append(self.get_starttag_text() or tag)
        # A block of data is no script: browsers never run it, and the policy does not stop it.
        if tag == "script" and not values.get("src") and values.get("type") != "application/json":
            self.page.inline.append(self.get_starttag_text() or tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None
        elif tag == "select":
            self.select = ""


def content_of(response: Any) -> bytes:
    """Return all of an answer; an export is written while it is read."""
    return b"".join(response.streaming_content) if response.streaming else bytes(response.content)


def read(url: str, response: Any) -> Page:
    """Return what stands on a page; an export or a redirect has nothing to read."""
    page = Page(url, response, text=content_of(response).decode())
    if response.headers.get("Content-Type", "").startswith("text/html"):
        _Reader(page).feed(page.text)
    return page


def crawl(client: Client, starts: Iterable[str], known: Mapping[str, Page]) -> dict[str, Page]:
    """Follow every link from the first pages on; returns what was found at each address, redirects too.

    known: what an earlier crawl of the same person found, with all that can be reached from there.
    """
    found = dict(known)
    waiting = deque(starts)
    while waiting:
        url = waiting.popleft()
        if url in found:
            continue
        assert len(found) < LIMIT, f"the crawl does not end: {url}"
        response = client.get(url)
        page = found[url] = read(url, response)
        links = {*page.links, response.headers.get("Location", "")}
        waiting.extend(sorted(_inside(url, links) - found.keys()))
    return found


def _inside(url: str, links: set[str]) -> set[str]:
    """Return the addresses of this site, without fragments."""
    whole = {urldefrag(urljoin(url, link)).url for link in links if link}
    return {link for link in whole if not urlsplit(link).netloc and not link.startswith(("/static/", "mailto:"))}
