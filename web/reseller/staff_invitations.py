"""A reseller's admin invites people of their own organisation (P11)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.directory import invitations, people
from accounts.names import isolated
from accounts.roles import Role
from web.guards import reseller_page
from web.refusals import shown_on, told
from web.requests import ResellerRequest
from web.reseller.forms import NewAgentForm
from web.reseller.staff import agent_of


@require_http_methods(["GET", "HEAD", "POST"])
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_new(request: ResellerRequest) -> HttpResponse:
    """Add somebody to the reseller's people, with roles, and send them an invitation."""
    form = NewAgentForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            person = people.create_user(
                actor=Actor.of(request), organisation=request.reseller, invite=True, **form.cleaned_data
            )
            messages.success(request, _("%(person)s was invited.") % {"person": isolated(person.name)})
            return redirect("reseller_agent", agent_id=person.pk)
    return render(request, "reseller/staff_new.html", {"form": form}, status=422 if form.errors else 200)


@require_POST
@reseller_page(Role.RESELLER_ADMIN)
def reseller_agent_invite(request: ResellerRequest, agent_id: int) -> HttpResponse:
    """Send the invitation again."""
    agent = agent_of(request, agent_id)
    with told(request):
        invitations.invite_user(actor=Actor.of(request), person=agent)
        messages.success(request, _("The invitation for %(person)s is on its way.") % {"person": isolated(agent.name)})
    return redirect("reseller_agent", agent_id=agent_id)
