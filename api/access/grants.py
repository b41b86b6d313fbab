"""resellerAccess.grants: what is open and what was saved; taking away and narrowing, which work by themselves (R8)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.clock import database_now
from accounts.errors import Refused
from accounts.models import Customer
from accounts.permissions import Permission
from api.access import shown
from api.access.places import ALL, is_reseller, own_customer, relation, relations
from api.core.call import Call
from api.core.errors import ConditionNotMet, NotFound
from api.core.methods import serves
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import remove_now, save_reseller_access
from subscriptions.access.errors import AccessRefused
from subscriptions.access.extent import off_where_over
from subscriptions.access.relation_status import RelationAccess, access_at, with_opening
from subscriptions.models import AccessGrant


def live_grants(customer: Customer) -> QuerySet[Any]:
    """Return what a customer decides about: every live relation, and the subscriptions that were opened in it."""
    consoles = AccessGrant.objects.filter(customer=customer, subscription=None, ended_at=None)
    in_one = Exists(consoles.filter(reseller=OuterRef("reseller")))
    grants = AccessGrant.objects.filter(customer=customer)
    found = grants.filter(Q(subscription=None, ended_at=None) | Q(in_one, subscription__isnull=False))
    return with_opening(found).select_related("customer", "reseller", "subscription__sku")


def grant_id(grant: AccessGrant) -> str:
    """Return how a grant is called: by its reseller, and the subscription."""
    own = f"-{grant.subscription.public_id}" if grant.subscription else ""
    return f"{grant.reseller.public_id}{own}"


def named_grant(call: Call, customer: Customer, key: str, what: str = "id") -> AccessGrant:
    """Return the grant of a customer with this name. Raises NotFound."""
    reseller, _dash, subscription = key.partition("-")
    found = live_grants(customer).filter(reseller__public_id=reseller)
    found = found.filter(subscription__public_id=subscription) if subscription else found.filter(subscription=None)
    grant: AccessGrant | None = found.first()
    if grant is None:
        raise NotFound(what)
    off_where_over([grant], database_now())
    return grant


@serves("resellerAccess.grants.list")
def list_(call: Call) -> dict[str, Any]:
    """List what is open and what was saved; a reseller sees whether it has access (R5)."""
    if not is_reseller(call):
        rows = live_grants(own_customer(call, Permission.VIEW_RESELLER_ACCESS))
        return shown.listed(call, rows, "grants", _showing(_for_customer), descending=False)
    found = relations(call) if call.params["customer"] == ALL else relations(call).filter(pk=relation(call).pk)
    return shown.listed(call, with_opening(found), "grants", _showing(_for_reseller), descending=False)


@serves("resellerAccess.grants.get")
def get(call: Call) -> dict[str, Any]:
    """Return one grant."""
    if not is_reseller(call):
        return _again(call, own_customer(call, Permission.VIEW_RESELLER_ACCESS))
    found = with_opening(relations(call).filter(pk=relation(call).pk)).get()
    if call.params["id"] != grant_id(found):
        raise NotFound("id")
    return _for_reseller(found, database_now())


@serves("resellerAccess.grants.remove")
def remove(call: Call) -> dict[str, Any]:
    """Take access away, within the time of propagation or at this instant (R8)."""
    customer = own_customer(call, Permission.CHANGE_RESELLER_ACCESS)
    grant = named_grant(call, customer, call.params["id"])
    if call.params["now"]:
        remove_now(
            actor=call.actor,
            customer=customer,
            reseller_id=grant.reseller_id,
            subscription_id=grant.subscription_id,
        )
    else:
        _save(call, customer, Desired(grant.reseller_id, grant.subscription_id, False, grant.generation))
    return _again(call, customer)


@serves("resellerAccess.grants.narrow")
def narrow(call: Call) -> dict[str, Any]:
    """Leave a console open less far. What would give anything needs a fresh proof, which no machine has (P13)."""
    customer = own_customer(call, Permission.CHANGE_RESELLER_ACCESS)
    grant = named_grant(call, customer, call.params["id"])
    if grant.subscription_id is not None or not grant.allowed:
        raise ConditionNotMet("Only a console that is open can be narrowed.")
    present = {"level": grant.level, "standing": grant.standing}
    extent = shown.extent_of({**present, **call.body})
    if "durationHours" not in call.body:
        extent = type(extent)(extent.level, grant.ends_at, standing=extent.standing)
    _save(
        call,
        customer,
        Desired(grant.reseller_id, None, True, call.body.get("generation", grant.generation), extent),
    )
    return _again(call, customer)


def _save(call: Call, customer: Customer, box: Desired) -> None:
    try:
        saved = save_reseller_access(actor=call.actor, customer=customer, desired=[box])
    except AccessRefused as refused:
        raise Refused(refused.message) from refused
    if saved.conflicts:
        raise ConditionNotMet("This access was changed meanwhile. Read it again.")


def _again(call: Call, customer: Customer) -> dict[str, Any]:
    return _for_customer(named_grant(call, customer, call.params["id"]), database_now())


def _showing(show: Any) -> Any:
    """Return what shows each row of a page at the same moment."""
    now = database_now()
    return lambda grant: show(grant, now)


def _for_customer(grant: Any, now: datetime) -> dict[str, Any]:
    off_where_over([grant], now)
    saved = {"allowed": grant.allowed, "generation": grant.generation, "basis": grant.basis}
    if grant.subscription_id is None:
        saved |= {"level": grant.level.upper(), "standing": grant.standing.upper()}
    end = shown.without_nothing(endTime=shown.moment(grant.ends_at))
    return {**_named(grant), **saved, **end, **_state(access_at(grant, now), grant)}


def _for_reseller(grant: Any, now: datetime) -> dict[str, Any]:
    return {**_named(grant), **_state(access_at(grant, now), grant)}


def _named(grant: AccessGrant) -> dict[str, Any]:
    bought = grant.subscription
    return {
        "kind": "resellerAccess#grant",
        "id": grant_id(grant),
        "customer": shown.shown_customer(grant.customer),
        "reseller": shown.shown_reseller(grant.reseller),
        **({"subscriptionId": bought.public_id, "skuName": bought.sku.name} if bought else {}),
    }


def _state(access: RelationAccess, grant: AccessGrant) -> dict[str, Any]:
    level = access.level.upper() if access.is_in_force and grant.subscription_id is None else None
    return shown.without_nothing(
        state=str(access.state),
        openSince=shown.moment(access.since),
        openLevel=level,
        closeTime=shown.moment(access.closes_at or access.ends_at),
    )
