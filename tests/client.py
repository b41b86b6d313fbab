"""A browser as tests need it: signed in, at a URL, and what a page says."""

from __future__ import annotations

import re
import time
from typing import Any

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Customer, User
from accounts.proof import PROVED_AT, SIGNED_IN_AT


def signed_in(person: User, **options: Any) -> Client:
    """A browser in which a person is signed in. options: of the client itself."""
    client = Client(**options)
    client.force_login(person)
    return client


def url_of(name: str, customer: Customer, **kwargs: Any) -> str:
    """The URL of a page of a customer's console, or about the customer."""
    return reverse(name, kwargs={"domain": customer.primary_domain, **kwargs})


def confirmed(client: Client, url: str, data: dict[str, Any], **options: Any) -> Any:
    """Confirm a bulk change as the page shows it. options: of the request."""
    page = client.post(url, data)
    [shown] = re.findall(r'name="shown" value="(\w+)"', page.content.decode())
    return client.post(url, data | {"shown": shown, "confirmed": "1"}, **options)


def make_stale(client: Client) -> None:
    """Let the sign-in of a browser be longer ago than a proof lasts."""
    session = client.session
    session[SIGNED_IN_AT] = time.time() - settings.FRESH_PROOF_LASTS - 1
    session.pop(PROVED_AT, None)
    session.save()


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


def rows_of(response: Any) -> list[Any]:
    """The rows of the list on a page."""
    assert response.status_code == 200
    return list(response.context["list"].rows.rows)


def content_of(response: Any) -> bytes:
    """What a response sends line by line, as a whole."""
    return b"".join(response.streaming_content)


def _without_tags(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", html)).split())
