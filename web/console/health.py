"""*Health*: what is wrong with the access that this customer gives, and what helps in one click.

For super admins alone: others cannot decide on access (R5).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.models import Customer
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access.findings import Finding, Question, findings_of
from subscriptions.access.overview import Overview, overview_of
from subscriptions.access.snoozing import Health, health_of, snooze_finding, take_back_snooze
from subscriptions.reviews.finishing import undecided_after_deadline
from subscriptions.reviews.scope import kept_in
from support.case_work import last_work_on_cases
from web.console.forms.findings import SnoozeForm, TakeBackForm
from web.guards import console_page
from web.refusals import shown_on
from web.requests import ConsoleRequest
from web.unsaved import is_shown_again


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding on a page. url: where its remedy leads, or is sent to. form: to snooze it."""

    finding: Finding
    url: str
    form: SnoozeForm | None = None


def health_now(customer: Customer, overview: Overview) -> Health:
    """Find what is wrong at this moment, and what of it was snoozed."""

    def opens(path: str) -> Permission | None:
        return _needed_for(f"{home}{path}")

    home = reverse("console_home", kwargs={"domain": customer.primary_domain})
    question = Question(
        customer, overview, last_work_on_cases(customer), opens, undecided_after_deadline(customer), kept_in(customer)
    )
    return health_of(customer, findings_of(question), overview.now)


def shown(customer: Customer, finding: Finding, form: SnoozeForm | None = None) -> Shown:
    """Return a finding with the URL of its remedy: a form opens with what helps filled in."""
    remedy, named = finding.remedy, {"domain": customer.primary_domain}
    if remedy.page == "admin_role":
        return Shown(finding, reverse(remedy.page, kwargs={**named, "role": Role.SUPER_ADMIN.value}), form)
    url = reverse(remedy.page, kwargs=named)
    is_filled = finding.box is not None and not remedy.acts
    return Shown(finding, f"{url}?{urlencode(finding.form)}#box-{finding.about}" if is_filled else url, form)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.CHANGE_RESELLER_ACCESS)
@never_cache
def health(request: ConsoleRequest) -> HttpResponse:
    """Show every finding, and those that were snoozed with who and why; POST snoozes one."""
    found = health_now(request.customer, overview_of(request.customer))
    if request.method != "POST":
        return _page(request, found)
    finding = next((f for f in found.needs_a_look if f.key == request.POST.get("finding")), None)
    if finding is None:
        messages.info(request, _("Nothing was snoozed: this finding is not there any more."))
        return _back(request)
    form = SnoozeForm.of(finding, request.POST)
    if form.is_valid() and not is_shown_again(request):
        chosen = form.cleaned_data
        with shown_on(form):
            snooze_finding(
                actor=Actor.of(request),
                customer=request.customer,
                finding=finding,
                lasts=chosen["lasts"],
                reason=chosen["reason"],
            )
            messages.success(request, _("Snoozed. It is listed below with your reason."))
            return _back(request)
    return _page(request, found, form, status=422 if form.errors else 200)


@require_POST
@console_page(Permission.CHANGE_RESELLER_ACCESS)
def health_take_back(request: ConsoleRequest) -> HttpResponse:
    """Take a snooze back."""
    form = TakeBackForm(request.POST)
    taken = form.is_valid() and take_back_snooze(
        actor=Actor.of(request), customer=request.customer, snooze_id=form.cleaned_data["snooze"]
    )
    if taken:
        messages.success(request, _("The snooze is taken back."))
    else:
        messages.info(request, _("Nothing was changed: this snooze was taken back already."))
    return _back(request)


def _page(request: ConsoleRequest, found: Health, sent: SnoozeForm | None = None, *, status: int = 200) -> HttpResponse:
    forms = {sent.data["finding"]: sent} if sent else {}
    rows = [shown(request.customer, f, forms.get(f.key) or SnoozeForm.of(f)) for f in found.needs_a_look]
    context = {"findings": rows, "snoozed": found.snoozed, "form": sent}
    return render(request, "console/health.html", context, status=status)


def _needed_for(url: str) -> Permission | None:
    """Return which right a page of a console needs, as its view declares it; None for one that is no more."""
    try:
        entrance = getattr(resolve(url).func, "entrance", "")
    except Resolver404:
        return None
    return Permission(entrance) if entrance in set(Permission) else None


def _back(request: ConsoleRequest) -> HttpResponse:
    return redirect("health", domain=request.customer.primary_domain)
