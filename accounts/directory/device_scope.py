"""Which devices a page of a console may show."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.ids import ids_in
from accounts.models import Customer, Device


def devices_of(customer: Customer) -> QuerySet[Device]:
    """Return the devices of a customer, with who uses them."""
    return Device.objects.filter(customer=customer).select_related("user")


def chosen_devices(customer: Customer, ids: Iterable[str]) -> list[Device]:
    """Return those devices of a customer whose ids a form was sent with; what is anybody else's, or no id, is not."""
    return list(devices_of(customer).filter(pk__in=ids_in(ids)).order_by("serial_number"))
