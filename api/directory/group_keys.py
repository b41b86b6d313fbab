"""Groups, and who can be in one, by the keys that calls name them with: an address, an alias or a public id."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404

from accounts.directory.group_members import groups_of
from accounts.domains import canonical_email
from accounts.models import Customer, DirectoryGroup, User
from accounts.permissions import Permission
from api.core.call import Call
from api.core.errors import ApiError, NotFound
from api.door.consoles import console, console_of_user

Inner = User | DirectoryGroup


def group_of(call: Call, permission: Permission, what: str = "groupKey") -> DirectoryGroup:
    """Return the group that a call names, with its customer, into whose console the client is let with a permission.

    what: the parameter that names it. Raises NotFound for none, a stranger's alike.
    """
    found = group_with_key(call.params[what])
    if found is None:
        raise NotFound(what)
    found.customer = entered(lambda: console(call, found.customer.customer_id, permission), what)
    return found


def group_with_key(key: str) -> DirectoryGroup | None:
    """Return whose group has this key, in any organisation: the caller asks whether this one may know."""
    return DirectoryGroup.objects.select_related("customer").filter(_is(key)).first()


def entered(enter: Callable[[], Customer], what: str) -> Customer:
    """Return the console that is entered; where its customer is a stranger's, raise NotFound as for no such `what`."""
    try:
        return enter()
    except Http404 as error:
        raise NotFound(what) from error
    except ApiError as error:
        if error.status == 404:
            raise NotFound(what) from error
        raise


def inner_of(customer: Customer, key: str) -> Inner | None:
    """Return which person or group of a customer has a key; None for nobody, the deleted among them."""
    people: QuerySet[User] = customer.people.filter(deleted_at=None)
    return people.filter(_is(key)).first() or groups_of(customer).filter(_is(key)).first()


def container_of(call: Call, key: str, permission: Permission) -> tuple[Customer, Inner]:
    """Return who is named by `userKey`, a person or a group, and their customer, into whose console the client is let.

    Raises NotFound for nobody, and for a stranger.
    """
    group = group_with_key(key)
    if group is not None:
        return entered(lambda: console(call, group.customer.customer_id, permission), "userKey"), group
    person = console_of_user(call, key, permission)
    assert person.customer is not None
    return person.customer, person


def groups_with(customer: Customer, inner: Inner) -> QuerySet[DirectoryGroup]:
    """Return the groups of a customer that a person or a group is in directly."""
    named = {"members__user": inner} if isinstance(inner, User) else {"members__subgroup": inner}
    return groups_of(customer).filter(**named)


def _is(key: str) -> Q:
    """Return the condition that a row, a person's or a group's, has a key."""
    if "@" not in key:
        return Q(public_id=key)
    try:
        return Q(addresses__email=canonical_email(key))
    except ValidationError:
        return Q(pk=None)
