"""What waits for workers: each kind of work, jobs that can be stopped, mails that can be tried again."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.background.nudging import nudge
from accounts.clock import database_now
from accounts.models import Job
from accounts.retrying_mails import given_up_mails, retry_given_up_mails
from accounts.roles import Role
from jobs.stopping import stop_job
from subscriptions.queues import AT_MOST, SHOWN, Queue, failed_jobs, queues, unsettled_jobs
from web.guards import vendor_page
from web.requests import SignedInRequest

LABELS: dict[str, Promise] = {
    "access": gettext_lazy("Access changes"),
    "domains": gettext_lazy("TXT records of domains"),
    "jobs": gettext_lazy("Files and bulk changes"),
    "licences": gettext_lazy("Automatic licences"),
    "mail": gettext_lazy("Mails"),
    "notices": gettext_lazy("Notifications"),
    "reminders": gettext_lazy("Reminders of ends"),
    "reviews": gettext_lazy("Reviews of access"),
    "subscriptions": gettext_lazy("Ends and renewals of subscriptions"),
    "timings": gettext_lazy("Figures about access changes"),
    "care-portal": gettext_lazy("Moves to the Customer Care Portal"),
    "deleted-users": gettext_lazy("Removing deleted people for good"),
    "second-factors": gettext_lazy("Second factors that are due, or lost"),
    "failed-sign-ins": gettext_lazy("Events of failed sign-ins"),
    "sessions": gettext_lazy("Removing expired sessions"),
    "webhooks": gettext_lazy("Messages of webhooks"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of work as the page shows it. more: there are more than were counted."""

    queue: Queue
    label: Promise | str
    more: bool


# What a mail server says names the person whom it did not take the mail for.
_ADDRESS = re.compile(r"[^\s<>'\"{(@]{1,64}@[^\s<>'\"})@]{1,255}")


@require_safe
@vendor_page(Role.VENDOR_OPERATOR)
def operations_queues(request: SignedInRequest) -> HttpResponse:
    """Show what waits and since when, what failed, and when each kind of work was last looked for."""
    mails = given_up_mails().select_related("recipient__customer", "recipient__reseller")
    context = {
        "rows": [Row(each, LABELS.get(each.name, each.name), _is_cut(each)) for each in queues()],
        "jobs": unsettled_jobs()[:SHOWN],
        "failed_jobs": failed_jobs()[:SHOWN],
        "mails": [(mail, _ADDRESS.sub("…", mail.error)) for mail in mails.order_by("-queued_at")[:SHOWN]],
        "mails_number": given_up_mails()[:AT_MOST].count(),
        "now": database_now(),
    }
    return render(request, "vendor/queues.html", context)


def _is_cut(queue: Queue) -> bool:
    return queue.waiting is not None and queue.waiting.number >= AT_MOST


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_queue_look(request: SignedInRequest, queue: str) -> HttpResponse:
    """Ask a worker to look for one kind of work now; that changes nothing by itself."""
    sweep = settings.SWEEPS.get(queue)
    if sweep is None:
        raise Http404
    nudge(sweep.task)
    text = _("A worker was asked to look: %(work)s. Reload the page to see what it found.")
    messages.success(request, text % {"work": LABELS.get(queue, queue)})
    return redirect("operations_queues")


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_job_stop(request: SignedInRequest, job_id: int) -> HttpResponse:
    """Stop a job; what is done stays done."""
    stop_job(actor=Actor.of(request), job=get_object_or_404(Job, pk=job_id))
    messages.success(request, _("The job is stopped. What it has done stays done."))
    return redirect("operations_queues")


@require_POST
@vendor_page(Role.VENDOR_OPERATOR)
def operations_mails_retry(request: SignedInRequest) -> HttpResponse:
    """Queue again every mail that was given up."""
    number = retry_given_up_mails(actor=Actor.of(request))
    said = ngettext("%(number)s mail is queued again.", "%(number)s mails are queued again.", number)
    messages.success(request, said % {"number": number})
    return redirect("operations_queues")
