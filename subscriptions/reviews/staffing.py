"""Lines about a reseller's staffing: which agents and teams work for which customers (P4, R22)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from functools import partial

from django.utils.functional import Promise

from accounts import staffing
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Customer, Team, User
from subscriptions.models import Review
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import by_agents
from subscriptions.reviews.kinds import Chosen, Kind

Unassign = Callable[[Actor, int, Collection[Customer]], None]


def _from_agent(actor: Actor, agent_id: int, customers: Collection[Customer]) -> None:
    if (agent := User.objects.filter(pk=agent_id).first()) is not None:
        staffing.unassign_customers_from_agent(actor=actor, agent=agent, customers=customers)


def _from_team(actor: Actor, team_id: int, customers: Collection[Customer]) -> None:
    if (team := Team.objects.filter(pk=team_id).first()) is not None:
        staffing.unassign_customers_from_team(actor=actor, team=team, customers=customers)


def _from_all(actor: Actor, team_id: int, _customers: Collection[Customer]) -> None:
    if (team := Team.objects.filter(pk=team_id).first()) is not None:
        staffing.unassign_all_customers(actor=actor, team=team)


def _carry_out(unassign: Unassign, actor: Actor, review: Review, chosen: Sequence[Chosen]) -> dict[int, Promise | str]:
    """End the work that is removed: one verb for each agent or team, in one order for everybody."""
    customers: dict[int, list[Customer]] = defaultdict(list)
    for one in chosen:
        if one.choice.decision == Decision.REMOVE:
            customers[one.line.about_id] += [one.line.customer] if one.line.customer else []
    refused: dict[int, Promise | str] = {}
    for about_id in sorted(customers):
        try:
            unassign(actor, about_id, customers[about_id])
        except Refused as error:  # a team that another person deletes at this instant
            refused |= {one.line.pk: error.message for one in chosen if one.line.about_id == about_id}
    return refused


_MEMBERS = """s.agent_id IN (
    SELECT ug.user_id FROM accounts_user_groups ug JOIN accounts_team t ON t.group_id = ug.group_id
    WHERE t.id = l.about_id)"""
KINDS = (
    Kind(
        LineKind.AGENT,
        lines="""
            SELECT u.id, a.customer_id, u.reseller_id, u.name, u.email, k.name, k.primary_domain,
                u.sort_name || chr(9) || u.email, k.sort_name
            FROM accounts_customeragent a JOIN accounts_user u ON u.id = a.user_id
            JOIN accounts_customer k ON k.id = a.customer_id
            WHERE u.reseller_id = v.reseller_id""",
        now="""SELECT '', NULL::timestamptz, 0 FROM accounts_customeragent a
            WHERE a.user_id = l.about_id AND a.customer_id = l.customer_id""",
        used=by_agents("s.agent_id = l.about_id"),
        carry_out=partial(_carry_out, _from_agent),
    ),
    Kind(
        LineKind.TEAM,
        lines="""
            SELECT t.id, a.customer_id, t.reseller_id, t.name, '', k.name, k.primary_domain, lower(t.name), k.sort_name
            FROM accounts_customerteam a JOIN accounts_team t ON t.group_id = a.group_id
            JOIN accounts_customer k ON k.id = a.customer_id
            WHERE t.reseller_id = v.reseller_id AND NOT t.works_for_all""",
        now="""SELECT '', NULL::timestamptz, 0 FROM accounts_customerteam a
            JOIN accounts_team t ON t.group_id = a.group_id
            WHERE t.id = l.about_id AND a.customer_id = l.customer_id""",
        used=by_agents(_MEMBERS),
        carry_out=partial(_carry_out, _from_team),
    ),
    Kind(
        LineKind.TEAM_FOR_ALL,
        lines="""
            SELECT t.id, NULL::bigint, t.reseller_id, t.name, '', '', '', lower(t.name), ''
            FROM accounts_team t WHERE t.reseller_id = v.reseller_id AND t.works_for_all""",
        now="""SELECT '', NULL::timestamptz, 0 FROM accounts_team t WHERE t.id = l.about_id AND t.works_for_all""",
        used=by_agents(_MEMBERS, at="TRUE"),
        carry_out=partial(_carry_out, _from_all),
    ),
)
