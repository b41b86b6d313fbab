"""Making a super admin, where a customer demands two people for it (R21)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.directory.people import make_super_admin
from accounts.errors import Refused
from accounts.models import Customer, User
from accounts.models.two_people import ProposalKind
from accounts.names import isolated
from accounts.roles import Role
from accounts.two_people.kinds import Kind, Said


def _says(_actor: Actor, customer: Customer, said: Said) -> list[str]:
    person = _person(customer, said)
    if Role.SUPER_ADMIN in person.roles:
        return []
    words = {"person": isolated(person.name), "email": person.email}
    return [_("%(person)s (%(email)s) will be a super admin and can do everything in this console.") % words]


def _carry_out(actor: Actor, customer: Customer, said: Said) -> str:
    make_super_admin(actor=actor, person=_person(customer, said))
    return ""


def _person(customer: Customer, said: Said) -> User:
    person = User.objects.filter(pk=said["person"], customer=customer, deleted_at=None).first()
    if person is None:
        raise Refused(_("This person was deleted meanwhile."), reason="notFound")
    return person


KINDS = {ProposalKind.SUPER_ADMIN: Kind(_says, _carry_out)}
