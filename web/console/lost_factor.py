"""A person of the customer lost their second factor: two super admins reset it together (P12)."""

from __future__ import annotations

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.directory.scope import person_in_console
from accounts.factors import has_factor
from accounts.permissions import Permission
from accounts.sign_in.lost_factor import REASON_AT_MOST, proposal_about, propose_reset, reset_of
from web.console.two_people import waits
from web.factor_resets import cancel
from web.guards import console_page
from web.refusals import shown_on
from web.requests import ConsoleRequest


class LostFactorForm(forms.Form):
    """How one knows that it was lost."""

    reason = forms.CharField(
        label=_("How do you know that it was lost?"),
        help_text=_("The other super admins and the audit log say it."),
        max_length=REASON_AT_MOST,
        widget=forms.Textarea({"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.ASSIGN_ROLES)
def user_lost_factor(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Say what a reset means, and propose it to the other super admins."""
    person = person_in_console(request.customer, request.permissions, user_id)
    form = LostFactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with shown_on(form):
            return waits(request, propose_reset(actor=Actor.of(request), person=person, **form.cleaned_data))
    context = {
        "person": person,
        "form": form,
        "is_self": person.pk == request.user.pk,
        "has_factor": has_factor(person),
        "reset": reset_of(person),
        "proposal": proposal_about(person),
    }
    return render(request, "console/user_lost_factor.html", context, status=422 if form.errors else 200)


@require_POST
@console_page(Permission.ASSIGN_ROLES)
def user_lost_factor_cancel(request: ConsoleRequest, user_id: int) -> HttpResponse:
    """Cancel a reset in its 24 hours: one super admin is enough."""
    person = person_in_console(request.customer, request.permissions, user_id)
    cancel(request, person)
    return redirect("user_lost_factor", domain=request.customer.primary_domain, user_id=user_id)
