"""Second factors as rows of allauth's (P12): which a person has, and of whom one is required.

Changing them is accounts/sign_in/enrolling.py; the days of grace begin in accounts/sign_in/grace.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any, Final

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import connection, models
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.identity_providers import needs_provider
from accounts.models import User
from accounts.roles import Role

# What a person can sign in with; recovery codes only stand in for one of these.
KINDS: Final = (Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP)


class Factor(models.TextChoices):
    """What a person showed beside their password, as the audit log calls it."""

    PASSKEY = "passkey", _("Passkey")
    APP = "totp", _("Authenticator app")
    RECOVERY_CODE = "recovery_code", _("Recovery code")
    # Not shown here: the provider of their organisation says that it asked for one (P15).
    PROVIDER = "provider", _("At the identity provider")


class SignInWay(models.TextChoices):
    """How a person signed in, where it was not with a password or a passkey here, as the audit log calls it."""

    PROVIDER = "provider", _("With the identity provider of the organisation")


_OF_TYPE: Final = {
    Authenticator.Type.WEBAUTHN: Factor.PASSKEY,
    Authenticator.Type.TOTP: Factor.APP,
    Authenticator.Type.RECOVERY_CODES: Factor.RECOVERY_CODE,
}


def factor_of(type_of_row: str) -> Factor:
    """Return what a row, or a record of allauth's, is called here."""
    return _OF_TYPE[Authenticator.Type(type_of_row)]


def factors_of(person: User) -> QuerySet[Any]:
    """Return the passkeys and the authenticator app of a person, in the order in which they were added."""
    found: QuerySet[Any] = Authenticator.objects.filter(user_id=person.pk, type__in=KINDS).order_by("pk")
    return found


def has_factor(person: User) -> bool:
    """Tell whether a person has a second factor at this instant."""
    return bool(factors_of(person).exists())


_WITH_FACTOR: Final = "SELECT DISTINCT user_id FROM mfa_authenticator WHERE user_id = ANY(%s) AND type = ANY(%s)"


def people_with_factor(people: Collection[User]) -> frozenset[int]:
    """Return which of some people have a second factor at this instant, by their ids, with one query."""
    with connection.cursor() as cursor:
        cursor.execute(_WITH_FACTOR, [[person.pk for person in people], [kind.value for kind in KINDS]])
        return frozenset(user_id for (user_id,) in cursor.fetchall())


def holds_factor(person: str) -> Exists:
    """Return the condition that the person with the id in a column has a second factor at this instant."""
    return Exists(Authenticator.objects.filter(user_id=OuterRef(person), type__in=KINDS))


class RequiredOf(StrEnum):
    """Of whom a second factor can be required: the words of SECOND_FACTOR_REQUIRED."""

    SUPER_ADMINS = "super-admins"
    RESELLERS = "resellers"
    VENDOR = "vendor"


def is_required(of: RequiredOf) -> bool:
    """Tell whether the installation requires a second factor of these people (SECOND_FACTOR_REQUIRED)."""
    return of in settings.SECOND_FACTOR_REQUIRED


# How long everything stays open to a person of whom one is required, from their first request after that began.
GRACE: Final = timedelta(days=14)
# What decides, beside the columns of a person; read in the statement that loads the person of each request.
DUTY_SQL: Final = {
    "lacks_factor": "NOT EXISTS (SELECT FROM mfa_authenticator f WHERE f.user_id = accounts_user.id"
    f" AND f.type IN ({', '.join(repr(kind.value) for kind in KINDS)}))",
    "grace_left": "factor_due_at - statement_timestamp()",
}
_DUTY: Final = f"SELECT {', '.join(DUTY_SQL.values())} FROM accounts_user WHERE id = %s"  # noqa: S608  constants


@dataclass(frozen=True, slots=True)
class Duty:
    """A person has to add a second factor.

    until: when the grace ends; None: it has not begun. days_left: of it, the one that has begun too.
    """

    until: datetime | None
    is_over: bool
    days_left: int = 0


def is_required_of(person: User) -> bool:
    """Tell whether the installation requires a second factor of a person (SECOND_FACTOR_REQUIRED)."""
    required = settings.SECOND_FACTOR_REQUIRED
    if person.is_vendor:
        return RequiredOf.VENDOR in required
    if person.reseller_id is not None:
        return RequiredOf.RESELLERS in required
    return RequiredOf.SUPER_ADMINS in required and Role.SUPER_ADMIN in person.roles


def duty_of(person: User) -> Duty | None:
    """Tell whether a person still has to add a second factor; None where they have one, or none is required."""
    if not getattr(person, "lacks_factor", True):
        return None
    if not (person.must_enrol_factor or is_required_of(person)):
        return None
    if not hasattr(person, "lacks_factor"):
        with connection.cursor() as cursor:
            cursor.execute(_DUTY, [person.pk])
            person.lacks_factor, person.grace_left = cursor.fetchone()
    if not person.lacks_factor:
        return None
    left = GRACE if person.grace_left is None else person.grace_left
    is_over = person.must_enrol_factor or left <= timedelta(0)
    return Duty(person.factor_due_at, is_over, 0 if is_over else ceil(left / timedelta(days=1)))


def is_locked_out(person: User) -> bool:
    """Tell whether nothing is open to a person but adding a second factor: their grace is over.

    Of people whom their organisation's provider signs in only a session knows whether it asked them for one (P15).
    """
    duty = duty_of(person)
    return duty is not None and duty.is_over and not needs_provider(person)


class StoredFactor:
    """A row in words. last_used_at: None where it was never used since it was added."""

    def __init__(self, row: Any) -> None:
        self.pk: int = row.pk
        self.factor = factor_of(row.type)
        self.name: str = row.data.get("name", "") or str(self.factor.label)
        self.created_at: datetime = row.created_at
        self.last_used_at: datetime | None = row.last_used_at
