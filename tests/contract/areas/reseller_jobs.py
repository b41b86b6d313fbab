"""Many customers of a reseller at once: what is asked for, and the jobs that do it."""

from __future__ import annotations

from django.db.models import Model

from accounts.models import AuditEvent, Job, JobLine
from accounts.models.jobs import JobKind, JobStatus
from jobs.choosing_customers import CustomerRow, digest_of, rows_for
from subscriptions.access.scope import relations_of
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World
from tests.factories import fresh

TABLE = """
# An admin sees the jobs of everybody at the reseller, others their own
GET  customers_bulk                        AAAAAAAL OOOOODD OOOOL  OO     DD     AA     AAAAAAA OOOOODD OO      L
POST customers_bulk                        AAAAAAAL ODOONDD ODOOL  OO     DD     AA     AAAAAAA ODOONDD OO      L
GET  reseller_jobs                         AAAAAAAL OOOOODD OOOOL  OO     DD     AA     AAAAAAA OOOOODD OO      L
GET  reseller_job                          AAAAAAAL OAAAADD OAAAL  AA     DD     AA     AAAAAAA AAAAADD AA      L
GET  reseller_job_state                    AAAAAAAL OAAAADD OAAAL  AA     DD     AA     AAAAAAA AAAAADD AA      L
GET  reseller_job_lines                    AAAAAAAL OAAAADD OAAAL  AA     DD     AA     AAAAAAA AAAAADD AA      L
POST reseller_job_start                    AAAAAAAL OAAAADD OAAAL  AA     DD     AA     AAAAAAA AAAAADD AA      L
POST reseller_job_stop                     AAAAAAAL NAAAADD NAAAL  AA     DD     AA     AAAAAAA AAAAADD AA      L
"""
PAGES = ("reseller_job", "reseller_job_state", "reseller_job_lines", "reseller_job_start", "reseller_job_stop")
ASKED = {
    "action": "ask_access",
    "level": "view",
    "lasts": 7 * 24 * 3600.0,
    "reason": "Audit of licences",
    "sku": None,
    "seats": None,
    "way": "",
    "renewal": "",
    "agent": None,
    "team": None,
    "group": None,
}


def furnish(tenant: Tenant) -> None:
    """A job of the reseller's admin that was stopped with a customer left."""
    tenant.rows["reseller job"] = job = Job.objects.create(
        reseller=tenant.reseller,
        kind=JobKind.CHANGE_CUSTOMERS,
        status=JobStatus.STOPPED,
        requested_by=tenant.staff["admin"],
        arguments=ASKED,
        total=1,
    )
    cells = {"name": tenant.customer.name, "domain": tenant.domain}
    JobLine.objects.create(job=job, number=1, data={"customer": tenant.customer.pk, "cells": cells})
    tenant.arguments |= {name: {"job_id": job.pk} for name in PAGES}


def asked_everywhere(sender: Sender) -> Data:
    """Confirm what this person was shown."""
    rows: list[CustomerRow] = []
    if sender.me is not None:
        person = fresh(sender.me)
        rows = rows_for(person, list(relations_of(person).values_list("customer_id", flat=True)), ASKED)
    digest = digest_of(rows, ASKED)
    typed = {"action": "ask_access", "level": "view", "lasts": "168", "reason": "Audit of licences"}
    return typed | {"everybody": "on", "chosen": "1", "confirmed": digest}


def the_job(sender: Sender) -> list[Model]:
    return [Job.objects.get(pk=sender.world.acme.rows["reseller job"].pk)]


def more_jobs(world: World) -> None:
    Job.objects.bulk_create(
        Job(
            reseller=world.acme.reseller,
            kind=JobKind.CHANGE_CUSTOMERS,
            status=JobStatus.DONE,
            requested_by=world.acme.staff["agent"],
            arguments=ASKED,
        )
        for _ in range(MANY)
    )


def more_lines(world: World) -> None:
    JobLine.objects.bulk_create(
        JobLine(
            job=world.acme.rows["reseller job"],
            number=number + 10,
            data={"customer": world.acme.customer.pk, "cells": {"name": "X", "domain": "x.example"}},
        )
        for number in range(MANY)
    )


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "customers_bulk": Post(asked_everywhere, adds=(Job, JobLine, AuditEvent)),
        "reseller_job_start": Post(changes=the_job, adds=(AuditEvent,)),
        "reseller_job_stop": Post(changes=the_job),
    },
    lists=(
        List("reseller_jobs", RESELLER_ADMIN, more_jobs),
        List("reseller_job", RESELLER_ADMIN, more_lines),
    ),
    one_object={
        "customers_bulk": "leads back to the list",
        "reseller_job_state": "one job; the numbers stand on it",
        "reseller_job_lines": "a download, read 2,000 lines at a time",
    },
    unlinked={
        "customers_bulk": "a form; GET leads back to the list",
        "reseller_job_state": "asked by the page that follows a job",
    },
    queries_in_views={
        "web/reseller/bulk_forms.py: Sku": "the vendor's catalogue, as far as a scope has found it sold",
        "web/reseller/bulk_forms.py: Team": "always narrowed to the reader's own reseller",
        "web/reseller/bulk_forms.py: User": "always narrowed to the reader's own reseller",
    },
    verb_modules=("jobs.choosing_customers",),
    no_verbs={
        "jobs.choosing_customers.digest_of": "a question",
        "jobs.choosing_customers.foresee_customers": "tries and takes back",
        "jobs.choosing_customers.rows_for": "a question",
    },
)
