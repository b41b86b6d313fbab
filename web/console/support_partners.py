"""*Support partners*: a card per service, and *Assign support partner* in both ways of S3."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.domains import EMAIL_MAX_LENGTH
from accounts.models import Reseller
from accounts.names import isolated
from support.assignments import assignments_of, is_live
from support.look_up import look_up
from support.models.partner import Service
from support.partners import assign_support_partner
from web.console.forms.support_partners import AssignForm, PartnerSearchForm
from web.console.support_center import support_center_page
from web.console.support_overview import PARTNERS_SHOWN, cards_of, find_partner, partners_with_console, search_partners
from web.refusals import shown_on
from web.requests import ConsoleRequest


@require_safe
@support_center_page
@never_cache
def support_partners(request: ConsoleRequest) -> HttpResponse:
    """Show each service with its partner and state (S1, S2), and who needs no assignment (S5)."""
    context = {"cards": cards_of(request.customer), "with_console": list(partners_with_console(request.customer))}
    return render(request, "console/support_partners.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@support_center_page
@never_cache
def support_partner_assign(request: ConsoleRequest, service: str) -> HttpResponse:
    """Find the partner by its verifier's address or by its name, then ask the verifier (S3)."""
    chosen = _service(service)
    if request.method != "POST":
        if assignments_of(request.customer).filter(is_live(), service=chosen).exists():
            messages.info(request, _("This service has a support partner. Remove it first."))
            return redirect("support_partners", domain=request.customer.primary_domain)
        return _page(request, chosen, AssignForm(), find_partner(request.GET.get("partner", "")))
    if "choose" in request.POST:
        typed = AssignForm(initial={"verifier_email": request.POST.get("verifier_email", "")[:EMAIL_MAX_LENGTH]})
        return _page(request, chosen, typed, find_partner(request.POST["choose"]))
    form = AssignForm(request.POST)
    partner = find_partner(request.POST.get("partner", ""))
    if not form.is_valid():
        return _page(request, chosen, form, partner, status=422)
    if request.POST.get("step") == "look_up" or partner is None:
        return _look_up(request, chosen, form)
    return _assign(request, chosen, form, partner)


def _service(name: str) -> Service:
    if name not in Service.values:
        raise Http404
    return Service(name)


def _look_up(request: ConsoleRequest, service: Service, form: AssignForm) -> HttpResponse:
    """Fill the partner in (S3). Whatever the reason, an address that answers not is answered alike (S10)."""
    email = form.cleaned_data["verifier_email"]
    with shown_on(form, "verifier_email"):
        partner = look_up(actor=Actor.of(request), customer=request.customer, email=email)
        if partner is not None:
            return _page(request, service, form, partner, looked_up=True)
        form.add_error("verifier_email", _("No support partner was found with this address. Ask your partner for it."))
    return _page(request, service, form, None, status=422)


def _assign(request: ConsoleRequest, service: Service, form: AssignForm, partner: Reseller) -> HttpResponse:
    wanted = {"service": service, "reseller": partner, "verifier_email": form.cleaned_data["verifier_email"]}
    said = _("Assigned. %(partner)s handles your support for %(service)s once its verifier has confirmed by mail.")
    with shown_on(form):
        assign_support_partner(actor=Actor.of(request), customer=request.customer, **wanted)
        messages.success(request, said % {"partner": isolated(partner.name), "service": service.label})
        return redirect("support_partners", domain=request.customer.primary_domain)
    return _page(request, service, form, partner, status=422)


def _page(
    request: ConsoleRequest,
    service: Service,
    form: AssignForm,
    partner: Reseller | None,
    *,
    status: int = 200,
    looked_up: bool = False,
) -> HttpResponse:
    context = search_context(request) | {
        "service": service,
        "form": form,
        "partner": partner,
        "looked_up": looked_up,
        "has_console": partner is not None and partners_with_console(request.customer).filter(pk=partner.pk).exists(),
    }
    return render(request, "console/support_partner_assign.html", context, status=status)


def search_context(request: ConsoleRequest) -> dict[str, Any]:
    """Return what the search by name shows (S3b): a form, and the partners that were found."""
    search = PartnerSearchForm(request.GET if "q" in request.GET else None)
    found = search_partners(search.cleaned_data["q"]) if search.is_valid() else []
    return {"search": search, "found": found, "more": len(found) == PARTNERS_SHOWN}
