"""A reseller's teams: the list, one of them with its members, and what admins change about them (P4)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import staffing
from accounts.actor import Actor
from accounts.directory.addresses import person_at
from accounts.models import Team
from accounts.models.staffing import counted
from accounts.names import isolated
from accounts.roles import Role
from subscriptions.access.scope import relations_of
from web.guards import reseller_page
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.staff.forms import TeamForm, TeamMemberForm
from web.reseller.staff.people import agent_of
from web.unsaved import comes_back


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
    page = page_of(request, counted(Team.objects.filter(reseller=request.reseller)), "teams", by="name")
    context = {"form": form, "teams": page.rows, "pager": page.pager}
    return render(request, "reseller/staff_teams.html", context, status=422 if form.errors else 200)


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Show a team: its members, 50 a page, and how many customers it has."""
    return _team_page(request, team_of(request, team_id))


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_rename(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Give a team another name."""
    team, form = team_of(request, team_id), TeamForm(request.POST)
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            staffing.rename_team(actor=Actor.of(request), team=team, name=form.cleaned_data["name"])
            messages.success(request, _("The team was renamed."))
    if request.method == "POST" and form.errors:
        return _team_page(request, team, rename=form)
    return redirect("reseller_team", team_id=team_id)


@comes_back
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_add_member(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Put an agent into a team, named by their e-mail address."""
    team, form = team_of(request, team_id), TeamMemberForm(request.POST)
    if request.method != "POST":
        return redirect("reseller_team", team_id=team_id)
    if form.is_valid():
        agent = person_at(form.cleaned_data["email"], request.reseller)
        if agent is None:
            form.add_error("email", _("Nobody in your organisation has this e-mail address."))
        else:
            with shown_on(form):
                staffing.add_member(actor=Actor.of(request), team=team, agent=agent)
                messages.success(request, _("%(agent)s is in the team.") % {"agent": isolated(agent.name)})
                return redirect("reseller_team", team_id=team_id)
    return _team_page(request, team, member=form)


def _team_page(
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
        "listed": relations_of(request.user).filter(customer__in=staffing.customers_of_team(team)).count(),
    }
    return render(request, "reseller/staff_team.html", context, status=422 if rename or member else 200)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_remove_member(request: ResellerRequest, team_id: int, agent_id: int) -> HttpResponse:
    """Take an agent out of a team."""
    team, agent = team_of(request, team_id), agent_of(request, agent_id)
    with told(request):
        staffing.remove_member(actor=Actor.of(request), team=team, agent=agent)
        messages.success(request, _("%(agent)s is not in the team any more.") % {"agent": isolated(agent.name)})
    return redirect("reseller_team", team_id=team_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_for_all(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Let a team work for all customers, or for the listed ones only."""
    team = team_of(request, team_id)
    with told(request):
        if request.POST.get("customers") == "all":
            staffing.assign_all_customers(actor=Actor.of(request), team=team)
            done = _("%(team)s works for all customers now, also for those to come.")
        else:
            staffing.unassign_all_customers(actor=Actor.of(request), team=team)
            done = _("%(team)s works for its listed customers only.")
        messages.success(request, done % {"team": isolated(team.name)})
    return redirect("reseller_team", team_id=team_id)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_team_delete(request: ResellerRequest, team_id: int) -> HttpResponse:
    """Delete a team; its members keep only what was assigned to them directly."""
    team = team_of(request, team_id)
    done = _("The team %(team)s was deleted.") % {"team": isolated(team.name)}
    with told(request):
        staffing.delete_team(actor=Actor.of(request), team=team)
        messages.success(request, done)
    return redirect("reseller_teams")


def team_of(request: ResellerRequest, team_id: int) -> Team:
    """Return one of this reseller's teams; 404 for any other."""
    return get_object_or_404(Team.objects.select_related("group"), reseller=request.reseller, pk=team_id)
