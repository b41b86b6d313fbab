"""Filters as conditions of a query (RFC 7644, 3.4.2.2): on what the directory keeps, and on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Q
from scim2_models import InvalidFilterException, Resource, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from accounts.domains import canonical_email
from accounts.models import Address, GroupMember
from accounts.organisations import stored_sort_key
from api.scim.ids import group_pk, person_pk

# Characters. Providers send some 100.
_LONGEST: Final = 1_000
_NOBODY: Final = Q(pk__in=())
_LOOKUPS: Final = {
    CompareOperator.eq: "iexact",
    CompareOperator.co: "icontains",
    CompareOperator.sw: "istartswith",
    CompareOperator.ew: "iendswith",
}
# A condition for a comparison with a value; None as the operator: whether there is a value at all.
Condition = Callable[[CompareOperator | None, Any], Q]


def text(column: str, exactly: Callable[[str], Q] | None = None) -> Condition:
    """Return what compares a text, upper and lower case alike. exactly: what finds one by an index."""

    def condition(operator: CompareOperator | None, value: Any) -> Q:
        if operator is None:
            return ~Q(**{column: ""}) & Q(**{f"{column}__isnull": False})
        if operator == CompareOperator.ne:
            return ~condition(CompareOperator.eq, value)
        if operator == CompareOperator.eq and exactly is not None:
            return exactly(value)
        return Q(**{f"{column}__{_lookup(operator)}": value})

    return condition


def equal(found: Callable[[Any], Q], present: Q | None = None) -> Condition:
    """Return what knows only whether something is equal. present: whether there is a value; None: there always is."""

    def condition(operator: CompareOperator | None, value: Any) -> Q:
        if operator is None:
            return present or Q()
        if operator not in (CompareOperator.eq, CompareOperator.ne):
            raise InvalidFilterException(detail=f"{operator} does not compare this attribute")
        return found(value) if operator == CompareOperator.eq else ~found(value)

    return condition


def _lookup(operator: CompareOperator) -> str:
    if operator not in _LOOKUPS:
        raise InvalidFilterException(detail=f"{operator} does not compare texts here")
    return _LOOKUPS[operator]


def _address(value: str) -> Q:
    """Find one address, in whatever spelling."""
    try:
        return Q(email=canonical_email(value))
    except ValidationError:
        return _NOBODY


def _any_address(value: str) -> Q:
    """Find a person by an alias too."""
    try:
        return Q(pk__in=Address.objects.filter(email=canonical_email(value)).values("user"))
    except ValidationError:
        return _NOBODY


def _called(value: str) -> Q:
    """Find by a name, in the order in which names are kept."""
    return Q(sort_name=stored_sort_key(value), name__iexact=value)


def _external(value: str) -> Q:
    return Q(provisioned__external_id=value) if value else Q(provisioned=None) | Q(provisioned__external_id="")


def _is_in(value: str) -> Q:
    person, group = person_pk(value), group_pk(value)
    if not (person or group):
        return _NOBODY
    members = GroupMember.objects.filter(user=person) if person else GroupMember.objects.filter(subgroup=group)
    return Q(pk__in=members.values("group"))


def _is_storable(text: str) -> bool:
    """Tell whether a text could stand in a column: a filter can write in JSON what none can hold."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _always(_operator: CompareOperator | None, _value: Any) -> Q:
    return Q()


PEOPLE: Final[Mapping[str, Condition]] = {
    "id": equal(lambda value: Q(pk=person_pk(value))),
    "username": text("email", _address),
    "externalid": equal(_external, present=Q(provisioned__external_id__gt="")),
    "displayname": text("name", _called),
    "name.formatted": text("name", _called),
    "name.givenname": text("provisioned__given_name"),
    "name.familyname": text("provisioned__family_name"),
    "active": equal(lambda value: Q(is_active=value)),
    "emails": text("email", _any_address),
    "emails.value": text("email", _any_address),
    # There is one kind of address.
    "emails.type": _always,
    "emails.primary": _always,
}
GROUPS: Final[Mapping[str, Condition]] = {
    "id": equal(lambda value: Q(pk=group_pk(value))),
    "externalid": equal(_external, present=Q(provisioned__external_id__gt="")),
    "displayname": text("name", _called),
    "members": equal(_is_in),
    "members.value": equal(_is_in),
}


def condition_of(filter_text: str, model: type[Resource[Any]], known: Mapping[str, Condition]) -> Q:
    """Return the condition that a filter says. Raises InvalidFilterException for one that says none."""
    if len(filter_text) > _LONGEST:
        raise InvalidFilterException(detail=f"A filter has at most {_LONGEST} characters")
    bound: Any = ScimFilter[model]  # type: ignore[valid-type]
    return _Conditions(known).visit(bound(filter_text).ast)


class _Conditions(FilterVisitor[Q]):
    """Walks through a filter. within: the attribute whose values a pair of brackets is about."""

    def __init__(self, known: Mapping[str, Condition], within: str = "") -> None:
        self.known, self.within = known, within

    def visit_comparison(self, node: Comparison) -> Q:
        if isinstance(node.value, str) and not _is_storable(node.value):
            raise InvalidFilterException(detail="NUL and halves of a character cannot be compared with")
        return self._condition(node.attr_path)(node.op, node.value)

    def visit_present(self, node: Present) -> Q:
        return self._condition(node.attr_path)(None, None)

    def visit_not(self, node: Not) -> Q:
        condition = self.visit(node.expr)
        return ~condition if condition else _NOBODY

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        found = Q()
        for term in node.terms:
            condition = self.visit(term)
            # An empty condition holds for everybody: of an `or`, too.
            if not condition and node.op == LogicalOperator.or_:
                return Q()
            found = found & condition if node.op == LogicalOperator.and_ else found | condition
        return found

    def visit_value_path(self, node: ValuePath) -> Q:
        inner: FilterNode = node.val_filter
        return _Conditions(self.known, within=f"{node.attr_path.attr.lower()}.").visit(inner)

    def _condition(self, path: AttrPath) -> Condition:
        name = self.within + ".".join(part for part in (path.attr, path.sub_attr) if part).lower()
        if name not in self.known:
            raise InvalidFilterException(detail=f"No filter by {path} here")
        return self.known[name]
