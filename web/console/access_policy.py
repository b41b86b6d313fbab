"""The page *Rules* of reseller access: what a customer wants of all access that it gives (R16, R18)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.permissions import Permission
from subscriptions.access.policy import change_access_policy, policy_of
from web.console.forms.access_policy import AccessPolicyForm
from web.guards import console_page
from web.refusals import shown_on
from web.requests import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.VIEW_RESELLER_ACCESS)
def reseller_access_rules(request: ConsoleRequest) -> HttpResponse:
    """Show the rules; POST saves them, for a super admin."""
    data = request.POST if request.method == "POST" else None
    form = AccessPolicyForm.of(request.customer, policy_of(request.customer), data)
    if form.is_valid():
        with shown_on(form):
            saved = change_access_policy(actor=Actor.of(request), customer=request.customer, **form.cleaned_data)
            if saved:
                messages.success(request, _("The rules were saved."))
            else:
                messages.info(request, _("Nothing was different, so nothing was saved."))
            return redirect("reseller_access_rules", domain=request.customer.primary_domain)
    can_change = Permission.CHANGE_RESELLER_ACCESS in request.permissions
    context = {"form": form, "can_change": can_change}
    return render(request, "console/reseller_access_rules.html", context, status=422 if form.errors else 200)
