"""A method works in the console of a customer: which one, may the person, and is their machine inside (X1, X4).

What a page asks with web/guards.py, asked here of the same facts: rights at this instant (R11), and the entry through
which people from outside act (R15). What a machine from outside reads is written down (R23): opened.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.authorisation import permissions_on
from accounts.console_sessions.inside import note_seen
from accounts.console_sessions.machines import enter_by_machine, machine_inside
from accounts.errors import Refused
from accounts.locking import lock_customer
from accounts.models import Address, ConsoleSession, Customer, Domain, User
from accounts.names import readable
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import Forbidden, NotFound
from api.door.opened import note_reads

MY_CUSTOMER: Final = "my_customer"
# The original's header for why something is done.
_REASON: Final = "X-Goog-Request-Reason"
_ID_DIGITS: Final = 21
_LONGEST_KEY: Final = 254
# In it nobody may do anything. Asked for rights like any other: the time of a 404 tells nobody who is a customer.
_NOBODYS: Final = Customer(pk=0)


def console(call: Call, key: str, permission: Permission) -> Customer:
    """Return the customer of a key, in whose console the person of a call has a permission at this instant.

    key: `my_customer`, a customer's id (C…), or one of its domains. A machine of a reseller enters with its first call
    (X4). Raises NotFound for a stranger's customer, and Forbidden for a closed console and a role that does not do.
    """
    return _enter(call, _customer_of(call, key), permission, "customer")


def console_of_user(call: Call, key: str, permission: Permission, *, what: str = "userKey") -> User:
    """Return a person by an address of theirs or their id, in whose customer's console the same holds.

    what: how the document calls the key. Those who were deleted are found by their id alone, as in the original.
    """
    person = _person_of(key)
    customer = person.customer if person else None
    customer = _enter(call, customer or _NOBODYS, permission, what)
    if person is None:
        raise NotFound(what)
    person.customer = customer
    return person


def _customer_of(call: Call, key: str) -> Customer:
    if key == MY_CUSTOMER:
        return call.actor.user.customer or _NOBODYS
    if len(key) > _LONGEST_KEY or "\0" in key:
        return _NOBODYS
    found = Customer.objects.filter(customer_id=key).first()
    if found is None and "." in key:
        own = Domain.objects.filter(name=key.lower(), customer__isnull=False, holds=True, contested_at=None)
        found = Customer.objects.filter(Q(primary_domain=key.lower()) | Q(pk__in=own.values("customer"))).first()
    return found or _NOBODYS


def _person_of(key: str) -> User | None:
    if len(key) > _LONGEST_KEY or "\0" in key:
        return None
    people = User.objects.select_related("customer").filter(customer__isnull=False, purged_at=None)
    if len(key) == _ID_DIGITS and key.isascii() and key.isdigit():
        return people.filter(public_id=key).first()
    living = people.filter(deleted_at=None)
    alias = Address.objects.filter(email=key.lower(), user__isnull=False)
    return living.filter(email=key.lower()).first() or living.filter(pk__in=alias.values("user")).first()


def _enter(call: Call, customer: Customer, permission: Permission, what: str) -> Customer:
    person = call.actor.user
    permissions = permissions_on(person, customer)
    is_own = person.customer_id is not None and person.customer_id == customer.pk
    if not is_own and not permissions & {Permission.VIEW_CONSOLE, Permission.KNOW_CUSTOMER}:
        raise NotFound(what)
    if not is_own and Permission.VIEW_CONSOLE not in permissions:
        raise Forbidden("The customer has not opened its console to your organisation.")
    if permission not in permissions:
        raise Forbidden
    if call.locks:
        # What is read from here on is compared with what the client has read, and then changed.
        lock_customer(customer)
    if not is_own:
        _admit(call, customer)
    return customer


def _admit(call: Call, customer: Customer) -> None:
    """Let a machine from outside in, or find it inside; what it does from here on is a part of its visit."""
    actor = call.actor
    if actor.client is None:
        raise Forbidden
    visit = machine_inside(actor.user, customer, actor.client)
    if visit is None:
        visit = _entered(call, customer)
    else:
        note_seen(visit)
    _work_in(call, visit)


def _entered(call: Call, customer: Customer) -> ConsoleSession:
    reason = readable(call.request.headers.get(_REASON, ""))
    try:
        return enter_by_machine(actor=call.actor, customer=customer, reason=reason)
    except PermissionDenied as error:
        raise Forbidden(str(error)) from error
    except Refused as error:
        raise Forbidden(f"{error.message} Send it as {_REASON}.") from error


def _work_in(call: Call, visit: ConsoleSession) -> None:
    """Note in the actor of a call through which entry it acts, as the guard of pages notes it in the request (R15)."""
    actor = replace(
        call.actor,
        is_support_partner=visit.as_support_partner,
        console_session_id=visit.pk,
        activation_id=visit.activation_id,
    )
    # A call is frozen for methods; whose visit it belongs to is known only from here on.
    object.__setattr__(call, "actor", actor)
    note_reads(call, visit)
