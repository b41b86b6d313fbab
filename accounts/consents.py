"""What people allowed applications, as rows: whether it still holds, and ending it with what else is taken (X7)."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare

from accounts.models import Consent, User


def holds_for(person: User, consent: Consent) -> bool:
    """Tell whether a person has the password yet that they had when they allowed it, as their sessions ask."""
    hashes = [person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()]
    return any(constant_time_compare(consent.session_hash, known) for known in hashes)


def note_consent_used(consent: Consent) -> None:
    """Write down that an application acted for a person now."""
    Consent.objects.filter(pk=consent.pk).update(last_used_at=Now())


def end_consents_of(people: Collection[User]) -> None:
    """End all that these people allowed. Part of the verbs that sign them out, which write the events."""
    Consent.objects.filter(person__in=people, ended_at=None).update(ended_at=Now())
