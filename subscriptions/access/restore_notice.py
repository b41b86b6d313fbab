"""What the page *Reseller access* says after a restore: why access was closed, and what can be allowed again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Customer
from subscriptions.access.box import Box
from subscriptions.access.overview import Overview
from subscriptions.access.restored import TOLD_FOR, allowed_before


@dataclass(frozen=True, slots=True)
class RestoreNotice:
    """The boxes that were ticked in the backup and that nobody has decided about since.

    ticked: those, and every other box that is ticked now, for the form that ticks them again.
    """

    restored_from: datetime
    boxes: list[Box]
    ticked: list[Box]


def restore_notice(customer: Customer, overview: Overview) -> RestoreNotice | None:
    """Return what to say; None where no restore closed anything, or all of it was decided about since."""
    closed = [(box, box.newest.restore) for box in overview.boxes.values() if box.newest and box.newest.restore]
    if not closed:
        return None
    restore = max((by for _box, by in closed), key=lambda by: by.pk)
    if overview.now - restore.closed_at > TOLD_FOR:
        return None
    allowed = {access.key[1:] for access in allowed_before(restore, customer)}
    boxes = [box for box, _by in closed if box.key in allowed]
    ticked = [box for box in overview.boxes.values() if box.allowed or box in boxes]
    return RestoreNotice(restore.restored_from, boxes, ticked)
