"""Confirming a binding change as a person does: look at what it means, type the number where that is asked, confirm."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.test import Client


def confirmation(client: Client, url: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page between sends when it is confirmed; without that page, what was sent first."""
    shown = client.post(url, data).content.decode()
    digest = re.search(r'name="shown" value="([0-9a-f]+)"', shown)
    if digest is None:
        return dict(data)
    number = re.search(r"Type ([0-9,]+) to confirm", shown)
    return {**data, "step": "confirm", "shown": digest[1]} | ({"typed": number[1]} if number else {})


def confirm(client: Client, url: str, data: Mapping[str, Any], **options: Any) -> Any:
    return client.post(url, confirmation(client, url, data), **options)
