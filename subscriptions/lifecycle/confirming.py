"""A binding change is looked at twice: it is done only as it was shown (docs/decisions, 15)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.locking import lock_customer
from accounts.models import Customer

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Look:
    """What a change means, in sentences. about: what else must be the same when it is done, as it was typed.

    number: seats that are more than double of what there is, to be typed again; None where they are not.
    """

    said: Sequence[str]
    about: Sequence[object] = ()
    number: int | None = None

    @property
    def digest(self) -> str:
        """What a form carries of it, so that one that was not shown confirms nothing."""
        text = "\n".join([*self.said, *map(repr, self.about), str(self.number)])
        return salted_hmac("subscriptions.second_look", text).hexdigest()


def to_type(now: int | None, wanted: int | None) -> int | None:
    """Return the seats that have to be typed again: a digit too many is more than double."""
    return wanted if now is not None and wanted is not None and wanted > 2 * now else None


@transaction.atomic
def change_as_shown(*, customer: Customer | None, confirmed: Callable[[], bool], change: Callable[[], T]) -> T | None:
    """Do a change that was confirmed as it is now; otherwise only try it, so that what the rules refuse is said first.

    confirmed: asked behind the customer's lock, so nothing happens in between. Returns what the change returns;
    None where it was only tried. Raises what the change raises.
    """
    if customer is not None:
        lock_customer(customer)
    is_confirmed = confirmed()
    done = change()
    if is_confirmed:
        return done
    transaction.set_rollback(True)
    return None
