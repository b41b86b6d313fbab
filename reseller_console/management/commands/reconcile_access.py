from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.clock import database_now
from accounts.database.old_database import opened
from accounts.database.time_limits import long_work
from accounts.errors import Refused
from reseller_console.management.restore_report import RestoreReport
from subscriptions.access import reconcile
from subscriptions.restoring import close_restored_access

CLEAN = "Reseller access is as it must be."
RESTORED_FROM = "--restored-from"
EXAMPLE = "for example 2026-11-29T06:20:00Z"


class Command(BaseCommand):
    """Compares windows, changes and their audit events; closes what a restored backup had open (R8)."""

    help = (
        "Find what contradicts itself in reseller access (--check), or repair it (--apply). After a restore:"
        " close all access that the backup had (--restored-from TIME, with --check only say what that would do)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--check", action="store_true", help="Change nothing; exit status 1 when something is wrong.")
        what.add_argument("--apply", action="store_true", help="Repair, then check again.")
        parser.add_argument(
            RESTORED_FROM, metavar="TIME", help=f"When the restored backup was taken, with its time zone, {EXAMPLE}."
        )
        parser.add_argument(
            "--old-database", metavar="NAME", help="The database from before: its name on the same server, or its URL."
        )
        parser.add_argument(
            "--csv",
            choices=["access", "lost"],
            help="Print as CSV what was allowed, or what happened since; everything else goes to standard error.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["restored_from"] is None:
            _refuse_without(options)
        refuse_pending_migrations()
        if options["restored_from"] is None:
            self._doctor(repairs=options["apply"])
            return
        try:
            restored_from = moment_of(options["restored_from"])
            with long_work(), opened(options["old_database"]) as old:
                report = RestoreReport(self, restored_from, old, options["csv"])
                if not options["check"]:
                    last_numbers = old.last_numbers() if old else None
                    report.say_done(close_restored_access(restored_from=restored_from, last_numbers=last_numbers))
                report.say()
        except Refused as refused:
            raise CommandError(f"{refused.field}: {refused.message}") from refused

    def _doctor(self, *, repairs: bool) -> None:
        repaired = reconcile.repair() if repairs else {}
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


def refuse_pending_migrations() -> None:
    """Stop where the schema is older than the code: rows would be misread, or half repaired. Raises CommandError."""
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        raise CommandError(
            f"The database is older than this code: {len(pending)} migrations are pending. Nothing was done."
            " Run “manage.py migrate” first."
        )


def _refuse_without(options: dict[str, Any]) -> None:
    if not options["check"] and not options["apply"]:
        raise CommandError("Say what to do: --check, --apply or --restored-from TIME.")
    needless = [f"--{name.replace('_', '-')}" for name in ("old_database", "csv") if options[name]]
    if needless:
        raise CommandError(f"{needless[0]}: this belongs to {RESTORED_FROM} TIME.")


def moment_of(text: str) -> datetime:
    """Return the moment that was typed. Raises Refused where it is none, has no time zone, or lies ahead."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(f"“{text}” is no moment. Write it with its time zone, {EXAMPLE}.", RESTORED_FROM) from error
    if moment.tzinfo is None:
        raise Refused(f"“{text}” has no time zone. Write it with one, {EXAMPLE}.", RESTORED_FROM)
    now = database_now()
    if moment > now:
        raise Refused(f"“{text}” lies ahead: the database's clock says {now.isoformat()}.", RESTORED_FROM)
    return moment
