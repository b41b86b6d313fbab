"""Lost second factors (P12): proposed by a super admin, begun by an operator, cancelled by anyone concerned."""

from __future__ import annotations

from django.db.models import Model

from accounts.models import Address, AuditEvent, FactorReset, Mail, Proposal, RoleAssignment, User
from accounts.roles import Role
from accounts.sign_in.lost_factor import begin_reset, waiting_resets
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import MANY, OPERATOR, List
from tests.contract.world import Tenant, World
from tests.factories import make_person
from tests.second_factors import give_app

TABLE = """
GET  user_lost_factor                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_lost_factor                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST user_lost_factor_cancel               ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST reseller_agent_factor_cancel          AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST factor_reset_cancel                   ONNNNNNL NNNNNNN NNNNL  NN     NN     NN     ONNNNNN NNNNNNN NN      L
GET  operations_lost_factors               AAAAAAAL AAAAAAA AAAAL  AA     AA     OD     AAAAAAA AAAAAAA AA      L
POST operations_lost_factors               AAAAAAAL AAAAAAA AAAAL  AA     AA     OD     AAAAAAA AAAAAAA AA      L
POST operations_lost_factor_cancel         AAAAAAAL AAAAAAA AAAAL  AA     AA     OD     AAAAAAA AAAAAAA AA      L
"""
REASON = "They called from the number that we know."


def furnish(tenant: Tenant) -> None:
    """A person with a factor; and a reset that waits for a person, for the super admin, and for an agent."""
    person, waiting = (make_person(tenant.customer, name=f"{tenant.customer.name} {word}") for word in ("Lost", "Soon"))
    for one in (person, waiting, agent := make_person(tenant.reseller, name=f"{tenant.reseller.name} Soon")):
        give_app(one)
    tenant.rows["lost"] = person
    tenant.rows["reset"] = reset = begin_reset(actor=None, person=waiting, reason=REASON)
    begin_reset(actor=None, person=tenant.people["super admin"], reason=REASON)
    tenant.rows["agent reset"] = begin_reset(actor=None, person=agent, reason=REASON)
    tenant.arguments["user_lost_factor"] = {"user_id": person.pk}
    tenant.arguments["user_lost_factor_cancel"] = {"user_id": waiting.pk}
    tenant.arguments["reseller_agent_factor_cancel"] = {"agent_id": agent.pk}
    tenant.arguments["<int:reset_id>"] = {"reset_id": reset.pk}


def propose(sender: Sender) -> Data:
    """Another super admin, who could approve it, is made with it."""
    make_person(sender.world.acme.customer, Role.SUPER_ADMIN, name="Acme Approver")
    return {"reason": REASON}


def of_acme(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["reset"]]


def of_agent(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["agent reset"]]


def own(sender: Sender) -> list[Model]:
    return list(waiting_resets().filter(person=sender.me))


def begin(sender: Sender) -> Data:
    return {"email": sender.world.acme.rows["lost"].email, "reason": REASON}


def more_resets(world: World) -> None:
    for number in range(MANY):
        person = make_person(world.acme.customer, name=f"Reset {number}")
        give_app(person)
        begin_reset(actor=None, person=person, reason=REASON)


CANCELLED = (AuditEvent, Mail)
AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "user_lost_factor": Post(propose, adds=(Proposal, AuditEvent, User, Address, RoleAssignment)),
        "user_lost_factor_cancel": Post(changes=of_acme, adds=CANCELLED),
        "reseller_agent_factor_cancel": Post(changes=of_agent, adds=CANCELLED),
        "factor_reset_cancel": Post(changes=own, adds=CANCELLED),
        "operations_lost_factors": Post(begin, adds=(FactorReset, AuditEvent, Mail)),
        "operations_lost_factor_cancel": Post(changes=of_acme, adds=CANCELLED),
    },
    lists=(List("operations_lost_factors", OPERATOR, more_resets),),
    one_object={"user_lost_factor": "one person"},
    scope_tests={
        "accounts.FactorReset": (
            "tests/accounts/test_lost_factor.py",
            "test_P12_nobody_else_proposes_begins_or_cancels",
        ),
    },
    verb_modules=("accounts.sign_in.lost_factor", "accounts.sign_in.grace"),
    no_verbs={
        "accounts.sign_in.lost_factor.waiting_resets": "a query set",
        "accounts.sign_in.lost_factor.waiting_resets_of_operators": "a query set",
        "accounts.sign_in.lost_factor.reset_of": "a question",
        "accounts.sign_in.lost_factor.proposal_about": "a question",
        "accounts.sign_in.lost_factor.due_resets": "the steps of a sweep",
        "accounts.sign_in.grace.reminders": "the steps of a sweep",
    },
)
