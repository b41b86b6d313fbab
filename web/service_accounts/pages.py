"""The pages *Service accounts* of a customer and of a reseller: what each of them does, behind its guard (X2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from accounts.actor import Actor
from accounts.machines.keys import WORKING
from accounts.machines.owning import accounts_of
from accounts.machines.scopes import SCOPES
from accounts.machines.service_accounts import (
    delegate_scopes,
    delete_service_account,
    make_service_account,
    restore_service_account,
    suspend_service_account,
    withdraw_scopes,
)
from accounts.models import ServiceAccount
from accounts.names import isolated
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import SignedInRequest
from web.service_accounts.area import Area
from web.service_accounts.forms import NewAccountForm, ScopesForm


class Row(NamedTuple):
    """An account with what becomes of it as a chip and in words, its page, and how many keys work."""

    account: ServiceAccount
    state: str
    label: Promise
    url: str
    keys: int


def listed(request: SignedInRequest, area: Area) -> HttpResponse:
    """List the service accounts of an organisation, the newest first."""
    working = Q(*[(f"keys__{name}", value) for name, value in WORKING.children])  # type: ignore[misc]
    accounts = accounts_of(area.owner).select_related("made_by").annotate(working_keys=Count("keys", filter=working))
    found = page_of(request, accounts, "service accounts")
    rows = [Row(each, *state_of(each), area.url(each), vars(each)["working_keys"]) for each in found.rows]
    return render(request, "service_accounts/accounts.html", {"area": area, "rows": rows, "pager": found.pager})


def state_of(account: ServiceAccount) -> tuple[str, Promise]:
    """Return the chip and the word for what becomes of an account."""
    if account.deleted_at:
        return "closed", pgettext_lazy("service account", "Deleted")
    if account.suspended_at:
        return "closed", pgettext_lazy("service account", "Suspended")
    return "open", pgettext_lazy("service account", "Active")


def made(request: SignedInRequest, area: Area) -> HttpResponse:
    """Make a service account; its page offers to make a key."""
    form = NewAccountForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            account = make_service_account(actor=Actor.of(request), organisation=area.owner, **form.cleaned_data)
            messages.success(request, _("The service account is made. It needs a key to work."))
            return redirect(area.url(account))
    context = {"area": area, "form": form}
    return render(request, "service_accounts/new.html", context, status=422 if form.errors else 200)


def scoped(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Change what is delegated to an account. What is taken is taken first, whatever becomes of what is given."""
    account = account_in(area, account_id, living=True)
    form = ScopesForm(request.POST if request.method == "POST" else None, initial={"scopes": account.scopes})
    if form.is_bound and form.is_valid():
        with shown_on(form):
            ticked, actor = set(form.cleaned_data["scopes"]), Actor.of(request)
            less = withdraw_scopes(actor=actor, account=account, scopes=set(account.scopes) - ticked)
            if delegate_scopes(actor=actor, account=account, scopes=ticked) or less:
                messages.success(request, _("Saved. It holds from the next call on."))
            else:
                messages.info(request, _("Nothing was changed."))
            return redirect(area.url(account))
    context = {"area": area, "account": account, "url": area.url(account), "form": form}
    return render(request, "service_accounts/scopes.html", context, status=422 if form.errors else 200)


def suspended(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Suspend an account."""
    done = _("%(account)s is suspended. It does nothing from its next call on.")
    return _change(request, area, account_id, suspend_service_account, done)


def restored(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Let a suspended account work again."""
    return _change(request, area, account_id, restore_service_account, _("%(account)s works again."))


def deleted(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Delete an account."""
    done = _("%(account)s is deleted. It does nothing from its next call on.")
    return _change(request, area, account_id, delete_service_account, done)


def _change(
    request: SignedInRequest, area: Area, account_id: int, verb: Callable[..., bool], done: str
) -> HttpResponse:
    account = account_in(area, account_id, living=True)
    with told(request):
        if verb(actor=Actor.of(request), account=account):
            messages.success(request, done % {"account": isolated(account.name)})
        else:
            messages.info(request, _("Nothing was changed."))
    return redirect(area.url(account))


def account_in(area: Area, account_id: int, *, living: bool = False) -> ServiceAccount:
    """Return an account of this organisation; 404 for any other. living: not one that was deleted."""
    found = accounts_of(area.owner).select_related("customer", "reseller", "made_by").filter(pk=account_id)
    account = found.filter(deleted_at=None).first() if living else found.first()
    if account is None:
        raise Http404
    return account


def words_of(account: ServiceAccount) -> list[tuple[str, Promise]]:
    """Return the scopes of an account, each with its words."""
    return [(scope, words) for scope, words in SCOPES.items() if scope in account.scopes]
