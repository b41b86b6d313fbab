"""The parameters of a call: those in the path and in the query, typed and bounded as the document says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.http import QueryDict

from api.core.documents import Endpoint
from api.core.errors import ApiError, Invalid
from api.core.values import Unfit, reading_of

# Parameters of every method of the original that change nothing here: API keys and names of who uses a quota.
_ACCEPTED: Final = frozenset({"key", "quotaUser", "userIp", "$.xgafv", "upload_protocol", "uploadType", "upload_id"})
# A token in a URL stands in logs: it is not read, so that the call has none.
_UNREAD: Final = frozenset({"access_token", "oauth_token"})
_BY_NUMBER: Final = "json;enum-encoding=int"
_FORMS: Final[Mapping[str, tuple[str, bool]]] = {
    "": ("json", False),
    "json": ("json", False),
    _BY_NUMBER: ("json", True),
    "media": ("media", False),
}


@dataclass(frozen=True, slots=True)
class Options:
    """How a client wants to read the answer. enums_as_numbers: as the generated clients of the newer APIs do."""

    alt: str = "json"
    enums_as_numbers: bool = False
    fields: str = ""
    is_pretty: bool = False


@dataclass(frozen=True, slots=True)
class _Parameter:
    convert: Callable[[Any], Any]
    is_repeated: bool


@dataclass(frozen=True, slots=True)
class _Signature:
    """The parameters of one method. in_query: those that a query may have."""

    known: Mapping[str, _Parameter]
    in_query: frozenset[str]
    required: tuple[str, ...]
    defaults: Mapping[str, Any]


def params_of(endpoint: Endpoint, in_path: Mapping[str, str], query: QueryDict) -> tuple[dict[str, Any], Options]:
    """Return the parameters of a call, and how it wants to be answered. Raises ApiError."""
    signature = _signature(endpoint)
    params: dict[str, Any] = dict(signature.defaults)
    for name, value in in_path.items():
        params[name] = _converted(name, signature.known[name], value)
    others: dict[str, str] = {}
    for name, values in query.lists():
        if name not in signature.in_query:
            others[name] = values[-1]
        elif signature.known[name].is_repeated:
            params[name] = [_converted(name, signature.known[name], value) for value in values]
        elif len(values) > 1:
            raise Invalid(name, f"{name} was given {len(values)} times.")
        else:
            params[name] = _converted(name, signature.known[name], values[0])
    for name in signature.required:
        if name not in params:
            raise ApiError(400, "required", f"Required parameter: {name}", name)
    return params, _options(others)


def _options(others: dict[str, str]) -> Options:
    """Return what the parameters say that are no method's own."""
    if not others:
        return Options()
    asked = {name: value for name, value in others.items() if name not in _ACCEPTED and name not in _UNREAD}
    alt = asked.pop("alt", "")
    alt = asked.pop("$alt", alt)
    if alt not in _FORMS:
        raise Invalid("alt", "Invalid value for alt. Values must be one of: json, media")
    fields = asked.pop("fields", "")
    pretty = asked.pop("prettyPrint", asked.pop("$prettyPrint", "false")).lower()
    if pretty not in ("true", "false", "0", "1", ""):
        raise Invalid("prettyPrint")
    for name in asked:
        message = f'Invalid JSON payload received. Unknown name "{name[:100]}": Cannot bind query parameter.'
        raise ApiError(400, "invalid", message, name[:100])
    form, by_number = _FORMS[alt]
    return Options(form, by_number, fields, pretty in ("true", "1"))


def _converted(name: str, parameter: _Parameter, value: str) -> Any:
    try:
        return parameter.convert(value)
    except Unfit as error:
        raise Invalid(name, f"Invalid value '{value[:100]}'. {error}") from error


@cache
def _signature(endpoint: Endpoint) -> _Signature:
    own = endpoint.content.get("parameters", {})
    known = {name: _Parameter(reading_of(schema), bool(schema.get("repeated"))) for name, schema in own.items()}
    return _Signature(
        known=known,
        in_query=frozenset(name for name, schema in own.items() if schema["location"] == "query"),
        required=tuple(name for name, schema in own.items() if schema.get("required")),
        defaults={
            name: known[name].convert(schema["default"])
            for name, schema in own.items()
            if schema.get("default") and not schema.get("repeated")
        },
    )
