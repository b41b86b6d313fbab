"""Where a page of the contract's world is, and the letter of what it answered (matrix.py)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.urls import reverse

from tests.contract.cases import arguments
from tests.contract.resolver import addresses
from tests.contract.world import World

ADDRESSES = {address.name: address for address in addresses()}


def url_of(name: str, world: World) -> str:
    page = reverse(name, kwargs=arguments(name, ADDRESSES[name].route, world.acme, world))
    query = world.acme.queries.get(name)
    return f"{page}?{query}" if query else page


def letter_of(response: Any) -> str:
    """Name an answer by its letter; whatever has none is shown as its number."""
    if response.status_code in {302, 303}:
        target = urlsplit(response.headers["Location"]).path
        if target == reverse("account_login"):
            return "L"
        return "E" if target.startswith("/reseller/customers/") and target.endswith("/enter/") else "O"
    if response.headers.get("Content-Type") == "application/json" and "ready" in response.json():
        return "O"  # the probe: it answers everybody alike, whether what runs beside the tests is ready or not
    return {200: "O", 204: "O", 403: "D", 404: "A"}.get(response.status_code, f"<{response.status_code}>")
