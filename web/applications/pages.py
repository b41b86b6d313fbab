"""The pages *Applications* of a customer and of a reseller: what each of them does, behind its guard (X7)."""

from __future__ import annotations

from typing import NamedTuple

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.debug import sensitive_variables

from accounts.actor import Actor
from accounts.applications.allowing import consents_to
from accounts.applications.changing import narrow_application, renew_secret, widen_application
from accounts.applications.client_file import client_file
from accounts.applications.ending import end_consent
from accounts.applications.registering import NewApplication, Where, end_application, register_application
from accounts.machines.owning import applications_of
from accounts.models import ServiceAccount
from accounts.names import isolated
from web import shown_once
from web.applications.area import Area
from web.applications.forms import ChangeApplicationForm, NewApplicationForm
from web.lists.pages import page_of
from web.refusals import shown_on, told
from web.requests import SignedInRequest
from web.service_accounts.pages import words_of


class Row(NamedTuple):
    """An application with what becomes of it as a chip and in words, its page, and how many people allow it."""

    account: ServiceAccount
    state: str
    label: Promise
    url: str
    people: int


def listed(request: SignedInRequest, area: Area) -> HttpResponse:
    """List the applications of an organisation, the newest first."""
    allowing = Count("consents", filter=Q(consents__ended_at=None))
    accounts = applications_of(area.owner).select_related("made_by").annotate(people=allowing)
    found = page_of(request, accounts, "applications")
    rows = [Row(each, *_state_of(each), area.url(each), vars(each)["people"]) for each in found.rows]
    return render(request, "applications/applications.html", {"area": area, "rows": rows, "pager": found.pager})


def registered(request: SignedInRequest, area: Area) -> HttpResponse:
    """Register an application; the page it leads to offers its file."""
    form = NewApplicationForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        with shown_on(form):
            return _registered(request, area, form)
    context = {"area": area, "form": form}
    return render(request, "applications/new.html", context, status=422 if form.errors else 200)


@sensitive_variables("new")
def _registered(request: SignedInRequest, area: Area, form: NewApplicationForm) -> HttpResponse:
    new = register_application(actor=Actor.of(request), organisation=area.owner, **form.cleaned_data)
    return _offer_file(request, area, new)


@sensitive_variables("new", "secret")
def _offer_file(request: SignedInRequest, area: Area, new: NewApplication) -> HttpResponse:
    secret = {"file": client_file(new, settings.CONSOLE_URL)}
    return shown_once.show(request, area.url(new.account, "ready"), secret, at=area.url(new.account, "file"))


def ready(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Offer the file of an application that was just registered, or has another secret."""
    account = application_in(area, account_id)
    context = {"area": area, "account": account, "url": area.url(account), "file_url": area.url(account, "file")}
    return render(request, "applications/ready.html", context)


@sensitive_variables("shown", "response")
def downloaded(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Give the file, once."""
    account = application_in(area, account_id)
    shown = shown_once.shown(request)
    if shown is None:
        if request.method != "HEAD":  # which takes nothing
            text = _("There is no file to download: it was downloaded, or too much time has passed.")
            messages.warning(request, text)
        return redirect(area.url(account))
    response = HttpResponse(shown["file"], content_type="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="client_secrets.json"'
    return response


def application_page(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Show one application: what it may ask for, where it leads people, and who allows it."""
    account = application_in(area, account_id)
    found = page_of(request, consents_to(account), "consents")
    client = account.oauth_client
    assert client is not None  # each application has one
    state, label = _state_of(account)
    context = {
        "area": area,
        "account": account,
        "state": state,
        "label": label,
        "scopes": words_of(account),
        "where": Where(client.type).label,
        "redirects": client.get_redirect_uris(),
        "rows": found.rows,
        "pager": found.pager,
        "urls": {deed: area.url(account, deed) for deed in ("change", "secret", "end", "consent_end")},
    }
    return render(request, "applications/application.html", context)


def changed(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Change an application. What is taken is taken first, whatever becomes of what is given."""
    account = application_in(area, account_id, living=True)
    client = account.oauth_client
    assert client is not None  # each application has one
    form = ChangeApplicationForm(
        request.POST if request.method == "POST" else None,
        initial={"scopes": account.scopes, "redirects": "\n".join(client.get_redirect_uris())},
        on_a_computer=client.type == Where.COMPUTER,
    )
    if form.is_bound and form.is_valid():
        with shown_on(form):
            wanted = {"redirects": [], **form.cleaned_data}
            less = narrow_application(actor=Actor.of(request), account=account, **wanted)
            if widen_application(actor=Actor.of(request), account=account, **wanted) or less:
                messages.success(request, _("Saved. It holds from the next call on."))
            else:
                messages.info(request, _("Nothing was changed."))
            return redirect(area.url(account))
    context = {"area": area, "account": account, "url": area.url(account), "form": form}
    return render(request, "applications/change.html", context, status=422 if form.errors else 200)


@sensitive_variables("new")
def secret_renewed(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """Give an application another secret; the page it leads to offers its file."""
    account = application_in(area, account_id, living=True)
    with told(request):
        new = renew_secret(actor=Actor.of(request), account=account)
        return _offer_file(request, area, new)
    return redirect(area.url(account))


def ended(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """End an application."""
    account = application_in(area, account_id, living=True)
    with told(request):
        end_application(actor=Actor.of(request), account=account)
        text = _("%(application)s is ended. It does nothing from its next call on.")
        messages.success(request, text % {"application": isolated(account.name)})
    return redirect(area.url(account))


def consent_ended(request: SignedInRequest, area: Area, account_id: int) -> HttpResponse:
    """End what a person allowed an application."""
    account = application_in(area, account_id, living=True)
    named = request.POST.get("consent", "")
    consent = consents_to(account).filter(pk=named).first() if named.isdecimal() and len(named) < 19 else None
    if consent is None:
        messages.info(request, _("That was over already."))
        return redirect(area.url(account))
    consent.account = account
    with told(request):
        end_consent(actor=Actor.of(request), consent=consent)
        text = _("%(application)s no longer acts for %(email)s, from its next call on.")
        messages.success(request, text % {"application": isolated(account.name), "email": consent.person.email})
    return redirect(area.url(account))


def application_in(area: Area, account_id: int, *, living: bool = False) -> ServiceAccount:
    """Return an application of this organisation; 404 for any other. living: not one that was ended."""
    found = applications_of(area.owner).select_related("customer", "reseller", "made_by", "oauth_client")
    account = found.filter(pk=account_id).first()
    if account is None or (living and account.deleted_at is not None):
        raise Http404
    return account


def _state_of(account: ServiceAccount) -> tuple[str, Promise]:
    """Return the chip and the word for what becomes of an application."""
    if account.deleted_at:
        return "closed", pgettext_lazy("application", "Ended")
    return "open", pgettext_lazy("application", "Active")
