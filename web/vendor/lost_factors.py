"""Lost second factors, as the vendor's operators reset them: for people whose organisation cannot (P12)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.directory.addresses import person_at
from accounts.moments import moment_text
from accounts.names import isolated
from accounts.roles import Role
from accounts.sign_in.lost_factor import REASON_AT_MOST, begin_reset, waiting_resets_of_operators
from web.factor_resets import cancel
from web.guards import vendor_page
from web.lists.pages import page_of
from web.refusals import shown_on
from web.requests import SignedInRequest


class BeginForm(forms.Form):
    """Whose factor was lost, and how the operator knows."""

    email = forms.CharField(label=gettext_lazy("E-mail address of the person"), max_length=254)
    reason = forms.CharField(
        label=gettext_lazy("How do you know that it was lost?"),
        help_text=gettext_lazy("The person, the admins of their organisation and the audit log say it."),
        max_length=REASON_AT_MOST,
        widget=forms.Textarea({"rows": 3}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@vendor_page(Role.VENDOR_OPERATOR)
def operations_lost_factors(request: SignedInRequest) -> HttpResponse:
    """Show which resets the vendor has begun, and begin one."""
    form = BeginForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        person = person_at(form.cleaned_data["email"])
        if person is None:
            form.add_error("email", _("Nobody has this address."))
        else:
            with shown_on(form):
                reset = begin_reset(actor=Actor.of(request), person=person, reason=form.cleaned_data["reason"])
                words = {"person": isolated(person.name), "until": moment_text(reset.due_at, sentence=True)}
                text = _("Begun. %(person)s has no second factor from %(until)s on, unless it is cancelled.")
                messages.success(request, text % words)
                return redirect("operations_lost_factors")
    found = page_of(request, waiting_resets_of_operators().order_by("-pk"), "lost_factors")
    context = {"form": form, "resets": found.rows, "pager": found.pager}
    return render(request, "vendor/lost_factors.html", context, status=422 if form.errors else 200)


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_lost_factor_cancel(request: SignedInRequest, reset_id: int) -> HttpResponse:
    """Cancel a reset that the vendor has begun, in its 24 hours."""
    reset = waiting_resets_of_operators().filter(pk=reset_id).first()
    cancel(request, reset.person if reset else None)
    return redirect("operations_lost_factors")
