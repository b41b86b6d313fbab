"""Files with users and devices: the page that takes one, and the template for it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.models import Job
from accounts.models.jobs import JobKind
from accounts.permissions import Permission
from accounts.spreadsheets import csv_lines
from jobs.encodings import decode
from jobs.kinds import KINDS
from jobs.starting import upload_file
from web.console.forms.bulk import UploadForm, UsersUploadForm
from web.guards import console_page
from web.refusals import shown_on
from web.requests import ConsoleRequest


@dataclass(frozen=True, slots=True)
class Import:
    """What differs between the pages of imports."""

    kind: JobKind
    title: Promise
    text: Promise
    parent: Promise
    parent_name: str
    template_name: str


USERS = Import(
    JobKind.IMPORT_USERS,
    _("Import users"),
    _(
        "Create many users at once, or change their names and units. Your file is checked first: you see what would"
        " happen and every line that is wrong, before anything is written. New users have no password; each sets one"
        " by the link “Forgot your password?” on the sign-in page."
    ),
    _("Users"),
    "users",
    "import_users_template",
)
DEVICES = Import(
    JobKind.IMPORT_DEVICES,
    _("Enrol devices from a file"),
    _(
        "Enrol many devices at once. Your file is checked first: you see what would happen and every line that is"
        " wrong, before anything is written."
    ),
    _("Devices"),
    "devices",
    "import_devices_template",
)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_USERS)
def import_users(request: ConsoleRequest) -> HttpResponse:
    """Take a file with users; a worker checks it."""
    return _import(request, USERS)


@require_http_methods(["GET", "HEAD", "POST"])
@console_page(Permission.MANAGE_DEVICES)
def import_devices(request: ConsoleRequest) -> HttpResponse:
    """Take a file with devices; a worker checks it."""
    return _import(request, DEVICES)


@require_safe
@console_page(Permission.MANAGE_USERS)
def import_users_template(request: ConsoleRequest) -> HttpResponse:
    """Send a file with the titles of the columns and one example."""
    return _template(request, USERS)


@require_safe
@console_page(Permission.MANAGE_DEVICES)
def import_devices_template(request: ConsoleRequest) -> HttpResponse:
    """Send a file with the titles of the columns and one example."""
    return _template(request, DEVICES)


def _import(request: ConsoleRequest, what: Import) -> HttpResponse:
    kind = UsersUploadForm if what is USERS else UploadForm
    form = kind(request.POST, request.FILES) if request.method == "POST" else kind()
    if form.is_bound and form.is_valid() and (job := _uploaded(request, what, form)):
        return redirect("job", domain=request.customer.primary_domain, job_id=job.pk)
    context = {"form": form, "import": what, "columns": KINDS[what.kind].columns}
    return render(request, "console/import.html", context, status=422 if form.errors else 200)


def _uploaded(request: ConsoleRequest, what: Import, form: UploadForm) -> Job | None:
    """Return the job of a file; None with an error in the form."""
    file = form.cleaned_data["file"]
    with shown_on(form):
        return upload_file(
            actor=Actor.of(request),
            customer=request.customer,
            kind=what.kind,
            file_name=file.name,
            text=decode(file.read()),
            invite=form.cleaned_data.get("invite", False),
        )
    return None


def _template(request: ConsoleRequest, what: Import) -> HttpResponse:
    columns = KINDS[what.kind].columns
    example = [column.example.format(domain=request.customer.primary_domain) for column in columns]
    lines = csv_lines([[column.name for column in columns], example])
    headers = {"Content-Disposition": f'attachment; filename="{what.parent_name}.csv"'}
    return HttpResponse("".join(lines), content_type="text/csv; charset=utf-8", headers=headers)
