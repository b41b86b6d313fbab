"""Why a person may do something in a console, or what stands in the way (R24): the command explain_access on a page."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.authorisation import Explanation, explain
from accounts.directory.addresses import person_at
from accounts.domains import canonical_domain
from accounts.models import Customer
from accounts.roles import Role
from web.guards import vendor_page
from web.requests import SignedInRequest
from web.vendor.forms import ExplainForm


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_explain(request: SignedInRequest) -> HttpResponse:
    """Explain what was asked; the person and the customer are named whole."""
    form = ExplainForm(request.GET or None)
    why = _explained(form) if form.is_bound and form.is_valid() else None
    return render(request, "vendor/explain.html", {"form": form, "why": why}, status=422 if form.errors else 200)


def _explained(form: ExplainForm) -> Explanation | None:
    asked = form.cleaned_data
    person = person_at(asked["email"])
    try:
        customer = Customer.objects.filter(primary_domain=canonical_domain(asked["domain"])).first()
    except ValidationError:
        customer = None
    if person is None:
        form.add_error("email", _("Nobody has this address."))
    if customer is None:
        form.add_error("domain", _("No customer has this primary domain."))
    return explain(person, asked["permission"], customer) if person and customer else None
