"""Which cases of which services a person may see, at this instant; the default is nothing (S5, S6, S7).

A reseller sees cases in two ways. Its access to the console opens those of the whole account (R14, S5).
An active assignment opens those of one service (S6); it is a decision of its own and needs no console access.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Customer, User
from accounts.permissions import Permission
from accounts.roles import ALL_CUSTOMERS_ROLES, ASSIGNED_CUSTOMERS_ROLES, SUPPORT_ROLES, Role
from accounts.staffing import works_for
from subscriptions.access.effective import in_force, opened
from subscriptions.access.scope import relations_of
from subscriptions.models import AccessGrant
from subscriptions.models.grant import SOLD
from support.models import Case, SupportAssignment
from support.models.partner import AssignmentStatus, Service

ALL_SERVICES = frozenset(Service)


def cases_visible_to(person: User) -> QuerySet[Case]:
    """Return the cases this person may read: every list, detail, search, attachment, mail and export starts here."""
    if not person.is_active:
        return Case.objects.none()
    if person.customer is not None:
        own = Case.objects.filter(customer=person.customer)
        return own if person.has_perm(Permission.VIEW_CASES, person.customer) else own.none()
    if person.is_vendor:
        return Case.objects.all() if Role.VENDOR_SUPPORT in person.roles else Case.objects.none()
    opened = Exists(open_relations(person).filter(customer=OuterRef("customer")))
    assigned = active_assignments(person).filter(customer=OuterRef("customer"), service=OuterRef("service"))
    return Case.objects.filter(Q(opened) | Q(Exists(assigned)))


def services_open_to(
    person: User, customer: Customer, permission: Permission = Permission.VIEW_CASES
) -> frozenset[Service]:
    """Return the services of a customer whose cases this person may read.

    permission: FILE_CASES for those it may file a case on, for the customer (S6).
    """
    if person.is_vendor:
        reads = person.is_active and Role.VENDOR_SUPPORT in person.roles and permission == Permission.VIEW_CASES
        return ALL_SERVICES if reads else frozenset()
    if not person.has_perm(permission, customer):
        return frozenset()
    if person.customer_id == customer.pk or open_relations(person).filter(customer=customer).exists():
        return ALL_SERVICES
    services = active_assignments(person).filter(customer=customer).values_list("service", flat=True)
    return frozenset(Service(service) for service in services)


def customers_served_by(person: User) -> QuerySet[Customer]:
    """Return the customers of which this person of a reseller may read and file cases, in the order of their names."""
    opened = Exists(open_relations(person).filter(customer=OuterRef("pk")))
    assigned = Exists(active_assignments(person).filter(customer=OuterRef("pk")))
    return Customer.objects.filter(Q(opened) | Q(assigned)).order_by("sort_name", "pk")


def open_relations(person: User) -> QuerySet[AccessGrant]:
    """Return the relations in which console access is in force for this person's work on cases (S5, R2).

    Support agents work on cases of every customer of their reseller; the others of those they work for (P4).
    A console that a support contract alone opens is not among them: its cases are those of the contract (S6).
    """
    relations = relations_of(person)
    if person.is_active and person.reseller_id is not None and Role.SUPPORT_AGENT in person.roles:
        relations = AccessGrant.objects.filter(
            reseller=person.reseller_id, reseller__suspended_at=None, subscription=None, ended_at=None
        )
    return relations.filter(in_force(), opened(Permission.VIEW_CASES, person), basis__in=SOLD)


def active_assignments(person: User) -> QuerySet[SupportAssignment]:
    """Return the active assignments that this person works on for their reseller (S6, R13).

    Before the move that is support work only. After it those who work for the customer (P4) are among them, in the
    console or, where its switch is off, from their own pages (S9, R19).
    """
    if not person.is_active or person.reseller_id is None:
        return SupportAssignment.objects.none()
    active = SupportAssignment.objects.filter(
        status=AssignmentStatus.ACTIVE, reseller=person.reseller_id, reseller__suspended_at=None
    )
    if person.roles & SUPPORT_ROLES:
        return active
    moved = active.filter(in_care_portal=True)
    if person.roles & ALL_CUSTOMERS_ROLES:
        return moved
    return moved.filter(works_for(person)) if person.roles & ASSIGNED_CUSTOMERS_ROLES else moved.none()
