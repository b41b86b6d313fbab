"""Which customers the agents and teams of a reseller work for: shown, assigned and unassigned (P4)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts import staffing
from accounts.actor import Actor
from accounts.directory.invitations import awaits_password
from accounts.domains import stored_part
from accounts.ids import is_id
from accounts.models import Customer, Team, User
from accounts.names import sort_key
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, Role
from subscriptions.access.scope import relations_of
from web.guards import reseller_page
from web.lists.pages import page_of
from web.refusals import told
from web.requests import ResellerRequest
from web.reseller.forms import AgentRolesForm, TeamForm, TeamMemberForm
from web.reseller.staff import agent_of, team_of


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent or a team, as something that customers are assigned to.

    seen: the customers it works for. ways: for customers, those assigned to it itself, and the teams it has others by.
    """

    name: str
    page_url: str
    customers_url: str
    seen: QuerySet[Customer]
    ways: Callable[[Collection[int]], tuple[set[int], dict[int, list[str]]]]
    assign: Callable[[Actor, Collection[Customer]], int]
    unassign: Callable[[Actor, Collection[Customer]], int]


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Show one of the reseller's people: roles, teams, and how many customers it sees and why."""
    agent = agent_of(request, agent_id)
    return agent_page(request, agent, AgentRolesForm(initial={"roles": sorted(agent.roles)}))


def agent_page(request: ResellerRequest, agent: User, form: AgentRolesForm) -> HttpResponse:
    """Return the page of one of the reseller's people with this form of roles on it."""
    relations = relations_of(request.user)
    total = relations.filter(customer__in=staffing.customers_of(agent)).count()
    direct = relations.filter(customer__in=staffing.customers_of_agent_itself(agent)).count()
    context = {
        "agent": agent,
        "form": form,
        "teams": staffing.teams_of(agent).order_by("name"),
        "awaits_password": awaits_password(agent),
        "sees_all": bool(agent.roles & ALL_CUSTOMERS_ROLES),
        "sees_assigned": bool(agent.roles & ASSIGNED_CUSTOMERS_ROLES),
        "total": total,
        "direct": direct,
        "through_teams": total - direct,
    }
    return render(request, "reseller/staff_agent.html", context, status=422 if form.errors else 200)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Show a team: its members, 50 a page, and how many customers it has."""
    return team_page(request, team_of(request, team_id))


def team_page(
    request: ResellerRequest, team: Team, *, rename: TeamForm | None = None, member: TeamMemberForm | None = None
) -> HttpResponse:
    """Return the page of a team; rename, member: what was typed into its forms and refused."""
    members = staffing.members_of(team).prefetch_related("role_assignments")
    page = page_of(request, members, "members of a team", by="sort_name")
    context = {
        "team": team,
        "form": rename or TeamForm(initial={"name": team.name}),
        "member_form": member or TeamMemberForm(),
        "members": page.rows,
        "pager": page.pager,
        "total": relations_of(request.user).filter(customer__in=staffing.customers_of_team(team)).count(),
    }
    return render(request, "reseller/staff_team.html", context, status=422 if rename or member else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_customers(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Search the reseller's customers and assign them to an agent, or unassign them."""
    agent = agent_of(request, agent_id)
    return _customers(
        request,
        Worker(
            agent.name,
            reverse("reseller_agent", kwargs={"agent_id": agent.pk}),
            reverse("reseller_agent_customers", kwargs={"agent_id": agent.pk}),
            staffing.customers_of(agent),
            lambda ids: staffing.ways_to(agent, ids),
            lambda actor, found: staffing.assign_customers_to_agent(actor=actor, agent=agent, customers=found),
            lambda actor, found: staffing.unassign_customers_from_agent(actor=actor, agent=agent, customers=found),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_customers(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Search the reseller's customers and assign them to a team, or unassign them."""
    team = team_of(request, team_id)
    return _customers(
        request,
        Worker(
            team.name,
            reverse("reseller_team", kwargs={"team_id": team.pk}),
            reverse("reseller_team_customers", kwargs={"team_id": team.pk}),
            (held := staffing.customers_of_team(team)),
            lambda ids: (set(held.filter(pk__in=ids).values_list("pk", flat=True)), {}),
            lambda actor, found: staffing.assign_customers_to_team(actor=actor, team=team, customers=found),
            lambda actor, found: staffing.unassign_customers_from_team(actor=actor, team=team, customers=found),
        ),
    )


def _customers(request: ResellerRequest, worker: Worker) -> HttpResponse:
    if request.method == "POST":
        return _save(request, worker)
    relations, search = relations_of(request.user), request.GET.get("q", "").replace("\x00", "")[:253]
    if search:
        relations = relations.filter(
            Q(customer_sort_name__contains=sort_key(search)) | Q(customer_domain__contains=stored_part(search))
        )
    only_assigned = request.GET.get("show") == "assigned"
    if only_assigned:
        relations = relations.filter(customer__in=worker.seen)
    page = page_of(request, relations, "customers to assign", by="customer_sort_name")
    direct, teams = worker.ways([relation.customer_id for relation in page.rows])
    context = {
        "worker": worker,
        "search": search,
        "only_assigned": only_assigned,
        "rows": [(r, r.customer_id in direct, teams.get(r.customer_id, [])) for r in page.rows],
        "pager": page.pager,
    }
    return render(request, "reseller/staff_customers.html", context)


@transaction.atomic
def _save(request: ResellerRequest, worker: Worker) -> HttpResponse:
    customers = _chosen(request)
    with told(request):
        if request.POST.get("action") == "unassign":
            number = worker.unassign(Actor.of(request), customers)
            done = ngettext("%(number)s customer was unassigned.", "%(number)s customers were unassigned.", number)
        else:
            number = worker.assign(Actor.of(request), customers)
            done = ngettext("%(number)s customer was assigned.", "%(number)s customers were assigned.", number)
        if customers:
            messages.success(request, done % {"number": number})
        else:
            messages.warning(request, _("Choose at least one customer."))
    return redirect(worker.customers_url)


def _chosen(request: ResellerRequest) -> list[Customer]:
    """Return the chosen customers out of the scope of the admin; 404 where one is not in it.

    Their relations are locked: one that ends at this instant ends before, or takes what is assigned now along.
    """
    typed = set(request.POST.getlist("customer"))
    if not all(map(is_id, typed)):
        raise Http404
    relations = relations_of(request.user).filter(customer__in=[int(text) for text in typed])
    locked = relations.select_related("customer").select_for_update(of=("self",), no_key=True).order_by("pk")
    found = [relation.customer for relation in locked]
    if len(found) != len(typed):
        raise Http404
    return found
