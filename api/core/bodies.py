"""What is sent, read by the schema of the document: typed, without what is read only, and nothing that it lacks."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from api.core.documents import Document, Endpoint
from api.core.errors import ApiError, BadRequest
from api.core.values import Unfit, reading_of

# Bytes of a request without a file.
LONGEST_BODY: Final = 1_000_000
_EMPTY: Final[Mapping[str, Any]] = {"string": "", "boolean": False, "integer": 0, "number": 0}
_NOT_SENT: Final = object()

# Reads a value; the text says where it stands, for errors.
Reader = Callable[[Any, str], Any]


def json_of(raw: bytes) -> dict[str, Any]:
    """Return the object that is sent; an empty one where nothing is. Raises BadRequest."""
    if not raw.strip():
        return {}
    try:
        sent = json.loads(raw.decode(), parse_constant=_refuse_constant, parse_float=_finite)
        # What JSON can say and no text can hold: NUL, and halves of a pair of surrogates.
        if b"\\u" in raw and "\0" in _texts_of(sent):
            raise BadRequest("NUL cannot be stored.")
    except (ValueError, RecursionError) as error:
        raise BadRequest("Parse Error: the request is not JSON in UTF-8, or nested too deeply.") from error
    if not isinstance(sent, dict):
        raise BadRequest("Invalid JSON payload received. The request is not a JSON object.")
    return sent


def body_of(endpoint: Endpoint, sent: dict[str, Any]) -> dict[str, Any]:
    """Return what is sent to a method, by its schema. Raises ApiError, with the place of what is wrong."""
    schema = endpoint.content.get("request")
    if schema is None:
        return {}
    body: dict[str, Any] = _reader(endpoint.document, schema["$ref"], endpoint.id)(sent, "")
    return body


def raw_body(request: HttpRequest, longest: int = LONGEST_BODY) -> bytes:
    """Return the bytes of a request, also of one that comes in chunks. Raises ApiError for too many."""
    environ = request.META
    try:
        if environ.get("wsgi.input_terminated") and "CONTENT_LENGTH" not in environ:
            raw: bytes = environ["wsgi.input"].read(longest + 1)
        elif int(environ.get("CONTENT_LENGTH") or 0) > longest:
            raise _too_large(longest)
        else:
            raw = request.read(longest + 1)
    except RequestDataTooBig as error:
        raise _too_large(longest) from error
    except (OSError, UnreadablePostError, ValueError) as error:
        raise BadRequest("The request ended before its body did.") from error
    if len(raw) > longest:
        raise _too_large(longest)
    return raw


def _too_large(longest: int) -> ApiError:
    return ApiError(413, "uploadTooLarge", f"Request is too large: send at most {longest} bytes.")


def _finite(text: str) -> float:
    """Return a number; 1e400 is JSON, and no number that can be kept."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _texts_of(sent: Any) -> str:
    """Return everything that was sent as one text. Raises UnicodeEncodeError, a ValueError, for half a character."""
    texts, level = [], [sent]
    while level:
        each = level.pop()
        if isinstance(each, dict):
            level += [*each, *each.values()]
        elif isinstance(each, list):
            level += each
        elif isinstance(each, str):
            texts.append(each)
    text = "".join(texts)
    text.encode()
    return text


@cache
def _reader(document: Document, name: str, method: str) -> Reader:
    """Return what reads a named schema. method: whose required fields are asked for; empty inside lists and maps."""
    schema = document.schemas[name]
    # Read when it is met: schemas name themselves.
    properties: dict[str, Reader] = {}
    required = [
        field
        for field, part in schema.get("properties", {}).items()
        if method in part.get("annotations", {}).get("required", ())
    ]

    def read(value: Any, place: str) -> dict[str, Any]:
        if not properties:
            properties.update(
                {field: _part(document, part, method) for field, part in schema.get("properties", {}).items()}
            )
        found = _fields(value, place, properties)
        for field in required:
            if field not in found:
                raise ApiError(400, "required", f"Required field: {_inside(place, field)}", _inside(place, field))
        return found

    return read


def _fields(value: Any, place: str, properties: Mapping[str, Reader]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unfit(place, Unfit("Values must be objects"))
    found = {}
    for field, each in value.items():
        reader = properties.get(field)
        if reader is None:
            at = f" at '{place}'" if place else ""
            message = f'Invalid JSON payload received. Unknown name "{field[:100]}"{at}: Cannot find field.'
            raise ApiError(400, "invalid", message, _inside(place, field[:100]))
        inner = reader(each, _inside(place, field))
        if inner is not _NOT_SENT:
            found[field] = inner
    return found


def _part(document: Document, schema: Mapping[str, Any], method: str) -> Reader:
    """Return what reads one field, one item or one value of a map."""
    if schema.get("readOnly"):
        return lambda _value, _place: _NOT_SENT
    inner, empty = _shape(document, schema, method)

    def read(value: Any, place: str) -> Any:
        # In a patch of the original null takes a value away; the methods here see what that leaves.
        return empty() if value is None else inner(value, place)

    return read


def _shape(document: Document, schema: Mapping[str, Any], method: str) -> tuple[Reader, Callable[[], Any]]:
    """Return what reads a value, and what stands for null."""
    if "$ref" in schema:
        return _reader(document, schema["$ref"], method), dict
    kind = schema.get("type")
    if kind == "array":
        return _list(_part(document, schema["items"], "")), list
    if kind == "object" and "additionalProperties" in schema:
        return _map(_part(document, schema["additionalProperties"], "")), dict
    if kind == "object":
        own = {name: _part(document, part, method) for name, part in schema.get("properties", {}).items()}
        return lambda value, place: _fields(value, place, own), dict
    convert = reading_of(schema)
    empty = _NOT_SENT if "enum" in schema or "format" in schema else _EMPTY.get(str(kind))

    def read(value: Any, place: str) -> Any:
        try:
            return convert(value)
        except Unfit as error:
            raise _unfit(place, error) from error

    return read, lambda: empty


def _list(item: Reader) -> Reader:
    def read(value: Any, place: str) -> list[Any]:
        if not isinstance(value, list):
            raise _unfit(place, Unfit("Values must be lists"))
        found = [item(each, f"{place}[{number}]") for number, each in enumerate(value)]
        return [each for each in found if each is not _NOT_SENT]

    return read


def _map(item: Reader) -> Reader:
    def read(value: Any, place: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _unfit(place, Unfit("Values must be objects"))
        return {key: item(each, _inside(place, key[:100])) for key, each in value.items()}

    return read


def _unfit(place: str, error: Unfit) -> ApiError:
    return ApiError(400, "invalid", f"Invalid value at '{place}'. {error}", place)


def _inside(place: str, field: str) -> str:
    return f"{place}.{field}" if place else field
