"""Keeps a text for minutes: for one person, at one browser, for one page, to be taken once.

The row is encrypted with a key made from a random token that only the browser's cookie holds, so that neither a copy
of the database nor the secret key of the installation opens it, and the cookie alone holds nothing.
"""

from __future__ import annotations

import base64
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from accounts.models import Kept, User

if TYPE_CHECKING:
    pass

_SALT: Final = "accounts.keeping"
# Rows one person may have waiting: enough for many tabs, and a bound on what one browser can write.
_MOST: Final = 20


def keep(
    request: HttpRequest, response: HttpResponse, *, person_id: int, place: str, text: str, lasts: timedelta
) -> None:
    """Keep `text` for this person at this browser; what waited there for `place` before is gone."""
    token = request.COOKIES.get(settings.KEPT_COOKIE_NAME) or secrets.token_urlsafe(32)
    row = {"person_id": person_id, "sealed": _lock(token, place).encrypt(text.encode()), "expires_at": Now() + lasts}
    Kept.objects.update_or_create(lookup=_lookup(token, place), defaults=row)
    newest = Kept.objects.filter(person=person_id).order_by("-expires_at").values("pk")[:_MOST]
    Kept.objects.filter(person=person_id).exclude(pk__in=newest).delete()
    response.set_cookie(
        settings.KEPT_COOKIE_NAME, token, secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax"
    )


@transaction.atomic
def take(request: HttpRequest, *, person: User, place: str) -> str | None:
    """Return what waits for this person at this browser, and forget it: of two requests at once one gets it."""
    token = request.COOKIES.get(settings.KEPT_COOKIE_NAME)
    if not token:
        return None
    waiting = Kept.objects.filter(person=person, lookup=_lookup(token, place), expires_at__gt=Now())
    row = waiting.select_for_update().first()
    if row is None:
        return None
    row.delete()
    try:
        return _lock(token, place).decrypt(bytes(row.sealed)).decode()
    except InvalidToken:
        return None  # kept before SECRET_KEY was changed


def forget_expired() -> None:
    """Delete what nobody came for."""
    Kept.objects.filter(expires_at__lte=Now()).delete()


def _lookup(token: str, place: str) -> str:
    return salted_hmac(f"{_SALT}.lookup", f"{token} {place}", algorithm="sha256").hexdigest()


def _lock(token: str, place: str) -> Fernet:
    key = salted_hmac(f"{_SALT}.key", f"{token} {place}", algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(key))
