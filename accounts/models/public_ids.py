"""Ids that the API names rows by, instead of their keys: random, made by the database itself.

A release that does not know them inserts rows that have one too (decision 49).
"""

from __future__ import annotations

from typing import Final

from django.db.models import BigIntegerField, CharField
from django.db.models.expressions import RawSQL

# A UUID has 122 random bits. Its last 15 hexadecimal digits are random, 60 bits of them: in front are the version's.
_SIXTY_BITS: Final = "('x' || right(replace(gen_random_uuid()::text, '-', ''), 15))::bit(60)::bigint"
_LAST_13: Final = "right(replace(gen_random_uuid()::text, '-', ''), 13)"


def random_customer_id() -> RawSQL:
    """Return what makes a "C" and 8 lower-case letters and digits, 40 bits of them random."""
    letters = "translate(lower(encode(uuid_send(gen_random_uuid()), 'base64')), '+/=', '')"
    return RawSQL(f"('C' || left({letters}, 8))", (), CharField())  # noqa: S611  a constant


def random_organisation_number() -> RawSQL:
    """Return what makes a number of 12 digits."""
    return RawSQL(f"(100000000000 + mod({_SIXTY_BITS}, 900000000000))", (), BigIntegerField())  # noqa: S611


def random_person_id() -> RawSQL:
    """Return what makes 21 digits, 60 bits of them random."""
    return RawSQL(f"('1' || lpad(({_SIXTY_BITS})::text, 20, '0'))", (), CharField())  # noqa: S611  a constant


def random_unit_id() -> RawSQL:
    """Return what makes 15 letters and digits, 52 bits of them random."""
    return RawSQL(f"('03' || {_LAST_13})", (), CharField())  # noqa: S611  a constant


def random_group_id() -> RawSQL:
    """Return what makes 15 letters and digits, 52 bits of them random."""
    return RawSQL(f"('01' || {_LAST_13})", (), CharField())  # noqa: S611  a constant


def random_device_id() -> RawSQL:
    """Return what makes a UUID."""
    return RawSQL("(gen_random_uuid()::text)", (), CharField())
