"""What mails about people and consoles say, and whether they are still for their recipient."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.identity_providers import needs_provider
from accounts.links import address_of, password_link
from accounts.mail.writing import Context, Writer
from accounts.models import AuditEvent, ConsoleSession, Mail, User
from accounts.models.entries import NotificationKind
from accounts.models.event_names import EventName
from accounts.models.mail import INVITATION
from accounts.roles import Role

# A link to set a new password that the mail server did not take when it was asked for.
PASSWORD_RESET = "password_reset"  # noqa: S105  the kind of a mail
# For the vendor's operators: a reseller could not add a customer, because an organisation holds its domain (P9).
DOMAIN_IN_USE = "domain_in_use"


def _console_entered(mail: Mail, recipient: User) -> Context | None:
    """Tell super admins alone, as they are when the mail is sent (R15)."""
    entered = ConsoleSession.objects.select_related("agent", "reseller", "customer", "client").filter(
        pk=mail.about_id or 0
    )
    session = entered.filter(customer=recipient.customer_id).first() if recipient.customer_id else None
    if session is None or Role.SUPER_ADMIN not in recipient.roles:
        return None
    return {
        "session": session,
        "no_reason": _("none given"),
        "url": address_of("outside_visit", domain=session.customer.primary_domain, session_id=session.pk),
    }


def _domain_in_use(mail: Mail, recipient: User) -> Context | None:
    """Tell operators alone who holds a domain, as they are when the mail is sent."""
    event = AuditEvent.objects.filter(pk=mail.about_id or 0, name=EventName.DOMAIN_IN_USE).first()
    if event is None or Role.VENDOR_OPERATOR not in recipient.roles:
        return None
    return {"domain": event.subject, **(event.new_value or {})}


def _password_reset(mail: Mail, recipient: User) -> Context | None:
    return {"url": password_link(recipient)}


def _invitation(mail: Mail, recipient: User) -> Context | None:
    """Invite people who still have no password; the link is one for a new password (P11).

    Whom the provider of their organisation signs in needs none: the link leads to the sign-in page (P15).
    """
    if recipient.has_usable_password():
        return None
    context: Context = {"organisation": recipient.organisation_name}
    if needs_provider(recipient):
        return context | {"url": address_of("account_login")}
    return context | {"hours": settings.PASSWORD_RESET_TIMEOUT // 3600, "url": password_link(recipient)}


def _language_of_inviter(mail: Mail) -> str:
    """Write to a new person in the language of who added them: there is no other one to go by."""
    return User.objects.filter(pk=mail.about_id or 0).values_list("language", flat=True).first() or ""


WRITERS: dict[str, Writer] = {
    NotificationKind.CONSOLE_ENTERED: Writer("mail/console_entered", _console_entered),
    DOMAIN_IN_USE: Writer("mail/domain_in_use", _domain_in_use),
    INVITATION: Writer("mail/invitation", _invitation, fresh_secret=True, language=_language_of_inviter),
    PASSWORD_RESET: Writer("mail/password_reset", _password_reset, fresh_secret=True),
}
