from __future__ import annotations

from django.apps import AppConfig
from django.core.management import get_commands

# They would write past the verbs: a person of no organisation, a password without an event (P1, A1, decision 4).
NOT_OFFERED = ("changepassword", "createsuperuser")


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        """Take commands of Django's out of the list that every way of calling one looks into."""
        for name in NOT_OFFERED:
            get_commands().pop(name, None)
