from __future__ import annotations

from accounts.models import AuditEvent, RoleAssignment
from accounts.roles import Role
from tests.contract.areas.area import Area
from tests.contract.cases import Post
from tests.contract.lists import ADMIN, MANY, List
from tests.contract.world import Tenant, World
from tests.factories import make_person

TABLE = """
# Admin roles: given and taken by super admins alone (P3, R14)
GET  admin_roles                           ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  admin_role                            ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  admin_role_assign                     ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST admin_role_assign                     ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST admin_role_unassign                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  user_roles                            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_roles                            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """A second auditor, from whom the role can be taken."""
    second = make_person(tenant.customer, Role.AUDITOR, name=f"{tenant.customer.name} Second")
    tenant.rows["second auditor"] = second
    tenant.arguments["<str:role>"] = {"role": "auditor"}
    tenant.arguments["admin_role_unassign"] = {"user_id": second.pk}


def more_auditors(world: World) -> None:
    for number in range(MANY):
        make_person(world.acme.customer, Role.AUDITOR, name=f"Auditor {number}")


GIVEN = (RoleAssignment, AuditEvent)
AREA = Area(
    table=TABLE,
    posts={
        "admin_role_assign": Post(lambda sender: {"email": sender.world.acme.rows["person"].email}, adds=GIVEN),
        "admin_role_unassign": Post(
            changes=lambda sender: list(RoleAssignment.objects.filter(user=sender.world.acme.rows["second auditor"])),
            adds=(AuditEvent,),
        ),
        "user_roles": Post(lambda sender: {"roles": ["auditor"]}, adds=GIVEN),
    },
    furnish=furnish,
    lists=(List("admin_role", ADMIN, more_auditors),),
    one_object={
        "admin_roles": "six roles, and how many hold each",
        "admin_role_assign": "GET leads back to admin_role",
        "user_roles": "one person",
    },
    unlinked={"admin_role_assign": "a form; GET leads back to the page"},
)
