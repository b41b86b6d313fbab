"""What a search shows, as tests compare it."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

BELOW = {"HX-Request": "true", "HX-Target": "search-found"}


def found(response: Any) -> dict[str, list[str]]:
    """Return the titles of the results by the headings of their groups, on the page of a search."""
    assert response.status_code == 200
    page = response.content.decode().partition('id="found"')[2]
    groups = re.findall(r"<h2[^>]*>(.*?)</h2>(.*?)</section>", page, re.DOTALL)
    return {_text(heading): list(map(_text, re.findall(r"<li><a[^>]*>(.*?)</a>", rest))) for heading, rest in groups}


def options(response: Any) -> list[str]:
    """Return what can be chosen below a field."""
    assert response.status_code == 200
    lines = re.findall(r'role="option".*?>(.*?)</(?:a|div)>', response.content.decode(), re.DOTALL)
    return [_text(re.sub(r"<svg.*?</svg>", "", line, flags=re.DOTALL)) for line in lines]


def _text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
