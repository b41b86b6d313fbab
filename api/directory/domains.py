"""directory.domains and directory.domainAliases: the domains of a customer (P9).

An alias belongs to the organisation here, and not to one of its domains: the primary one stands for it.
"""

from __future__ import annotations

from typing import Any

from accounts.domain_holders import rows_of
from accounts.models import Customer, Domain
from accounts.models.domains import DomainKind
from accounts.own_domains.adding import add_domain
from accounts.own_domains.removing import remove_domain
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import Invalid, NotFound
from api.core.methods import serves
from api.door.consoles import console


@serves("directory.domains.list")
def list_domains(call: Call) -> dict[str, Any]:
    """List the domains of a customer, the primary one in front."""
    customer = console(call, call.params["customer"], Permission.VIEW_DOMAINS)
    rows = list(rows_of(customer).order_by("name"))
    aliases = [row for row in rows if row.kind == DomainKind.ALIAS]
    own = sorted((row for row in rows if row.kind != DomainKind.ALIAS), key=lambda row: row.kind != DomainKind.PRIMARY)
    return {"kind": "admin#directory#domains", "domains": [_domain(customer, row, aliases) for row in own]}


@serves("directory.domains.get")
def get_domain(call: Call) -> dict[str, Any]:
    """Show one domain of a customer."""
    customer, row = _named(call, Permission.VIEW_DOMAINS, "domainName")
    return _domain(customer, row, list(rows_of(customer).filter(kind=DomainKind.ALIAS).order_by("name")))


@serves("directory.domains.insert")
def insert_domain(call: Call) -> dict[str, Any]:
    """Add a domain, which is to be verified by a TXT record."""
    customer = console(call, call.params["customer"], Permission.MANAGE_DOMAINS)
    return _domain(customer, add_domain(actor=call.actor, organisation=customer, name=call.body["domainName"]), [])


@serves("directory.domains.delete")
def delete_domain(call: Call) -> None:
    """Remove a domain at which nobody has an address any more."""
    _customer, row = _named(call, Permission.MANAGE_DOMAINS, "domainName")
    remove_domain(actor=call.actor, domain=row)


@serves("directory.domainAliases.list")
def list_aliases(call: Call) -> dict[str, Any]:
    """List the aliases among the domains of a customer; none of another parent than the primary domain."""
    customer = console(call, call.params["customer"], Permission.VIEW_DOMAINS)
    rows = rows_of(customer).filter(kind=DomainKind.ALIAS).order_by("name")
    parent = call.params.get("parentDomainName", "").lower()
    found = [_alias(customer, row) for row in rows] if parent in ("", customer.primary_domain) else []
    return {"kind": "admin#directory#domainAliases", **({"domainAliases": found} if found else {})}


@serves("directory.domainAliases.get")
def get_alias(call: Call) -> dict[str, Any]:
    """Show one alias among the domains of a customer."""
    return _alias(*_named(call, Permission.VIEW_DOMAINS, "domainAliasName"))


@serves("directory.domainAliases.insert")
def insert_alias(call: Call) -> dict[str, Any]:
    """Add an alias, which is to be verified by a TXT record."""
    customer = console(call, call.params["customer"], Permission.MANAGE_DOMAINS)
    if call.body.get("parentDomainName", customer.primary_domain).lower() != customer.primary_domain:
        raise Invalid("parentDomainName")
    name = call.body.get("domainAliasName", "")
    return _alias(customer, add_domain(actor=call.actor, organisation=customer, name=name, kind=DomainKind.ALIAS))


@serves("directory.domainAliases.delete")
def delete_alias(call: Call) -> None:
    """Remove an alias."""
    _customer, row = _named(call, Permission.MANAGE_DOMAINS, "domainAliasName")
    remove_domain(actor=call.actor, domain=row)


def _named(call: Call, permission: Permission, what: str) -> tuple[Customer, Domain]:
    """Return the domain, or the alias, that a call names. Raises NotFound where the customer has none."""
    customer = console(call, call.params["customer"], permission)
    is_alias = what == "domainAliasName"
    row = rows_of(customer).filter(name=call.params[what].lower()).first()
    if row is None or (row.kind == DomainKind.ALIAS) != is_alias:
        raise NotFound(what)
    return customer, row


def _domain(customer: Customer, row: Domain, aliases: list[Domain]) -> dict[str, Any]:
    is_primary = row.kind == DomainKind.PRIMARY
    resource: dict[str, Any] = {
        "kind": "admin#directory#domain",
        "domainName": row.name,
        "isPrimary": is_primary,
        "verified": row.is_verified,
        "creationTime": _milliseconds(row),
    }
    if is_primary and aliases:
        resource["domainAliases"] = [_alias(customer, alias) for alias in aliases]
    return resource


def _alias(customer: Customer, row: Domain) -> dict[str, Any]:
    return {
        "kind": "admin#directory#domainAlias",
        "domainAliasName": row.name,
        "parentDomainName": customer.primary_domain,
        "verified": row.is_verified,
        "creationTime": _milliseconds(row),
    }


def _milliseconds(row: Domain) -> str:
    """Return when a domain was added, as the original writes it here: milliseconds since 1970, as text."""
    return str(int(row.added_at.timestamp() * 1000))
