"""What mails about support say, and whether the recipient may see it at the moment of sending (S7).

Mails tell that something happened and where to read it; the content of cases stays in the console.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from accounts.clock import database_now
from accounts.links import address_of
from accounts.mail.writing import Context, Writer
from accounts.models import Mail, User
from accounts.permissions import Permission
from accounts.roles import Role
from support.assignments import can_be_decided, new_link, partners_that_will_enter
from support.look_up import may_verify
from support.mail_kinds import MailKind
from support.models import CareMigration, CaseEvent, SupportAssignment
from support.models.partner import AssignmentStatus
from support.schedule import moves_on
from support.scope import cases_visible_to


def _about(mail: Mail) -> int:
    assert mail.about_id is not None
    return mail.about_id


@transaction.atomic
def _verify_assignment(mail: Mail, recipient: User) -> Context | None:
    """Make the link, where the request is still open and this person may still confirm it (S4)."""
    assignment = (
        SupportAssignment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("customer", "reseller", "requested_by")
        .get(pk=_about(mail))
    )
    if not can_be_decided(assignment, database_now()) or may_verify(recipient.email) != recipient:
        return None
    return {"assignment": assignment, "url": address_of("support_verify", token=new_link(assignment))}


def _assignment_decided(mail: Mail, recipient: User) -> Context | None:
    assignment = SupportAssignment.objects.select_related("customer", "reseller").get(pk=_about(mail))
    if not recipient.has_perm(Permission.MANAGE_SUPPORT_PARTNERS, assignment.customer):
        return None
    return {
        "assignment": assignment,
        "confirmed": assignment.status != AssignmentStatus.DECLINED,
        "url": address_of("support_partners", domain=assignment.customer.primary_domain),
    }


def _case_changed(mail: Mail, recipient: User) -> Context | None:
    event = CaseEvent.objects.get(pk=_about(mail))
    case = cases_visible_to(recipient).select_related("customer").filter(pk=event.case_id).first()
    if case is None or not case.subscribers.filter(person=recipient).exists():
        return None
    domain = case.customer.primary_domain
    own = address_of("support_case", domain=domain, case_id=case.pk) if recipient.customer_id else ""
    return {"case": case, "event": event, "url": own or address_of("reseller_case", case_id=case.pk)}


def _care_migration(mail: Mail, recipient: User) -> Context | None:
    customer = recipient.customer
    if customer is None or Role.SUPER_ADMIN not in recipient.roles:
        return None
    moved = CareMigration.objects.filter(customer=customer, migrated_at__isnull=False).exists()
    if moved and mail.kind == MailKind.CARE_MIGRATION_ANNOUNCED:
        return None
    return {
        "customer": customer,
        "moves_on": moves_on(customer),
        "partners": [] if moved else partners_that_will_enter(customer),
        "url": address_of("support_contracts" if moved else "support_partners", domain=customer.primary_domain),
    }


def _writer(kind: MailKind, context: Callable[[Mail, User], Context | None], *, fresh_secret: bool = False) -> Writer:
    return Writer(f"mail/{kind}", context, fresh_secret)


WRITERS: dict[str, Writer] = {
    MailKind.VERIFY_ASSIGNMENT: _writer(MailKind.VERIFY_ASSIGNMENT, _verify_assignment, fresh_secret=True),
    MailKind.ASSIGNMENT_DECIDED: _writer(MailKind.ASSIGNMENT_DECIDED, _assignment_decided),
    MailKind.CASE_CHANGED: _writer(MailKind.CASE_CHANGED, _case_changed),
    MailKind.CARE_MIGRATION_ANNOUNCED: _writer(MailKind.CARE_MIGRATION_ANNOUNCED, _care_migration),
    MailKind.CARE_MIGRATION_DONE: _writer(MailKind.CARE_MIGRATION_DONE, _care_migration),
}
