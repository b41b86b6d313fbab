"""Forms that give something, of the pages whose forms in the table take or narrow (P13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from accounts.machines.scopes import SCOPES
from accounts.models import Proposal, RoleAssignment, User
from accounts.models.jobs import BulkAction
from accounts.roles import Role
from subscriptions.access.overview import overview_of
from support.migration import migrate_customer
from tests.contract.areas import users
from tests.contract.areas.jobs import as_shown
from tests.contract.cases import Data, Sender, the_agent
from tests.factories import make_person
from web.console.forms.reseller_access import seen_text


@dataclass(frozen=True, slots=True)
class Gives:
    """What is sent; url: what its URL says otherwise than in the table; who: of whom, as the matrix names them."""

    data: Callable[[Sender], Data]
    url: Mapping[str, object] = field(default_factory=dict)
    who: tuple[str, str] = ("Acme", "super admin")


def another_console(sender: Sender) -> Data:
    """The console is ticked for the reseller to which it is closed."""
    boxes = overview_of(sender.world.acme.customer).boxes
    ticked = [box.id for (_reseller, subscription), box in boxes.items() if box.allowed or subscription is None]
    return {"seen": seen_text(boxes.values()), "allow": ticked, "confirmed": "on"}


def proposed_by_another(sender: Sender) -> Data:
    acme = sender.world.acme
    second = make_person(acme.customer, Role.SUPER_ADMIN, name="Acme Author")
    Proposal.objects.filter(pk=acme.rows["proposal"].pk).update(author=second, author_email=second.email)
    return {"verb": "approve"}


def suspended_super_admin(sender: Sender) -> User:
    person: User = sender.world.acme.rows["suspended person"]
    RoleAssignment.objects.create(user=person, role=Role.SUPER_ADMIN)
    return person


def password_of_a_super_admin(sender: Sender) -> Data:
    RoleAssignment.objects.create(user=sender.world.acme.rows["person"], role=Role.SUPER_ADMIN)
    return {}


def address_of_a_super_admin(sender: Sender) -> Data:
    password_of_a_super_admin(sender)
    return users.form(sender, email="another.mailbox@acme.example")


def password_of_a_reseller_admin(sender: Sender) -> Data:
    RoleAssignment.objects.create(user=the_agent(sender), role=Role.RESELLER_ADMIN)
    return {}


def restored(sender: Sender) -> Data:
    suspended_super_admin(sender)
    return {}


def several_restored(sender: Sender) -> Data:
    person = suspended_super_admin(sender)
    return as_shown(BulkAction.RESTORE, User.objects.filter(pk=person.pk), person=person.pk)


def a_contract(sender: Sender) -> Data:
    """After the move, with a partner that has no switch yet."""
    acme = sender.world.acme
    migrate_customer(actor=None, customer=acme.customer)
    return {"partner": sender.world.globex.reseller.public_id, "service": "google_cloud", "opens_console": "on"}


def _operated(name: str) -> User:
    person = User.objects.get(email=f"{name}@acme.example")
    RoleAssignment.objects.create(user=person, role=Role.SUPER_ADMIN)
    return person


_OPERATOR = ("vendor", "operator")
GIVING: dict[str, Gives] = {
    "operations_person_new": Gives(
        lambda sender: {"name": "Nia New", "email": "nia-new@acme.example", "roles": ["super_admin"]}, who=_OPERATOR
    ),
    "operations_person_roles": Gives(
        lambda sender: {"of": "operated@acme.example", "roles": ["super_admin"]}, who=_OPERATOR
    ),
    "operations_person_restore": Gives(lambda sender: {"of": _operated("operated-suspended").email}, who=_OPERATOR),
    "operations_person_link": Gives(lambda sender: {"of": _operated("operated").email}, who=_OPERATOR),
    "reseller_access": Gives(another_console),
    "proposal": Gives(proposed_by_another),
    "user_roles": Gives(lambda sender: {"roles": ["super_admin"]}),
    "admin_role_assign": Gives(
        lambda sender: {"email": sender.world.acme.rows["person"].email}, {"role": Role.SUPER_ADMIN}
    ),
    "user_reset_password": Gives(password_of_a_super_admin),
    "user_edit": Gives(address_of_a_super_admin),
    "reseller_agent_password": Gives(password_of_a_reseller_admin, who=("inside", "admin")),
    "user_restore": Gives(restored),
    "users_bulk": Gives(several_restored),
    "support_contract_new": Gives(a_contract),
    "application_change": Gives(lambda sender: {"scopes": list(SCOPES)}),
    "reseller_application_change": Gives(lambda sender: {"scopes": list(SCOPES)}, who=("inside", "admin")),
    "service_account_scopes": Gives(lambda sender: {"scopes": list(SCOPES)}),
    "reseller_service_account_scopes": Gives(lambda sender: {"scopes": list(SCOPES)}, who=("inside", "admin")),
}
