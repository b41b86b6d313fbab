from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.time_limits import long_work
from subscriptions.access import reconcile

CLEAN = "Reseller access is as it must be."


class Command(BaseCommand):
    """Compares windows, changes and their audit events; an operator's doctor for reseller access."""

    help = "Find what contradicts itself in reseller access (--check), or repair it (--apply)."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--check", action="store_true", help="Change nothing; exit status 1 when something is wrong.")
        what.add_argument("--apply", action="store_true", help="Repair, then check again.")

    def handle(self, *_args: Any, **options: Any) -> None:
        with long_work():
            repaired = reconcile.repair() if options["apply"] else {}
            findings = reconcile.check()
        for kind, count in repaired.items():
            if count:
                self.stdout.write(f"repaired {count:>8}  {kind}")
        if not findings:
            self.stdout.write(CLEAN)
            return
        width = max(len(finding.kind) for finding in findings)
        self.stdout.write(f"{'What is wrong':<{width}}  {'Rows':>8}  First ids")
        for finding in findings:
            examples = ", ".join(map(str, finding.examples))
            self.stdout.write(f"{finding.kind:<{width}}  {finding.count:>8}  {examples}")
        raise SystemExit(1)
