"""Mails about one's own second factor (P12): it was changed, by oneself or another; one is required, and until when."""

from __future__ import annotations

from typing import Final

from accounts.factors import duty_of
from accounts.links import address_of
from accounts.mail.writing import Context, Writer
from accounts.models import AuditEvent, Mail, User

FACTOR_CHANGED: Final = "factor_changed"
FACTOR_REQUIRED: Final = "factor_required"


def _factor_changed(mail: Mail, recipient: User) -> Context | None:
    event = AuditEvent.objects.filter(pk=mail.about_id or 0, target_id=recipient.pk).first()
    if event is None:
        return None
    said = event.new_value or event.old_value or {}
    return {
        "event": event,
        "what": event.get_name_display(),
        "name": said.get("name", ""),
        "url": address_of("second_factor"),
        "sessions_url": address_of("usersessions_list"),
    }


def _factor_required(_mail: Mail, recipient: User) -> Context | None:
    """Remind a person whose grace lasts, while they have none; the page itself says it once it is over."""
    duty = duty_of(recipient)
    if duty is None or duty.is_over:
        return None
    return {"until": duty.until, "url": address_of("second_factor")}


WRITERS: dict[str, Writer] = {
    FACTOR_CHANGED: Writer("mail/factor_changed", _factor_changed),
    FACTOR_REQUIRED: Writer("mail/factor_required", _factor_required),
}
