"""The rule itself: what a customer demands a second super admin for (R21). Making it looser needs a second one too."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Customer, Proposal, TwoPeople
from accounts.models.two_people import Demand, ProposalKind
from accounts.permissions import Permission
from accounts.two_people.demands import demands_of, super_admins_of
from accounts.two_people.kinds import Kind, Said
from accounts.two_people.proposing import propose


@dataclass(frozen=True, slots=True)
class SavedRule:
    """What became of a rule: whether something is stricter now, and what waits for another super admin."""

    is_stricter: bool
    proposal: Proposal | None


@transaction.atomic
def change_two_people(*, actor: Actor, customer: Customer, demands: Collection[Demand]) -> SavedRule:
    """Demand a second super admin for exactly these; what is demanded no more waits for a second one itself.

    Raises Refused where more is demanded and there is no second super admin; PermissionDenied for anybody but a super
    admin.
    """
    customer = lock_customer(customer)
    authorise(actor, Permission.CHANGE_RESELLER_ACCESS, customer)
    before, wanted = demands_of(customer), frozenset(demands)
    added, removed = wanted - before, before - wanted
    if added and super_admins_of(customer).count() < 2:
        raise Refused(
            _("Your organisation has one super admin. Make a second one first."), "demands", reason="conditionNotMet"
        )
    if added:
        _save(actor, customer, before, before | added)
    proposal = None
    if removed:
        said = {"removed": sorted(removed)}
        proposal = propose(actor=actor, customer=customer, kind=ProposalKind.RULE, subject=customer.name, said=said)
    return SavedRule(bool(added), proposal)


def _says(_actor: Actor, customer: Customer, said: Said) -> list[str]:
    text = _("One super admin alone will decide about: {what}.")
    return [str(format_lazy(text, what=demand.label)) for demand in _removed(customer, said)]


def _carry_out(actor: Actor, customer: Customer, said: Said) -> str:
    if removed := _removed(customer, said):
        before = demands_of(customer)
        _save(actor, customer, before, before - frozenset(removed))
    return ""


def _removed(customer: Customer, said: Said) -> list[Demand]:
    """Return what is still demanded of what was to be demanded no more."""
    before = demands_of(customer)
    return [demand for demand in Demand if demand in before and demand in said["removed"]]


def _save(actor: Actor, customer: Customer, before: frozenset[Demand], after: frozenset[Demand]) -> None:
    values = {demand.value: demand in after for demand in Demand}
    TwoPeople.objects.update_or_create(customer=customer, defaults=values)
    record_audit(
        EventName.CHANGE_TWO_PEOPLE,
        actor=actor,
        customer=customer,
        subject=customer.name,
        target=customer,
        old={"two_people_for": sorted(before)},
        new={"two_people_for": sorted(after)},
    )


KINDS = {ProposalKind.RULE: Kind(_says, _carry_out)}
