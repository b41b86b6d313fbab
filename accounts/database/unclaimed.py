"""Addresses at domains that are not their organisation's: each becomes a claim, and nobody loses one (P9).

For the migration that made domains rows, and for an operator afterwards: the release before gave such addresses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from django.core.exceptions import ValidationError

from accounts.domains import lineage, refuse_consumer_domain, refuse_public_suffix

# Where an organisation has addresses and no row. The vendor is the one that is neither a customer nor a reseller.
_UNCLAIMED: Final = """
    SELECT found.* FROM (
        SELECT DISTINCT coalesce(u.customer_id, g.customer_id) AS customer_id, u.reseller_id,
            split_part(a.email, '@', 2) AS name
        FROM accounts_address a
        LEFT JOIN accounts_user u ON u.id = a.user_id LEFT JOIN accounts_directorygroup g ON g.id = a.group_id
    ) found
    WHERE NOT EXISTS (
        SELECT FROM accounts_domain d WHERE d.name = found.name
        AND d.customer_id IS NOT DISTINCT FROM found.customer_id
        AND d.reseller_id IS NOT DISTINCT FROM found.reseller_id
    ) ORDER BY name, customer_id, reseller_id"""
_INSERT: Final = """
    INSERT INTO accounts_domain (customer_id, reseller_id, is_vendor, name, kind, holds, contested_at)
    VALUES (%s, %s, %s, %s, 'secondary', %s, CASE WHEN %s THEN NULL ELSE now() END)"""


class Organisation(NamedTuple):
    """Whose a row is, by the ids; neither of them: the vendor's."""

    customer_id: int | None
    reseller_id: int | None

    @property
    def is_vendor(self) -> bool:
        return self.customer_id is None and self.reseller_id is None


VENDOR: Final = Organisation(None, None)


def claim_addresses_elsewhere(cursor: Any, vendor_domains: Collection[str]) -> int:
    """Write a row for each organisation and domain where it has addresses and none; return how many.

    It holds the name where nothing collides; where something does, it keeps the addresses and an operator decides.
    All addresses are read first, which takes seconds: domains are locked only where there is something to write.
    """
    if not _unclaimed(cursor, vendor_domains):
        return 0
    cursor.execute("LOCK TABLE accounts_domain IN SHARE ROW EXCLUSIVE MODE")
    found = _unclaimed(cursor, vendor_domains)
    held, around = _others(cursor, vendor_domains)
    rows = []
    for name, owners in found.items():
        for owner in owners:
            is_free = len(owners) == 1 and held.get(name, owner) == owner
            holds = is_free and around(name) <= {owner} and _is_somebodys(name)
            rows.append((owner.customer_id, owner.reseller_id, owner.is_vendor, name, holds, holds))
    cursor.executemany(_INSERT, rows)
    return len(rows)


def _unclaimed(cursor: Any, vendor_domains: Collection[str]) -> dict[str, list[Organisation]]:
    """Return by domain which organisations have addresses there and no row."""
    cursor.execute(_UNCLAIMED)
    found: defaultdict[str, list[Organisation]] = defaultdict(list)
    for customer_id, reseller_id, name in cursor.fetchall():
        owner = Organisation(customer_id, reseller_id)
        if not (owner.is_vendor and name in vendor_domains):
            found[name].append(owner)
    return found


def _others(cursor: Any, vendor_domains: Iterable[str]) -> Any:
    """Return who holds each name, and what says whose verified domains stand at, above or below a name."""
    cursor.execute("SELECT name, customer_id, reseller_id, holds, verified_at IS NOT NULL FROM accounts_domain")
    held: dict[str, Organisation] = {}
    verified: defaultdict[str, set[Organisation]] = defaultdict(set)
    below: defaultdict[str, set[Organisation]] = defaultdict(set)
    rows = [*cursor.fetchall(), *((name, None, None, True, True) for name in vendor_domains)]
    for name, customer_id, reseller_id, holds, is_verified in rows:
        owner = Organisation(customer_id, reseller_id)
        if holds:
            held[name] = owner
        if is_verified:
            verified[name].add(owner)
            for above in lineage(name):
                below[above].add(owner)

    def around(name: str) -> set[Organisation]:
        return below[name].union(*(verified.get(above, set()) for above in lineage(name)))

    return held, around


def _is_somebodys(name: str) -> bool:
    """Tell whether a domain can be an organisation's at all."""
    try:
        refuse_public_suffix(name)
        refuse_consumer_domain(name)
    except ValidationError:
        return False
    return True
