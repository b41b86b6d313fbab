"""Whose a domain is, and where an organisation gives addresses (P9).

All questions are asked for many domains at once: a file of users may name thousands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from accounts.domains import lineage
from accounts.models import Address, Customer, Domain, Reseller
from accounts.models.directory import DOMAIN_OF_ADDRESS
from accounts.models.organisations import VENDOR, Organisation

# The first key of PostgreSQL's advisory locks on names. The second is one of so many: a file with thousands of
# domains must not fill the table of locks.
_NAMES: Final = 510_011
_LOCKS: Final = 64

_NOT_OWN: Final = """d.verified_at IS NOT NULL AND d.customer_id IS DISTINCT FROM %(customer)s
    AND d.reseller_id IS DISTINCT FROM %(reseller)s AND NOT (d.is_vendor AND %(is_vendor)s)"""
# Names that end with another one stand side by side when they are read from behind: an index has them in that order.
_VERIFIED_AROUND: Final = f"""
    SELECT asked.domain, 'below' FROM unnest(%(domains)s::text[]) AS asked(domain)
    CROSS JOIN LATERAL (SELECT reverse(asked.domain) || '.' AS first, reverse(asked.domain) || '/' AS last) AS names
    WHERE EXISTS (
        SELECT 1 FROM accounts_domain d WHERE {_NOT_OWN}
        AND reverse(d.name) COLLATE "C" > names.first AND reverse(d.name) COLLATE "C" < names.last
    )
    UNION SELECT d.name, 'at' FROM accounts_domain d WHERE d.name = ANY(%(lineages)s) AND {_NOT_OWN}"""  # noqa: S608  ours

_SOME_ADDRESSES: Final = """
    SELECT asked.name, found.number FROM unnest(%(domains)s::text[]) AS asked(name)
    CROSS JOIN LATERAL (SELECT count(*) AS number FROM (
        SELECT FROM accounts_address a
        LEFT JOIN accounts_user u ON u.id = a.user_id LEFT JOIN accounts_directorygroup g ON g.id = a.group_id
        WHERE split_part(a.email, '@', 2) = asked.name AND {owns} LIMIT %(most)s
    ) counted) found"""

_ADDRESSES_OF_EACH: Final = """
    SELECT d.id, found.number FROM accounts_domain d
    CROSS JOIN LATERAL (SELECT count(*) AS number FROM (
        SELECT FROM accounts_address a
        LEFT JOIN accounts_user u ON u.id = a.user_id LEFT JOIN accounts_directorygroup g ON g.id = a.group_id
        WHERE split_part(a.email, '@', 2) = d.name AND (u.customer_id = d.customer_id OR g.customer_id = d.customer_id
            OR u.reseller_id = d.reseller_id OR (d.is_vendor AND u.is_vendor)) LIMIT %(most)s
    ) counted) found
    WHERE d.id = ANY(%(ids)s)"""


@dataclass(frozen=True, slots=True)
class OwnDomains:
    """Where an organisation gives addresses. verified: nobody takes these from it; others: those that are not yet."""

    verified: frozenset[str]
    others: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        return self.verified | self.others


def rows_of(owner: Organisation) -> QuerySet[Domain]:
    """Return the domains of an organisation, those that it only asks for too."""
    return Domain.objects.filter(**columns_of(owner))


def columns_of(owner: Organisation) -> dict[str, Any]:
    """Return the columns by which a row is an organisation's."""
    if isinstance(owner, Customer):
        return {"customer": owner}
    return {"reseller": owner} if isinstance(owner, Reseller) else {"is_vendor": True}


def own_domains(owner: Organisation) -> OwnDomains:
    """Return the domains at which the people and groups of an organisation get addresses, as they are now."""
    giving = rows_of(owner).filter(holds=True, contested_at=None).values_list("name", "verified_at")
    verified = set(settings.VENDOR_DOMAINS) if owner is VENDOR else set()
    others: set[str] = set()
    for name, verified_at in giving:
        (others if verified_at is None else verified).add(name)
    return OwnDomains(frozenset(verified), frozenset(others))


def held_by_others(domains: Collection[str], owner: Organisation | None = None) -> set[str]:
    """Return those of some canonical domains that stand at, above or below a verified one of another organisation.

    The vendor's own count as verified. owner: who asks, whose own do not count; None: nobody yet.
    """
    lineages = {domain: set(lineage(domain)) for domain in domains}
    if not lineages:
        return set()
    is_vendor = owner is VENDOR
    params: dict[str, Any] = {
        "domains": list(lineages),
        "lineages": list(set().union(*lineages.values())),
        "customer": owner.pk if isinstance(owner, Customer) else 0,
        "reseller": owner.pk if isinstance(owner, Reseller) else 0,
        "is_vendor": is_vendor,
    }
    with connection.cursor() as cursor:
        cursor.execute(_VERIFIED_AROUND, params)
        found = set(cursor.fetchall())
    vendors = set() if is_vendor else set(settings.VENDOR_DOMAINS)
    # What was asked and has a verified one below it, and what is one and stands at or above what was asked.
    above = {name for name, where in found if where == "below"}.union(*(lineage(domain) for domain in vendors))
    held = {name for name, where in found if where == "at"} | vendors
    return {domain for domain, names in lineages.items() if names & held or domain in above}


def lock_domains(domains: Collection[str], *, exclusive: bool = False) -> None:
    """Wait until nobody changes whose these domains are, or one around them, and let nobody until the transaction ends.

    exclusive: also let nobody take addresses there. Domains at, above or below each other have their last two labels
    in common. Behind the lock of the organisation, in front of rows of domains.
    """
    if not domains:
        return
    suffix = "" if exclusive else "_shared"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT hashtext(name) %% %s AS key FROM unnest(%s::text[]) AS name ORDER BY key",
            [_LOCKS, [lineage(domain)[-1] for domain in domains]],
        )
        for (key,) in cursor.fetchall():
            cursor.execute(f"SELECT pg_advisory_xact_lock{suffix}(%s, %s)", [_NAMES, key])


def around(domain: str) -> Q:
    """Return the condition that a row stands at, above or below a canonical domain."""
    return Q(name__in=lineage(domain)) | Q(name__endswith=f".{domain}")


def addresses_at(owner: Organisation, domain: str) -> QuerySet[Address]:
    """Return the addresses that the people and groups of an organisation have at exactly this domain."""
    at = Address.objects.alias(domain=DOMAIN_OF_ADDRESS).filter(domain=domain)
    if isinstance(owner, Customer):
        return at.filter(Q(user__customer=owner) | Q(group__customer=owner))
    return at.filter(user__reseller=owner) if isinstance(owner, Reseller) else at.filter(user__is_vendor=True)


def some_addresses(owner: Organisation, domains: Collection[str], *, at_most: int) -> dict[str, int]:
    """Return how many addresses an organisation has at each domain; one that has more of them counts as `at_most`."""
    if isinstance(owner, Customer):
        owns = "(u.customer_id = %(owner)s OR g.customer_id = %(owner)s)"
    else:
        owns = "u.reseller_id = %(owner)s" if isinstance(owner, Reseller) else "u.is_vendor"
    params = {"domains": list(domains), "owner": None if owner is VENDOR else owner.pk, "most": at_most}
    with connection.cursor() as cursor:
        cursor.execute(_SOME_ADDRESSES.format(owns=owns), params)
        return dict(cursor.fetchall())


def addresses_of_each(rows: Iterable[Domain], *, at_most: int) -> dict[int, int]:
    """Return, by the ids of rows of any organisations, how many addresses each has there; more are `at_most`."""
    with connection.cursor() as cursor:
        cursor.execute(_ADDRESSES_OF_EACH, {"ids": [row.pk for row in rows], "most": at_most})
        return dict(cursor.fetchall())


def owner_of(row: Domain) -> Organisation:
    """Return whose a row is."""
    return row.customer or row.reseller or VENDOR


def name_of(owner: Organisation) -> str:
    """Return what an organisation is called."""
    return str(settings.VENDOR_NAME) if owner is VENDOR else owner.name


def addresses_around(domain: str) -> QuerySet[Address]:
    """Return the addresses at, above or below a canonical domain."""
    at = Q(email__endswith=f".{domain}")
    for name in lineage(domain):
        at |= Q(email__endswith=f"@{name}")
    return Address.objects.filter(at)


def holders_around(domain: str) -> list[str]:
    """Return in words who holds a domain, one around it, or addresses there: for operators, never for a reseller."""
    rows = Domain.objects.filter(around(domain), holds=True).select_related("customer", "reseller")
    found = [f"{name_of(owner_of(row))} ({row.name})" for row in rows.order_by("name", "pk")]
    if any(domain in lineage(vendors) or vendors in lineage(domain) for vendors in settings.VENDOR_DOMAINS):
        found.append(str(settings.VENDOR_NAME))
    addresses = addresses_around(domain).annotate(
        owner=Coalesce(
            "user__customer__name", "user__reseller__name", "group__customer__name", Value(settings.VENDOR_NAME)
        )
    )
    for owner_name, number in addresses.values_list("owner").annotate(number=Count("pk")).order_by("owner"):
        words = ngettext("%(owner)s (%(number)s address)", "%(owner)s (%(number)s addresses)", number)
        found.append(words % {"owner": owner_name, "number": number})
    return found
