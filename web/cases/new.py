"""Filing a case: a service and a category first, then what is wrong (S6, S11)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Customer
from accounts.names import isolated
from accounts.permissions import Permission
from support.attachments import Checked, check, too_large, too_many
from support.cases import Draft, file_case
from support.categories import Category, find_category, search_categories
from support.models.case import Priority
from support.models.partner import Service
from support.scope import services_open_to
from web.cases.area import Area
from web.cases.forms import CaseForm
from web.refusals import shown_on
from web.requests import SignedInRequest


def new_page(request: SignedInRequest, area: Area, customer: Customer) -> HttpResponse:
    """Show the categories of a service until one is chosen, then the form; file it on POST."""
    open_to = services_open_to(request.user, customer, Permission.FILE_CASES)
    services = [service for service in Service if service in open_to]
    chosen = request.POST if request.method == "POST" else request.GET
    service = next((s for s in services if s == chosen.get("service")), None)
    if service is None and services and "service" not in chosen:
        service = services[0]  # the one that the page has chosen already
    category = find_category(service, chosen.get("category", "")) if service else None
    context: dict[str, Any] = {"area": area, "for_customer": customer, "services": services, "service": service}
    if service is None or category is None:
        q = request.GET.get("q", "")[:200]
        context |= {"q": q, "groups": search_categories(service, q) if service else []}
        return render(request, "cases/case_category.html", context)
    context["category"] = category
    if request.method == "POST":
        return _file(request, area, customer, context, service, category)
    initial = {"language": translation.get_language(), "time_zone": request.user.time_zone}
    return render(request, "cases/case_new.html", context | {"form": CaseForm(initial=initial)})


def _file(
    request: SignedInRequest,
    area: Area,
    customer: Customer,
    context: dict[str, Any],
    service: Service,
    category: Category,
) -> HttpResponse:
    form = CaseForm(request.POST, request.FILES)
    if form.is_valid():
        wanted = form.cleaned_data
        with shown_on(form):
            files = checked_files(request, wanted["files"])
            draft = Draft(
                service=service,
                category=category.id,
                title=wanted["title"],
                description=wanted["description"],
                priority=Priority(wanted["priority"]),
                language=wanted["language"],
                time_zone=wanted["time_zone"],
                subscribers=form.addresses(),
            )
            case = file_case(actor=Actor.of(request), customer=customer, draft=draft, files=files)
            messages.success(request, _("Filed as case %(number)d.") % {"number": case.pk})
            tell_removed(request, files)
            return redirect(area.url("case", case_id=case.pk))
    return render(request, "cases/case_new.html", context | {"form": form}, status=422)


def checked_files(request: SignedInRequest, uploads: list[Any]) -> list[Checked]:
    """Return the files of a form, checked. Raises Refused where one was too large or there were too many."""
    dropped: list[str] = getattr(request, "dropped_files", [])
    if len(dropped) + len(uploads) > settings.ATTACHMENTS_PER_FORM:
        raise Refused(too_many(), "files")
    if dropped:
        raise Refused(" ".join(str(too_large(name)) for name in dropped), "files")
    return check(uploads)


def tell_removed(request: SignedInRequest, files: list[Checked]) -> None:
    """Tell the person who attached a HAR file what was taken out of it."""
    for file in files:
        if file.stripped:
            message = ngettext(
                "%(count)d cookie, header or token was removed from %(name)s before it was stored.",
                "%(count)d cookies, headers and tokens were removed from %(name)s before it was stored.",
                file.stripped,
            )
            messages.info(request, message % {"count": file.stripped, "name": isolated(file.name)})
