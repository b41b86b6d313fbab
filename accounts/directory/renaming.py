"""The verbs of a person's addresses: a new one, behind which the old one stays an alias, and aliases that go."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.addresses import clean_address
from accounts.directory.rules import lock_for_change, organisation_of, refuse_deleted
from accounts.errors import Refused
from accounts.models import Address, User
from accounts.organisations import refuse_duplicate
from accounts.permissions import Permission

ADDRESS_IN_USE = _("This e-mail address is taken already, by a user, an alias, a group or a deleted user.")


@transaction.atomic
def rename_user(*, actor: Actor | None, person: User, email: str) -> User:
    """Give a person another address to sign in with; the old one stays as an alias. Raises Refused.

    The new one may be one of the person's own aliases. No two people or groups share one (accounts.Address).
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    old = person.email
    if email == old or (new := clean_address(email, organisation_of(person))) == old:
        return person
    person.email = new
    with refuse_duplicate(ADDRESS_IN_USE, "email"):
        if not Address.objects.filter(email=new, user=person).exists():
            Address.objects.create(email=new, user=person)
        person.save(update_fields=["email"])
    # allauth notes the address that a link for a new password was asked for. Left there, who gets the old address one
    # day would be sent a link to this person's account.
    EmailAddress.objects.filter(user=person).delete()
    record_audit(
        EventName.RENAME_USER,
        actor=actor,
        customer=person.customer_id,
        subject=new,
        old={"email": old},
        new={"email": new},
    )
    return person


@transaction.atomic
def remove_alias(*, actor: Actor | None, person: User, email: str) -> None:
    """Take an alias from a person; someone else can then have the address. Raises Refused for its own address."""
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    if email == person.email:
        raise Refused(_("This is the address itself, not an alias. Rename the user first."), "email")
    if not Address.objects.filter(email=email, user=person).delete()[0]:
        return
    record_audit(
        EventName.REMOVE_ALIAS, actor=actor, customer=person.customer_id, subject=person.email, old={"email": email}
    )
