"""Two people (R21): what waits for a second super admin, and what needs one."""

from __future__ import annotations

from django.db.models import Model
from django.db.models.functions import Now

from accounts.models import AuditEvent, Proposal, TwoPeople
from accounts.models.two_people import ProposalKind, ProposalStatus
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, List
from tests.contract.world import Tenant, World

TABLE = """
GET  two_people                            ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  two_people_rules                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST two_people_rules                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  proposal                              ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST proposal                              ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """The super admin proposed to make another person one."""
    tenant.rows["proposal"] = made = make_proposal(tenant)
    tenant.arguments["<int:proposal_id>"] = {"proposal_id": made.pk}


def make_proposal(tenant: Tenant, status: str = ProposalStatus.WAITING, number: int = 0) -> Proposal:
    author = tenant.people["super admin"]
    waits = status == ProposalStatus.WAITING
    return Proposal.objects.create(
        customer=tenant.customer,
        kind=ProposalKind.SUPER_ADMIN,
        said={"person": tenant.people["auditor"].pk, "number": number},
        subject=f"{number} {tenant.customer.name}",
        author=author,
        author_email=author.email,
        made_at=Now(),
        expires_at="2100-01-01T00:00Z",
        status=status,
        answered_at=None if waits else Now(),
        answer="" if waits else f"{tenant.customer.name} {number}",
    )


def more_proposals(world: World) -> None:
    for number in range(MANY):
        make_proposal(world.acme, ProposalStatus.REJECTED, number)


def loosened(sender: Sender) -> Data:
    """Two people are demanded for tokens when they untick it: that waits."""
    TwoPeople.objects.create(customer=sender.world.acme.customer, transfer_tokens=True)
    return {"form": "demands", "demands": []}


def waiting(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["proposal"]]


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "two_people_rules": Post(loosened, adds=(TwoPeople, Proposal, AuditEvent)),
        "proposal": Post(lambda sender: {"verb": "withdraw"}, waiting, adds=(AuditEvent,)),
    },
    lists=(List("two_people", ADMIN, more_proposals),),
    one_object={
        "proposal": "one proposal",
        "two_people_rules": "GET leads back to two_people",
    },
    unlinked={"two_people_rules": "a form; GET leads back to the page"},
    scope_tests={
        "accounts.Proposal": (
            "tests/access/test_two_people.py",
            "test_R21_only_its_super_admins_answer",
        ),
        "accounts.TwoPeople": ("tests/accounts/test_two_people.py", "test_R21_one_customer_s_rule_is_no_other_s"),
        "accounts.PastSuperAdmin": ("tests/accounts/test_two_people.py", "test_R21_who_was_a_super_admin_elsewhere"),
    },
    verb_modules=("accounts.two_people.proposing", "accounts.two_people.answering", "accounts.two_people.rule"),
    no_verbs={
        "accounts.two_people.answering.is_alone": "a question",
        "accounts.two_people.proposing.end_as_super_admin": "part of the verbs by which a person is one no more",
        "accounts.two_people.proposing.lock_proposal": "how the verbs begin",
        "accounts.two_people.proposing.record_proposal": "part of the verbs: their event",
        "accounts.two_people.proposing.require_waiting": "a question",
        "accounts.two_people.proposing.said_of": "words",
        "accounts.two_people.proposing.settle": "part of the verbs: what became of a proposal",
    },
)
