"""Rate limits that are reached, and lifting one (P14)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.core import signing
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.directory.addresses import person_at
from accounts.domains import shown_email
from accounts.models import User
from accounts.rate_limits import AT_MOST, Limit, RateLimit, counters_of, full_counters, lift_rate_limit, limits_in_force
from accounts.roles import Role
from web.guards import vendor_page
from web.refusals import told
from web.requests import SignedInRequest
from web.vendor.forms import AddressForm

_SALT = "rate limit"


@dataclass(frozen=True, slots=True)
class Row:
    """A limit as the page shows it. whose: whom it stops, named only if asked for; name: what its form sends."""

    limit: RateLimit
    label: str | Promise
    whose: str
    name: str


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_limits(request: SignedInRequest) -> HttpResponse:
    """Show which limits hold, or those of one person, who is named by their whole address."""
    form = AddressForm(request.GET or None)
    limits: list[RateLimit] = []
    person, is_cut = None, False
    if form.is_bound and form.is_valid():
        person = person_at(form.cleaned_data["email"])
        if person is None:
            form.add_error("email", _("Nobody has this address."))
        else:
            limits = limits_in_force(counters_of(person, get_current_site(request).domain))
    elif not form.is_bound:
        keys = full_counters()
        limits, is_cut = limits_in_force(keys), len(keys) == AT_MOST
    context = {"form": form, "rows": _rows(limits, person), "person": person, "is_cut": is_cut}
    return render(request, "vendor/limits.html", context, status=422 if form.errors else 200)


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_limit_lift(request: SignedInRequest) -> HttpResponse:
    """Lift one limit: whom it stopped can try again at once."""
    try:
        key, person_id = signing.loads(request.POST.get("limit", ""), salt=_SALT)
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    with told(request):
        person = User.objects.filter(pk=person_id).first() if person_id else None
        lift_rate_limit(actor=Actor.of(request), key=key, person=person)
        messages.success(request, _("The limit is lifted. Trying again works at once."))
    return redirect("operations_limits")


def _rows(limits: Iterable[RateLimit], asked: User | None) -> list[Row]:
    """Return the rows; whose a counter is stands in it as a number, or not at all."""
    limits = list(limits)
    numbers = {limit.person for limit in limits if limit.person}
    people = User.objects.select_related("customer", "reseller").in_bulk(numbers)
    return [_row(limit, people.get(limit.person or 0), asked) for limit in limits]


def _row(limit: RateLimit, person: User | None, asked: User | None) -> Row:
    label = Limit(limit.name).label if limit.name in Limit.values else limit.name
    whose = limit.ip_address or _("One address or one browser")
    if asked is not None:
        whose = shown_email(asked.email)
    elif person is not None:
        whose = _("A person of %(organisation)s") % {"organisation": person.organisation_name}
    number = (asked or person or User(pk=0)).pk
    return Row(limit, label, whose, signing.dumps([limit.key, number], salt=_SALT))
