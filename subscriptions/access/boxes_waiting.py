"""Boxes of *Reseller access* that wait for a second super admin: written down, read again (R21)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime, parse_duration
from django.utils.duration import duration_iso_string

from accounts.actor import Actor
from accounts.models import Customer, Proposal, Reseller
from accounts.models.two_people import Demand, ProposalKind
from accounts.two_people.demands import demands_of
from accounts.two_people.kinds import Said
from accounts.two_people.proposing import propose
from subscriptions.access.comparison import Desired
from subscriptions.access.extent import Extent
from subscriptions.access.held import needs_two


def opens_alone(customer: Customer, extent: Extent) -> bool:
    """Tell whether a console may open this far without a second person: by itself, or by one admin's decision."""
    return not needs_two(extent) or Demand.ACCESS not in demands_of(customer)


def propose_boxes(actor: Actor, customer: Customer, boxes: Sequence[Desired], agreed: Collection[int]) -> Proposal:
    """Let boxes wait. boxes: all of them ticked, with the generation that is stored now as the one that was seen."""
    resellers = sorted({box.reseller_id for box in boxes})
    names = Reseller.objects.filter(pk__in=resellers).order_by("sort_name", "pk").values_list("name", flat=True)
    said = {
        "boxes": [
            {
                "reseller": box.reseller_id,
                "subscription": box.subscription_id,
                "seen": box.seen,
                "extent": extent_values(box.extent) if box.extent else None,
            }
            for box in boxes
        ],
        "agreed": sorted(set(agreed) & set(resellers)),
    }
    subject = ", ".join(names)
    return propose(actor=actor, customer=customer, kind=ProposalKind.ACCESS, subject=subject, said=said)


def boxes_in(said: Said) -> list[Desired]:
    """Return the boxes as their author left them; a duration counts from the approval (R16)."""
    return [
        Desired(
            box["reseller"],
            box["subscription"],
            True,
            box["seen"],
            extent_of(box["extent"]) if box["extent"] else None,
        )
        for box in said["boxes"]
    ]


def extent_values(extent: Extent) -> dict[str, Any]:
    """Return how far a console is opened, as plain values."""
    return {name: _plain(value) for name, value in asdict(extent).items()}


def extent_of(values: dict[str, Any]) -> Extent:
    """Return what extent_values() wrote down."""
    ends_at, lasts = values["ends_at"], values["lasts"]
    moments = {
        "ends_at": parse_datetime(ends_at) if ends_at else None,
        "lasts": parse_duration(lasts) if lasts else None,
    }
    return Extent(**{**values, **moments})


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return duration_iso_string(value)
    return value.isoformat() if isinstance(value, datetime) else value
