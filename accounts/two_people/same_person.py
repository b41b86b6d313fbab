"""Whether two accounts may be in the hands of one person, where two people have to agree (R20, R21)."""

from __future__ import annotations

from typing import Final

from django.db.models import Q
from django.db.models.functions import Now

from accounts.audit import EventName
from accounts.identity_providers import provider_for
from accounts.models import AuditEvent, User
from accounts.two_people.demands import LIFETIME

# By these one person comes to the account of another.
_TAKES_OVER: Final = (EventName.RESET_PASSWORD, EventName.RENAME_USER, EventName.UNLINK_SSO_IDENTITY)
# By these to that of everybody whom the provider signs in (P15).
_CHOOSES_PROVIDER: Final = (EventName.CHANGE_SSO_SETTINGS, EventName.TOGGLE_SSO_ENABLED)


def took_over(person: User, *, by: int | None) -> bool:
    """Tell whether someone could have come to a person's account within the last 72 hours. by: their id."""
    # Events of the release before do not know their target.
    about = Q(target_kind=person.target_kind, target_id=person.pk) | Q(target_kind=None, subject=person.email)
    does = Q(about, name__in=_TAKES_OVER)
    if provider_for(person) is not None:
        does |= Q(name__in=_CHOOSES_PROVIDER)
    deeds = AuditEvent.objects.filter(does, at__gt=Now() - LIFETIME)
    if person.customer_id is not None:
        deeds = deeds.filter(customer_id=person.customer_id)
    else:
        deeds = deeds.filter(actor_reseller_id=person.reseller_id)
    return deeds.filter(actor_id=by).exists()
