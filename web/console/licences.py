"""Licences in a customer's console: how many are used, by whom, and how that went over time (R3)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.models import User
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission
from subscriptions import licence_scope, licensing, seats
from subscriptions.licence_use import use_over_time
from subscriptions.lifecycle import choices
from subscriptions.models import Subscription
from subscriptions.models.subscription import Status
from web import charts
from web.console.forms.licences import ChosenPeopleForm, HoldersFilter, PeopleSearchForm
from web.console.licences_list import HOLDERS, HolderRow, LicenceRow, holder_rows, licences_list
from web.console.users_list import all_users
from web.guards import console_page
from web.lists import cells
from web.lists.columns import Box, Rows
from web.lists.filters import FilterForm
from web.lists.listing import Action, Bulk, Listing, counted
from web.lists.pages import page_of
from web.refusals import shown_on
from web.requests import ConsoleRequest


@require_safe
@console_page(Permission.VIEW_LICENCES)
def licences(request: ConsoleRequest) -> HttpResponse:
    """Show each subscription in the person's scope: licences used, free, and waited for."""
    scope = licence_scope.licensable(request.user, request.customer, request.permissions).exclude(
        status=Status.CANCELLED
    )
    kind = licences_list(of_agent=request.acting_reseller is not None)
    found = page_of(request, seats.with_use(scope), "licences", size=kind.size_for(request))
    waiting = seats.waiting_numbers(subscription.pk for subscription in found.rows)
    url = cells.urls("subscription_licences", "subscription_id", domain=request.customer.primary_domain)
    lines = [
        LicenceRow(one, url(one.pk), _meter(one, one.used), seats.left(one, one.used), waiting.get(one.pk, 0))
        for one in found.rows
    ]
    rows = Rows(lines, title=lambda row: row.subscription.sku.name)
    listing = Listing(request, kind, FilterForm(request.GET), rows, found.pager, counted(scope))
    return render(request, "console/licences.html", {"list": listing})


@require_safe
@console_page(Permission.VIEW_LICENCES)
def subscription_licences(request: ConsoleRequest, subscription_id: int) -> HttpResponse:
    """Show one subscription's licences: seats, use over time, and who has one."""
    subscription = subscription_of(request, subscription_id)
    used = seats.in_use(subscription)
    people = licence_scope.people_of(request.customer, request.permissions)
    rules = licence_scope.rules_of(subscription)
    may_assign = Permission.ASSIGN_LICENCES in request.permissions
    waiting = seats.waiting_numbers([subscription.pk]).get(subscription.pk, 0)
    context = {
        "list": _holders(request, subscription, licence_scope.holders(people, subscription)),
        "subscription": subscription,
        "used": used,
        "meter": _meter(subscription, used),
        "free": seats.left(subscription, used),
        "rules": rules.count(),
        "waiting": waiting,
        "use": _use_chart(subscription, of_seller=request.acting_reseller is not None),
        "may_assign": may_assign,
        # Nobody is to be assigned one by hand where all have it, or get it automatically.
        "someone_lacks": may_assign
        and subscription.status == Status.ACTIVE
        and licence_scope.lack_more_than(waiting, people, subscription),
        "may_change_seats": may_change_seats(request, subscription),
    }
    return render(request, "console/licences_subscription.html", context)


def _holders(request: ConsoleRequest, subscription: Subscription, holders: QuerySet[User]) -> Listing[HolderRow]:
    """Return the list of who has a licence, with boxes for those who may revoke some."""
    form = HoldersFilter(request.GET)
    people = form.filtered(holders)
    found = page_of(
        request, people, f"licences: holders {form.chosen_order}", by=form.page, size=HOLDERS.size_for(request)
    )
    bulk, place = None, {"domain": request.customer.primary_domain, "subscription_id": subscription.pk}
    if Permission.ASSIGN_LICENCES in request.permissions:
        revoke = Action(BulkAction.UNASSIGN_LICENCES.value, _("Revoke licences"), destroys=True)
        bulk = Bulk(reverse("licences_bulk", kwargs=place), [revoke], all_users)
    rows = Rows(
        holder_rows(found.rows, request.customer, request.permissions),
        title=lambda row: row.person.name,
        box=Box("person", lambda row: row.person.pk) if bulk else None,
    )
    return Listing(
        request,
        HOLDERS,
        form,
        rows,
        found.pager,
        counted(people),
        form.chosen_order,
        bulk=bulk,
        has_heading=True,
    )


def may_change_seats(request: ConsoleRequest, subscription: Subscription) -> bool:
    """Tell whether the page may lead to more seats: only where they were bought from the vendor (B2)."""
    is_own = subscription.reseller_id is None and Permission.MANAGE_SUBSCRIPTIONS in request.permissions
    return is_own and choices.allows_seats(subscription)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.ASSIGN_LICENCES)
def licences_assign(request: ConsoleRequest, subscription_id: int) -> HttpResponse:
    """Search people without a licence, tick some, and assign them one."""
    subscription = subscription_of(request, subscription_id)
    people = licence_scope.people_of(request.customer, request.permissions)
    form = ChosenPeopleForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_valid():
        chosen, switch = form.cleaned_data["person"], form.cleaned_data["switch"]
        with shown_on(form):
            number = licensing.assign_licences(
                actor=Actor.of(request), subscription=subscription, people=chosen, switch=switch
            )
            say_assigned(request, number)
            return _to_subscription(request, subscription)
    scope = licence_scope.licensable(request.user, request.customer, request.permissions)
    context = people_page(request, licence_scope.lacking(people, subscription, scope), "lacking") | {
        "subscription": subscription,
        "form": form,
        "free": seats.free(subscription),
        "may_change_seats": may_change_seats(request, subscription),
    }
    return render(request, "console/licences_assign.html", context, status=422 if form.errors else 200)


def subscription_of(request: ConsoleRequest, subscription_id: int) -> Subscription:
    """Return a subscription whose licences this person sees; outside the scope it does not exist."""
    return get_object_or_404(
        licence_scope.licensable(request.user, request.customer, request.permissions), pk=subscription_id
    )


def people_page(request: ConsoleRequest, people: QuerySet[User], list_name: str) -> dict[str, Any]:
    """Return 50 of `people` as the address asks for them, with the search and the pager."""
    search = PeopleSearchForm(request.GET)
    found = page_of(request, search.filtered(people), f"licences: {list_name}", by="sort_name")
    return {"search": search, "people": found.rows, "pager": found.pager}


def say_assigned(request: ConsoleRequest, number: int) -> None:
    """Tell how many licences were assigned; nobody is told that nothing was done without the reason."""
    if number:
        done = ngettext("%(number)s licence was assigned.", "%(number)s licences were assigned.", number)
        messages.success(request, done % {"number": number})
    else:
        messages.info(request, _("Everybody you chose has a licence already."))


def say_revoked(request: ConsoleRequest, number: int) -> None:
    """Tell how many licences were revoked."""
    if number:
        done = ngettext("%(number)s licence was revoked.", "%(number)s licences were revoked.", number)
        messages.success(request, done % {"number": number})
    else:
        messages.info(request, _("Nobody you chose has a licence any more."))


def _to_subscription(request: ConsoleRequest, subscription: Subscription) -> HttpResponse:
    return redirect("subscription_licences", domain=request.customer.primary_domain, subscription_id=subscription.pk)


def _meter(subscription: Subscription, used: int) -> charts.Meter:
    title = _("Seats used: %(subscription)s") % {"subscription": subscription.sku.name}
    return charts.meter(f"seats-{subscription.pk}", title, used, subscription.seats)


def _use_chart(subscription: Subscription, *, of_seller: bool) -> charts.LineChart:
    months = use_over_time(subscription, timezone.get_current_timezone_name(), of_seller=of_seller)
    lines = [charts.Series(_("Licences in use"), [month.in_use for month in months])]
    if any(month.seats is not None for month in months):
        lines.append(charts.Series(pgettext("over time", "Seats"), [month.seats for month in months]))
    title = _("Licences in use over the last twelve months")
    return charts.by_month("use", title, [month.month for month in months], lines)
