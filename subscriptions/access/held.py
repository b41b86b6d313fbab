"""What of a form needs a second super admin: what opens everything, or has no end (R21). Plain values, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from subscriptions.access.comparison import Desired, Difference, Key, Stored
from subscriptions.access.extent import EVERYTHING, Extent
from subscriptions.models.level import Level


def needs_two(extent: Extent) -> bool:
    """Tell whether nobody gives as much alone, where a customer demands two people for it."""
    return extent.level == Level.FULL or (extent.ends_at is None and extent.lasts is None)


def hold_back(difference: Difference, stored: Mapping[Key, Stored]) -> tuple[Difference, list[Desired]]:
    """Part a form into what is saved at once, and the boxes whose giving waits.

    What such a box takes of what is desired now is taken at once. A subscription reaches as far as its console.
    """
    consoles = {box.reseller_id: _wanted(box, stored) for box in difference.granted if box.subscription_id is None}
    consoles |= {box.reseller_id: _wanted(box, stored) for box in difference.narrowed}
    held = [
        box
        for box in difference.granted
        if needs_two(consoles.get(box.reseller_id) or stored[box.reseller_id, None].extent)
    ]
    at_once = [box for box in difference.granted if box not in held]
    taken = [left for box in held for left in _taken(box, stored)]
    return replace(difference, granted=at_once, narrowed=[*difference.narrowed, *taken]), held


def _wanted(box: Desired, stored: Mapping[Key, Stored]) -> Extent:
    return box.extent or (stored[box.key].extent if box.key in stored else EVERYTHING)


def _taken(box: Desired, stored: Mapping[Key, Stored]) -> list[Desired]:
    now = stored.get(box.key)
    if now is None or not now.allowed or box.extent is None or box.subscription_id is not None:
        return []
    left = now.extent.met_with(box.extent)
    return [replace(box, extent=left)] if left != now.extent else []
