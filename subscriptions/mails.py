"""What mails about reseller access say, and whether they are still for their recipient."""

from __future__ import annotations

from accounts.clock import database_now
from accounts.links import address_of
from accounts.mail.writing import Context, Writer
from accounts.models import Mail, User
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access.durations import duration_text
from subscriptions.access.effective import at_the_latest
from subscriptions.access.requests import status_at
from subscriptions.access.restored import allowed_before
from subscriptions.access.scope import relations_of
from subscriptions.models import AccessRequest, Restore
from subscriptions.models.level import Level
from subscriptions.models.request import RequestMail, RequestStatus

# For super admins: a backup was restored, and the access of their resellers was closed.
ACCESS_CLOSED = "access_closed_by_restore"


def _access_closed(mail: Mail, recipient: User) -> Context | None:
    """Tell super admins alone, as they are when the mail is sent."""
    restore = Restore.objects.filter(pk=mail.about_id or 0).first()
    if restore is None or recipient.customer is None or Role.SUPER_ADMIN not in recipient.roles:
        return None
    return {
        "customer": recipient.customer,
        "restored_from": restore.restored_from,
        "allowed": allowed_before(restore, recipient.customer),
        "url": address_of("reseller_access", domain=recipient.customer.primary_domain),
    }


def _request_to_answer(mail: Mail, recipient: User) -> Context | None:
    """Tell those who may answer a request, while it can still be answered (R17)."""
    request = AccessRequest.objects.select_related("customer", "reseller").filter(pk=mail.about_id or 0).first()
    if request is None or recipient.customer_id != request.customer_id:
        return None
    if not recipient.has_perm(Permission.CHANGE_RESELLER_ACCESS, request.customer):
        return None
    if status_at(request, database_now()) is not RequestStatus.PENDING:
        return None
    return {
        "request": request,
        "level": Level(request.level).label,
        "lasts": duration_text(request.lasts),
        "is_handed_on": mail.kind == RequestMail.HANDED_ON,
        "url": address_of("access_request", domain=request.customer.primary_domain, request_id=request.pk),
    }


def _request_answered(mail: Mail, recipient: User) -> Context | None:
    """Tell the person who asked, while they work for the customer (R13)."""
    request = AccessRequest.objects.select_related("customer", "reseller").filter(pk=mail.about_id or 0).first()
    if request is None or not relations_of(recipient).filter(customer=request.customer).exists():
        return None
    return {
        "request": request,
        "approved": request.status == RequestStatus.APPROVED,
        "level": Level(request.given_level).label if request.given_level else "",
        "lasts": duration_text(request.given_lasts),
        "latest": at_the_latest(request.answered_at) if request.answered_at else None,
        "url": address_of("reseller_customer", domain=request.customer.primary_domain),
    }


WRITERS: dict[str, Writer] = {
    ACCESS_CLOSED: Writer("mail/access_closed", _access_closed),
    RequestMail.ASKED: Writer("mail/access_requested", _request_to_answer),
    RequestMail.HANDED_ON: Writer("mail/access_requested", _request_to_answer),
    RequestMail.ANSWERED: Writer("mail/access_request_answered", _request_answered),
}
