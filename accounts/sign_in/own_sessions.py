"""The list of one's own sessions, and ending one of them: not where the session engine loads it."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from accounts.actor import Actor
from accounts.console_sessions.inside import LAST_SEEN_PRECISION
from accounts.locking import taking_away
from accounts.sign_in.events import record_sign_out

# By hand, because this is asked on every request: through the ORM it takes several times as long.
_NOTED = f"""
    SELECT EXISTS (
        SELECT FROM {UserSession._meta.db_table}
        WHERE session_key = %s AND user_id = %s AND ip = %s AND user_agent = %s AND last_seen_at > %s
    )
"""  # noqa: S608  the name of a table


def note_session(request: HttpRequest) -> None:
    """Note that this browser is in use, and from which address; not again within LAST_SEEN_PRECISION seconds.

    For a request of a person who has signed in. Errors: none.
    """
    address = get_adapter().get_client_ip(request)
    browser = request.headers.get("User-Agent", "")[: UserSession._meta.get_field("user_agent").max_length]
    recently = timezone.now() - timedelta(seconds=LAST_SEEN_PRECISION)
    with connection.cursor() as cursor:
        cursor.execute(_NOTED, [request.session.session_key, request.user.pk, address, browser, recently])
        is_noted = cursor.fetchone()[0]
    if not is_noted:
        UserSession.objects.create_from_request(request)


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
