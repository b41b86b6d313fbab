"""The token in a link for a new password, and how old it is."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator

from accounts.clock import database_now


class LinkTokens(PasswordResetTokenGenerator):
    """Django's, by the database's clock: a worker makes a link, and a web server with another clock judges it.

    A link ends with the password, the address and the last sign-in of the person.
    """

    def _now(self) -> datetime:
        """Return the moment as Django counts it here, without a time zone."""
        return database_now().replace(tzinfo=None)
