"""Bulk changes in the demo: what came out of one in Acme's console, and of one at Resale One."""

from __future__ import annotations

from accounts import staffing
from accounts.models import Customer, DirectoryGroup, Team, User
from accounts.models.jobs import BulkAction, JobKind
from demo.cast import ACME
from demo.scene import Scene
from jobs import running
from jobs.choosing import Beside, change_rows
from jobs.choosing_customers import change_customers, rows_for
from subscriptions.access.scope import relations_of

ANA, ROSA = "ana@acme.example", "rosa@resale-one.example"
PEOPLE, CUSTOMERS = 60, 8


def leave_some_done(scene: Scene) -> None:
    """Ana puts people into a group, some of whom are in it; Rosa gives a team more customers; a worker does both."""
    ana, rosa = scene.actors[ANA], scene.actors[ROSA]
    acme = Customer.objects.get(primary_domain=ACME)
    group = DirectoryGroup.objects.filter(customer=acme).order_by("pk").first()
    # As ids, as a page sends them: within the statement, with statistics of other rows it took half a minute.
    people = User.objects.filter(customer=acme, role_assignments=None).order_by("pk")
    chosen = list(people.values_list("pk", flat=True)[:PEOPLE])
    change_rows(
        actor=ana,
        customer=acme,
        kind=JobKind.CHANGE_USERS,
        action=BulkAction.ADD_TO_GROUP,
        chosen=User.objects.filter(pk__in=chosen),
        beside=Beside(group=group),
    )
    reseller = rosa.user.reseller
    assert reseller is not None
    team = Team.objects.filter(reseller=reseller).order_by("-pk")[0]
    relations = relations_of(rosa.user).exclude(customer=acme).order_by("customer_sort_name")
    for other in Team.objects.filter(reseller=reseller).exclude(pk=team.pk):
        # Agents of two teams see different customers.
        relations = relations.exclude(customer__in=staffing.customers_of_team(other))
    details = {"action": str(BulkAction.ASSIGN_STAFF), "team": team.pk, "agent": None}
    ids = list(relations.values_list("customer_id", flat=True)[:CUSTOMERS])
    rows = rows_for(rosa.user, ids, details)
    change_customers(actor=rosa, reseller=reseller, rows=rows, details=details)
    for _batch in running.batches():
        pass
