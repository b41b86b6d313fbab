"""Reaching a rate limit as people do: by asking for the same too often."""

from __future__ import annotations

from allauth.account import app_settings
from allauth.core.internal.ratelimit import consume
from django.test import RequestFactory

from accounts.models import User
from accounts.rate_limits import RateLimit, limits_in_force

ACCOUNT = "allauth.account"


def use_up(name: str, *, user: User | None = None, key: str | None = None, ip_address: str = "192.0.2.7") -> None:
    """Ask until a limit is reached: of a person, of a key, or of an IP address."""
    request = RequestFactory().post("/", REMOTE_ADDR=ip_address)
    assert app_settings.RATE_LIMITS[name]
    for _ in range(100):
        if not consume(request, app=ACCOUNT, action=name, user=user, key=key):
            return
    raise AssertionError(f"{name} has no limit that is reached")


def reach_limit(person: User) -> RateLimit:
    """Let a person answer about the help too often."""
    use_up("help_feedback", user=person)
    [limit] = [limit for limit in limits_in_force() if limit.person == person.pk]
    return limit
