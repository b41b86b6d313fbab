"""A reseller's people: the list, one of them with their roles, and what its admins change about them (P4, P11)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import invitations, people
from accounts.models import User
from accounts.names import isolated, person_named
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, Role
from subscriptions.access.scope import relations_of
from web.guards import reseller_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.forms import AgentRolesForm, NewAgentForm, StaffSearchForm
from web.unsaved import comes_back


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_staff(request: ResellerRequest) -> HttpResponse:
    """List the people of this reseller with their roles and teams, 50 a page."""
    form = StaffSearchForm(request.GET)
    found = User.objects.filter(reseller=request.reseller).prefetch_related("role_assignments", "groups__team")
    if form.is_valid() and form.cleaned_data["q"]:
        found = found.filter(person_named(form.cleaned_data["q"]))
    page = page_of(request, found, "staff", by="sort_name")
    context = {"form": form, "search": request.GET.get("q", ""), "agents": page.rows, "pager": page.pager}
    return render(request, "reseller/staff.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_new(request: ResellerRequest) -> HttpResponse:
    """Add a person to the reseller's people, with roles, and send them an invitation."""
    form = NewAgentForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            person = people.create_user(
                actor=Actor.of(request), organisation=request.reseller, invite=True, **form.cleaned_data
            )
            messages.success(request, _("%(person)s was invited.") % {"person": isolated(person.name)})
            return redirect("reseller_agent", agent_id=person.pk)
    return render(request, "reseller/staff_new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Show one of the reseller's people: roles, teams, and how many customers they see and why."""
    agent = agent_of(request, agent_id)
    return _agent_page(request, agent, AgentRolesForm(initial={"roles": sorted(agent.roles)}))


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_roles(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Give and take reseller roles as the boxes say (P4)."""
    agent, form = agent_of(request, agent_id), AgentRolesForm(request.POST)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            people.change_roles(actor=Actor.of(request), person=agent, roles=frozenset(form.cleaned_data["roles"]))
            messages.success(request, _("The roles of %(agent)s were saved.") % {"agent": isolated(agent.name)})
    if request.method == "POST" and form.errors:
        return _agent_page(request, agent, form)
    return redirect("reseller_agent", agent_id=agent_id)


def _agent_page(request: ResellerRequest, agent: User, form: AgentRolesForm) -> HttpResponse:
    relations = relations_of(request.user)
    total = relations.filter(customer__in=staffing.customers_of(agent)).count()
    direct = relations.filter(customer__in=staffing.customers_of_agent_itself(agent)).count()
    context = {
        "agent": agent,
        "form": form,
        "teams": staffing.teams_of(agent).order_by("name"),
        "awaits_password": invitations.awaits_password(agent),
        "sees_all": bool(agent.roles & ALL_CUSTOMERS_ROLES),
        "sees_assigned": bool(agent.roles & ASSIGNED_CUSTOMERS_ROLES),
        "total": total,
        "direct": direct,
        "through_teams": total - direct,
    }
    return render(request, "reseller/staff_agent.html", context, status=422 if form.errors else 200)


def _button(verb: Callable[..., object], done: Promise) -> Callable[..., HttpResponseBase]:
    """Return the page that a button posts to, which does one thing to an agent and then says what was done."""

    @require_POST
    @reseller_page(Role.RESELLER_ADMIN)
    def page(request: ResellerRequest, agent_id: int) -> HttpResponse:
        agent = agent_of(request, agent_id)
        with told(request):
            verb(actor=Actor.of(request), person=agent)
            messages.success(request, done % {"person": isolated(agent.name)})
        return redirect("reseller_agent", agent_id=agent_id)

    return page


reseller_agent_invite = _button(invitations.invite_user, _("The invitation for %(person)s is on its way."))
reseller_agent_suspend = _button(people.suspend_user, _("%(person)s is suspended and signed out everywhere."))
# With the roles, teams and customers they had.
reseller_agent_restore = _button(people.unsuspend_user, _("%(person)s can sign in again."))


def agent_of(request: ResellerRequest, agent_id: int) -> User:
    """Return one of this reseller's people; 404 for anybody else."""
    return get_object_or_404(User, reseller=request.reseller, pk=agent_id)
