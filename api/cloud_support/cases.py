"""Reading cases: get, list, search (S5, S6, S7)."""

from __future__ import annotations

from operator import and_, or_
from typing import Any

from django.db.models import Exists, OuterRef, Q

from accounts.directory.addresses import reaches
from accounts.models import Customer, User
from api.cloud_support.asked import case_named, customer_named, shown, size_of
from api.cloud_support.comments import comments
from api.cloud_support.expressions import Expression, Joined, Restriction, folded, parse
from api.cloud_support.showing import shown_case
from api.core.call import Call
from api.core.errors import Invalid
from api.core.methods import serves
from api.core.moments import moment_of
from api.core.paging import page
from support.models.case import Priority, State
from support.scope import cases_visible_to


@serves("cloudsupport.cases.get")
def get(call: Call) -> dict[str, Any]:
    """Return one case."""
    return shown_case(case_named(call, call.params["name"]))


@serves("cloudsupport.cases.list")
def list_cases(call: Call) -> dict[str, Any]:
    """Return the cases of an organisation that match, the newest first."""
    customer = customer_named(call, call.params["parent"])
    return _page(call, customer, parse(call.params.get("filter", ""), "filter"), "filter")


@serves("cloudsupport.cases.search")
def search(call: Call) -> dict[str, Any]:
    """Return the same, also by words, and by when a case was changed.

    v2beta names the organisation in the expression, v2 beside it.
    """
    expression = parse(call.params.get("query", ""), "query")
    parent, expression = _parent_in(expression)
    parent = parent or call.params.get("parent", "")
    if not parent:
        raise Invalid("query", 'Name the organization: organization="organizations/…"')
    return _page(call, customer_named(call, parent), expression, "query")


def _parent_in(expression: Expression | None) -> tuple[str, Expression | None]:
    """Return the organisation that an expression names, and the rest of it."""
    is_joined = isinstance(expression, Joined) and expression.by == "AND"
    parts = expression.parts if isinstance(expression, Joined) and is_joined else (expression,)
    found = [p.value for p in parts if isinstance(p, Restriction) and _is_parent(p)]
    rest = tuple(p for p in parts if p is not None and not (isinstance(p, Restriction) and _is_parent(p)))
    if len(found) > 1:
        raise Invalid("query")
    return found[0] if found else "", Joined("AND", rest) if rest else None


def _is_parent(asked: Restriction) -> bool:
    return asked.field in {"organization", "project"} and asked.operator == "="


def _page(call: Call, customer: Customer, expression: Expression | None, what: str) -> dict[str, Any]:
    cases = cases_visible_to(call.actor.user).filter(customer=customer)
    if call.params.get("productLine") == "GOOGLE_MAPS":
        cases = cases.none()
    if expression is not None:
        cases = cases.filter(folded(expression, lambda asked: _condition(asked, what), and_, or_))
    rows, token = page(call, shown(cases), keys=("id",), size=size_of(call), descending=True)
    answer: dict[str, Any] = {"cases": [shown_case(case) for case in rows]}
    return answer | ({"nextPageToken": token} if token else {})


def _condition(asked: Restriction, what: str) -> Q:
    """Return the condition that a restriction says. Raises Invalid for one that the original does not document."""
    match asked.field, asked.operator:
        case "state", "=" if asked.value in {"OPEN", "CLOSED"}:
            is_closed = Q(state=State.CLOSED)
            return is_closed if asked.value == "CLOSED" else ~is_closed
        case "priority", "=" if asked.value in Priority.values:
            return Q(priority=asked.value)
        case "creator.email", "=":
            return Q(filed_by__in=User.objects.filter(reaches(asked.value)))
        case "update_time" | "updateTime", ">" if what == "query":
            return Q(updated_at__gt=moment_of(asked.value, what))
        case "", "" if what == "query" and "\0" not in asked.value:
            said = comments().filter(case=OuterRef("pk"), text__icontains=asked.value)
            words = Q(title__icontains=asked.value) | Q(description__icontains=asked.value)
            return words | Q(Exists(said))
    raise Invalid(what)
