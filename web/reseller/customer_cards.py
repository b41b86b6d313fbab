"""What the page of a customer says beside its access: who works for it, its cases, what was, and its tags (P4, R5)."""

from __future__ import annotations

from typing import Any

from accounts.audit_log import events_of_reseller, latest
from accounts.models.staffing import staff_of
from subscriptions.access.grouped import groups_of_customer, may_group, tags_of
from subscriptions.access.relation_history import history_of
from subscriptions.models import AccessGrant
from support.scope import cases_visible_to
from web.audit.lines import reseller_lines
from web.cases.area import Area, rows_of
from web.requests import ResellerRequest

# Cases and events shown; the lists of cases and of activity have them all.
RECENT = 5


def staffing_card(request: ResellerRequest, relation: AccessGrant) -> dict[str, Any]:
    """Return which agents and teams work for a customer."""
    agents, teams = staff_of(relation.customer, relation.reseller)
    return {"agents": agents, "teams": teams, "manages_staff": may_group(request.user)}


def cases_card(request: ResellerRequest, relation: AccessGrant) -> dict[str, Any]:
    """Return the latest cases of a customer that this reader may see at this instant (S6, S7)."""
    area = Area.reseller(request)
    cases = cases_visible_to(request.user).filter(customer=relation.customer_id)
    return {"cases": rows_of(area, cases.order_by("-updated_at", "-pk")[:RECENT])}


def history_card(request: ResellerRequest, relation: AccessGrant) -> dict[str, Any]:
    """Return since when the console was open, and what this reseller's people did there (A4)."""
    events = events_of_reseller(request.user).filter(customer_id=relation.customer_id)
    return {"history": history_of(relation), "lines": reseller_lines(latest(events, RECENT))}


def tags_card(request: ResellerRequest, relation: AccessGrant) -> dict[str, Any]:
    """Return a customer's tags and groups; for an admin every tag there is, with those that it has."""
    held = list(groups_of_customer(request.user, relation.customer_id))
    every = list(tags_of(request.user)) if may_group(request.user) else []
    return {"held": held, "held_ids": {one.pk for one in held}, "every_tag": every}
