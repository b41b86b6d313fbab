"""What mails about consoles say, and whether they are still for their recipient."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.mail.letters import Context, Writer, address_of
from accounts.models import ConsoleSession, Mail, User
from accounts.models.entries import NotificationKind
from accounts.roles import Role


def _console_entered(mail: Mail, recipient: User) -> Context | None:
    """Tell super admins alone, as they are when the mail is sent (R15)."""
    entered = ConsoleSession.objects.select_related("agent", "reseller", "customer").filter(pk=mail.about_id or 0)
    session = entered.filter(customer=recipient.customer_id).first() if recipient.customer_id else None
    if session is None or Role.SUPER_ADMIN not in recipient.roles:
        return None
    return {
        "session": session,
        "no_reason": _("none given"),
        "url": address_of("outside_access", domain=session.customer.primary_domain),
    }


WRITERS: dict[str, Writer] = {NotificationKind.CONSOLE_ENTERED: Writer("mail/console_entered", _console_entered)}
