"""Access that is open only when needed, in the demo: one agent was let in, waits, and is inside elsewhere (R20)."""

from __future__ import annotations

from datetime import timedelta

from accounts.models.activations import Approval
from demo.cast import LUMIERE, RESALE_ONE, TOM
from demo.scene import Scene
from subscriptions.access.activating import activate, approve_activation
from subscriptions.access.policy import change_access_policy
from subscriptions.models import AccessGrant
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing

_TWO_HOURS = timedelta(hours=2)


def be_let_in(scene: Scene) -> None:
    """Claire of Lumière approves each activation herself: Tom was let in yesterday."""
    claire, lumiere = scene.actors["claire@lumiere.example"], scene.customers[LUMIERE]
    change_access_policy(
        actor=claire,
        customer=lumiere,
        longest=None,
        level=Level.FULL,
        lasts=None,
        activation_approval=Approval.CUSTOMER,
    )
    asked = activate(
        actor=scene.actors[TOM],
        customer=lumiere,
        lasts=_TWO_HOURS,
        reason="Move the tablets of the second shop to their new unit",
        case_number="L-2214",
    )
    approve_activation(actor=claire, customer=lumiere, activation_id=asked.pk)


def leave_some_under_way(scene: Scene) -> None:
    """Tom waits for Claire again, and is inside for four hours at a customer that lets agents in at once."""
    tom = scene.actors[TOM]
    activate(
        actor=tom,
        customer=scene.customers[LUMIERE],
        lasts=_TWO_HOURS,
        reason="The till of the third shop cannot sign in",
        case_number="L-2219",
    )
    on_request = AccessGrant.objects.filter(
        reseller=scene.resellers[RESALE_ONE], subscription=None, ended_at=None, effective_standing=Standing.NOTHING
    )
    for grant in on_request.filter(customer__in=_of_toms_team(scene)).select_related("customer").order_by("pk")[:1]:
        activate(
            actor=tom, customer=grant.customer, lasts=2 * _TWO_HOURS, reason="Set up the accounts of two new colleagues"
        )


def _of_toms_team(scene: Scene) -> list[int]:
    """Return the customers of Tom's team: every second one of the long list."""
    return [scene.customers[domain].pk for domain in scene.others()[::2]]
