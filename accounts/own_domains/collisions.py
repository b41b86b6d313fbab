"""What an operator has to decide about domains, and what stands around a verified one from before (P9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts.actor import Actor
from accounts.authorisation import authorise_operator
from accounts.database.unclaimed import claim_addresses_elsewhere
from accounts.domain_holders import addresses_of_each, name_of, owner_of
from accounts.models import Domain

# Addresses of one organisation at one domain are counted as far as this.
COUNTED: Final = 1_000
# Rows that wait, with every other row of the same name; and verified ones below a verified one of another organisation.
_WAITING: Final = """
    SELECT d.id FROM accounts_domain d WHERE d.contested_at IS NOT NULL
    UNION
    SELECT d.id FROM accounts_domain c JOIN accounts_domain d ON d.name = c.name WHERE c.contested_at IS NOT NULL"""
_NESTED: Final = """
    SELECT unnest(ARRAY[above.id, below.id]) FROM accounts_domain above JOIN accounts_domain below
        ON below.verified_at IS NOT NULL
        AND reverse(below.name) COLLATE "C" > reverse(above.name) || '.'
        AND reverse(below.name) COLLATE "C" < reverse(above.name) || '/'
        AND (below.customer_id, below.reseller_id) IS DISTINCT FROM (above.customer_id, above.reseller_id)
    WHERE above.verified_at IS NOT NULL"""


@dataclass(frozen=True, slots=True)
class Claim:
    """An organisation in a collision. addresses: how many it has at that domain; COUNTED: or more."""

    row: Domain
    organisation: str
    addresses: int


@transaction.atomic
def claim_elsewhere(*, actor: Actor | None) -> int:
    """Claim the addresses that the release before gave elsewhere; return how many claims that are.

    An event for each would name what nobody did: the rows are the record. Raises PermissionDenied.
    """
    authorise_operator(actor)
    with connection.cursor() as cursor:
        return claim_addresses_elsewhere(cursor, settings.VENDOR_DOMAINS)


@transaction.atomic
def find_collisions(*, actor: Actor | None) -> list[Claim]:
    """Claim the addresses that the release before gave elsewhere, and return what collides, by name.

    Raises PermissionDenied.
    """
    claim_elsewhere(actor=actor)
    with connection.cursor() as cursor:
        cursor.execute(f"{_WAITING} UNION {_NESTED}")
        ids = [pk for (pk,) in cursor.fetchall()]
    found = Domain.objects.filter(pk__in=ids).select_related("customer", "reseller").order_by("name", "-holds", "pk")
    rows = list(found)
    numbers = addresses_of_each(rows, at_most=COUNTED)
    return [Claim(row, name_of(owner_of(row)), numbers[row.pk]) for row in rows]


def colliding_domains(*, nested: bool) -> QuerySet[Domain]:
    """Return what waits for a decision; nested: what is verified below a verified one of another organisation instead.

    The first by an index. The second looks at every verified domain, so it is shown only where it is asked for.
    """
    return Domain.objects.filter(pk__in=RawSQL(_NESTED if nested else _WAITING, []))  # noqa: S611  ours


def waiting_number() -> int:
    """Return how many organisations wait for a decision about a domain."""
    return Domain.objects.filter(contested_at__isnull=False).count()
