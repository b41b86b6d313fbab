"""What /health/ready says, in words, with what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.moments import moment_text
from accounts.roles import Role
from accounts.seals.waiting import waiting
from web.guards import vendor_page
from web.readiness import JUDGED, OK, UNKNOWN, readiness
from web.requests import SignedInRequest

LABELS: Final[Mapping[str, Promise]] = MappingProxyType(
    {
        "database": _("Database"),
        "migrations": _("Migrations"),
        "role": _("Role in the database"),
        "limits": _("Time limits"),
        "broker": _("Broker (Redis)"),
        "workers": _("Workers"),
        "scheduler": _("Scheduler"),
        "clock": _("Clocks"),
        "audit_log": _("Months of the audit log"),
        "seals": _("Seals of the audit log"),
    }
)
# What a part says when it is not well: what that means, and what to do. The same as the table in docs/operations.md.
ADVICE: Final[Mapping[tuple[str, str], tuple[Promise, Promise]]] = MappingProxyType(
    {
        ("database", "away"): (_("Every page answers 503."), _("Start PostgreSQL.")),
        ("migrations", "pending"): (
            _("The code is newer than the database."),
            _("Run “manage.py migrate”."),
        ),
        ("migrations", "newer"): (
            _("The database is newer than the code, as in the middle of an upgrade."),
            _("Go on with the upgrade."),
        ),
        ("role", "powerful"): (
            _("The application may change events or tables. The log of web says how."),
            _("Run “deploy/postgres/roles.sh”."),
        ),
        ("limits", "missing"): (
            _("A frozen process could hold a customer for long."),
            _("Run “manage.py migrate”. Within a minute every connection has the limits."),
        ),
        ("broker", "away"): (
            _("Pages work, changes are saved, revocations end on time. Giving waits."),
            _("Start Redis. Nothing has to be repeated."),
        ),
        ("broker", "refusing"): (
            _("Redis answers and takes no message: it is full, a replica, or cannot write to its disk."),
            _("The log of web has the answer of Redis."),
        ),
        ("workers", "away"): (
            _("No worker works on some of the queues, or each of its processes is at one task for too long."),
            _("Start a worker. The page “Queues” says which queues have none."),
        ),
        ("workers", "late"): (
            _("There are workers, and they do not apply what is due."),
            _("Look at their log, and start one more worker."),
        ),
        ("scheduler", "away"): (
            _("What people do is worked on. What waits for later is not."),
            _("Start the scheduler."),
        ),
        ("clock", "warning"): (
            _("The clocks of the database and of this web server are more than two seconds apart."),
            _("Only the database’s clock decides. Set the clocks of the machines by NTP."),
        ),
        ("audit_log", "warning"): (
            _("Nobody has prepared the months of the audit log for ten of them. Events have a place meanwhile."),
            _("Run “manage.py prepare_audit_partitions” as the owner, and look why the service “partitions” does not."),
        ),
        ("seals", "no_sealer"): (
            _("Nobody has sealed for five minutes. Events wait for their seal."),
            _("Look at the log of the service “sealer”, and start it."),
        ),
        ("seals", "outside_away"): (
            _("Sealing goes on. The place outside of the seals takes no files."),
            _("Make it reachable. The sealer keeps there what it missed."),
        ),
        ("seals", "restored"): (
            _("This is not the database that was sealed, or it lacks seals that are kept outside. Nothing is sealed."),
            _("After a restore: “manage.py begin_seal_era”. Otherwise it was cut off: “manage.py verify_audit”."),
        ),
        ("seals", "broken"): (
            _("The last seal, or a file outside, is not what the sealer wrote."),
            _("“manage.py verify_audit” says which. Keep both for those who look into it."),
        ),
    }
)
_NOT_ASKED: Final = (_("Not known: the database does not answer, or lacks migrations."), _("See above."))
# The section of the runbook, docs/operations.md, in which a part stands in more words.
RUNBOOK: Final[Mapping[str, str]] = MappingProxyType(
    {
        "database": "ConsoleDatabaseAway",
        "workers": "ConsoleWorkersAway",
        "scheduler": "ConsoleWorkersAway",
        "audit_log": "ConsoleAuditLogEnds",
        "seals": "ConsoleNotSealed",
    }
)
IN_GENERAL: Final = "When something fails"


@dataclass(frozen=True, slots=True)
class Part:
    """A part as the page shows it. fails: whether readiness fails by it; what, todo: empty where all is well."""

    name: str
    label: Promise
    status: str
    fails: bool
    what: Promise | str
    todo: Promise | str
    runbook: str

    @property
    def is_well(self) -> bool:
        return self.status == OK


def parts_of(found: Mapping[str, Any]) -> list[Part]:
    """Return each part with what it says; those that are not well first."""
    parts = [_part(name, str(found[name])) for name in LABELS]
    return sorted(parts, key=lambda part: (part.is_well, not part.fails))


def _part(name: str, status: str) -> Part:
    what, todo = ADVICE.get((name, status), ("", "")) if status != UNKNOWN else _NOT_ASKED
    fails = name in JUDGED and (name, status) != ("migrations", "newer") and status not in (OK, UNKNOWN)
    return Part(name, LABELS[name], status, fails, what, todo, RUNBOOK.get(name, IN_GENERAL))


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
@never_cache
def operations_health(request: SignedInRequest) -> HttpResponse:
    """Show what fails, what that means and what to do; then what is well."""
    found = readiness()
    since = found["seals_since"]
    context = {
        "parts": parts_of(found),
        "overdue_seconds": found["overdue_seconds"],
        "clock_seconds": found["clock_seconds"],
        "audit_log_days": found["audit_log_days"],
        "seals_since": moment_text(since, sentence=True) if since else "",
        "unsealed": waiting(),
    }
    return render(request, "vendor/health.html", context)
