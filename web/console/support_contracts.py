"""The Customer Care Portal: contracts one by one, and a new one without anybody's approval (S9)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.models import Reseller
from accounts.models.two_people import Demand
from accounts.names import isolated
from accounts.permissions import Permission
from accounts.two_people.demands import demands_of
from subscriptions.access.relation import contract_would_open
from support.assignments import partners_that_will_enter
from support.partners import create_contract
from support.schedule import has_moved, moved_at, moves_on
from web.console.forms.support_partners import ContractForm
from web.console.support_overview import contracts_of, find_partner, partners_with_console
from web.console.support_partners import search_context
from web.guards import console_page
from web.lists.pages import page_of
from web.refusals import shown_on
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_SUPPORT_CONTRACTS)
@never_cache
def support_contracts(request: ConsoleRequest) -> HttpResponse:
    """Show each contract; before the move, say when it comes and where partners are until then."""
    found = page_of(request, contracts_of(request.customer), "support_contracts")
    context: dict[str, Any] = {
        "contracts": found.rows,
        "pager": found.pager,
        "may_manage": Permission.MANAGE_SUPPORT_PARTNERS in request.permissions,
        "moved_at": moved_at(request.customer),
        "moves_on": moves_on(request.customer),
    }
    if context["moved_at"]:
        _mark_partners(request)
        context["may_decide"] = Permission.VIEW_RESELLER_ACCESS in request.permissions
        return render(request, "console/support_contracts.html", context)
    context["will_enter"] = partners_that_will_enter(request.customer)
    return render(request, "console/support_contracts_before.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_SUPPORT_PARTNERS)
@never_cache
def support_contract_new(request: ConsoleRequest) -> HttpResponse:
    """Choose a partner by name and a service; the contract is active at once (S9)."""
    if not has_moved(request.customer):
        return redirect("support_partners", domain=request.customer.primary_domain)
    _mark_partners(request)
    if request.method != "POST":
        partner = find_partner(request.GET.get("partner", ""))
        return _page(request, ContractForm(opens_console=_offered(request, partner)), partner)
    partner = find_partner(request.POST.get("partner", ""))
    form = ContractForm(request.POST, opens_console=_offered(request, partner))
    if partner is None:
        form.add_error(None, _("Choose a partner first."))
    if partner is None or not form.is_valid():
        return _page(request, form, partner, status=422)
    return _create(request, form, partner)


def _mark_partners(request: ConsoleRequest) -> None:
    """After the move contracts are what partners were: the menu leads to them by the same line."""
    request.stands_under = reverse("support_partners", kwargs={"domain": request.customer.primary_domain})


def _offered(request: ConsoleRequest, partner: Reseller | None) -> bool | None:
    """Return how the box about the console begins (S12); None where this person or this form does not decide it."""
    if partner is None or Permission.CHANGE_RESELLER_ACCESS not in request.permissions:
        return None
    return contract_would_open(request.customer, partner)


def _create(request: ConsoleRequest, form: ContractForm, partner: Reseller) -> HttpResponse:
    opens_console = bool(form.cleaned_data.get("opens_console"))
    said = _("Added. %(partner)s handles your support for %(service)s from now on.")
    if opens_console and Demand.ACCESS in demands_of(request.customer):
        said = _(
            "Added. %(partner)s handles your support for %(service)s from now on. Your admin console stays closed "
            "until another super admin approves it: follow that on Two people."
        )
    elif opens_console:
        said = _(
            "Added. %(partner)s handles your support for %(service)s from now on. Your admin console opens soon: "
            "follow it on Reseller access."
        )
    with shown_on(form):
        contract = create_contract(
            actor=Actor.of(request),
            customer=request.customer,
            service=form.chosen(),
            reseller=partner,
            opens_console=opens_console,
        )
        words = {"partner": isolated(partner.name), "service": contract.get_service_display()}
        messages.success(request, said % words)
        return redirect("support_contracts", domain=request.customer.primary_domain)
    return _page(request, form, partner, status=422)


def _page(request: ConsoleRequest, form: ContractForm, partner: Reseller | None, *, status: int = 200) -> HttpResponse:
    has_console = partner is not None and partners_with_console(request.customer).filter(pk=partner.pk).exists()
    context = search_context(request) | {
        "form": form,
        "partner": partner,
        "has_console": has_console,
        "decides": Permission.CHANGE_RESELLER_ACCESS in request.permissions,
    }
    return render(request, "console/support_contract_new.html", context, status=status)
