"""One change for several users, chosen in the list: what it would do, and then a worker does it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.directory.scope import people_in_console
from accounts.directory.tree import Tree, tree_of
from accounts.models import User
from accounts.models.jobs import BulkAction
from accounts.permissions import Permission
from jobs.choosing import change_users
from web.console.forms.bulk import BulkForm
from web.console.users import filter_of
from web.guards import console_page
from web.refusals import told
from web.requests import ConsoleRequest


@dataclass(frozen=True, slots=True)
class Words:
    """How the page of confirmation says an action."""

    title: Promise
    consequence: Promise
    is_grave: bool = False


WORDS = {
    BulkAction.SUSPEND: Words(
        gettext_lazy("Suspend users"),
        gettext_lazy(
            "They are signed out at once and cannot sign in until someone restores them. Nothing of theirs is lost."
        ),
        True,
    ),
    BulkAction.RESTORE: Words(
        gettext_lazy("Restore users"),
        gettext_lazy("They can sign in again, with the roles they had. Deleted users are restored on their own pages."),
    ),
    BulkAction.MOVE: Words(
        gettext_lazy("Move users"), gettext_lazy("The settings of the unit that you choose apply to them at once.")
    ),
    BulkAction.DELETE: Words(
        gettext_lazy("Delete users"),
        gettext_lazy(
            "They are signed out at once, and lose their admin roles and licences. For 20 days each can be restored on"
            " its own page; then they are removed for good."
        ),
        True,
    ),
}


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_USERS)
def users_bulk(request: ConsoleRequest) -> HttpResponse:
    """Say what an action would do to how many users; confirmed, let a worker do it. GET leads back to the list."""
    if request.method != "POST":
        return redirect("users", domain=request.customer.primary_domain)
    tree = tree_of(request.customer)
    form = BulkForm(request.POST, tree=tree)
    is_valid, is_confirmed = form.is_valid(), "confirmed" in request.POST
    if form.errors.keys() - {"org_unit"}:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect(_list_url(request))
    chosen = _chosen(request, form, tree)
    if is_valid and is_confirmed:
        return _start(request, form, chosen)
    action = BulkAction(form.cleaned_data["action"])
    context = {
        "form": form,
        "words": WORDS[action],
        "number": chosen.count(),
        "named": [] if form.cleaned_data["everybody"] else list(chosen.order_by("sort_name", "pk")),
        "list_url": _list_url(request),
    }
    return render(request, "console/users_bulk_confirm.html", context, status=422 if is_confirmed else 200)


def _start(request: ConsoleRequest, form: BulkForm, chosen: QuerySet[User]) -> HttpResponse:
    with told(request):
        job = change_users(
            actor=Actor.of(request),
            customer=request.customer,
            action=BulkAction(form.cleaned_data["action"]),
            chosen=chosen,
            org_unit=form.cleaned_data.get("org_unit"),
        )
        messages.success(request, _("Started. This page updates automatically."))
        return redirect("job", domain=request.customer.primary_domain, job_id=job.pk)
    return redirect(_list_url(request))


def _chosen(request: ConsoleRequest, form: BulkForm, tree: Tree) -> QuerySet[User]:
    """Return the people chosen, out of those that this person sees; 404 where one is not among them."""
    scope = people_in_console(request.customer, request.permissions)
    if form.cleaned_data["everybody"]:
        asked = QueryDict(form.cleaned_data["filter"])
        return filter_of(request, asked, tree).filtered(scope)
    ids = set(form.cleaned_data["person"])
    chosen = scope.filter(pk__in=ids)
    if chosen.count() != len(ids):
        raise Http404
    return chosen


def _list_url(request: ConsoleRequest) -> str:
    """Return the list with the filter that was used, whatever someone wrote into the form: it is only a query."""
    url = reverse("users", kwargs={"domain": request.customer.primary_domain})
    query = QueryDict(request.POST.get("filter", "")[:2000]).urlencode()
    return f"{url}?{query}" if query else url
