"""After a backup was restored: nothing that was taken away since is open again (R8, P8, R15).

The backup knows nothing of what happened after it. So everything closes that opens a customer's console, nobody is
signed in, and no mail and no number goes out a second time. Those who decide are told, and allow
again what is still wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import connection

from accounts.applications.ending import end_all_consents
from accounts.audit import EventName, record_audit
from accounts.clock import database_now
from accounts.console_sessions.activations import end_all_activations
from accounts.locking import taking_away
from accounts.machines.keys import revoke_all_keys, working_keys
from accounts.mail import post
from accounts.models import User
from accounts.provisioning.tokens import revoke_all_tokens, working_tokens
from accounts.restoring import drop_waiting_mails, end_all_sessions, jump_ahead, waiting_mails
from accounts.roles import Role
from accounts.single_sign_on.setting_up import switch_all_off, switched_on
from accounts.webhooks.endpoints import pause_all_webhooks
from subscriptions.access.closing_all import close_all, count_open
from subscriptions.mails import ACCESS_CLOSED
from subscriptions.models import AccessChange, Restore
from subscriptions.transfers import revoke_waiting_tokens, waiting_tokens

# Nobody saves a change of access meanwhile; reading goes on.
_LOCK = "LOCK TABLE subscriptions_accessgrant, subscriptions_accesschange IN SHARE ROW EXCLUSIVE MODE"


@dataclass(frozen=True, slots=True)
class Closed:
    """How much a restore closed.

    tokens: of transfers and of SCIM, and keys of machines. providers: with which organisations signed their people in.
    mails: not sent.
    """

    access: int
    tokens: int
    providers: int
    sessions: int
    mails: int


@taking_away()
def close_restored_access(*, restored_from: datetime, last_numbers: Mapping[str, int] | None) -> Closed | None:
    """Close all that a restored backup had open, in the name of the system itself, in one transaction (A1).

    restored_from: when the backup was taken. last_numbers: of each sequence in the old database; None: it is gone.
    Returns None, and changes nothing, where this was done for this backup already: what was given since, stays.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
    if restore_of(restored_from) is not None:
        return None
    jump_ahead(last_numbers)
    restore = Restore.objects.create(restored_from=restored_from)
    now = database_now()
    tokens = revoke_waiting_tokens(now) + revoke_all_tokens(now) + revoke_all_keys(now)
    closed = Closed(close_all(restore, now), tokens, switch_all_off(), end_all_sessions(), drop_waiting_mails())
    end_all_activations()
    end_all_consents(now)
    pause_all_webhooks(now)
    _tell_super_admins(restore)
    new = {"restored_from": restored_from.isoformat(), "access": closed.access, "mails": closed.mails}
    record_audit(EventName.RESTORE_BACKUP, actor=None, customer=None, new=new)
    return closed


def restore_of(restored_from: datetime) -> Restore | None:
    """Return what was done about a backup of that moment; None: nothing yet."""
    return Restore.objects.filter(restored_from=restored_from).first()


def would_close() -> Closed:
    """Count what `close_restored_access` would close now."""
    now = database_now()
    tokens = waiting_tokens(now).count() + working_tokens().count() + working_keys().count()
    providers = switched_on().count()
    return Closed(count_open(now), tokens, providers, Session.objects.count(), waiting_mails().count())


def _tell_super_admins(restore: Restore) -> None:
    customers = AccessChange.objects.filter(restore=restore).values("grant__customer")
    admins = User.objects.filter(is_active=True, role_assignments__role=Role.SUPER_ADMIN, customer__in=customers)
    post.queue(ACCESS_CLOSED, admins.order_by("pk").iterator(), about_id=restore.pk, once=True)
