"""Whose a domain is: nobody gets one, or an address, at, above or below a domain of someone else (P9).

All questions are asked for many domains at once: a file of users may name thousands.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from accounts.domains import lineage
from accounts.models import Address, Customer, Reseller

# The first key of PostgreSQL's advisory locks on names. The second is one of so many: a file with thousands of
# domains must not fill the table of locks.
_NAMES: Final = 510_011
_LOCKS: Final = 64

# Names that end with another one stand side by side when they are read from behind: an index has them in that order.
_BELOW = """
    SELECT asked.domain FROM unnest(%(domains)s::text[]) AS asked(domain)
    CROSS JOIN LATERAL (SELECT reverse(asked.domain) || '.' AS first, reverse(asked.domain) || '/' AS last) AS names
    WHERE EXISTS (
        SELECT 1 FROM accounts_customer c WHERE c.primary_domain <> ALL(%(own)s::text[])
        AND reverse(c.primary_domain) COLLATE "C" > names.first AND reverse(c.primary_domain) COLLATE "C" < names.last
    ) OR EXISTS (
        SELECT 1 FROM accounts_reseller r WHERE r.primary_domain <> ALL(%(own)s::text[])
        AND reverse(r.primary_domain) COLLATE "C" > names.first AND reverse(r.primary_domain) COLLATE "C" < names.last
    )"""


def held_by_others(domains: Collection[str], own: Collection[str] = ()) -> set[str]:
    """Return those of some canonical domains that stand at, above or below a domain of someone else.

    own: the domains of the organisation that asks. At exactly these it stays what it is, whatever stands around them.
    """
    asked = {domain: set(lineage(domain)) - set(own) for domain in set(domains) - set(own)}
    if not asked:
        return set()
    vendors = set(settings.VENDOR_DOMAINS) - set(own)
    held, names = set(vendors), set().union(*asked.values())
    for kind in (Customer, Reseller):
        held |= set(kind.objects.filter(primary_domain__in=names).values_list("primary_domain", flat=True))
    above = set().union(*(lineage(domain) for domain in vendors)) | _above_others(asked, own)
    return {domain for domain, around in asked.items() if around & held or domain in above}


def _above_others(domains: Collection[str], own: Collection[str]) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"domains": list(domains), "own": list(own)})
        return {domain for (domain,) in cursor.fetchall()}


def lock_domains(domains: Collection[str], own: Collection[str] = (), *, founding: bool = False) -> None:
    """Wait until nobody is founded at, above or below these domains, and let nobody until the transaction ends.

    founding: also let nobody take addresses there. Domains at, above or below each other have their last two labels
    in common. Below its own domain an organisation needs no lock: nobody can be founded there anyway.
    """
    free = [domain for domain in domains if not set(lineage(domain)) & set(own)]
    if not free:
        return
    suffix = "" if founding else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT hashtext(name) %% %s AS key FROM unnest(%s::text[]) AS name ORDER BY key",
            [_LOCKS, [lineage(domain)[-1] for domain in free]],
        )
        for (key,) in cursor.fetchall():
            cursor.execute(f"SELECT pg_advisory_xact_lock{suffix}(%s, %s)", [_NAMES, key])


def addresses_around(domain: str) -> QuerySet[Address]:
    """Return the addresses at, above or below a canonical domain."""
    at = Q(email__endswith=f".{domain}")
    for name in lineage(domain):
        at |= Q(email__endswith=f"@{name}")
    return Address.objects.filter(at)


def holders_around(domain: str) -> list[str]:
    """Return in words who holds a domain, one around it, or addresses there: for operators, never for a reseller."""
    named = Q(primary_domain__in=lineage(domain)) | Q(primary_domain__endswith=f".{domain}")
    found = [
        f"{name} ({held})"
        for kind in (Customer, Reseller)
        for name, held in kind.objects.filter(named).order_by("sort_name").values_list("name", "primary_domain")
    ]
    if any(domain in lineage(vendors) or vendors in lineage(domain) for vendors in settings.VENDOR_DOMAINS):
        found.append(str(settings.VENDOR_NAME))
    rows = addresses_around(domain).annotate(
        owner=Coalesce(
            "user__customer__name", "user__reseller__name", "group__customer__name", Value(settings.VENDOR_NAME)
        )
    )
    for owner, number in rows.values_list("owner").annotate(number=Count("pk")).order_by("owner"):
        words = ngettext("%(owner)s (%(number)s address)", "%(owner)s (%(number)s addresses)", number)
        found.append(words % {"owner": owner, "number": number})
    return found
