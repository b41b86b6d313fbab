"""A reseller's staff: its people and teams, and what its admins change about them (P4).

The page of one person or team, with whom they work for, is staff_customers.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import people
from accounts.models import Team, User
from accounts.names import isolated, person_named
from accounts.roles import Role
from web.guards import reseller_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.forms import StaffSearchForm, TeamForm


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_staff(request: ResellerRequest) -> HttpResponse:
    """List the people of this reseller with their roles and teams, 50 a page."""
    form = StaffSearchForm(request.GET)
    found = User.objects.filter(reseller=request.reseller).prefetch_related("role_assignments", "groups__team")
    if form.is_valid() and form.cleaned_data["q"]:
        found = found.filter(person_named(form.cleaned_data["q"]))
    page = page_of(request, found, "staff", by="sort_name")
    context = {
        "form": form,
        "search": request.GET.get("q", ""),
        "agents": page.rows,
        "pager": page.pager,
    }
    return render(request, "reseller/staff.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_teams(request: ResellerRequest) -> HttpResponse:
    """List the teams of this reseller, 50 a page, and create one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            name = form.cleaned_data["name"]
            team = staffing.create_team(actor=Actor.of(request), reseller=request.reseller, name=name)
            messages.success(request, _("The team %(team)s was created.") % {"team": isolated(team.name)})
            return redirect("reseller_team", team_id=team.pk)
    page = page_of(request, staffing.counted(Team.objects.filter(reseller=request.reseller)), "teams", by="name")
    context = {"form": form, "teams": page.rows, "pager": page.pager}
    return render(request, "reseller/staff_teams.html", context, status=422 if form.errors else 200)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_delete(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Delete a team; its members keep only what was assigned to them directly."""
    team = team_of(request, team_id)
    done = _("The team %(team)s was deleted.") % {"team": isolated(team.name)}
    _change(request, lambda actor: staffing.delete_team(actor=actor, team=team), done)
    return redirect("reseller_teams")


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_remove_member(request: ResellerRequest, team_id: int, agent_id: int) -> HttpResponse:
    """Take an agent out of a team."""
    team, agent = team_of(request, team_id), agent_of(request, agent_id)
    done = _("%(agent)s is not in the team any more.") % {"agent": isolated(agent.name)}
    _change(request, lambda actor: staffing.remove_member(actor=actor, team=team, agent=agent), done)
    return redirect("reseller_team", team_id=team_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_suspend(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Suspend one of the reseller's people (P8)."""
    agent = agent_of(request, agent_id)
    done = _("%(agent)s is suspended and signed out everywhere.") % {"agent": isolated(agent.name)}
    _change(request, lambda actor: people.suspend_user(actor=actor, person=agent), done)
    return redirect("reseller_agent", agent_id=agent_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_restore(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Restore a suspended person with the roles, teams and customers it had."""
    agent = agent_of(request, agent_id)
    done = _("%(agent)s can sign in again.") % {"agent": isolated(agent.name)}
    _change(request, lambda actor: people.unsuspend_user(actor=actor, person=agent), done)
    return redirect("reseller_agent", agent_id=agent_id)


def agent_of(request: ResellerRequest, agent_id: int) -> User:
    """Return one of this reseller's people; 404 for anybody else."""
    return get_object_or_404(User, reseller=request.reseller, pk=agent_id)


def team_of(request: ResellerRequest, team_id: int) -> Team:
    """Return one of this reseller's teams; 404 for any other."""
    return get_object_or_404(Team.objects.select_related("group"), reseller=request.reseller, pk=team_id)


def _change(request: ResellerRequest, verb: Callable[[Actor], Any], done: str) -> None:
    with told(request):
        verb(Actor.of(request))
        messages.success(request, done)
