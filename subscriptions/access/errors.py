from __future__ import annotations

from django.utils.functional import Promise

from accounts.errors import Reason


class AccessRefused(Exception):
    """A change of reseller access that the rules refuse.

    message: what is allowed instead, for the person who asked for it.
    reseller_id, subscription_id: the box it is about. What it wants cannot be as things stand: its reason for programs.
    """

    reason: Reason = "conditionNotMet"

    def __init__(self, message: Promise | str, reseller_id: int, subscription_id: int | None = None) -> None:
        super().__init__(str(message))
        self.message = message
        self.reseller_id = reseller_id
        self.subscription_id = subscription_id


class AgreementMissing(AccessRefused):
    """Nobody confirmed that the reseller agreed to support what is newly opened to it (R3)."""


class EndRefused(AccessRefused):
    """The end that was chosen cannot be one (R16)."""
