"""Signing in and out, in the audit log (P14): each time it succeeds, and how often it did not."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_network
from typing import Final

from django.db import connection, transaction
from django.db.models import Sum
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, event, record_audit, record_many
from accounts.database.time_limits import sweep_transaction
from accounts.factors import Factor, SignInWay
from accounts.models import FailedSignIns, User

# Failures of one person from one network within so long are one event.
WINDOW: Final = timedelta(minutes=5)
# What counts as one network: where people sit behind one router, and what a provider gives one household.
_PREFIXES: Final = {4: 24, 6: 64}
# Rows that become events in one transaction.
BATCH: Final = 500
# How long the figure about unknown addresses is kept.
KEPT: Final = timedelta(days=30)

# One statement for known and unknown addresses: what an answer costs tells nobody which it was.
_COUNT: Final = """
    INSERT INTO accounts_failedsignins (person_id, network, since, number)
    VALUES (%s, %s, date_bin(make_interval(secs => %s), now(), TIMESTAMPTZ 'epoch'), 1)
    ON CONFLICT (person_id, network, since)
    DO UPDATE SET number = accounts_failedsignins.number + 1, last_at = now()
"""


@transaction.atomic
def record_sign_in(*, actor: Actor, factor: Factor | None = None, way: SignInWay | None = None) -> None:
    """Write down that a person signed in, in the transaction that begins the session.

    factor: what they showed beside their password, or in its place; None where they have no second factor (P12).
    way: how, where it was not with a password or a passkey of ours (P15).
    Django has noted when by the clock of this machine, and lists are sorted by it: the database's counts.
    """
    User.objects.filter(pk=actor.user.pk).update(last_login=Now())
    said = {"way": str(way)} if way else {}
    _record(EventName.LOGIN_SUCCESS, actor, said | {"second_factor": str(factor)} if factor else said or None)


@transaction.atomic
def record_sign_out(*, actor: Actor, sessions: int | None = None) -> None:
    """Write down that a person signed out, or was because of the time.

    sessions: how many other ones of their own they ended, where it was not this one.
    """
    _record(EventName.LOGOUT, actor, None if sessions is None else {"sessions": sessions})


def _record(name: EventName, actor: Actor, new: dict[str, int] | dict[str, str] | None = None) -> None:
    record_audit(
        name, actor=actor, customer=actor.user.customer_id, subject=actor.user.email, target=actor.user, new=new
    )


def count_failed_sign_in(address: str, ip_address: str | None) -> None:
    """Count one failure: of the person with this address, or among those of addresses that nobody has."""
    person = User.objects.filter(addresses__email=address).only("pk").first()
    network = network_of(ip_address) if person else ""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [person.pk if person else None, network, WINDOW.total_seconds()])


def network_of(ip_address: str | None) -> str:
    """Return the network of an IP address: 192.0.2.0/24, 2001:db8::/64; empty where there is none."""
    if not ip_address:
        return ""
    version = 6 if ":" in ip_address else 4
    return str(ip_network(f"{ip_address}/{_PREFIXES[version]}", strict=False))


@sweep_transaction()
def settle_failed_sign_ins(*, actor: None) -> int:
    """Write one event for each person, network and five minutes that are over; return how many.

    It names the person whose account it was, as the original does: who typed is not known. Run by the sweep; any
    number of workers may, and one that dies has written nothing.
    """
    over = FailedSignIns.objects.filter(since__lte=Now() - WINDOW)
    rows = list(
        over.filter(person__isnull=False)
        .select_related("person__customer", "person__reseller")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("since", "pk")[:BATCH]
    )
    record_many(
        event(
            EventName.LOGIN_FAILURE,
            actor=Actor(row.person),
            customer=row.person.customer_id,
            subject=row.person.email,
            target=row.person,
            new={
                "attempts": row.number,
                "network": row.network,
                "first_at": row.first_at.isoformat(),
                "last_at": row.last_at.isoformat(),
            },
        )
        for row in rows
        if row.person is not None
    )
    FailedSignIns.objects.filter(pk__in=[row.pk for row in rows]).delete()
    FailedSignIns.objects.filter(person=None, since__lte=Now() - KEPT).delete()
    return len(rows)


def failures_at_unknown_addresses() -> int:
    """Return how often, in the last day, sign-ins were tried at an address that nobody has: a figure only."""
    lately = FailedSignIns.objects.filter(person=None, since__gt=Now() - timedelta(days=1))
    return lately.aggregate(n=Sum("number"))["n"] or 0
