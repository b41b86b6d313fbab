"""From a request to its answer: the token, the method, what its document says of it, and one function that does it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.http.response import HttpResponse
from django.urls import ResolverMatch

from api.core.answers import answered, refused
from api.core.bodies import body_of, json_of, raw_body
from api.core.call import Call
from api.core.customers import lock_customer_of
from api.core.documents import Endpoint
from api.core.entrance import Entered, enter, require_person
from api.core.envelopes import InsufficientScopes
from api.core.errors import ApiError, BadRequest, ConditionNotMet, Invalid, NotServed
from api.core.etags import require_match, stamped
from api.core.lines import require_readable_query
from api.core.methods import Method
from api.core.methods import method as function_of
from api.core.queries import Options, params_of
from api.core.quotas import require_quota
from api.core.refusals import error_of
from api.core.routing import Route, get_of, methods_at, route
from api.core.shown import note_shown
from api.core.uploads import is_piece, received, without_fields

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = frozenset({"application/json", "", "text/json"})
_OVERRIDES: Final = frozenset({"GET", "PUT", "PATCH", "DELETE"})


@dataclass(frozen=True, slots=True)
class Sent:
    """What arrived, with an overridden method put right. raw: the body; read where it is asked for."""

    http_method: str
    path: str
    query: QueryDict
    raw: bytes | None = None


def answer(request: HttpRequest) -> HttpResponseBase:
    """Answer one call, whatever happens."""
    found: Route | None = None
    try:
        sent = sent_of(request)
        found = route_of(sent)
        _name_page(request, found.endpoint)
        return _answer(request, sent, found)
    except Exception as error:  # noqa: BLE001  nothing gets past here but as an answer in the API's envelope
        told = error_of(error)
        for step in told.afterwards:
            step()
        return refused(request, told, found.endpoint.document if found else None)


def sent_of(request: HttpRequest) -> Sent:
    """Return what a request asks for. A long GET arrives as a POST, with its query as a form."""
    http_method, query = "GET" if request.method == "HEAD" else str(request.method), request.GET
    if is_piece(request):
        return Sent("POST", request.path_info, query)
    override = request.headers.get("X-HTTP-Method-Override", "").upper()
    if not override or override == http_method:
        return Sent(http_method, request.path_info, query)
    if http_method != "POST" or override not in _OVERRIDES:
        raise BadRequest("X-HTTP-Method-Override names GET, PUT, PATCH or DELETE, in a POST.")
    if override != "GET":
        return Sent(override, request.path_info, query)
    raw = raw_body(request)
    if raw and request.content_type != _FORM:
        raise BadRequest(f"Send the query of an overridden GET as {_FORM}.")
    return Sent("GET", request.path_info, _with_form(query, raw), raw=b"")


def route_of(sent: Sent) -> Route:
    """Return the method that is meant. Raises ApiError where there is none."""
    found = route(sent.http_method, sent.path)
    if found is not None:
        return found
    if methods := methods_at(sent.path):
        allow = ", ".join([*methods, *(["HEAD"] if "GET" in methods else [])])
        raise ApiError(405, "httpMethodNotAllowed", f"Use {allow}.", headers={"Allow": allow})
    raise ApiError(404, "notFound", "Not Found")


def entered_for(request: HttpRequest, endpoint: Endpoint) -> tuple[Entered, Method]:
    """Return who calls a method, and what answers it. Raises ApiError where they may not, or nothing does."""
    entered = enter(request)
    if not entered.scopes & endpoint.scopes:
        raise InsufficientScopes(endpoint.scopes)
    require_quota(entered, endpoint)
    require_person(entered)
    function = function_of(endpoint.id)
    if function is None:
        raise NotServed(endpoint.id)
    return entered, function


def _answer(request: HttpRequest, sent: Sent, found: Route) -> HttpResponseBase:
    endpoint = found.endpoint
    entered, function = entered_for(request, endpoint)
    if endpoint.is_upload:
        return _with_file(request, found, entered, function)
    if "mediaUpload" in endpoint.content:
        raise BadRequest(f"Send the file with the call, to /upload{sent.path}.")
    params, options = _params(found, sent.query)
    call = _call(request, endpoint, entered, params, options)
    if sent.http_method == "GET":
        shown = function(call)
        note_shown(call, shown)
        return _shown(call, endpoint, shown, options)
    call = replace(call, body=_body(request, endpoint, sent))
    with transaction.atomic():
        _require_match(call, sent)
        result = function(call)
    return _shown(call, endpoint, result, options)


def _with_file(request: HttpRequest, found: Route, entered: Entered, function: Method) -> HttpResponseBase:
    """Answer a call with a file, or tell which piece of it is to come."""
    endpoint = found.endpoint
    with transaction.atomic():
        got = received(request, endpoint, entered)
        if isinstance(got, HttpResponse):
            return got
        with got.file.open():
            params, options = _params(found, without_fields(got.query, endpoint))
            call = _call(request, endpoint, entered, params, options)
            result = function(replace(call, body=body_of(endpoint, got.sent), media=got.file))
        if got.upload is not None:
            got.upload.delete()
    return _shown(call, endpoint, result, options)


def _params(found: Route, query: QueryDict) -> tuple[dict[str, Any], Options]:
    params, options = params_of(found.endpoint, found.params, query)
    if options.alt == "media" and not found.endpoint.content.get("supportsMediaDownload"):
        raise Invalid("alt", f"{found.endpoint.id} gives no files.")
    return params, options


def _call(request: HttpRequest, endpoint: Endpoint, entered: Entered, params: dict[str, Any], options: Options) -> Call:
    return Call(
        method=endpoint.id,
        params=params,
        body={},
        actor=entered.actor,
        scopes=entered.scopes,
        request=request,
        alt=options.alt,
    )


def _shown(call: Call, endpoint: Endpoint, result: Any, options: Options) -> HttpResponseBase:
    """Return what a function gave, as an answer."""
    if isinstance(result, HttpResponseBase):
        return result
    if result is None:
        return HttpResponse(status=204)
    return answered(call.request, endpoint, result, options)


def _body(request: HttpRequest, endpoint: Endpoint, sent: Sent) -> dict[str, Any]:
    if endpoint.content.get("request") is None:
        return {}
    raw = raw_body(request) if sent.raw is None else sent.raw
    charset = (request.content_params or {}).get("charset", "utf-8").lower()
    if raw and sent.raw is None and (request.content_type not in _JSON or charset not in ("utf-8", "utf8")):
        raise ApiError(400, "badContent", f"Unsupported content with type: {request.content_type}. Send JSON in UTF-8.")
    return body_of(endpoint, json_of(raw))


def _require_match(call: Call, sent: Sent) -> None:
    """Compare an If-Match with what is there, under the lock that the change will hold (api.md, 10)."""
    header = call.request.headers.get("If-Match", "")
    current = get_of_call(sent) if header else None
    if current is None:
        return
    endpoint, shows = current.endpoint, function_of(current.endpoint.id)
    if shows is None:
        raise ConditionNotMet
    asked = [params_of(endpoint, current.params, query)[0] for query in _projections(endpoint)]
    calls = [replace(call, method=endpoint.id, params=params, body={}, locks=True) for params in asked]
    # Who may not see it locks nothing; what is seen before the lock counts for nothing.
    shows(calls[0])
    lock_customer_of(calls[0])
    etags = [stamped(shows(each), endpoint.document, endpoint.response)[1] for each in calls]
    require_match(header, etags)


def get_of_call(sent: Sent) -> Route | None:
    """Return the method that shows what a call changes."""
    found = route(sent.http_method, sent.path)
    return get_of(found.endpoint, sent.path) if found else None


def _projections(endpoint: Endpoint) -> list[QueryDict]:
    """Return the queries with which a client may have read the resource: each shows it with an ETag of its own."""
    names = endpoint.content.get("parameters", {}).get("projection", {}).get("enum", [])
    return [QueryDict(f"projection={name}") for name in names] or [QueryDict("")]


def _with_form(query: QueryDict, raw: bytes) -> QueryDict:
    require_readable_query(raw)
    both = query.copy()
    both.update(QueryDict(raw))
    return both


def _name_page(request: HttpRequest, endpoint: Endpoint) -> None:
    """Let logs and metrics say which method it was."""
    request.resolver_match = ResolverMatch(answer, (), {}, url_name=f"api:{endpoint.id}")
