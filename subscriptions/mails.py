"""What mails about reseller access say, and whether they are still for their recipient."""

from __future__ import annotations

from accounts.links import address_of
from accounts.mail.writing import Context, Writer
from accounts.models import Mail, User
from accounts.roles import Role
from subscriptions.access.restored import allowed_before
from subscriptions.models import Restore

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


WRITERS: dict[str, Writer] = {ACCESS_CLOSED: Writer("mail/access_closed", _access_closed)}
