from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.cast import ACCOUNTS, APP_SECRET, OTTO, PASSWORD


class Command(BaseCommand):
    """Prints with which accounts the demo can be looked at, and what each can show."""

    help = "Print the demo's accounts, and what each can show. Only where DEMO is on."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are example accounts only where DEMO is on.")
        self.stdout.write(f"Sign in with one of these addresses. The password of all of them: {PASSWORD}\n\n")
        width = max(len(account.email) for account in ACCOUNTS)
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email:{width}}  {account.shows}")
        self.stdout.write(f"\nThe secret of the authenticator app of {OTTO}: {APP_SECRET}")
