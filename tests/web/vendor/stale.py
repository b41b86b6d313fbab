"""A proof that is too old to give anything (P13)."""

from __future__ import annotations

import time

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.proof import PROVED_AT, SIGNED_IN_AT


def stale(client: Client) -> Client:
    """Let the sign-in of a browser be longer ago than a proof lasts."""
    session = client.session
    session[SIGNED_IN_AT] = time.time() - settings.FRESH_PROOF_LASTS - 1
    session.pop(PROVED_AT, None)
    session.save()
    return client


def asks(location: str) -> bool:
    """Tell whether an answer leads to the page that asks who someone is."""
    return location.startswith(reverse("fresh_proof"))
