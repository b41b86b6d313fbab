from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.keys import write_keys


class Command(BaseCommand):
    """Writes the keys of the demo's service accounts, and prints where they are and what they act for."""

    help = "Write the key files of the demo's service accounts into a folder. Only where DEMO is on."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("There are example service accounts only where DEMO is on.")
        self.stdout.write("Keys of service accounts, for client libraries of the original:\n\n")
        written = [(os.path.relpath(path), machine, admin) for machine, path, admin in write_keys(options["folder"])]
        width = max(len(path) for path, _machine, _admin in written)
        for path, machine, admin in written:
            self.stdout.write(f"  {path:{width}}  acts for {' or '.join(machine.acts_for)}")
            if admin.customer is not None:
                number = f"organizations/{admin.customer.organization_number}"
                self.stdout.write(f"  {'':{width}}  {admin.customer.name} is {number} in the Support API")
