"""The move from the Support Center to the Customer Care Portal, one customer after the other (S9).

One customer is one transaction: stopped anywhere, each customer has moved or has not, and the next run goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.authorisation import authorise_operator
from accounts.background.pieces import in_pieces
from accounts.background.sweeping import each
from accounts.clock import database_now
from accounts.database.time_limits import sweep_transaction
from accounts.directory.people import assign_role, unassign_role
from accounts.locking import left_to_the_next_run, lock_customer, lock_unless_busy
from accounts.mail import post
from accounts.models import Customer, User
from accounts.roles import Role
from subscriptions.access.relation import begin_contract
from support.assignments import is_live, partners_of
from support.mail_kinds import MailKind
from support.models import CareMigration, SupportAssignment
from support.models.partner import AssignmentStatus
from support.schedule import due_by, has_moved


@dataclass(frozen=True, slots=True)
class Move:
    """What the move of one customer did, or would do.

    contracts: active assignments that become contracts. pending: requests that stay open; confirmed later, they
    become contracts. managers: people whose support manager role is taken away.
    """

    customer: Customer
    contracts: int
    pending: int
    managers: int


def plan_of(customer: Customer) -> Move | None:
    """Return what moving this customer would do; None where it has moved already."""
    if has_moved(customer):
        return None
    live = SupportAssignment.objects.filter(is_live(), customer=customer)
    active = live.filter(status=AssignmentStatus.ACTIVE).count()
    return Move(customer, active, live.count() - active, len(_managers(customer)))


@sweep_transaction()
def migrate_customer(*, actor: Actor | None, customer: Customer) -> Move | None:
    """Move a customer's contracts to the Customer Care Portal; repeating it changes nothing and returns None.

    Contracts and cases stay the rows they are, so nothing is interrupted. Who was a support manager goes on
    with cases as *support*: managing partners is what the role had beyond that, and what ends with it.
    A partner that has sold nothing gets the console, as was announced and as in the original, where the customer had
    not refused it before; its switch is on the page Reseller access from then on (S12, R19).
    """
    authorise_operator(actor)
    lock_customer(customer)
    move = plan_of(customer)
    if move is None:
        return None
    SupportAssignment.objects.filter(customer=customer, status=AssignmentStatus.ACTIVE).update(in_care_portal=True)
    for partner in partners_of(customer):
        begin_contract(actor=None, customer=customer, reseller=partner, opens=True)
    for manager in _managers(customer):
        assign_role(actor=None, person=manager, role=Role.SUPPORT)
        unassign_role(actor=None, person=manager, role=Role.SUPPORT_MANAGER)
    CareMigration.objects.update_or_create(customer=customer, defaults={"migrated_at": database_now()})
    record_audit(
        EventName.CUSTOMER_CARE_MOVED,
        actor=actor,
        customer=customer,
        target=customer,
        new={"contracts": move.contracts},
    )
    post.queue(MailKind.CARE_MIGRATION_DONE, _super_admins(customer))
    return move


@sweep_transaction()
def announce_migration(*, actor: Actor | None, customer: Customer) -> bool:
    """Tell a customer's super admins that it will move; once only. Returns whether it was told now."""
    authorise_operator(actor)
    lock_customer(customer)
    row, _created = CareMigration.objects.get_or_create(customer=customer)
    if row.announced_at is not None or row.migrated_at is not None:
        return False
    CareMigration.objects.filter(pk=row.pk).update(announced_at=Now())
    record_audit(EventName.CUSTOMER_CARE_MOVE_ANNOUNCED, actor=actor, customer=customer, target=customer)
    post.queue(MailKind.CARE_MIGRATION_ANNOUNCED, _super_admins(customer))
    return True


@transaction.atomic
def schedule_migration(*, actor: Actor | None, customer: Customer, day: date) -> None:
    """Give a customer a day of its own. Nothing happens where it has that day, or has moved."""
    authorise_operator(actor)
    lock_customer(customer)
    row, _created = CareMigration.objects.get_or_create(customer=customer)
    if row.migrated_at is not None or row.moves_on == day:
        return
    old = {"moves_on": row.moves_on.isoformat() if row.moves_on else None}
    # Another day is news: it is announced again.
    CareMigration.objects.filter(pk=row.pk).update(moves_on=day, announced_at=None)
    new = {"moves_on": day.isoformat()}
    record_audit(
        EventName.CUSTOMER_CARE_MOVE_SCHEDULED, actor=actor, customer=customer, target=customer, old=old, new=new
    )


def migrate_due_customers() -> Iterator[Move]:
    """Move every customer whose day has come, and say so of each."""
    for customer in in_pieces(due_by(database_now().date())):
        move = None
        with left_to_the_next_run(customer):
            move = migrate_customer(actor=None, customer=customer)
        if move:
            yield move


def moves() -> Iterator[int]:
    """Announce every move that is near, and move every customer whose day has come; yields 1 for each that was moved.

    One whose day has come is not announced but moved.
    """
    today = database_now().date()
    near = due_by(today + timedelta(days=settings.CUSTOMER_CARE_ANNOUNCEMENT_DAYS))
    coming = near.exclude(pk__in=due_by(today)).exclude(care_migration__announced_at__isnull=False)
    for _announced in each(in_pieces(coming), _announce_unless_busy):
        yield 0
    yield from each(in_pieces(due_by(today)), _move_unless_busy)


@sweep_transaction()
def _announce_unless_busy(customer: Customer) -> bool:
    return lock_unless_busy(customer) and announce_migration(actor=None, customer=customer)


@sweep_transaction()
def _move_unless_busy(customer: Customer) -> bool:
    return lock_unless_busy(customer) and bool(migrate_customer(actor=None, customer=customer))


def _managers(customer: Customer) -> list[User]:
    return list(_holders(customer, Role.SUPPORT_MANAGER))


def _super_admins(customer: Customer) -> QuerySet[User]:
    return _holders(customer, Role.SUPER_ADMIN).filter(is_active=True)


def _holders(customer: Customer, role: Role) -> QuerySet[User]:
    return User.objects.filter(customer=customer, role_assignments__role=role).order_by("pk")
