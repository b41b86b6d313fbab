"""The profile of a customer, which its super admins change."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.permissions import Permission
from accounts.profile import change_profile
from web.console.forms.profile import ProfileForm
from web.guards import console_page
from web.refusals import shown_on
from web.requests import ConsoleRequest


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_PROFILE)
def customer_profile(request: ConsoleRequest) -> HttpResponse:
    """Change what the customer is called and how it is reached."""
    data = request.POST if request.method == "POST" else None
    form = ProfileForm.of(request.customer, data)
    if data is not None and form.is_valid():
        with shown_on(form):
            change_profile(actor=Actor.of(request), customer=request.customer, said=form.cleaned_data)
        if not form.errors:
            messages.success(request, _("The profile was saved."))
            return redirect("account_settings", domain=request.customer.primary_domain)
    return render(request, "console/profile.html", {"form": form}, status=422 if form.errors else 200)
