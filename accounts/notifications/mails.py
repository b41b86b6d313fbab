"""What the mails about notifications say, and whether they are still for their recipient (R25)."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings

from accounts.links import address_of
from accounts.mail.writing import Context, Writer
from accounts.models import Mail, User
from accounts.notifications.reading import in_words, notifications_of, with_what_they_tell


class MailKind(StrEnum):
    """The mail at once, about what happened within some seconds, and the one of a day."""

    NOTICES = "notices"
    NOTICES_OF_A_DAY = "notices_of_a_day"


def _notices(mail: Mail, recipient: User) -> Context | None:
    """Tell what the person may still read; the mail of a day leaves out what they have read in the console."""
    told = notifications_of(recipient).filter(mail_id=mail.pk)
    if mail.kind == MailKind.NOTICES_OF_A_DAY:
        told = told.filter(read_at=None)
    lines = in_words(with_what_they_tell(told).order_by("pk"), recipient)
    if not lines:
        return None
    return {
        "first": lines[0],
        "number": len(lines),
        "lines": [(line, settings.CONSOLE_URL.rstrip("/") + line.url) for line in lines],
        "all_url": address_of("notifications"),
        "preferences_url": address_of("notification_preferences"),
    }


WRITERS: dict[str, Writer] = {
    MailKind.NOTICES: Writer("mail/notices", _notices),
    MailKind.NOTICES_OF_A_DAY: Writer("mail/notices_of_a_day", _notices),
}
