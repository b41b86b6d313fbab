"""Machines of resellers that a customer keeps out of its console, whatever is open to their people (X2, R22)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.locking import lock_customer, taking_away
from accounts.models import Customer, KeptOutMachine, ServiceAccount
from accounts.permissions import Permission


def kept_out_of(customer: Customer) -> QuerySet[KeptOutMachine]:
    """Return the machines that a customer keeps out, with whose they are, by their names."""
    found = KeptOutMachine.objects.filter(customer=customer).select_related("account__reseller")
    return found.order_by("account__reseller__sort_name", "account__name", "pk")


def names_of(kept_out: Collection[KeptOutMachine]) -> str:
    """Return what events and pages call them."""
    return ", ".join(f"{each.account.name} ({each.account.organisation.name})" for each in kept_out)


@taking_away()
def keep_machines_out(*, actor: Actor, customer: Customer, accounts: Collection[int]) -> int:
    """Keep machines of resellers out of a console from their next call on; returns how many were not kept out yet.

    accounts: the ids of their service accounts; those of anybody else are no concern. They are let in again where the
    rules for reseller access are changed (policy.py). Raises PermissionDenied for anybody but a super admin (R5).
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    before = names_of(kept_out_of(customer))
    there = set(kept_out_of(customer).values_list("account_id", flat=True))
    of_resellers = ServiceAccount.objects.filter(pk__in=accounts, reseller__isnull=False).exclude(pk__in=there)
    new = [KeptOutMachine(customer=customer, account=account) for account in of_resellers.order_by("pk")]
    if not new:
        return 0
    KeptOutMachine.objects.bulk_create(new)
    record_audit(
        EventName.CHANGE_ACCESS_POLICY,
        actor=actor,
        customer=customer,
        subject=customer.name,
        old={"machines_kept_out": before},
        new={"machines_kept_out": names_of(kept_out_of(customer))},
    )
    return len(new)
