"""A fresh proof for giving, never for taking (P13): who gives has shown within minutes that it is they.

The verbs that give ask, after they know that something is given, so that no page and no other door steps around it.
What a person sends waits for the proof and is saved after it: web/fresh_proof.py.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase

# In the session, by the clock that its time-outs go by: when it began, and when its person proved last who they are.
SIGNED_IN_AT: Final = "signed_in_at"
PROVED_AT: Final = "proved_at"
# The provider of their organisation that signed them in (P15): that may be long after it asked who they are.
BY_PROVIDER: Final = "signed_in_by_provider"


class ProofNeeded(Exception):
    """Something would be given, and the actor's last proof is too old. Nothing was done."""


def is_fresh(session: SessionBase | dict[str, Any]) -> bool:
    """Tell whether the full sign-in of a session, or a proof in it, is no older than FRESH_PROOF_LASTS seconds."""
    signed_in_at = 0 if BY_PROVIDER in session else session.get(SIGNED_IN_AT, 0)
    last = max(signed_in_at, session.get(PROVED_AT, 0))
    return bool(time.time() - last <= settings.FRESH_PROOF_LASTS)


def note_proof(session: SessionBase, at: float | None = None) -> None:
    """Note that its person has just proved who they are. at: when, where a provider asked them; never to come."""
    now = time.time()
    session[PROVED_AT] = now if at is None else min(at, now)
