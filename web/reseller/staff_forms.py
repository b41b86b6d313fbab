"""The forms on the pages of a reseller's people and teams, each with a URL of its own (P4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import people
from accounts.directory.addresses import person_at
from accounts.names import isolated
from accounts.roles import Role
from web.guards import reseller_page
from web.refusals import shown_on
from web.requests import ResellerRequest
from web.reseller.forms import AgentRolesForm, TeamForm, TeamMemberForm
from web.reseller.staff import agent_of, team_of
from web.reseller.staff_customers import agent_page, team_page
from web.unsaved import comes_back


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_rename(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Give a team another name."""
    team, form = team_of(request, team_id), TeamForm(request.POST)
    if request.method == "POST" and not _changed(
        request, form, lambda actor: staffing.rename_team(actor=actor, team=team, name=form.cleaned_data["name"])
    ):
        return team_page(request, team, rename=form)
    if request.method == "POST":
        messages.success(request, _("The team was renamed."))
    return redirect("reseller_team", team_id=team_id)


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_add_member(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Put an agent into a team, named by its e-mail address."""
    team, form = team_of(request, team_id), TeamMemberForm(request.POST)
    if request.method != "POST":
        return redirect("reseller_team", team_id=team_id)
    agent = person_at(form.cleaned_data["email"], request.reseller) if form.is_valid() else None
    if form.is_valid() and agent is None:
        form.add_error("email", _("Nobody in your organisation has this e-mail address."))
    if agent is None or not _changed(
        request, form, lambda actor: staffing.add_member(actor=actor, team=team, agent=agent)
    ):
        return team_page(request, team, member=form)
    messages.success(request, _("%(agent)s is in the team.") % {"agent": isolated(agent.name)})
    return redirect("reseller_team", team_id=team_id)


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_roles(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Give and take reseller roles as the boxes say (P4)."""
    agent, form = agent_of(request, agent_id), AgentRolesForm(request.POST)

    def change(actor: Actor) -> None:
        people.change_roles(actor=actor, person=agent, roles=frozenset(map(Role, form.cleaned_data["roles"])))

    if request.method == "POST" and not _changed(request, form, change):
        return agent_page(request, agent, form)
    if request.method == "POST":
        messages.success(request, _("The roles of %(agent)s were saved.") % {"agent": isolated(agent.name)})
    return redirect("reseller_agent", agent_id=agent_id)


def _changed(request: ResellerRequest, form: forms.Form, verb: Callable[[Actor], Any]) -> bool:
    """Do what a form asks; where that is refused the form says why."""
    if not form.is_valid():
        return False
    with shown_on(form):
        verb(Actor.of(request))
    return not form.errors
