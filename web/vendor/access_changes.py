"""What the vendor's operators watch: access changes that are overdue or failed (R9)."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.domains import stored_part
from accounts.names import sort_key
from accounts.roles import Role
from subscriptions.access.retrying import failed_changes, overdue_changes, retry_by_operator
from subscriptions.models import AccessChange
from web.guards import vendor_page
from web.lists.columns import Rows
from web.lists.filters import NEWEST, OLDEST, ByAge
from web.lists.listing import Listing, counted
from web.lists.pages import page_of
from web.refusals import told
from web.requests import SignedInRequest
from web.vendor import changes_list

FAILED = "failed"


class ChangesFilter(ByAge):
    """Filters changes by the customer or the reseller that they are about.

    show: which of the two lists that is: what is overdue has its oldest first, what failed its newest.
    """

    q = forms.CharField(label=gettext_lazy("Customer or reseller"), max_length=253, required=False)
    show = forms.CharField(required=False, widget=forms.HiddenInput)
    field_order = ("q", "order", "show")
    no_filters = frozenset({"order", "show"})

    @property
    def shows_failed(self) -> bool:
        return self.data.get("show") == FAILED

    @property
    def first_order(self) -> str:  # type: ignore[override]  # it depends on which list that is
        return NEWEST if self.shows_failed else OLDEST

    def filtered(self, changes: QuerySet[AccessChange]) -> QuerySet[AccessChange]:
        """Return the changes that were asked for; nothing while a field has an error."""
        if not self.is_valid():
            return changes.none()
        text = self.cleaned_data["q"]
        if not text:
            return changes
        customer = Q(grant__customer_sort_name__contains=sort_key(text))
        customer |= Q(grant__customer_domain__contains=stored_part(text))
        reseller = Q(grant__reseller__sort_name__contains=sort_key(text))
        reseller |= Q(grant__reseller__primary_domain__contains=stored_part(text))
        return changes.filter(customer | reseller)


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_access_changes(request: SignedInRequest) -> HttpResponse:
    """Show what is overdue, the oldest first, or what failed, the newest first."""
    form = ChangesFilter(request.GET)
    overdue, failed = overdue_changes(), failed_changes()
    kind, changes = (changes_list.FAILED, failed) if form.shows_failed else (changes_list.OVERDUE, overdue)
    changes = form.filtered(changes).select_related("grant__customer", "grant__reseller", "grant__subscription__sku")
    name = f"{kind.name} {form.chosen_order}"
    found = page_of(request, changes, name, by=form.by, size=kind.size_for(request))
    now = database_now()
    rows = Rows(changes_list.rows_of(found.rows, now, get_token(request)), title=lambda row: row.title)
    context = {
        "list": Listing(request, kind, form, rows, found.pager, counted(changes), form.chosen_order),
        "shows_failed": form.shows_failed,
        "overdue_count": overdue.count(),
        "failed_count": failed.count(),
    }
    return render(request, "vendor/access_changes.html", context)


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_retry(request: SignedInRequest, change_id: int) -> HttpResponse:
    """Try a failed change again."""
    with told(request):
        if retry_by_operator(actor=Actor.of(request), change_id=change_id):
            messages.success(request, _("The change is queued again and will take effect as soon as it is due."))
        else:
            messages.info(request, _("Nothing to retry: it was retried before, or the customer made a newer request."))
    return redirect(f"{reverse('operations_access_changes')}?show={FAILED}")
