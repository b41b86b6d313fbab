"""1,000 people changed at once, against what importing as many people costs in the same run."""

from __future__ import annotations

import time

from accounts.actor import Actor
from accounts.directory import groups, org_units
from accounts.directory.tree import tree_of
from accounts.models import Customer, Job, User
from accounts.models.jobs import BulkAction, JobKind, JobStatus
from benchmarks.importing import new_admin, progress, timed
from jobs.choosing import Beside, change_rows
from jobs.starting import start_job, upload_file
from subscriptions.models import Sku, Subscription
from subscriptions.models.subscription import Plan, Status

PEOPLE, ROUNDS = 1_000, 3
GOAL = 3.0


def run() -> None:
    """Print the medians of some rounds."""
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, seconds in _one_round():
            times.setdefault(name, []).append(seconds)
    medians = {name: sorted(seen)[ROUNDS // 2] for name, seen in times.items()}
    floor = medians["import"]
    print(f"\n{PEOPLE:,} people changed by one worker process; goal: {GOAL:.0f} x what importing them costs")
    for name, seconds in medians.items():
        print(f"  {name:<58} {seconds:>8.3f} s {seconds / floor:>7.2f} x {PEOPLE / seconds:>8,.0f} a second")


def _one_round() -> list[tuple[str, float]]:
    customer, admin = new_admin()
    found = [("import", _imported(customer, admin))]
    unit = org_units.create_org_unit(actor=None, customer=customer, parent=tree_of(customer).root, name="Sales")
    group = groups.create_group(actor=None, customer=customer, email=f"all@{customer.primary_domain}", name="All")
    subscription = Subscription.objects.create(
        customer=customer,
        sku=Sku.objects.get(pk="1010020027"),
        plan=Plan.FLEXIBLE,
        status=Status.ACTIVE,
        maximum_number_of_seats=2 * PEOPLE,
    )
    steps = (
        (BulkAction.PASSWORD_MAIL, Beside()),
        (BulkAction.MOVE, Beside(org_unit=unit)),
        (BulkAction.ADD_TO_GROUP, Beside(group=group)),
        (BulkAction.REMOVE_FROM_GROUP, Beside(group=group)),
        (BulkAction.ASSIGN_LICENCES, Beside(subscription=subscription)),
        (BulkAction.UNASSIGN_LICENCES, Beside(subscription=subscription)),
        (BulkAction.SUSPEND, Beside()),
        (BulkAction.RESTORE, Beside()),
        (BulkAction.DELETE, Beside()),
    )
    return [*found, *((str(action), _changed(customer, admin, action, beside)) for action, beside in steps)]


def _imported(customer: Customer, admin: User) -> float:
    """Return the seconds in which a file with as many people is checked and written."""
    lines = (f"Person {n},person{n}@{customer.primary_domain},/\n" for n in range(PEOPLE))
    text = "name,email,org_unit\n" + "".join(lines)
    began = time.perf_counter()
    kind = JobKind.IMPORT_USERS
    job = upload_file(actor=Actor(admin), customer=customer, kind=kind, file_name="people.csv", text=text)
    timed(JobStatus.READY, job)
    start_job(actor=Actor(admin), job=Job.objects.get(pk=job.pk))
    list(progress(job))
    return time.perf_counter() - began


def _changed(customer: Customer, admin: User, action: BulkAction, beside: Beside) -> float:
    """Return the seconds in which everybody but the admin is changed, from the choice to the last line."""
    chosen = User.objects.exclude(pk=admin.pk)
    began = time.perf_counter()
    kind = JobKind.CHANGE_USERS
    job = change_rows(actor=Actor(admin), customer=customer, kind=kind, action=action, chosen=chosen, beside=beside)
    list(progress(job))
    seconds = time.perf_counter() - began
    done = Job.objects.get(pk=job.pk).arguments["outcomes"]
    if done != {"done": PEOPLE}:
        raise AssertionError(f"{action}: {done}")
    return seconds
