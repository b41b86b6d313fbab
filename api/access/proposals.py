"""resellerAccess.proposals: what gives waits for a super admin, who approves it in the console (X1, R21)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from accounts.links import address_of
from accounts.models import Customer, Proposal, Reseller
from accounts.permissions import Permission
from accounts.two_people.reading import proposals_of
from api.access import shown
from api.access.places import one, own_customer
from api.core.call import Call
from api.core.errors import Invalid
from api.core.methods import serves
from subscriptions.access.boxes_waiting import extent_of
from subscriptions.access.by_machine import propose_access, propose_approval
from subscriptions.access.comparison import Desired
from subscriptions.access.overview import overview_of
from subscriptions.models import Subscription

_MOST = 50


@serves("resellerAccess.proposals.list")
def list_(call: Call) -> dict[str, Any]:
    """List the proposals, the newest first."""
    customer = own_customer(call, Permission.VIEW_RESELLER_ACCESS)
    names = _Names.of(customer)
    return shown.listed(call, proposals_of(customer), "proposals", lambda proposal: _shown(proposal, customer, names))


@serves("resellerAccess.proposals.get")
def get(call: Call) -> dict[str, Any]:
    """Return one proposal."""
    customer = own_customer(call, Permission.VIEW_RESELLER_ACCESS)
    return _shown(one(proposals_of(customer), call), customer, _Names.of(customer))


@serves("resellerAccess.proposals.create")
def create(call: Call) -> dict[str, Any]:
    """Propose to give access, or to approve a request as it was asked."""
    customer = own_customer(call, Permission.CHANGE_RESELLER_ACCESS)
    grants, request = call.body.get("grants", []), call.body.get("requestId", "")
    if bool(grants) == bool(request) or len(grants) > _MOST:
        raise Invalid("grants", "Send either grants, at most 50, or a requestId.")
    if request:
        if not (request.isascii() and request.isdigit()) or len(request) > 18:
            raise Invalid("requestId")
        made = propose_approval(actor=call.actor, customer=customer, request_id=int(request))
    else:
        boxes, agreed = _boxes(customer, grants)
        made = propose_access(actor=call.actor, customer=customer, desired=boxes, agreed=agreed)
    return _shown(proposals_of(customer).get(pk=made.pk), customer, _Names.of(customer))


def _boxes(customer: Customer, grants: list[dict[str, Any]]) -> tuple[list[Desired], list[int]]:
    """Return the boxes that are to be ticked, as they are now. Raises Invalid for one that the page does not have."""
    shown_now = {
        (box.reseller.public_id, box.subscription.public_id if box.subscription else ""): box
        for box in overview_of(customer).boxes.values()
    }
    boxes, agreed = [], []
    for grant in grants:
        box = shown_now.get((grant.get("resellerId", ""), grant.get("subscriptionId", "")))
        if box is None:
            raise Invalid("grants")
        reseller, subscription = box.key
        extent = shown.extent_of(grant) if subscription is None else None
        boxes.append(Desired(reseller, subscription, True, box.grant.generation if box.grant else 0, extent))
        agreed += [reseller] if grant.get("resellerAgreed") else []
    if len({box.key for box in boxes}) < len(boxes):
        raise Invalid("grants")
    return boxes, agreed


@dataclass(frozen=True, slots=True)
class _Names:
    """How the resellers and the subscriptions of a customer are called, by their keys."""

    resellers: dict[int, str]
    subscriptions: dict[int, str]

    @classmethod
    def of(cls, customer: Customer) -> Self:
        own = Reseller.objects.filter(access_grants__customer=customer)
        bought = Subscription.objects.filter(customer=customer, reseller=None)
        return cls(dict(own.values_list("pk", "public_id")), dict(bought.values_list("pk", "public_id")))


def _shown(proposal: Proposal, customer: Customer, names: _Names) -> dict[str, Any]:
    return shown.without_nothing(
        kind="resellerAccess#proposal",
        id=str(proposal.pk),
        proposal=proposal.kind,
        subject=proposal.subject,
        proposedBy=proposal.author_email,
        createTime=shown.moment(proposal.made_at),
        expireTime=shown.moment(proposal.expires_at),
        status=str(proposal.status_now),
        answeredBy=proposal.answered_by_email,
        answerTime=shown.moment(proposal.answered_at),
        answer=proposal.answer,
        consoleUrl=address_of("proposal", domain=customer.primary_domain, proposal_id=proposal.pk),
        **_said(proposal, names),
    )


def _said(proposal: Proposal, names: _Names) -> dict[str, Any]:
    """Return what a proposal would give, as it was sent; nothing of those that are about other things."""
    said = proposal.said
    if "request" in said:
        return {"requestId": str(said["request"])}
    return {"grants": [_box(box, names) for box in said["boxes"]]} if "boxes" in said else {}


def _box(box: dict[str, Any], names: _Names) -> dict[str, Any]:
    extent = extent_of(box["extent"]) if box["extent"] else None
    return shown.without_nothing(
        resellerId=names.resellers.get(box["reseller"]),
        subscriptionId=names.subscriptions.get(box["subscription"]),
        level=extent.level.upper() if extent else None,
        standing=extent.standing.upper() if extent else None,
        durationHours=shown.hours(extent.lasts) if extent else None,
    )
