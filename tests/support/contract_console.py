"""A console that a support contract opens, and who gets in by it."""

from __future__ import annotations

from typing import Any

from accounts.authorisation import permissions_on
from accounts.models import RoleAssignment, User
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access import desired
from subscriptions.models import AccessGrant
from support import partners
from support.migration import migrate_customer
from support.models import SupportAssignment
from support.scope import services_open_to
from tests.access.world import grant, propagate, wish
from tests.cast import Cast
from tests.factories import fresh
from tests.support.world import WORKSPACE, acting


def move(cast: Cast) -> None:
    migrate_customer(actor=None, customer=cast.acme.customer)
    propagate()


def enters(cast: Cast, person: User | None = None) -> bool:
    found = permissions_on(fresh(person or cast.resale_one.admin), cast.acme.customer)
    return Permission.VIEW_CONSOLE in found


def switch(cast: Cast) -> AccessGrant:
    return grant(cast.acme.customer, cast.resale_one.reseller)


def save(cast: Cast, allowed: bool) -> None:
    """Tick or untick the box on the page, and let it take effect."""
    wishes = [wish(cast.acme.customer, cast.resale_one.reseller, allowed)]
    actor = acting(cast.acme.super_admin)
    saved = desired.save_reseller_access(actor=actor, customer=cast.acme.customer, desired=wishes)
    assert (len(saved.changes), saved.conflicts) == (1, [])
    propagate()


def contract(cast: Cast, *, opens_console: bool, service: Any = WORKSPACE, by: User | None = None) -> SupportAssignment:
    made = partners.create_contract(
        actor=acting(by or cast.acme.super_admin),
        customer=cast.acme.customer,
        service=service,
        reseller=cast.resale_one.reseller,
        opens_console=opens_console,
    )
    propagate()
    return made


def works_on_cases(cast: Cast) -> bool:
    return bool(services_open_to(fresh(cast.resale_one.support_agent), cast.acme.customer))


def left_over_manager(cast: Cast) -> User:
    """A person who holds the role from a time when it could be given after the move."""
    RoleAssignment.objects.create(user=cast.acme.nobody, role=Role.SUPPORT_MANAGER)
    return cast.acme.nobody
