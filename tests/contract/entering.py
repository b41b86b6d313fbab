"""How the people of the world came in: signed in a while ago, and some inside a console."""

from __future__ import annotations

import time
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse

from accounts.models import ConsoleSession, User
from web.middleware import LAST_SEEN_AT, SIGNED_IN_AT

# Longer than a run of the tests. After a minute any page would write down that somebody is seen again.
AHEAD = timedelta(days=1)


def sign_in(person: User) -> str:
    """Return the session of a person who has signed in, as the first page behind that leaves it."""
    client = Client()
    client.force_login(person)
    session = client.session
    session.update(
        {SIGNED_IN_AT: time.time() + AHEAD.total_seconds(), LAST_SEEN_AT: time.time() + AHEAD.total_seconds()}
    )
    session.save()
    UserSession.objects.create(user=person, session_key=session.session_key, ip="127.0.0.1", user_agent="")
    return str(session.session_key)


def enter(session: str, domain: str) -> str:
    """Enter a console in a session, as the button does (R15)."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    response = client.post(reverse("enter_console", kwargs={"domain": domain}))
    assert response.status_code == 302, response.status_code
    return session


def nobody_is_seen_again() -> None:
    """Move the moments at which everybody was seen so far ahead that no page moves them."""
    ConsoleSession.objects.filter(ended_at=None).update(last_seen_at=Now() + AHEAD)
    UserSession.objects.update(last_seen_at=Now() + AHEAD)
