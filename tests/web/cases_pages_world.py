"""The pages of cases, as tests open them."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse


def listed(client: Client, address: str, **params: str) -> list[str]:
    response = client.get(address, params)
    assert response.status_code == 200
    return [row.case.title for row in response.context["list"].rows.rows]


def of_vendor(name: str, **kwargs: Any) -> str:
    return reverse(f"vendor_{name}", kwargs=kwargs)
