"""What is asked of each method, as a template; and the ids that fill it, of a tenant or of nothing that there is."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from api.core.documents import Endpoint, endpoints
from api.directory.role_assignments import _id as assignment_id
from tests.contract.world import Tenant

Ids = Mapping[str, str]
# Of methods that two documents have (v2 and v2beta) the first path is called.
ENDPOINTS: Mapping[str, Endpoint] = {
    each.id: each
    for each in reversed(endpoints())
    if not each.path.startswith("resumable/") and ("mediaUpload" not in each.content or each.is_upload)
}


@dataclass(frozen=True, slots=True)
class Ask:
    """One call of a method, with `{user}` and other ids in the texts.

    params: of path and query. body: as JSON; a text is sent as it is, as a file. before: what makes room for it.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    before: Callable[[Tenant], object] | None = None


def ask(body: Any = None, /, **params: Any) -> Ask:
    """Say what is asked. params: `alt` and others by their own names; with __ for a dot."""
    return Ask({name.replace("__", "."): value for name, value in params.items()}, body)


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it is sent."""

    method: str
    path: str
    body: bytes
    kind: str


def request_of(method_id: str, asked: Ask, ids: Ids) -> Request:
    """Return a call with these ids in the places of the templates."""
    endpoint = ENDPOINTS[method_id]
    params = {name: _filled(value, ids) for name, value in asked.params.items()}
    path, in_query = f"/{endpoint.path}", {}
    for name, value in params.items():
        for place, safe in ((f"{{{name}}}", ""), (f"{{+{name}}}", "/:")):
            path = path.replace(place, quote(str(value), safe=safe))
        if f"{{{name}}}" not in endpoint.path and f"{{+{name}}}" not in endpoint.path:
            in_query[name] = value
    body = _filled(asked.body, ids)
    is_file = isinstance(body, str)
    raw = body.encode() if is_file else json.dumps(body).encode() if body is not None else b""
    return Request(
        endpoint.http_method,
        path + (f"?{urlencode(in_query)}" if in_query else ""),
        raw,
        "text/plain" if is_file else "application/json",
    )


def _filled(value: Any, ids: Ids) -> Any:
    if isinstance(value, str):
        return value.format_map(ids)
    if isinstance(value, dict):
        return {name: _filled(each, ids) for name, each in value.items()}
    return [_filled(each, ids) for each in value] if isinstance(value, list) else value


def ids_of(tenant: Tenant) -> dict[str, str]:
    """Return how a client calls what a tenant has: its furnished rows, and those of furnish() in world.py."""
    rows, customer = tenant.rows, tenant.customer
    customer.refresh_from_db()
    for row in (*rows.values(), *tenant.people.values(), tenant.sold, tenant.reseller):
        if hasattr(row, "refresh_from_db"):
            row.refresh_from_db()
    holder, team = rows["licence"].user, rows["team"]
    case = f"organizations/{customer.organization_number}/cases/{tenant.case.pk}"
    [held] = tenant.people["help desk admin"].role_assignments.all()
    return {
        "customer": customer.customer_id,
        "domain": tenant.domain,
        "organization": f"organizations/{customer.organization_number}",
        "case": case,
        "file": f"{case}/attachments/{tenant.file.pk}",
        "comment": f"{case}/comments/1",
        "user": rows["person"].public_id,
        "email": rows["person"].email,
        "alias": f"alias.{customer.name.lower()}@{tenant.domain}",
        "deleted": rows["deleted person"].public_id,
        "holder": holder.public_id,
        "second_admin": rows["second admin"].public_id,
        "group": team.public_id,
        "group_alias": f"crew@{tenant.domain}",
        "member": tenant.people["no role"].public_id,
        "unit": rows["Sales"].public_id,
        "empty_unit": rows["Archive"].public_id,
        "chromebook": rows["device"].public_id,
        "telephone": rows["telephone"].public_id,
        "assignment": assignment_id(held),
        "secondary": rows["added domain"].name,
        "domain_alias": rows["domain alias"].name,
        "sold": tenant.sold.public_id,
        "trial": rows["trial"].public_id,
        "annual": rows["annual"].public_id,
        "paused": rows["paused"].public_id,
        "reseller": tenant.reseller.public_id,
        "reseller_account": rows["reseller_account"].email,
        "registered_account": rows["registered account"].email,
        "grant": tenant.reseller.public_id,
        "change": f"{tenant.reseller.public_id}.1",
        "request": str(rows["access request"].pk),
        "activation": str(rows["activation"].pk),
        "proposal": str(rows["proposal"].pk),
        "visit": str(rows["open visit"].pk),
        "review": str(rows["review of access"].pk),
        "channel": f"channel-{customer.customer_id}",
        "channel_resource": rows["channel"].resource_id,
    }


# Ids of the same form as those of a tenant, of nothing that there is.
NOTHING: Ids = {
    "customer": "C0nothing",
    "domain": "nothing.example",
    "organization": "organizations/999999999999",
    "case": "organizations/999999999999/cases/999999",
    "file": "organizations/999999999999/cases/999999/attachments/00000000-0000-4000-8000-000000000000",
    "comment": "organizations/999999999999/cases/999999/comments/1",
    "email": "person@nothing.example",
    "alias": "alias@nothing.example",
    "group_alias": "crew@nothing.example",
    "secondary": "added-nothing.example",
    "domain_alias": "alias-nothing.example",
    "unit": "03zzzzzzzzzzzzz",
    "empty_unit": "03zzzzzzzzzzzzz",
    "group": "01zzzzzzzzzzzzz",
    "chromebook": "00000000-0000-4000-8000-000000000000",
    "telephone": "00000000-0000-4000-8000-000000000000",
    "reseller": "N0TH1NGN0TH1NG00",
    "grant": "N0TH1NGN0TH1NG00",
    "change": "N0TH1NGN0TH1NG00.1",
    "reseller_account": "nothing@nothing.iam.serviceaccount.internal",
    "registered_account": "nothing@nothing.iam.serviceaccount.internal",
    "channel": "channel-C0nothing",
    "channel_resource": "nothing",
    **dict.fromkeys(("user", "deleted", "holder", "second_admin", "member"), "100000000000000000000"),
    **dict.fromkeys(("sold", "trial", "annual", "paused"), "nothing0"),
    **dict.fromkeys(("assignment", "request", "activation", "proposal", "visit", "review"), "999999999"),
}
# What names an organisation, beside what it has.
NAMES_OF_CUSTOMERS = ("customer", "domain", "organization")
