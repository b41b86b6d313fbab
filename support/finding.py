"""The first few cases that match what is typed."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.ids import is_id
from support.models import Case


def first_cases(cases: QuerySet[Case], typed: str, number: int) -> list[Case]:
    """Return at most `number` of `cases` by a part of the title or by their number, the newest first."""
    text = typed.strip()
    if not text:
        return []
    condition = Q(title__icontains=text)
    if is_id(text.removeprefix("#")):
        condition |= Q(pk=int(text.removeprefix("#")))
    return list(cases.filter(condition).select_related("customer").order_by("-pk")[:number])
