from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import migrations

CONSOLES = {"subscription": None}


def give_contracts_their_grants(apps: Any, schema_editor: Any) -> None:
    """Let what each running contract opens stand on an access grant (R19), as open as the customer last decided.

    Anyone who was inside goes on being let in and enters once more, since the window has another name.
    """
    contracts = apps.get_model("support", "SupportAssignment").objects.filter(status="active", in_care_portal=True)
    grants = apps.get_model("subscriptions", "AccessGrant").objects.filter(**CONSOLES)
    now = _now(schema_editor)
    for customer_id, reseller_id in sorted(set(contracts.values_list("customer", "reseller"))):
        grant = grants.filter(customer=customer_id, reseller=reseller_id).first() or _new(
            apps, customer_id, reseller_id
        )
        if grant.pk and grant.ended_at is None:
            grants.filter(pk=grant.pk).update(basis="both")
            continue
        said = _changes(apps).filter(grant=grant.pk).exclude(requested_by_email="").order_by("-generation").first()
        grant.basis, grant.ended_at = "contract", None
        _step(apps, grant, allowed=said is None or said.allowed, now=now)


def take_the_grants_of_contracts_away(apps: Any, schema_editor: Any) -> None:
    """End what stands on a contract alone: the code before opens these consoles without a grant."""
    grants = apps.get_model("subscriptions", "AccessGrant").objects.filter(**CONSOLES)
    now = _now(schema_editor)
    for grant in grants.filter(basis="contract", ended_at=None).order_by("pk"):
        grant.ended_at = now
        _step(apps, grant, allowed=False, now=now)
    grants.exclude(basis="relation").update(basis="relation")


def _now(schema_editor: Any) -> datetime:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [now] = cursor.fetchone()
    assert isinstance(now, datetime)
    return now


def _changes(apps: Any) -> Any:
    return apps.get_model("subscriptions", "AccessChange").objects


def _new(apps: Any, customer_id: int, reseller_id: int) -> Any:
    customer = apps.get_model("accounts", "Customer").objects.get(pk=customer_id)
    return apps.get_model("subscriptions", "AccessGrant")(
        customer_id=customer_id,
        reseller_id=reseller_id,
        allowed=False,
        customer_name=customer.name,
        customer_sort_name=customer.sort_name,
        customer_domain=customer.primary_domain,
    )


def _step(apps: Any, grant: Any, *, allowed: bool, now: datetime) -> None:
    """Take one step with a grant that is in effect at once, with its change and both of its events (A1)."""
    for waiting in _changes(apps).filter(grant=grant.pk, settled_at=None):
        took_effect = not waiting.allowed and waiting.due_at <= now
        waiting.outcome, waiting.settled_at = "applied" if took_effect else "superseded", now
        waiting.save(update_fields=["outcome", "settled_at"])
        name = "RESELLER_ACCESS_APPLIED" if took_effect else "RESELLER_ACCESS_SUPERSEDED"
        _record(apps, grant, waiting, name, None, {"allowed": waiting.allowed})
    before = {"allowed": grant.allowed if grant.generation else None}
    grant.allowed = allowed
    grant.generation += 1
    grant.observed_generation = grant.generation
    if allowed:
        grant.effective_from, grant.effective_until = now, None
    elif grant.effective_from is not None:
        grant.effective_until = min(grant.effective_until or now, now)
    grant.save()
    change = _changes(apps).create(
        grant=grant,
        generation=grant.generation,
        allowed=allowed,
        requested_at=now,
        due_at=now,
        next_attempt_at=now,
        settled_at=now,
        outcome="applied",
    )
    new = {"allowed": allowed, "due_at": now.isoformat()}
    _record(apps, grant, change, "CHANGE_RESELLER_ACCESS", before, new)
    _record(apps, grant, change, "RESELLER_ACCESS_APPLIED", None, {"allowed": allowed})


def _record(apps: Any, grant: Any, change: Any, name: str, old: Any, new: Any) -> None:
    apps.get_model("accounts", "AuditEvent").objects.create(
        name=name,
        actor_kind="system",
        customer_id=grant.customer_id,
        subject=grant.reseller.name,
        access_change_id=change.pk,
        old_value=old,
        new_value=new,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("support", "0003_staffing_ends_with_its_relation"),
        ("subscriptions", "0010_a_grant_says_what_it_stands_on"),
        ("accounts", "0018_sweeps_and_heartbeats"),
    ]

    operations = [
        migrations.RunPython(give_contracts_their_grants, take_the_grants_of_contracts_away),
    ]
