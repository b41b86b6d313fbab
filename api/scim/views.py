"""The endpoints: what is published about the service, people, and groups (RFC 7644, 3 and 4)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import reverse
from scim2_models import (
    Context,
    ListResponse,
    NotImplementedException,
    ResourceType,
    ResponseParameters,
    Schema,
    ScimProvider,
)

from accounts.errors import LastAdmin
from accounts.models import Customer, User
from accounts.provisioning.recording import tell_of_last_admin
from accounts.provisioning.scope import groups_of, members_in, people_of
from api.scim import filters, groups, people, published, sent
from api.scim.answers import answered
from api.scim.guard import ScimRequest, with_token
from api.scim.ids import group_pk, person_pk
from api.scim.reading import page_of, payload_of
from api.scim.urls_of import meta


@with_token("GET")
def scim_config(request: ScimRequest) -> HttpResponse:
    """Say what this service can do."""
    config = published.CONFIG.model_copy(update={"meta": meta("ServiceProviderConfig", request.path)})
    return answered(config, context=Context.RESOURCE_QUERY_RESPONSE)


@with_token("GET")
def scim_resource_types(request: ScimRequest) -> HttpResponse:
    """List what there is: people, and of customers groups."""
    return _all(_resource_types(request), ResourceType)


@with_token("GET")
def scim_resource_type(request: ScimRequest, name: str) -> HttpResponse:
    """Show one of them."""
    return _named(_resource_types(request), name)


@with_token("GET")
def scim_schemas(request: ScimRequest) -> HttpResponse:
    """List the schemas of what there is."""
    return _all(_schemas(request), Schema)


@with_token("GET")
def scim_schema(request: ScimRequest, urn: str) -> HttpResponse:
    """Show one of them."""
    return _named(_schemas(request), urn)


@with_token("GET", "POST", "PUT", "PATCH", "DELETE")
def scim_unsupported(_request: ScimRequest, **_kwargs: Any) -> HttpResponse:
    """Say that there are no bulk requests, no search by POST, and nobody who is `Me`."""
    raise NotImplementedException


@with_token("GET", "POST")
def scim_users(request: ScimRequest) -> HttpResponse:
    """List people, or create one."""
    if request.method != "POST":
        rows = people_of(request.organisation)
        found, total, start = _page(request, rows, sent.SentUser, filters.PEOPLE)
        return _listed(request, people.drawn(found), total, start, published.User)
    asked: sent.SentUser = sent.created(sent.SentUser, payload_of(request))
    person = people.create(request.actor, request.organisation, asked, invite=request.token.invites_people)
    return _user(request, person.pk, status=201)


@with_token("GET", "PUT", "PATCH", "DELETE")
def scim_user(request: ScimRequest, user_id: str) -> HttpResponse:
    """Show, replace, change or delete a person."""
    person = _person(request, person_pk(user_id))
    if request.method in ("GET", "HEAD"):
        return _user(request, person.pk)
    try:
        if request.method == "DELETE":
            people.delete(request.actor, person)
            return HttpResponse(status=204)
        if request.method == "PUT":
            asked = people.said(sent.replaced(sent.SentUser, payload_of(request)))
        else:
            before = sent.sent_of(person)
            asked = people.differing(before, sent.patched(before, payload_of(request)))
        people.change(request.actor, request.organisation, person, asked)
    except LastAdmin:
        tell_of_last_admin(actor=request.actor, person=person)
        raise
    return _user(request, person.pk)


@with_token("GET", "POST")
def scim_groups(request: ScimRequest) -> HttpResponse:
    """List groups, or create one."""
    _require_groups(request)
    if request.method != "POST":
        rows = groups_of(request.organisation)
        found, total, start = _page(request, rows, sent.SentGroup, filters.GROUPS)
        drawn = groups.drawn(found, with_members=_wants_members(request))
        return _listed(request, drawn, total, start, published.Group)
    asked: sent.SentGroup = sent.created(sent.SentGroup, payload_of(request))
    return _group(request, groups.create(request.actor, request.organisation, asked).pk, status=201)


@with_token("GET", "PUT", "PATCH", "DELETE")
def scim_group(request: ScimRequest, group_id: str) -> HttpResponse:
    """Show, replace, change or delete a group. A change answers without the group, which may have many members."""
    group = groups_of(request.organisation).filter(pk=group_pk(group_id)).first()
    if group is None:
        raise Http404
    if request.method in ("GET", "HEAD"):
        return _group(request, group.pk)
    if request.method == "DELETE":
        groups.delete(request.actor, group)
        return HttpResponse(status=204)
    if request.method == "PUT":
        asked = sent.replaced(sent.SentGroup, payload_of(request))
        groups.change(request.actor, request.organisation, group, None, asked)
        return _group(request, group.pk)
    before = sent.sent_group_of(group, members_in([group])[group.pk])
    groups.change(request.actor, request.organisation, group, before, sent.patched(before, payload_of(request)))
    return _group(request, group.pk) if "attributes" in request.GET else HttpResponse(status=204)


# --- What they share ------------------------------------------------------------------------------------


def _person(request: ScimRequest, pk: int) -> User:
    person = people_of(request.organisation).select_related("customer", "reseller").filter(pk=pk).first()
    if person is None:
        raise Http404
    return person


def _user(request: ScimRequest, pk: int, *, status: int = 200) -> HttpResponse:
    """Answer with a person as they are now."""
    [drawn] = people.drawn([_person(request, pk)])
    return _one(request, drawn, status)


def _group(request: ScimRequest, pk: int, *, status: int = 200) -> HttpResponse:
    rows = groups_of(request.organisation).filter(pk=pk)
    [drawn] = groups.drawn(list(rows), with_members=_wants_members(request))
    return _one(request, drawn, status)


def _one(request: ScimRequest, drawn: Any, status: int) -> HttpResponse:
    context = Context.RESOURCE_CREATION_RESPONSE if status == 201 else Context.RESOURCE_QUERY_RESPONSE
    response = answered(drawn, status=status, context=context, response_parameters=_attributes(request, type(drawn)))
    response.headers["Location"] = str(drawn.meta.location)
    return response


def _page(request: ScimRequest, rows: QuerySet[Any], model: type[Any], known: Any) -> tuple[list[Any], int, int]:
    """Return the rows of a page in the order of their ids, how many there are in all, and where the page begins."""
    if asked := request.GET.get("filter", "").strip():
        rows = rows.filter(filters.condition_of(asked, model, known))
    start, count = page_of(request)
    return list(rows.order_by("pk")[start : start + count]) if count else [], rows.count(), start + 1


def _listed(request: ScimRequest, drawn: Sequence[Any], total: int, start: int, model: type[Any]) -> HttpResponse:
    said = ListResponse[model](  # type: ignore[valid-type]
        total_results=total, start_index=start, items_per_page=len(drawn), resources=list(drawn)
    )
    return answered(said, context=Context.RESOURCE_QUERY_RESPONSE, response_parameters=_attributes(request, model))


def _attributes(request: ScimRequest, model: type[Any]) -> Any:
    """Return which attributes a program asks for. Raises ValidationError."""
    asked = {name: request.GET[name] for name in ("attributes", "excludedAttributes") if request.GET.get(name)}
    parameters: Any = ResponseParameters[model]  # type: ignore[valid-type]
    return parameters.model_validate(asked)


def _wants_members(request: ScimRequest) -> bool:
    """Tell whether members are asked for: a group may have thousands."""
    named = {name.strip().lower().partition(".")[0] for name in request.GET.get("attributes", "").split(",")} - {""}
    left_out = {name.strip().lower() for name in request.GET.get("excludedAttributes", "").split(",")}
    return "members" in named if named else "members" not in left_out


def _require_groups(request: ScimRequest) -> None:
    if not isinstance(request.organisation, Customer):
        raise Http404


def _provider(request: ScimRequest) -> ScimProvider:
    return published.OF_CUSTOMERS if isinstance(request.organisation, Customer) else published.OF_RESELLERS


def _resource_types(request: ScimRequest) -> list[ResourceType]:
    return [
        found.model_copy(update={"meta": meta("ResourceType", reverse("scim_resource_type", args=[found.id]))})
        for found in _provider(request).resource_types
    ]


def _schemas(request: ScimRequest) -> list[Schema]:
    return [
        found.model_copy(update={"meta": meta("Schema", reverse("scim_schema", args=[found.id]))})
        for found in _provider(request).schemas
    ]


def _all(found: Sequence[Any], model: type[Any]) -> HttpResponse:
    said = ListResponse[model](  # type: ignore[valid-type]
        total_results=len(found), start_index=1, items_per_page=len(found), resources=list(found)
    )
    return answered(said, context=Context.RESOURCE_QUERY_RESPONSE)


def _named(found: Sequence[Any], name: str) -> HttpResponse:
    one = next((each for each in found if str(each.id).lower() == name.lower()), None)
    if one is None:
        raise Http404
    return answered(one, context=Context.RESOURCE_QUERY_RESPONSE)
