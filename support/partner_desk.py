"""Who works on a case at a partner: what its own people decide, and nobody else reads (S13)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.errors import Refused
from accounts.models import Customer, CustomerAgent, CustomerTeam, RoleAssignment, Team, User
from accounts.names import isolated
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, SUPPORT_ROLES
from support.case_history import lock_case, may_change
from support.models import Case, PartnerAssignee
from support.models.case import State


@transaction.atomic
def take_at_partner(*, actor: Actor, case_id: int) -> Case | None:
    """Take a case that no colleague has. Returns None where it is one's own already.

    Of two at once the first has it. Raises Refused, which says who, for the second.
    """
    case, reseller_id = _lock(actor, case_id)
    at_work = assignees_in_place(reseller_id).filter(case=case).select_related("assignee").first()
    if at_work is not None and at_work.assignee_id == actor.user.pk:
        return None
    if at_work is not None:
        raise Refused(
            _("%(name)s has taken this case.") % {"name": isolated(at_work.assignee.name)}, reason="conditionNotMet"
        )
    return _give(actor, case, reseller_id, actor.user)


@transaction.atomic
def assign_at_partner(*, actor: Actor, case_id: int, assignee: User | None) -> Case | None:
    """Give a case to a colleague who may work on it, or to nobody. Returns None where it is so already."""
    case, reseller_id = _lock(actor, case_id)
    if assignee is not None:
        found = User.objects.filter(pk=assignee.pk, reseller=reseller_id, is_active=True).first()
        if found is None or not may_change(found, case):
            raise Refused(_("Only colleagues who may work on this case can have it."), "assignee")
    return _give(actor, case, reseller_id, assignee)


def colleagues(reseller_id: int, customer: Customer) -> QuerySet[User]:
    """Return the people of a reseller who may have cases of a customer, by name; the verb asks exactly."""
    people = User.objects.filter(reseller=reseller_id, is_active=True)
    return people.filter(_has_cases(OuterRef("pk"), customer)).order_by("name", "pk")


def assignees_in_place(reseller_id: int) -> QuerySet[PartnerAssignee]:
    """Return who works on which case at a reseller, without those who left it, or who have such cases no more."""
    rows = PartnerAssignee.objects.filter(
        reseller=reseller_id, assignee__is_active=True, assignee__reseller=F("reseller")
    )
    return rows.filter(_has_cases(OuterRef("assignee"), OuterRef("case__customer")))


def with_partner_assignee(cases: QuerySet[Case], reseller_id: int) -> QuerySet[Case]:
    """Add `at_desk` to cases: the name of who works on them at this reseller; None: nobody."""
    at_work = assignees_in_place(reseller_id).filter(case=OuterRef("pk"))
    return cases.annotate(at_desk=Subquery(at_work.values("assignee__name")[:1]))


def is_at_partner(reseller_id: int, person: User | None = None) -> Exists:
    """Return the condition that a case is at a person of a reseller, or at this person."""
    at_work = assignees_in_place(reseller_id).filter(case=OuterRef("pk"))
    return Exists(at_work if person is None else at_work.filter(assignee=person))


def _has_cases(user: OuterRef, customer: OuterRef | Customer) -> Q:
    """Return the condition that a role, or working for the customer, lets a person have its cases (P4)."""
    roles = RoleAssignment.objects.filter(user=user)
    direct = CustomerAgent.objects.filter(user=user, content_object=customer)
    by_team = CustomerTeam.objects.filter(group__user=user, content_object=customer)
    for_all = Team.objects.filter(group__user=user, works_for_all=True)
    works = Exists(roles.filter(role__in=ASSIGNED_CUSTOMERS_ROLES)) & (
        Exists(direct) | Exists(by_team) | Exists(for_all)
    )
    return Q(Exists(roles.filter(role__in=SUPPORT_ROLES | ALL_CUSTOMERS_ROLES))) | Q(works)


def _lock(actor: Actor, case_id: int) -> tuple[Case, int]:
    """Lock a case for a person of a reseller who may change it; raises PermissionDenied for all others."""
    case, reseller_id = lock_case(actor, case_id), actor.user.reseller_id
    if reseller_id is None:
        raise PermissionDenied(_("Your role does not allow this."))
    return case, reseller_id


def _give(actor: Actor, case: Case, reseller_id: int, assignee: User | None) -> Case | None:
    row = PartnerAssignee.objects.select_related("assignee").filter(case=case, reseller=reseller_id).first()
    if (row.assignee_id if row else None) == (assignee.pk if assignee else None):
        return None
    if assignee is not None and case.state == State.CLOSED:
        raise Refused(_("This case is closed. Reopen it before you assign it."), reason="conditionNotMet")
    if row is not None:
        row.delete()
    if assignee is not None:
        PartnerAssignee.objects.create(case=case, reseller_id=reseller_id, assignee=assignee)
    old, new = _named(row.assignee if row else None), _named(assignee)
    record_internal(EventName.ASSIGN_CASE_AT_PARTNER, case, actor=actor, old=old, new=new)
    return case


def _named(person: User | None) -> dict[str, Any]:
    return {"assignee": person.email if person else None}


def record_internal(name: EventName, case: Case, *, actor: Actor, old: Any = None, new: Any = None) -> None:
    """Write an event that stands in no customer's log: it is the business of the actor's organisation alone (S13)."""
    record_audit(
        name,
        actor=actor,
        customer=None,
        subject=f"#{case.pk}",
        old=old,
        new={"customer": case.customer.primary_domain} | (new or {}),
        about_id=case.pk,
    )
