"""What `reconcile_access --restored-from` tells an operator: what closes, what to allow again, what was lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from django.core.management.base import BaseCommand, OutputWrapper

from accounts.audit import EventName
from accounts.database.old_database import LostEvent, OldDatabase
from accounts.models import AuditEvent
from accounts.moments import export_text
from accounts.spreadsheets import csv_lines
from subscriptions.access.restored import Allowed, allowed_before, allowed_now
from subscriptions.restoring import Closed, restore_of, would_close
from web.audit.words import differences

# What took something from people, and is theirs again until it is taken a second time.
TO_TAKE_AGAIN = (
    EventName.SUSPEND_USER,
    EventName.DELETE_USER,
    EventName.UNASSIGN_ROLE,
    EventName.RESET_PASSWORD,
    EventName.PASSWORD_EDIT,
    EventName.SUSPEND_RESELLER,
    EventName.UNASSIGN_CUSTOMER,
    EventName.REMOVE_TEAM_MEMBER,
    EventName.CANCEL_SUBSCRIPTION,
    EventName.TRANSFER_SUBSCRIPTION,
    EventName.USER_LICENSE_REVOKE,
    EventName.SUPPORT_PARTNER_REMOVED,
    EventName.SUPPORT_PARTNER_WITHDRAWN,
    EventName.BLOCK_DEVICE,
)


class RestoreReport:
    """The words of one run. as_csv: the list that goes to standard output; the words then go to standard error."""

    def __init__(
        self, command: BaseCommand, restored_from: datetime, old: OldDatabase | None, as_csv: str | None
    ) -> None:
        self.restored_from = restored_from
        self.old = old
        self.as_csv = as_csv
        self.out: OutputWrapper = command.stdout
        self.words: OutputWrapper = command.stderr if as_csv else command.stdout
        # Django prints errors in red; these are none.
        self.words.style_func = None
        self.before = restore_of(restored_from)

    def say_done(self, closed: Closed | None) -> None:
        """Tell what was closed, or that this was done before."""
        if closed is None:
            assert self.before is not None
            at = export_text(self.before.closed_at)
            self.words.write(f"This was done at {at} already. Nothing was closed again: what was given since, stays.")
            return
        self.before = restore_of(self.restored_from)
        self._say_numbers("Closed everything that the backup had open:", closed)

    def say(self) -> None:
        """Tell what would be closed where nothing was yet; then what to allow again, and what was lost."""
        if self.before is None:
            self._say_numbers("Nothing was changed yet. Without --check this would be closed:", would_close())
            # The guide has begun an era of seals by now.
            since = AuditEvent.objects.filter(at__gt=self.restored_from).exclude(name=EventName.BEGIN_SEAL_ERA)
            later = since.count()
            if later:
                self.words.write(
                    f"{later} events here are later than that. Is this the restored database, and the right time?"
                )
        self._say_allowed(allowed_before(self.before) if self.before else allowed_now())
        if self.old:
            self._say_lost(self.old.lost_events(self.restored_from))
        else:
            self.words.write("What was lost is not known without --old-database.")

    def _say_numbers(self, title: str, closed: Closed) -> None:
        self.words.write(title)
        self.words.write(f"{closed.access:>8}  access to consoles and subscriptions, also what waited to be given")
        self.words.write(f"{closed.tokens:>8}  tokens of transfers and of identity providers (SCIM)")
        self.words.write(f"{closed.providers:>8}  identity providers switched off: people sign in by password")
        self.words.write(f"{closed.sessions:>8}  sessions: everybody signs in again")
        self.words.write(f"{closed.mails:>8}  mails that waited, which are not sent")

    def _say_allowed(self, allowed: list[Allowed]) -> None:
        last = self.old.allowed() if self.old else None
        customers = len({access.domain for access in allowed})
        self.words.write(
            f"Allowed when the backup was taken: {len(allowed)} by {customers} customers. Their super admins are told,"
            " and allow again what they still want; --csv access lists it."
        )
        if last is not None:
            taken = sum(access.key not in last for access in allowed)
            self.words.write(f"{taken:>8}  of it had been taken away since")
        if self.as_csv == "access":
            self._write_csv(_allowed_rows(allowed, last))

    def _say_lost(self, events: list[LostEvent]) -> None:
        self.words.write(f"Lost with the old database: {len(events)} events; --csv lost lists them.")
        for name, count in Counter(event.name for event in events).most_common():
            self.words.write(f"{count:>8}  {_label(name)}")
        again = [event for event in events if event.name in TO_TAKE_AGAIN]
        if again:
            self.words.write("These took something away, which is there again. Do them again:")
        for event in again:
            self.words.write("  ".join(cell for cell in _lost_row(event) if cell))
        if self.as_csv == "lost":
            self._write_csv(_lost_rows(events))

    def _write_csv(self, rows: Iterable[Iterable[str]]) -> None:
        for line in csv_lines(rows):
            self.out.write(line, ending="")


def _allowed_rows(allowed: list[Allowed], last: set[tuple[int, int, int | None]] | None) -> Iterator[list[str]]:
    yield ["Domain", "Customer", "Reseller", "Subscription", "At last"]
    for access in allowed:
        at_last = "" if last is None else "allowed" if access.key in last else "taken away"
        yield [access.domain, access.customer, access.reseller, access.subscription, at_last]


def _lost_rows(events: list[LostEvent]) -> Iterator[list[str]]:
    yield ["Time", "Event", "By", "Customer", "About", "Values"]
    for event in events:
        yield _lost_row(event)


def _lost_row(event: LostEvent) -> list[str]:
    at = export_text(event.at)
    values = ", ".join(map(str, differences(event.old, event.new)))
    return [at, _label(event.name), event.actor, event.domain, event.subject, values]


def _label(name: str) -> str:
    return str(EventName(name).label) if name in EventName.values else name
