"""A reseller's own people (P11), beside what matrix.py says of its staff: deleted, restored, with another password."""

from __future__ import annotations

from django.db.models import Model

from accounts.directory.deleting import delete_user
from accounts.models import AuditEvent, CustomerAgent, Kept, RoleAssignment, User
from accounts.roles import Role
from tests.contract.areas.area import Area
from tests.contract.cases import Post, Sender, the_agent, the_team
from tests.contract.world import Tenant
from tests.factories import make_person

TABLE = """
POST reseller_agent_delete                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_agent_undelete               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_agent_password               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_agent_password               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_team_for_all                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
"""


def furnish(tenant: Tenant) -> None:
    """An agent who was deleted a moment ago."""
    gone = make_person(tenant.reseller, Role.RESELLER_AGENT, name=f"{tenant.reseller.name} Gone")
    delete_user(actor=None, person=gone)
    tenant.rows["deleted agent"] = gone
    tenant.arguments["reseller_agent_undelete"] = {"agent_id": gone.pk}


def the_deleted_agent(sender: Sender) -> list[Model]:
    gone = sender.world.acme.rows["deleted agent"]
    assert isinstance(gone, User)
    return [gone]


def all_that_an_agent_has(sender: Sender) -> list[Model]:
    agent = the_agent(sender)
    held = RoleAssignment.objects.filter(user=agent)
    return [agent, *held, *CustomerAgent.objects.filter(user=agent)]


SAVED = (AuditEvent,)
AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "reseller_agent_delete": Post(changes=all_that_an_agent_has, adds=SAVED),
        "reseller_agent_undelete": Post(changes=the_deleted_agent, adds=SAVED),
        "reseller_team_for_all": Post(lambda sender: {"customers": "all"}, lambda sender: [the_team(sender)], SAVED),
        "reseller_agent_password": Post(changes=lambda sender: [the_agent(sender)], adds=(AuditEvent, Kept)),
    },
    one_object={"reseller_agent_password": "one person"},
    unlinked={"reseller_agent_password": "sent there by the form"},
)
