from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model, QuerySet

from accounts.models import AuditEvent, Device, DirectoryGroup, Job, JobLine, User
from accounts.models.jobs import BulkAction, JobKind, JobStatus, LineOutcome
from jobs.choosing import Beside
from subscriptions import licence_scope
from subscriptions.models import Subscription
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, AGENT, MANY, List
from tests.contract.world import Tenant, World
from tests.jobs.bulk_world import upload
from web.console.bulk import digest_of

NOTHING = Beside()

TABLE = """
# Work on many rows: a file or a choice, by those who manage them; a job of the customer's own for no agent (R14)
GET  import_users                          ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST import_users                          ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  import_users_template                 ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  import_devices                        ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST import_devices                        ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  import_devices_template               ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  users_bulk                            ODDOOODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST users_bulk                            ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  devices_bulk                          ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST devices_bulk                          ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  groups_bulk                           ODDODODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST groups_bulk                           ODDODDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  licences_bulk                         ODDDDODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST licences_bulk                         ODDDDDDL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  jobs                                  ODDOOODL EEEEAAA OOOOL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  job                                   ODDOOODL EEEEAAA AAAAL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  job_state                             ODDOOODL EEEEAAA AAAAL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST job_start                             ODDNDDDL EEEEAAA AAAAL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST job_stop                              ODDODDDL EEEEAAA AAAAL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  job_lines                             ODDODDDL EEEEAAA AAAAL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """A file of the super admin that waits to be started, with a good line and a bad one."""
    name = tenant.customer.name
    text = f"name,email\n{name} Newcomer,newcomer@{tenant.domain}\n{name} Wrong,wrong\n"
    tenant.rows["job"] = job = upload(tenant.people["super admin"], tenant.customer, text)
    tenant.arguments["<int:job_id>"] = {"job_id": job.pk}


def a_file(text: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("rows.csv", text.encode(), content_type="text/csv")}


def as_shown(action: BulkAction, rows: QuerySet[Any], beside: Beside = NOTHING, **sent: object) -> Data:
    """Confirm what the page shows. sent: how the rows are named; by default all that the list finds."""
    shown = digest_of(action, beside, rows.values_list("pk", flat=True))
    return {"action": action.value, "confirmed": "1", "shown": shown, **(sent or {"everybody": "on"})}


def everybody_suspended(sender: Sender) -> Data:
    people = User.objects.filter(customer=sender.world.acme.customer, deleted_at=None)
    return as_shown(BulkAction.SUSPEND, people)


def devices_blocked(sender: Sender) -> Data:
    return as_shown(BulkAction.BLOCK, Device.objects.filter(customer=sender.world.acme.customer))


def groups_deleted(sender: Sender) -> Data:
    group = sender.world.acme.rows["team"]
    return as_shown(BulkAction.DELETE, DirectoryGroup.objects.filter(pk=group.pk), group=group.pk)


def licences_assigned(sender: Sender) -> Data:
    subscription = sender.world.acme.bought
    people = User.objects.filter(customer=sender.world.acme.customer, deleted_at=None)
    without = licence_scope.lacking(people, subscription, Subscription.objects.filter(pk=subscription.pk))
    return as_shown(BulkAction.ASSIGN_LICENCES, without, Beside(subscription=subscription))


def the_job(sender: Sender) -> list[Model]:
    return [Job.objects.get(pk=sender.world.acme.rows["job"].pk)]


def more_jobs(world: World) -> None:
    for people in (world.acme.people["super admin"], world.acme.staff["agent"]):
        Job.objects.bulk_create(
            Job(customer=world.acme.customer, kind=kind, status=JobStatus.DONE, requested_by=people)
            for kind in (JobKind.IMPORT_USERS, JobKind.IMPORT_DEVICES)
            for _ in range(MANY)
        )


def more_lines(world: World) -> None:
    JobLine.objects.bulk_create(
        JobLine(
            job=world.acme.rows["job"],
            number=number + 10,
            data={"cells": {"name": "X"}, "column": "email"},
            outcome=LineOutcome.REFUSED,
            message="Enter an e-mail address.",
        )
        for number in range(MANY)
    )
    JobLine.objects.bulk_create(
        JobLine(
            job=world.acme.rows["job"],
            number=number + 10 + MANY,
            data={"cells": {"name": "Y"}, "does": "change", "was": {"name": "X"}},
        )
        for number in range(MANY)
    )


STARTED = (Job, AuditEvent)
AREA = Area(
    table=TABLE,
    posts={
        "import_users": Post(lambda sender: a_file("name,email\nEva,eva@acme.example\n"), adds=STARTED),
        "import_devices": Post(lambda sender: a_file("kind,serial_number\nios,A1\n"), adds=STARTED),
        "users_bulk": Post(everybody_suspended, adds=(JobLine, *STARTED)),
        "devices_bulk": Post(devices_blocked, adds=(JobLine, *STARTED)),
        "groups_bulk": Post(groups_deleted, adds=(JobLine, *STARTED)),
        "licences_bulk": Post(licences_assigned, adds=(JobLine, *STARTED)),
        "job_start": Post(changes=the_job, adds=(AuditEvent,)),
        "job_stop": Post(changes=the_job, adds=(AuditEvent,)),
    },
    furnish=furnish,
    lists=(
        List("jobs", ADMIN, more_jobs),
        List("jobs", AGENT, more_jobs, label="an agent"),
        List("job", ADMIN, more_lines),
    ),
    one_object={
        "import_users": "one form",
        "import_users_template": "a file with one example, without a query of its own",
        "import_devices": "one form",
        "import_devices_template": "a file with one example, without a query of its own",
        "job_state": "one job; the numbers stand on it",
        "job_lines": "a download, read 2,000 lines at a time",
    },
    unlinked={
        "users_bulk": "a form; GET leads back to the list",
        "devices_bulk": "a form; GET leads back to the list",
        "groups_bulk": "a form; GET leads back to the list",
        "licences_bulk": "a form; GET leads back to the list",
    },
    scope_tests={
        "accounts.Job": ("tests/jobs/test_bulk_changes.py", "agent_sees_its_own_jobs_only"),
        "accounts.JobLine": ("tests/jobs/test_bulk_changes.py", "agent_sees_its_own_jobs_only"),
    },
    verb_modules=(
        "accounts.directory.importing",
        "jobs.choosing",
        "jobs.starting",
        "jobs.stopping",
    ),
    no_verbs={
        "accounts.directory.importing.refusals": "a question",
        "jobs.choosing.foresee": "a question",
        "jobs.starting.may_go_on": "a question",
        "jobs.stopping.locked": "how a verb begins",
        "jobs.stopping.refuse_too_many": "part of the verbs that begin jobs",
        "jobs.stopping.end": "part of stop_job and of the worker, in their transaction",
    },
)
