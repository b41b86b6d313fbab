"""Codes that people type: of their authenticator app, each usable once, and the recovery codes (P12).

allauth compares a code; that it is used up stands on the person's row, behind its lock. Two processes that get the
same code at once let in one of them, and nothing that a cache throws away makes a code good again.
"""

from __future__ import annotations

import logging
from typing import Any, Final

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.fernet import InvalidToken
from django.db import transaction

from accounts.clock import database_now
from accounts.models import User
from accounts.sign_in.factor_adapter import FactorAdapter

logger = logging.getLogger(__name__)

# A code of the step before and of the one after counts too: clocks of telephones differ, and people type slowly.
_STEPS_AROUND: Final = 1
_LAST_STEP: Final = "last_step"


def matching_step(secret: str, code: str) -> int | None:
    """Return the step, 30 seconds each by the database's clock, of which this is the code; None where it is of none."""
    now = int(database_now().timestamp()) // app_settings.TOTP_PERIOD
    steps = range(now - _STEPS_AROUND, now + _STEPS_AROUND + 1)
    found = (
        step for step in steps if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step)))
    )
    return next(found, None)


@transaction.atomic
def use_code(person: User, code: str) -> Any | None:
    """Use a code up, and return the row of the factor that it is of; None where it is of none, or was used.

    A recovery code counts only beside an authenticator app or a passkey. Not a verb: what it lets in writes the event.
    """
    rows = {row.type: row for row in Authenticator.objects.select_for_update().filter(user_id=person.pk).order_by("pk")}
    app, recovery = rows.get(Authenticator.Type.TOTP), rows.get(Authenticator.Type.RECOVERY_CODES)
    try:
        if app is not None and _use_app(app, code):
            return app
        if recovery is not None and len(rows) > 1 and recovery.wrap().validate_code(code):
            return recovery
    except InvalidToken:
        # docs/operations.md: a key that secrets are still under was taken out of SECRET_KEY_FALLBACKS.
        logger.exception("the second factor of person %s is under a key that is not known", person.pk)
    return None


def _use_app(row: Any, code: str) -> bool:
    step = matching_step(FactorAdapter().decrypt(row.data["secret"]), code)
    if step is None or step <= row.data.get(_LAST_STEP, 0):
        return False
    row.data[_LAST_STEP] = step
    row.save(update_fields=["data"])
    return True


def unused_recovery_codes(person: User) -> int:
    """Return how many recovery codes a person has left."""
    row = Authenticator.objects.filter(user_id=person.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    return app_settings.RECOVERY_CODE_COUNT - int(row.data["used_mask"]).bit_count() if row else 0
