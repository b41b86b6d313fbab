"""Calls made by hand: for the tests of one method, without its document, its token and HTTP."""

from __future__ import annotations

from typing import Any

from django.test import RequestFactory

from accounts.actor import Actor
from accounts.models import User
from api.core.call import Call, Media


def call_of(
    person: User,
    method: str,
    params: dict[str, Any] | None = None,
    body: dict[str, Any] | None = None,
    *,
    scopes: frozenset[str] = frozenset(),
    media: Media | None = None,
    **headers: str,
) -> Call:
    """A call of a machine that works for a person: without a fresh proof (P13)."""
    return Call(
        method=method,
        params=params or {},
        body=body or {},
        actor=Actor(user=person, ip_address="203.0.113.7", is_stale=True),
        scopes=scopes,
        request=RequestFactory().get("/", headers=headers),
        media=media,
    )
