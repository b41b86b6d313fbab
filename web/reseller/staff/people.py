"""A reseller's people: the list, one of them with their roles, and what its admins change about them (P4, P11)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import deleting, invitations, passwords, people
from accounts.domains import shown_domain
from accounts.models import User
from accounts.names import isolated
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, Role
from accounts.sign_in.lost_factor import cancel_reset, reset_of
from subscriptions import leaving
from subscriptions.access.scope import relations_of
from web import shown_once
from web.guards import reseller_page
from web.lists.columns import Rows
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.staff.forms import AgentRolesForm, NewAgentForm, StaffFilter
from web.reseller.staff.people_list import STAFF, rows_of
from web.unsaved import comes_back


@require_safe
@reseller_page(Role.RESELLER_ADMIN)
def reseller_staff(request: ResellerRequest) -> HttpResponse:
    """List the people of this reseller with their roles, teams and last sign-in."""
    form = StaffFilter(request.GET)
    found = User.objects.filter(reseller=request.reseller, purged_at=None)
    found = form.filtered(found).prefetch_related("role_assignments", "groups__team")
    page = page_of(request, found, f"staff {form.chosen_order}", by=form.page, size=STAFF.size_for(request))
    rows = Rows(rows_of(page.rows), title=lambda row: row.person.name)
    listing = Listing(request, STAFF, form, rows, page.pager, counted(found), form.chosen_order)
    return render(request, "reseller/staff.html", {"list": listing})


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_new(request: ResellerRequest) -> HttpResponse:
    """Add a person to the reseller's people, with roles, and send them an invitation."""
    domain = shown_domain(request.reseller.primary_domain)
    form = NewAgentForm(request.POST if request.method == "POST" else None, domain=domain)
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
    total = relations.filter(staffing.works_for(agent)).count()
    direct = relations.filter(customer__in=staffing.customers_of_agent_itself(agent)).count()
    context = {
        "agent": agent,
        "form": form,
        "reset": reset_of(agent),
        "teams": staffing.teams_of(agent).order_by("name"),
        "awaits_password": (awaits := invitations.awaits_password(agent)),
        "invitation": invitations.last_invitation(agent) if awaits else None,
        "kept_until": agent.deleted_at + deleting.UNDELETE_WITHIN if agent.deleted_at else None,
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
reseller_agent_factor_cancel = _button(
    cancel_reset, _("The reset is cancelled. The second factor of %(person)s stays as it is.")
)
# Suspended people keep roles, teams and customers; deleted ones come back without them.
reseller_agent_restore = _button(people.unsuspend_user, _("%(person)s can sign in again."))
reseller_agent_delete = _button(
    leaving.delete_user_with_licences, _("%(person)s is deleted. Within 20 days you can restore this person here.")
)
reseller_agent_undelete = _button(
    deleting.undelete_user, _("%(person)s is back. Give roles, teams and customers again where they are needed.")
)


@sensitive_variables("password")
@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_password(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Replace a person's password by a temporary one; the GET it leads to shows that once."""
    agent = agent_of(request, agent_id)
    if request.method != "POST":
        context = {"agent": agent, "shown": shown_once.shown(request)}
        return render(request, "reseller/staff_password.html", context)
    with told(request):
        password = passwords.reset_password(actor=Actor.of(request), person=agent)
        url = reverse("reseller_agent_password", args=[agent.pk])
        return shown_once.show(request, url, {"password": password})
    return redirect("reseller_agent", agent_id=agent_id)


def agent_of(request: ResellerRequest, agent_id: int) -> User:
    """Return one of this reseller's people, also a deleted one until they are removed for good; 404 for any other."""
    return get_object_or_404(User, reseller=request.reseller, purged_at=None, pk=agent_id)
