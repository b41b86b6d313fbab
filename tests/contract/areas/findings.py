"""*Health*: what is wrong with the access that a customer gives, for its super admins alone (R5)."""

from __future__ import annotations

from accounts.models import AuditEvent
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessChange, AccessGrant, FindingSnooze
from subscriptions.models.change import FailureReason, Outcome
from subscriptions.models.finding import FindingKind
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, List
from tests.contract.world import WORKSPACE, Tenant, World, sell
from tests.factories import make_reseller
from web.console.health import health_now

TABLE = """
GET  health                                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST health                                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST health_take_back                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
"""


def furnish(tenant: Tenant) -> None:
    """A finding that was snoozed: there is one super admin, as was known."""
    admin = tenant.people["super admin"]
    tenant.rows["finding snooze"] = FindingSnooze.objects.create(
        customer=tenant.customer,
        kind=FindingKind.ONLY_ADMIN,
        subject=tenant.customer.name,
        facts=str(admin.pk),
        reason=f"{tenant.customer.name} 2027",
        snoozed_by=admin,
        snoozed_by_email=admin.email,
    )


def more_failures(world: World) -> None:
    """Resellers whose access could not be given."""
    for number in range(MANY):
        sell(world.acme.customer, make_reseller(f"Unlucky {number}"), WORKSPACE)
    grants = AccessGrant.objects.filter(reseller__name__startswith="Unlucky")
    grants.update(effective_from=None, effective_until=None, observed_generation=1)
    changes = AccessChange.objects.filter(grant__in=grants)
    changes.update(outcome=Outcome.FAILED, failure_reason=FailureReason.GAVE_UP, settled_at="2020-01-01T00:00Z")


def snoozed(sender: Sender) -> Data:
    """The most urgent finding of Acme, for thirty days."""
    customer = sender.world.acme.customer
    finding = health_now(customer, overview_of(customer)).needs_a_look[0]
    return {"finding": finding.key, "lasts": "720", "reason": "We know"}


def the_snooze(sender: Sender) -> FindingSnooze:
    snooze = sender.world.acme.rows["finding snooze"]
    assert isinstance(snooze, FindingSnooze)
    return snooze


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "health": Post(snoozed, adds=(FindingSnooze, AuditEvent)),
        "health_take_back": Post(
            lambda sender: {"snooze": str(the_snooze(sender).pk)}, lambda sender: [the_snooze(sender)], (AuditEvent,)
        ),
    },
    lists=(List("health", ADMIN, more_failures),),
    scope_tests={"subscriptions.FindingSnooze": ("tests/access/test_snoozing.py", "test_R5_a_stranger")},
    verb_modules=("subscriptions.access.snoozing",),
    no_verbs={"subscriptions.access.snoozing.health_of": "a question"},
)
