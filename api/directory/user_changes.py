"""directory.users: creating, changing, deleting and restoring people. A call is several verbs, all of them or none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.db import transaction

from accounts.actor import Actor
from accounts.directory import deleting, first_admins, passwords, people, renaming, signing_out
from accounts.directory.contact import CONTACT, change_contact
from accounts.directory.name_parts import NameParts, clean_parts, parts_of
from accounts.directory.tree import tree_of
from accounts.locking import taking_away
from accounts.models import Address, Customer, OrgUnit, User
from accounts.organisations import is_founder
from accounts.permissions import Permission
from accounts.roles import Role
from api.core.call import Call
from api.core.errors import ConditionNotMet, DuplicateEntity, Invalid
from api.core.methods import serves
from api.directory.users import living, resource_of
from api.door.consoles import console, console_of_user
from subscriptions import leaving

# What the original can do with a person and this directory does not: only as it is for everybody here.
_CONSTANT: Final[Mapping[str, Any]] = {
    "archived": False,
    "ipWhitelisted": False,
    "isGuestUser": False,
    "includeInGlobalAddressList": True,
    "hashFunction": "",
    "customSchemas": {},
    "guestAccountInfo": {},
}


@serves("directory.users.insert")
def insert(call: Call) -> dict[str, Any]:
    """Create a person at an address of the organisation, which says whose they are."""
    body = call.body
    _refuse_unknown(body)
    customer = console(call, body["primaryEmail"].rpartition("@")[2], Permission.MANAGE_USERS)
    if Address.objects.filter(email=body["primaryEmail"].lower()).exists():
        raise DuplicateEntity
    name = body["name"]
    person = people.create_user(
        actor=call.actor,
        organisation=customer,
        email=body["primaryEmail"],
        name=clean_parts(name.get("givenName", ""), name.get("familyName", "")),
        password=body["password"],
        must_change_password=body.get("changePasswordAtNextLogin", False),
        org_unit=_unit_of(customer, body),
    )
    _change_contact(call.actor, person, body)
    if body.get("suspended"):
        people.suspend_user(actor=call.actor, person=person)
    return _again(person)


@serves("directory.users.patch", "directory.users.update")
def change(call: Call) -> dict[str, Any]:
    """Change what is sent of a person; what is not sent stays, in both methods as in the original."""
    person = living(call, Permission.MANAGE_USERS)
    body, actor = call.body, call.actor
    _refuse_unknown(body)
    assert person.customer is not None
    takes_away = body.get("suspended") or "password" in body
    with taking_away() if takes_away else transaction.atomic():
        if email := body.get("primaryEmail"):
            renaming.rename_user(actor=actor, person=person, email=email)
        if "name" in body:
            people.change_user(actor=actor, person=person, name=_parts(person, body["name"]))
        if unit := _unit_of(person.customer, body):
            people.move_to_org_unit(actor=actor, person=person, org_unit=unit)
        _change_contact(actor, person, body)
        _change_password(actor, person, body)
        if "suspended" in body:
            verb = people.suspend_user if body["suspended"] else people.unsuspend_user
            verb(actor=actor, person=person)
    return _again(person)


@serves("directory.users.delete")
def delete(call: Call) -> None:
    """Delete a person, who can be restored for 20 days; their licences are free."""
    person = living(call, Permission.MANAGE_USERS)
    leaving.delete_user_with_licences(actor=call.actor, person=person)


@serves("directory.users.undelete")
def undelete(call: Call) -> None:
    """Restore a deleted person, who is named by their id, into a unit."""
    person = console_of_user(call, call.params["userKey"], Permission.MANAGE_USERS)
    if person.deleted_at is None:
        raise ConditionNotMet("This user is not deleted.")
    assert person.customer is not None
    person = deleting.undelete_user(actor=call.actor, person=person)
    if unit := _unit_of(person.customer or console(call, "my_customer", Permission.MANAGE_USERS), call.body):
        people.move_to_org_unit(actor=call.actor, person=person, org_unit=unit)


@serves("directory.users.makeAdmin")
def make_admin(call: Call) -> None:
    """Make a person a super admin, or no longer one. Giving asks for a fresh proof, which no machine has (P13).

    But for the first one, of a customer that the caller's reseller registered: step 3 of the original's code lab (P7).
    """
    person = living(call, Permission.MANAGE_USERS)
    if call.body["status"] and person.customer and is_founder(call.actor, person.customer):
        first_admins.make_first_super_admin(actor=call.actor, person=person)
        return
    person = living(call, Permission.ASSIGN_ROLES)
    verb: Callable[..., object] = people.assign_role if call.body["status"] else people.unassign_role
    verb(actor=call.actor, person=person, role=Role.SUPER_ADMIN)


@serves("directory.users.signOut")
def sign_out(call: Call) -> None:
    """Sign a person out everywhere."""
    signing_out.end_sessions_of(actor=call.actor, person=living(call, Permission.MANAGE_USERS))


def _refuse_unknown(body: Mapping[str, Any]) -> None:
    """Raise Invalid for what this directory would not keep: nobody is told of a change that did not happen."""
    for name, constant in _CONSTANT.items():
        if body.get(name, constant) not in (constant, None, ""):
            raise Invalid(name)


def _unit_of(customer: Customer, body: Mapping[str, Any]) -> OrgUnit | None:
    """Return the unit that is asked for; None where none is. Raises Invalid for one that is not there."""
    path = body.get("orgUnitPath")
    if not path:
        return None
    unit = tree_of(customer).at(path)
    if unit is None:
        raise Invalid("orgUnitPath", "Invalid Input: INVALID_OU_ID")
    return unit


def _parts(person: User, name: Mapping[str, str]) -> NameParts:
    """Return the parts of a name, of which either may be left out."""
    now = parts_of(person)
    return clean_parts(name.get("givenName", now.given), name.get("familyName", now.family))


def _change_contact(actor: Actor, person: User, body: Mapping[str, Any]) -> None:
    contact = {name: body[name] for name in CONTACT if name in body}
    if "emails" in contact:
        # Where the account's own addresses stand among them they are what they are.
        own = set(Address.objects.filter(user=person).values_list("email", flat=True))
        contact["emails"] = [one for one in _list_of(contact, "emails") if _address_of(one) not in own]
    reached = {name: body[key] for key, name in _REACHED.items() if key in body}
    if contact or reached:
        change_contact(actor=actor, person=person, contact=contact or None, **reached)


_REACHED: Final = {"recoveryEmail": "recovery_email", "recoveryPhone": "recovery_phone"}


def _list_of(contact: Mapping[str, Any], name: str) -> list[Any]:
    value = contact[name] or []
    if not isinstance(value, list):
        raise Invalid(name)
    return value


def _address_of(one: Any) -> str:
    address = one.get("address", "") if isinstance(one, dict) else ""
    return address.lower() if isinstance(address, str) else ""


def _change_password(actor: Actor, person: User, body: Mapping[str, Any]) -> None:
    demanded = body.get("changePasswordAtNextLogin")
    if password := body.get("password"):
        must_change = person.must_change_password if demanded is None else demanded
        passwords.set_password(actor=actor, person=person, password=password, must_change=must_change)
    elif demanded is not None:
        passwords.demand_new_password(actor=actor, person=person, demanded=demanded)


def _again(person: User) -> dict[str, Any]:
    """Return a person as they are stored now: a verb locks and changes a copy of its own."""
    return resource_of(User.objects.select_related("customer").get(pk=person.pk))
