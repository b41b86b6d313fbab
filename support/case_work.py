"""When resellers last worked on cases of a customer: a use of their access that needs no visit (S5)."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max

from accounts.models import Customer
from support.models import CaseEvent


def last_work_on_cases(customer: Customer) -> dict[int, datetime]:
    """Return for each reseller, by its id, when one of its people last wrote to a case of a customer; one query."""
    written = CaseEvent.objects.filter(case__customer=customer, by__reseller__isnull=False)
    return dict(written.order_by().values_list("by__reseller").annotate(last=Max("at")))
