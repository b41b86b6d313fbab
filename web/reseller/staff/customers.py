"""Which customers an agent or a team of a reseller works for: shown, assigned and unassigned (P4)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import staffing
from accounts.actor import Actor
from accounts.ids import is_id
from accounts.models import Customer
from accounts.models.staffing import ways_to
from accounts.roles import Role
from subscriptions.access.scope import relations_of
from web.guards import reseller_page
from web.lists.columns import Box, Rows
from web.lists.listing import Action, Bulk, Listing, counted
from web.lists.pages import page_of
from web.refusals import told
from web.requests import ResellerRequest
from web.reseller.staff.customers_list import ASSIGNED, AssignedFilter, AssignedRow
from web.reseller.staff.people import agent_of
from web.reseller.staff.teams import team_of


@dataclass(frozen=True, slots=True)
class Worker:
    """An agent or a team, as something that customers are assigned to.

    seen: the condition on relations that it works for the customer. ways: for customers, those listed for it itself,
    and the teams it has others by. has_all: it works for every customer, whatever is listed.
    """

    name: str
    page_url: str
    customers_url: str
    seen: Q
    ways: Callable[[Collection[int]], tuple[set[int], dict[int, list[str]]]]
    assign: Callable[[Actor, Collection[Customer]], int]
    unassign: Callable[[Actor, Collection[Customer]], int]
    has_all: bool = False


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
            staffing.works_for(agent),
            lambda ids: ways_to(agent, ids),
            lambda actor, found: staffing.assign_customers_to_agent(actor=actor, agent=agent, customers=found),
            lambda actor, found: staffing.unassign_customers_from_agent(actor=actor, agent=agent, customers=found),
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_customers(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Search the reseller's customers and assign them to a team, or unassign them."""
    team = team_of(request, team_id)
    held = staffing.customers_of_team(team)
    return _customers(
        request,
        Worker(
            team.name,
            reverse("reseller_team", kwargs={"team_id": team.pk}),
            reverse("reseller_team_customers", kwargs={"team_id": team.pk}),
            Q(customer__in=held),
            lambda ids: (set(held.filter(pk__in=ids).values_list("pk", flat=True)), {}),
            lambda actor, found: staffing.assign_customers_to_team(actor=actor, team=team, customers=found),
            lambda actor, found: staffing.unassign_customers_from_team(actor=actor, team=team, customers=found),
            has_all=team.works_for_all,
        ),
    )


def _customers(request: ResellerRequest, worker: Worker) -> HttpResponse:
    if request.method == "POST":
        return _save(request, worker)
    form = AssignedFilter(request.GET)
    relations = form.filtered(relations_of(request.user), worker.seen)
    name = f"customers to assign {form.chosen_order}"
    page = page_of(request, relations, name, by=form.page, size=ASSIGNED.size_for(request))
    direct, teams = worker.ways([relation.customer_id for relation in page.rows])
    rows = Rows(
        [AssignedRow(one, one.customer_id in direct, teams.get(one.customer_id, [])) for one in page.rows],
        title=lambda row: row.relation.customer_name,
        box=Box("customer", lambda row: row.relation.customer_id),
    )
    actions = [Action("assign", _("Assign")), Action("unassign", _("Unassign"), destroys=True)]
    bulk = Bulk(worker.customers_url, actions, is_done_at_once=True)
    total, order = counted(relations), form.chosen_order
    listing = Listing(request, ASSIGNED, form, rows, page.pager, total, order, bulk=bulk)
    return render(request, "reseller/staff_customers.html", {"worker": worker, "list": listing})


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
