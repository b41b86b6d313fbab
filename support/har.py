"""Takes secrets out of HAR files, the recordings browsers make of their traffic, before they are stored.

Whoever reads a HAR file with its cookies and tokens can take over the session it was recorded in.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit, urlunsplit

REMOVED = "[removed]"

# Headers that carry the session or a password; a few that are not in the standard but common.
SECRET_HEADERS = frozenset(
    {
        "authorization",
        "cookie",
        "cookie2",
        "proxy-authorization",
        "set-cookie",
        "set-cookie2",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-csrftoken",
        "x-goog-api-key",
        "x-xsrf-token",
    }
)
# Parameters of addresses and of forms whose value opens something.
SECRET_PARAMETER = re.compile(
    r"token|secret|password|passwd|pwd|passcode|session|api_?-?key|^key$|^sid$|^jwt$|^code$|^auth|assertion|saml"
    r"|signature|^sig$|credential",
    re.IGNORECASE,
)
_PAIR = re.compile(r"(?P<name>[^=&;#?/]*)=(?P<value>[^&;#]*)")
# In a line of JSON or of a script: "access_token": "…"
_QUOTED = re.compile(r'(?P<start>"(?P<name>[^"\\]{1,60})"\s*:\s*")(?P<value>(?:[^"\\]|\\.)+)"')


class UnreadableHar(Exception):
    """It says that it is a HAR file, but its secrets cannot be found."""


def parse_har(content: bytes) -> dict[str, Any] | None:
    """Return a HAR file's content; None where it is something else. Raises UnreadableHar for one that is broken."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        if b'"entries"' in content and b'"request"' in content:
            raise UnreadableHar from error
        return None
    if not isinstance(found, dict) or not isinstance(found.get("log"), dict) or "entries" not in found["log"]:
        return None
    return found


def strip_har(har: dict[str, Any]) -> int:
    """Take the secrets out of a parsed HAR file, in place, and return how many there were."""
    try:
        return _strip(har)
    except RecursionError as error:
        raise UnreadableHar from error


def _strip(node: Any) -> int:
    """Walk through everything: extensions of browsers put requests in places the format does not name."""
    if isinstance(node, list):
        return sum(_strip(child) for child in node)
    if not isinstance(node, dict):
        return 0
    removed = 0
    for name, value in list(node.items()):
        if name.lower() == "cookies" and isinstance(value, list):
            removed += len(value)
            node[name] = []
        elif name.lower() in SECRET_HEADERS and isinstance(value, str | list):
            # Headers as an object in place of a list of pairs.
            removed += 1
            node[name] = REMOVED
        elif isinstance(value, str):
            node[name], found = _strip_text(name.lower(), value)
            removed += found
        else:
            removed += _strip(value)
    return removed + _strip_pair(node)


def _strip_pair(node: dict[str, Any]) -> int:
    """Empty {"name": …, "value": …} where the name is that of a secret: a header, a parameter, a form's field."""
    name, value = node.get("name"), node.get("value")
    if not isinstance(name, str) or value in (None, "", REMOVED):
        return 0
    if name.lower().strip() not in SECRET_HEADERS and not SECRET_PARAMETER.search(name):
        return 0
    node["value"] = REMOVED
    return 1


def _strip_text(name: str, value: str) -> tuple[str, int]:
    if name == "text":
        # The body of a request or a response: a form, or JSON.
        value, in_json = _replace(_QUOTED, value, r'"')
        form, in_form = _replace(_PAIR, value, "") if "=" in value[:200] and "<" not in value[:200] else (value, 0)
        return form, in_json + in_form
    if "=" not in value or not ("://" in value or name in {"url", "redirecturl", "referer", "value"}):
        return value, 0
    return _strip_address(value)


def _strip_address(address: str) -> tuple[str, int]:
    try:
        parts = urlsplit(address)
    except ValueError:
        return _replace(_PAIR, address, "")
    query, in_query = _replace(_PAIR, parts.query, "")
    fragment, in_fragment = _replace(_PAIR, parts.fragment, "")
    if not in_query + in_fragment:
        return address, 0
    return urlunsplit(parts._replace(query=query, fragment=fragment)), in_query + in_fragment


def _replace(pattern: re.Pattern[str], text: str, end: str) -> tuple[str, int]:
    removed = 0

    def hide(match: re.Match[str]) -> str:
        nonlocal removed
        if not match["value"] or not SECRET_PARAMETER.search(match["name"]):
            return match[0]
        removed += 1
        start = match.groupdict().get("start") or f"{match['name']}="
        return f"{start}{REMOVED}{end}"

    return pattern.sub(hide, text), removed
