"""What a case can be about, as the API names it: the service in front, for some subjects are in all of them."""

from __future__ import annotations

from collections.abc import Iterator
from operator import and_, or_
from typing import Any

from api.cloud_support.asked import size_of
from api.cloud_support.expressions import Restriction, folded, parse
from api.core.call import Call
from api.core.errors import Invalid
from api.core.methods import serves
from api.core.paging import place_of, token_of
from support.categories import CATEGORIES, find_category
from support.models.partner import Service


@serves("cloudsupport.caseClassifications.search")
def search(call: Call) -> dict[str, Any]:
    """Return the classifications that match, by service."""
    expression = parse(call.params.get("query", ""), "query")
    found = list(_all()) if call.params.get("product.productLine") != "GOOGLE_MAPS" else []
    if expression is not None:
        found = [each for each in found if folded(expression, lambda asked: _is_so(asked, each), and_, or_)]  # noqa: B023  it is called at once
    [start] = place_of(call) or [0]
    end = start + size_of(call)
    answer: dict[str, Any] = {"caseClassifications": found[start:end]}
    return answer | ({"nextPageToken": token_of(call, [end])} if end < len(found) else {})


def classified(classification: str) -> tuple[Service, str]:
    """Return the service and the category that the id of a classification names. Raises Invalid."""
    service, _dot, category = classification.partition(".")
    if find_category(service, category) is None:
        raise Invalid("classification.id")
    return Service(service), category


def shown_classification(service: str, category: str) -> dict[str, Any]:
    """Return the classification of a case, also of one that nobody can choose any more."""
    found = find_category(service, category)
    parts = [str(found.group), str(found.label)] if found else [category]
    return {"id": f"{service}.{category}", "displayName": " > ".join([Service(service).label, *parts])}


def _all() -> Iterator[dict[str, Any]]:
    for service, categories in CATEGORIES.items():
        for category in categories:
            yield shown_classification(service, category.id)


def _is_so(asked: Restriction, classification: dict[str, Any]) -> bool:
    names = {"": "displayName", "display_name": "displayName", "displayName": "displayName", "id": "id"}
    if asked.field not in names or (asked.field and asked.operator not in {":", "="}):
        raise Invalid("query")
    text = classification[names[asked.field]]
    if asked.field and (asked.operator == "=" or "*" in asked.value):
        return _fits(text.casefold(), asked.value.casefold())
    return asked.value.casefold() in text.casefold()


def _fits(text: str, pattern: str) -> bool:
    """Tell whether a text is one that a pattern describes, in which * stands for anything; in linear time."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    *between, last = others
    if not text.startswith(first) or not text.endswith(last):
        return False
    place, end = len(first), len(text) - len(last)
    for part in between:
        found = text.find(part, place, max(end, place))
        if found < 0:
            return False
        place = found + len(part)
    return place <= end
