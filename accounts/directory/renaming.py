"""The verbs of a person's addresses: a new one, behind which the old one stays an alias, and aliases that come and go.

Nobody is sent a link to an alias: who adds one gives nobody a way in (accounts/directory/addresses.py).
"""

from __future__ import annotations

from typing import Final

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.directory.addresses import clean_address
from accounts.directory.rules import lock_for_change, organisation_of, prove_for_admins, refuse_deleted
from accounts.errors import Refused
from accounts.models import Address, User
from accounts.organisations import refuse_duplicate
from accounts.permissions import Permission

# As in the original. Renaming adds one more: nobody loses an address by it.
ALIASES_AT_MOST: Final = 30
ADDRESS_IN_USE = _("This e-mail address is taken already, by a user, an alias, a group or a deleted user.")


@transaction.atomic
def rename_user(*, actor: Actor | None, person: User, email: str) -> User:
    """Give a person another address to sign in with; the old one stays as an alias. Raises Refused, ProofNeeded.

    The new one may be one of the person's own aliases. No two people or groups share one (accounts.Address).
    """
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    old = person.email
    if email == old or (new := clean_address(email, organisation_of(person))) == old:
        return person
    prove_for_admins(actor, person)
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
        target=person,
        old={"email": old},
        new={"email": new},
    )
    return person


@transaction.atomic
def add_alias(*, actor: Actor | None, person: User, email: str) -> str:
    """Give a person one more address, and return it as it is stored. Raises Refused; Duplicate where it is in use."""
    person = lock_for_change(actor, person, Permission.MANAGE_USERS)
    refuse_deleted(person)
    alias = clean_address(email, organisation_of(person))
    refuse_more_aliases(Address.objects.filter(user=person).count())
    with refuse_duplicate(ADDRESS_IN_USE, "email"):
        Address.objects.create(email=alias, user=person)
    record_audit(
        EventName.ADD_ALIAS,
        actor=actor,
        customer=person.customer_id,
        subject=person.email,
        target=person,
        new={"email": alias},
    )
    return alias


def refuse_more_aliases(addresses: int) -> None:
    """Raise Refused where there are as many aliases as there can be. addresses: with the own one among them."""
    if addresses > ALIASES_AT_MOST:
        text = _("There are %(number)s aliases already, the most there can be. Remove one first.")
        raise Refused(text % {"number": ALIASES_AT_MOST}, "email", reason="conditionNotMet")


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
        EventName.REMOVE_ALIAS,
        actor=actor,
        customer=person.customer_id,
        subject=person.email,
        target=person,
        old={"email": email},
    )
