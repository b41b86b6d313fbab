"""How much may be attached (S11): per case, and per person and customer within a day, so that nobody fills the disk."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.errors import Refused
from accounts.models import User
from support.models import Attachment, Case

# Adding up and storing are one step: the first half of the key of PostgreSQL's advisory locks around them.
_PERSON, _CUSTOMER = 8_310, 8_311
MB = 1024 * 1024


def require_room(case: Case, person: User, sizes: list[int]) -> None:
    """Refuse files beyond a limit, until the end of the transaction also against other uploads; the case is locked.

    sizes: bytes of each new file as it will be stored. Raises Refused, which names the limit and what is left of it.
    """
    if not sizes:
        return
    _require_places(case, len(sizes))
    _require_bytes(
        (_PERSON, person.pk),
        settings.ATTACHMENT_MB_PER_PERSON_AND_DAY,
        sum(sizes),
        _("You can attach %(limit)d MB within 24 hours, and %(left)d MB of that are left."),
        uploaded_by=person,
    )
    _require_bytes(
        (_CUSTOMER, case.customer_id),
        settings.ATTACHMENT_MB_PER_CUSTOMER_AND_DAY,
        sum(sizes),
        _("%(limit)d MB can be attached to a customer's cases within 24 hours, and %(left)d MB of that are left."),
        case__customer=case.customer_id,
    )


def _require_places(case: Case, number: int) -> None:
    limit = settings.ATTACHMENTS_PER_CASE
    left = limit - case.attachments.count()
    if number > left:
        said = _("A case has at most %(limit)d files, and this one has room for %(left)d.")
        raise Refused(said % {"limit": limit, "left": max(left, 0)}, "files", reason="conditionNotMet")


def _require_bytes(lock: tuple[int, int], limit: int, size: int, said: str, **whose: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [lock[0], lock[1] % 2**31])
    today = Attachment.objects.filter(uploaded_at__gt=Now() - timedelta(days=1), **whose)
    left = limit * MB - (today.aggregate(size=Sum("size"))["size"] or 0)
    if size > left:
        raise Refused(said % {"limit": limit, "left": max(left, 0) // MB}, "files", reason="conditionNotMet")
