"""The links that mails carry: to a page, and the one for a new password with its token."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse

from accounts.clock import database_now
from accounts.models import User


class LinkTokens(PasswordResetTokenGenerator):
    """Django's, by the database's clock: a worker makes a link, and a web server with another clock judges it.

    A link ends with the password, the address and the last sign-in of the person.
    """

    def _now(self) -> datetime:
        """Return the moment as Django counts it here, without a time zone."""
        return database_now().replace(tzinfo=None)


def address_of(url_name: str, **kwargs: Any) -> str:
    """Return the full address of a page, for a mail."""
    return settings.CONSOLE_URL.rstrip("/") + reverse(url_name, kwargs=kwargs)


def password_link(person: User) -> str:
    """Return a link for a new password, made now: no row ever holds one."""
    key = {"uidb36": user_pk_to_url_str(person), "key": LinkTokens().make_token(person)}
    return address_of("account_reset_password_from_key", **key)
