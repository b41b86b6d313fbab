"""Several people of one organisation for one change: locked together, decided about one by one, changed in sets.

The verb for one person is the verb for several with one of them: so every rule stands once. A rule is a function that
says whether there is anything to do with a person, and raises Refused; what it needs to know of many was asked before.
A page that foretells a change asks the same rules, without a lock.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.directory.rules import lock_organisation, require_permission
from accounts.directory.scope import roles_held
from accounts.errors import Refused
from accounts.models import Customer, Reseller, User
from accounts.organisations import Organisation
from accounts.permissions import Permission

# Tells whether there is something to do with a person. Raises Refused.
Rule = Callable[[User], bool]

GONE = _("This user does not exist any more.")


@dataclass(slots=True)
class Outcomes:
    """What became of each of several rows, by their ids: done, refused with a reason, or nothing to do."""

    done: list[int] = field(default_factory=list)
    refused: dict[int, Refused] = field(default_factory=dict)

    def raise_refused(self) -> None:
        """Raise what refused the only row, or the first of several."""
        for refused in self.refused.values():
            raise refused


@dataclass(slots=True)
class Decided(Outcomes):
    """The same about people, with those who are to be changed, in the order in which they were named."""

    people: list[User] = field(default_factory=list)
    unchanged: list[User] = field(default_factory=list)

    def only(self) -> User:
        """Return the one person that it is about. Raises what refused them."""
        self.raise_refused()
        [person] = [*self.people, *self.unchanged]
        return person


def lock_several(
    actor: Actor | None, organisation: Organisation, ids: Iterable[int], permission: Permission
) -> Sequence[User]:
    """Lock people behind their organisation, always in the order of their ids, and ask whether the actor may (P8).

    Raises PermissionDenied. Whom their role protects is for `protection()` to say.
    """
    locked = lock_organisation(organisation)
    require_permission(actor, locked, permission)
    wanted = list(ids)
    return loaded(locked, _of(locked, wanted).select_for_update(of=("self",), no_key=True), wanted)


def loaded(organisation: Organisation, rows: QuerySet[User], order: Collection[int]) -> Sequence[User]:
    """Return people with their organisation, unit and roles: two queries, however many they are."""
    found = {person.pk: person for person in rows.select_related("org_unit").order_by("pk")}
    for pk, roles in roles_held(found.values()).items():
        vars(found[pk])["roles"] = frozenset(roles)
    for person in found.values():
        if isinstance(organisation, Customer):
            person.customer = organisation
        elif isinstance(organisation, Reseller):
            person.reseller = organisation
    return [found[pk] for pk in dict.fromkeys(order) if pk in found]


def decided(people: Iterable[User], rule: Rule, ids: Collection[int] = ()) -> Decided:
    """Ask a rule about each person. ids: whom the caller named; who is not there any more is refused."""
    found = Decided()
    for person in people:
        try:
            (found.people if rule(person) else found.unchanged).append(person)
        except Refused as refused:
            found.refused[person.pk] = refused
    found.done = [person.pk for person in found.people]
    there = {*found.done, *(person.pk for person in found.unchanged), *found.refused}
    found.refused |= {pk: Refused(GONE, reason="notFound") for pk in ids if pk not in there}
    return found


def _of(organisation: Organisation, ids: Collection[int]) -> QuerySet[User]:
    """Return those of `ids` who belong to an organisation (P1)."""
    customer = organisation if isinstance(organisation, Customer) else None
    reseller = organisation if isinstance(organisation, Reseller) else None
    return User.objects.filter(
        pk__in=ids, customer=customer, reseller=reseller, is_vendor=customer is None and reseller is None
    )
