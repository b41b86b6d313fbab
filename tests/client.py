"""A browser as tests need it: signed in, at a URL, and what a page says."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User


def signed_in(person: User, **options: Any) -> Client:
    """A browser in which a person is signed in. options: of the client itself."""
    client = Client(**options)
    client.force_login(person)
    return client


def url_of(name: str, customer: Customer, **kwargs: Any) -> str:
    """The URL of a page of a customer's console, or about the customer."""
    return reverse(name, kwargs={"domain": customer.primary_domain, **kwargs})


def text_of(response: Any) -> str:
    """What a page says, without tags and surplus space."""
    return _without_tags(response.content.decode())


def main_text_of(response: Any) -> str:
    """What the page itself says, without the menu around it."""
    return _without_tags(response.content.decode().split("<main", 1)[1].split("</main>", 1)[0])


def lines_of(response: Any) -> list[str]:
    """The lines of the table on a page, without tags."""
    assert response.status_code == 200
    body = response.content.decode().partition("<tbody>")[2].partition("</tbody>")[0]
    return [_without_tags(row) for row in body.split("</tr>") if row.strip()]


def content_of(response: Any) -> bytes:
    """What a response sends line by line, as a whole."""
    return b"".join(response.streaming_content)


def _without_tags(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", html)).split())
