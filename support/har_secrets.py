"""What in a HAR file opens something: which headers, which parameters, and where they stand in texts.

Every expression here meets text that a stranger may have written. Each one begins at a place that its look-behind or
its first letter fixes and gives nothing back once it has taken it, so that its time grows with the text and no faster
(tests/contract/test_expressions.py).
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

REMOVED = "[removed]"

# Headers that carry the session or a password: the standard's, and what products call theirs.
SECRET_HEADER = re.compile(
    r"(?:proxy-)?authorization|(?:set-)?cookie2?|dpop|sec-websocket-protocol"
    r"|x-(?:[a-z0-9]+-)?(?:auth|csrf|xsrf|token|session|secret|key|signature)(?:[a-z0-9-]*)"
    r"|(?:[a-z0-9]+-){0,8}(?:access-?token|auth-?token|csrf-?token|api-?key|token|secret|session)(?:-?id)?",
    re.IGNORECASE | re.ASCII,
)
# Parameters of URLs and of forms whose value opens something.
SECRET_PARAMETER = re.compile(
    r"token|secret|password|passwd|pwd|passcode|session|csrf|xsrf|api_?-?key|^key$|^sid$|^jwt$|^code$|^auth|assertion"
    r"|saml|signature|^sig$|credential",
    re.IGNORECASE,
)
# Arrays that are emptied: the cookies of a request, and what went over a WebSocket, which no name tells apart.
EMPTIED = frozenset({"cookies", "_websocketmessages"})
# Fields that hold a URL, whatever it looks like.
_URLS = frozenset({"url", "redirecturl", "referer", "value"})

# In a query, a fragment or the body of a form.
PAIR = re.compile(r"(?P<start>(?<![^=&;#?/])(?P<name>[^=&;#?/]*+)=)(?P<value>[^&;#]++)")
# In a path: /page;jsessionid=…
PATH_PAIR = re.compile(r"(?P<start>;(?P<name>[^=;/]*+)=)(?P<value>[^;/]++)")
# In the text of a page or a script: href="/page?token=…
TEXT_PAIR = re.compile(r"(?P<start>(?<![\w.%[\]-])(?P<name>[\w.%[\]-]++)=)(?P<value>[^&;#\s\"'<>\\]++)")
# In JSON or a script, "access_token": "…", also in single quotes, and within a string of such a text.
QUOTED = re.compile(r'(?P<start>"(?P<name>[^"\\]{1,60}+)"\s*+:\s*+")(?P<value>(?:[^"\\]++|\\.)++)', re.DOTALL)
SINGLE = re.compile(r"(?P<start>'(?P<name>[^'\\]{1,60}+)'\s*+:\s*+')(?P<value>(?:[^'\\]++|\\.)++)", re.DOTALL)
ESCAPED = re.compile(r'(?P<start>\\"(?P<name>[^"\\]{1,60}+)\\"\s*+:\s*+\\")(?P<value>[^"\\]++)')
# In the body of a form with files.
PART = re.compile(r'(?P<start>name="(?P<name>[^"\r\n]{1,60}+)"\r?\n\r?\n)(?P<value>[^\r\n]++)')


def is_secret(name: str) -> bool:
    """Tell whether the value of a header or parameter of that name opens something."""
    name = name.strip()
    return bool(SECRET_HEADER.fullmatch(name) or SECRET_PARAMETER.search(name))


def strip_text(name: str, value: str) -> tuple[str, int]:
    """Take the secrets out of the text of a field of that name; return it, and how many there were."""
    if name == "text":
        return _strip_body(value)
    if "://" in value or name in _URLS:
        return _strip_url(value)
    return value, 0


def _strip_body(body: str) -> tuple[str, int]:
    """Of a request or a response: a form, JSON, a page, a script."""
    is_form = "=" in body[:200] and "<" not in body[:200]
    total = 0
    for pattern in (QUOTED, SINGLE, ESCAPED, PART, PAIR if is_form else TEXT_PAIR):
        body, removed = _replace(pattern, body)
        total += removed
    return body, total


def _strip_url(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return _replace(PAIR, url)
    path, in_path = _replace(PATH_PAIR, parts.path)
    query, in_query = _replace(PAIR, parts.query)
    fragment, in_fragment = _replace(PAIR, parts.fragment)
    person, _at, host = parts.netloc.rpartition("@")
    removed = in_path + in_query + in_fragment + bool(person)
    if not removed:
        return url, 0
    netloc = f"{REMOVED}@{host}" if person else host
    return urlunsplit(parts._replace(netloc=netloc, path=path, query=query, fragment=fragment)), removed


def _replace(pattern: re.Pattern[str], text: str) -> tuple[str, int]:
    removed = 0

    def hide(match: re.Match[str]) -> str:
        nonlocal removed
        if match["value"] == REMOVED or not SECRET_PARAMETER.search(match["name"]):
            return match[0]
        removed += 1
        return f"{match['start']}{REMOVED}"

    return pattern.sub(hide, text), removed
