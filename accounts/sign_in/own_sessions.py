"""Ending one of one's own sessions: not where the session engine loads it."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from accounts.actor import Actor
from accounts.locking import taking_away
from accounts.sign_in.events import record_sign_out


@taking_away()
def end_session(*, actor: Actor, session_id: int) -> bool:
    """Sign the actor out at one other browser of theirs; False where that session is over already."""
    session = UserSession.objects.filter(user=actor.user, pk=session_id).first()
    if session is None:
        return False
    Session.objects.filter(session_key=session.session_key).delete()
    session.delete()
    record_sign_out(actor=actor, sessions=1)
    return True
