"""The operators' first page: what needs doing first, each with the page where it is done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from accounts.audit_log import EVERYDAY, events_for_operator, latest
from accounts.models import Customer, Reseller
from accounts.models.audit_event import ActorKind
from accounts.own_domains.collisions import waiting_number
from accounts.retrying_mails import given_up_mails
from accounts.roles import Role
from subscriptions.access.retrying import failed_changes, overdue_changes
from subscriptions.queues import AT_MOST, Queue, failed_jobs, queues
from web.audit.lines import operator_lines
from web.guards import vendor_page
from web.lists import cells
from web.readiness import readiness
from web.requests import SignedInRequest
from web.vendor.health import Part, parts_of
from web.vendor.queues import LABELS

RECENT_EVENTS = 6


@dataclass(frozen=True, slots=True)
class Todo:
    """Something that needs doing: what, where, and the icon beside it."""

    text: Promise | str
    sub: Promise | str
    url: str
    link: str
    icon: str = "triangle-alert"


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_home(request: SignedInRequest) -> HttpResponse:
    """Show what needs doing, how many organisations there are, and what the vendor's people did lately."""
    events = events_for_operator(request.user).filter(actor_kind=ActorKind.VENDOR).exclude(name__in=EVERYDAY)
    context = {
        "todos": [
            *_of_parts(parts_of(readiness())),
            *_of_access(),
            *_of_organisations(),
            *_of_work(queues(counted=False)),
        ],
        "customers": Customer.objects.count(),
        "resellers": Reseller.objects.count(),
        "suspended": Reseller.objects.filter(suspended_at__isnull=False).count(),
        "lines": operator_lines(latest(events, RECENT_EVENTS)),
    }
    return render(request, "vendor/home.html", context)


def _of_parts(parts: list[Part]) -> Iterator[Todo]:
    """What fails, or soon will, in the installation itself."""
    url, link = reverse("operations_health"), _("Show what to do")
    for part in parts:
        if not part.is_well and part.what:
            yield Todo(part.label, part.what, url, link, "heart-pulse")


def _of_access() -> Iterator[Todo]:
    url = reverse("operations_access_changes")
    if number := overdue_changes()[:AT_MOST].count():
        text = ngettext("%(number)s access change is overdue", "%(number)s access changes are overdue", number)
        sub = _("Workers apply them by themselves. Access that was taken away has ended on time.")
        yield Todo(_said(text, number), sub, url, _("Show these changes"), "hourglass")
    if number := failed_changes()[:AT_MOST].count():
        text = ngettext("%(number)s access change has failed", "%(number)s access changes have failed", number)
        yield Todo(_said(text, number), _("Each says why."), f"{url}?show=failed", _("Show these changes"))


def _of_organisations() -> Iterator[Todo]:
    if number := waiting_number():
        text = ngettext("%(number)s claim on a domain waits", "%(number)s claims on domains wait", number)
        sub = _("Until you decide, nobody gets new addresses there.")
        yield Todo(_said(text, number), sub, reverse("operations_domains"), _("Decide"), "globe")


def _of_work(found: list[Queue]) -> Iterator[Todo]:
    url, link = reverse("operations_queues"), _("Show the queues")
    for queue in found:
        # What has no worker is said by the health of all of them.
        if queue.is_late and queue.has_worker:
            work = LABELS.get(queue.name, queue.name)
            sub = _("The last look was too long ago. The log of workers says why.")
            yield Todo(_("%(work)s: not looked for") % {"work": work}, sub, url, link, "timer")
    if number := given_up_mails()[:AT_MOST].count():
        text = ngettext("%(number)s mail was given up", "%(number)s mails were given up", number)
        yield Todo(_said(text, number), _("When the mail server works again, try them again."), url, link, "mail")
    if number := failed_jobs()[:AT_MOST].count():
        text = ngettext("%(number)s job has failed through us", "%(number)s jobs have failed through us", number)
        yield Todo(_said(text, number), _("The log of workers says why."), url, link)


def _said(text: str, number: int) -> str:
    return text % {"number": cells.number(number)}
