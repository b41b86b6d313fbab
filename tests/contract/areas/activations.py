"""Access that is open only when needed (R20): an agent activates it, another person approves, either side ends it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Model
from django.db.models.functions import Now

from accounts.models import Activation, AuditEvent, ConsoleSession, Mail, Notification, User
from accounts.models.activations import ActivationStatus, Approval
from accounts.roles import Role
from accounts.staffing import assign_customers_to_agent
from subscriptions.models import AccessGrant
from subscriptions.models.standing import Standing
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World
from tests.factories import make_person

TABLE = """
GET  activations                           ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST activation_approve                    ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  activation_reject                     ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST activation_reject                     ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST activation_end                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_activate                     AAAAAAAL OOOOADD OOOOL  DD     DD     AA     AAAAAAA AAAAADD AA      L
POST reseller_activate                     AAAAAAAL OOOOADD OOOOL  DD     DD     AA     AAAAAAA AAAAADD AA      L
GET  reseller_activate_more                AAAAAAAL OOOOADD OOOOL  DD     DD     AA     AAAAAAA AAAAADD AA      L
POST reseller_activate_more                AAAAAAAL OOOOADD OOOOL  DD     DD     AA     AAAAAAA AAAAADD AA      L
POST reseller_activation_end               AAAAAAAL OAAAADD OAAAL  AA     DD     AA     AAAAAAA AAAAADD AA      L
GET  reseller_activations                  AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_activation_approve           AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_activation_reject            AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_activation_reject            AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
"""
# Longer than a run of the tests.
A_DAY = timedelta(days=1)
REASON = {"reason": "Look at the printers", "lasts": "1"}


def furnish(tenant: Tenant) -> None:
    """Of three more agents one is inside, one waits for the customer, and one for an admin of their own."""
    inside, asks_customer, asks_reseller = (make_person(tenant.reseller, Role.RESELLER_AGENT) for _ in range(3))
    for agent in (inside, asks_customer, asks_reseller):
        assign_customers_to_agent(actor=None, agent=agent, customers=[tenant.customer])
    running = make_activation(tenant, inside, begun=True)
    waiting = make_activation(tenant, asks_customer, Approval.CUSTOMER)
    within = make_activation(tenant, asks_reseller, Approval.RESELLER)
    tenant.rows |= {"activation": running, "waiting activation": waiting, "activation within": within}
    tenant.arguments["<int:number>"] = {"number": running.pk}
    tenant.arguments["<int:activation_id>"] = {"activation_id": waiting.pk}
    for name in ("reseller_activation_approve", "reseller_activation_reject"):
        tenant.arguments[name] = {"activation_id": within.pk}


def make_activation(
    tenant: Tenant,
    agent: User,
    approval: str = Approval.AT_ONCE,
    *,
    begun: bool = False,
    number: int = 0,
    left: timedelta = A_DAY,
) -> Activation:
    began = tenant.grant().effective_from
    assert began is not None
    return Activation.objects.create(
        customer=tenant.customer,
        reseller=tenant.reseller,
        agent=agent,
        window_began=began,
        reason=f"{tenant.reseller.name} {number} {tenant.customer.name}",
        lasts=timedelta(hours=4),
        approval=approval,
        status=ActivationStatus.BEGUN if begun else ActivationStatus.WAITING,
        asked_at=Now() - timedelta(minutes=5),
        expires_at="2100-01-01T00:00Z",
        effective_from=Now() - timedelta(hours=3) if begun else None,
        effective_until=Now() + left if begun else None,
    )


def more_activations(world: World) -> None:
    for number in range(MANY):
        agent = make_person(world.acme.reseller, Role.RESELLER_AGENT)
        make_activation(world.acme, agent, begun=True, number=number)


def more_to_approve(world: World) -> None:
    for number in range(MANY):
        agent = make_person(world.acme.reseller, Role.RESELLER_AGENT)
        make_activation(world.acme, agent, Approval.RESELLER, number=number)


def open_on_request(sender: Sender) -> Data:
    """The console is open only when needed."""
    console = AccessGrant.objects.filter(pk=sender.world.acme.grant().pk)
    console.update(standing=Standing.NOTHING, effective_standing=Standing.NOTHING)
    return REASON


def nearly_over(sender: Sender) -> Data:
    """The sender is inside for five minutes more."""
    if sender.me is not None and sender.me.reseller_id == sender.world.acme.reseller.pk:
        make_activation(sender.world.acme, sender.me, begun=True, left=timedelta(minutes=5))
    return open_on_request(sender)


def the_console(sender: Sender) -> list[Model]:
    return [sender.world.acme.grant()]


def the(name: str, sender: Sender) -> list[Model]:
    return [sender.world.acme.rows[name]]


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "activation_approve": Post(
            open_on_request, lambda sender: [*the_console(sender), *the("waiting activation", sender)], (AuditEvent,)
        ),
        "activation_reject": Post(
            lambda sender: REASON, lambda sender: the("waiting activation", sender), (AuditEvent,)
        ),
        "activation_end": Post(changes=lambda sender: the("activation", sender), adds=(AuditEvent,)),
        "reseller_activate": Post(
            open_on_request,
            lambda sender: [*the_console(sender), *sender.inside()],
            (Activation, ConsoleSession, Notification, Mail, AuditEvent),
        ),
        "reseller_activate_more": Post(
            nearly_over,
            lambda sender: [*the_console(sender), *sender.inside()],
            (Activation, ConsoleSession, Notification, Mail, AuditEvent),
        ),
        "reseller_activation_end": Post(changes=lambda sender: the("activation", sender), adds=(AuditEvent,)),
        "reseller_activation_approve": Post(
            open_on_request, lambda sender: [*the_console(sender), *the("activation within", sender)], (AuditEvent,)
        ),
        "reseller_activation_reject": Post(
            lambda sender: REASON, lambda sender: the("activation within", sender), (AuditEvent,)
        ),
    },
    lists=(
        List("activations", ADMIN, more_activations),
        List("reseller_activations", RESELLER_ADMIN, more_to_approve),
    ),
    one_object={
        "activation_reject": "one activation",
        "reseller_activation_reject": "one activation",
        "reseller_activate": "one customer",
        "reseller_activate_more": "one customer",
    },
    unlinked={
        "reseller_activate": "offered where the console is open only when needed, and here it is open at all times",
        "reseller_activate_more": "offered in the bar of a console during an activation",
    },
    scope_tests={"accounts.Activation": ("tests/web/console/test_activations_page.py", "test_R20_a_stranger")},
    verb_modules=("subscriptions.access.activating", "accounts.console_sessions.activations"),
    no_verbs={
        "subscriptions.access.activating.activations_ended_by": "a question",
        "subscriptions.access.activating.activations_of": "a question",
        "subscriptions.access.activating.activations_to_approve_at": "a question",
        "subscriptions.access.activating.activations_to_approve_by": "a question",
        "subscriptions.access.activating.hours_to_choose": "a question",
        "subscriptions.access.activating.lasting_or_waiting": "a question",
        "subscriptions.access.activating.reach_of": "a question",
        "subscriptions.access.activating.rejected_last": "a question",
        "accounts.console_sessions.activations.end_all_activations": "part of the verb that restores",
        "accounts.console_sessions.activations.end_of_who_left": "part of the verbs that take work away",
        "accounts.console_sessions.activations.lock_agent": "a lock",
        "accounts.console_sessions.activations.is_lasting": "a condition",
        "accounts.console_sessions.activations.is_running": "a condition",
        "accounts.console_sessions.activations.is_waiting": "a condition",
        "accounts.console_sessions.activations.with_number": "a condition",
    },
)
