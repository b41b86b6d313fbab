"""Reading the audit log: what a customer sees of its console (A4), and what a reseller sees of its agents (A4).

Every reader starts from one of the two scopes below. Writing is accounts/audit.py.
"""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import AuditEvent, Customer, User
from accounts.models.audit_event import EventName
from accounts.roles import Role

# What happens at a reseller or the vendor and therefore in nobody's console.
_AT_A_RESELLER = frozenset(
    {
        EventName.DOMAIN_IN_USE,
        EventName.CREATE_RESELLER,
        EventName.SUSPEND_RESELLER,
        EventName.UNSUSPEND_RESELLER,
        EventName.CREATE_TEAM,
        EventName.RENAME_TEAM,
        EventName.DELETE_TEAM,
        EventName.ADD_TEAM_MEMBER,
        EventName.REMOVE_TEAM_MEMBER,
        EventName.ASSIGN_CUSTOMER,
        EventName.UNASSIGN_CUSTOMER,
    }
)
# The access setting belongs to the customer (R5), and an order or a transfer by one reseller may change
# another's: these lines are the customer's alone, no matter who caused them.
_NOT_FOR_RESELLERS = frozenset(
    {
        EventName.CHANGE_RESELLER_ACCESS,
        EventName.CHANGE_RESELLER_ACCESS_FOR_SKU,
        EventName.RESELLER_ACCESS_APPLIED,
        EventName.RESELLER_ACCESS_SUPERSEDED,
        EventName.RESELLER_ACCESS_FAILED,
        EventName.RESELLER_ACCESS_ENDED,
        EventName.CHANGE_ACCESS_POLICY,
        # R17: its own page and a mail tell the reseller the answer, and not who gave it.
        EventName.APPROVE_ACCESS_REQUEST,
        EventName.REJECT_ACCESS_REQUEST,
        EventName.REPAIR_RESELLER_ACCESS,
        EventName.END_CONSOLE_SESSION,
        EventName.REPORT_CONSOLE_SESSION,
        EventName.CHANGE_CONSOLE_ENTRY_REASON,
        # It says who holds a domain.
        EventName.DOMAIN_IN_USE,
    }
)
CUSTOMER_EVENTS = tuple(name for name in EventName if name not in _AT_A_RESELLER)
RESELLER_EVENTS = tuple(name for name in EventName if name not in _NOT_FOR_RESELLERS)


# What the short lists on home pages leave out: sign-ins would fill them.
EVERYDAY = frozenset({EventName.LOGIN_SUCCESS, EventName.LOGOUT})


def events_of_customer(customer: Customer) -> QuerySet[AuditEvent]:
    """Return everything done in a customer's console, no matter who did it (A4)."""
    return AuditEvent.objects.filter(customer_id=customer.pk)


def events_of_reseller(person: User) -> QuerySet[AuditEvent]:
    """Return what a reseller's own people did, without what only the customer may know (A4, R5).

    Its admins see everybody's deeds; everybody else sees its own.
    """
    if person.reseller is None or person.reseller.suspended_at is not None:
        return AuditEvent.objects.none()
    events = AuditEvent.objects.filter(actor_reseller_id=person.reseller_id).exclude(name__in=_NOT_FOR_RESELLERS)
    return events if Role.RESELLER_ADMIN in person.roles else events.filter(actor_id=person.pk)
