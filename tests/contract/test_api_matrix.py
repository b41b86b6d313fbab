"""Every method of the APIs against every caller (api_matrix/). A refusal, and a question, change nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from accounts.machines import quotas
from accounts.models import ApiQuota, AuditEvent
from api.core.methods import served
from api.core.routing import get_of
from api.core.stack import programs
from tests.contract import api_matrix
from tests.contract.api_matrix.asks import ENDPOINTS, NAMES_OF_CUSTOMERS, NOTHING, Ask, Ids, ids_of, request_of
from tests.contract.api_matrix.callers import Caller, callers, token_for_others
from tests.contract.api_matrix.furnish import furnish
from tests.contract.conftest import Standing
from tests.contract.crawl import content_of
from tests.contract.database import Written, written
from tests.contract.entering import nobody_is_seen_again
from tests.contract.world import World

LINES = api_matrix.lines()
EVENTS = AuditEvent._meta.db_table
# What any call may write: how often its account called.
COUNTED = {ApiQuota._meta.db_table}
# Questions that leave an event: who took a file (A4).
RECORDED = {"cloudsupport.media.download"}
every_line = pytest.mark.parametrize("line", LINES, ids=[line.method for line in LINES])


@dataclass
class Machines:
    """The world with everybody who calls, and the ids of both tenants."""

    world: World
    callers: list[Caller]
    acme: Ids
    globex: Ids

    def send(self, token: str | None, method: str, ids: Ids, **headers: str) -> Any:
        """Ask as the table's parts say, with these ids. headers: with _ for -."""
        request = request_of(method, api_matrix.ASKS[method], ids)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return answered(token, request.method, request.path, request.body, request.kind, **sent)


def no_page(_request: HttpRequest) -> HttpResponse:
    raise AssertionError("no call of an API is a page")


STACK = programs(no_page)
FACTORY = RequestFactory()


def answered(token: str | None, method: str, path: str, body: bytes = b"", kind: str = "", **headers: str) -> Any:
    """Call in the stack of programs alone: these are thousands; what counts and logs around it is tried elsewhere."""
    bearer = {"Authorization": f"Bearer {token}"} if token else {}
    return STACK(FACTORY.generic(method, path, body, kind, headers={**bearer, **headers}))


@pytest.fixture(scope="module")
def machines(standing: Standing, request: pytest.FixtureRequest) -> Iterator[Machines]:
    """What only machines meet, in a savepoint on top of the world; machines from outside are inside already."""
    world = standing.world_of(request.module.__name__)
    quotas.forget()
    with transaction.atomic():
        for tenant in (world.acme, world.globex):
            furnish(tenant)
        found = Machines(
            world,
            callers(world),
            ids_of(world.acme),
            ids_of(world.globex),
        )
        for caller in found.callers:
            if caller.role != "kept out":
                found.send(caller.token, "directory.users.get", found.acme)
        nobody_is_seen_again()
        yield found
        transaction.set_rollback(True)


def letter_of(response: Any) -> str:
    if 200 <= response.status_code < 300:
        return "O"
    letters = {400: "B", 412: "B", 401: "U", 403: "D", 404: "A"}
    return letters.get(response.status_code, f"<{response.status_code}>")


def whole(response: Any) -> bytes:
    """Read an answer to its end and close it, as Django's test client does: the connection of the tests stays."""
    content = content_of(response)
    request_finished.disconnect(close_old_connections)
    response.close()
    request_finished.connect(close_old_connections)
    return content


def since(before: Written) -> Written:
    """How many rows were written of each table since then."""
    after = written()
    return {t: n - before.get(t, 0) for t, n in after.items() if n != before.get(t, 0) and t not in COUNTED}


def observe(line: api_matrix.Line, machines: Machines) -> tuple[str, list[str]]:
    """Return what the callers of the columns really get, and every effect that is wrong.

    What was written is looked at where something may be, and of all refusals in between together: asking costs as much
    as a call.
    """
    asked, endpoint = api_matrix.ASKS[line.method], ENDPOINTS[line.method]
    changes = endpoint.http_method != "GET" or line.method in RECORDED
    other = token_for_others(machines.world, endpoint.scopes)
    letters, wrong, seen = "", [], written()
    for caller, expected in zip(machines.callers, line.letters, strict=True):
        who = f"{caller.group} / {caller.role}"
        works = changes and expected == "O"
        if works and (effect := since(seen)):
            wrong.append(f"a refusal before {who} wrote {effect}")
        with transaction.atomic() if changes or caller.before else nullcontext():
            if caller.before or asked.before:
                make_ready(caller, asked, machines.world)
                seen = written()
            elif works:
                seen = written()
            response = machines.send(other if caller.role == "other" else caller.token, line.method, machines.acme)
            letter, content = letter_of(response), whole(response)
            letters += letter
            if works:
                if letter == "O" and EVENTS not in (effect := since(seen)):
                    wrong.append(f"{who} wrote no event, {effect}")
                seen = written()
            if changes or caller.before:
                transaction.set_rollback(True)
        if letter != expected:
            wrong.append(f"{who}: {response.status_code} {content[:300]!r}")
    if effect := since(seen):
        wrong.append(f"a refusal, or a question, wrote {effect}")
    return letters, wrong


def make_ready(caller: Caller, asked: Ask, world: World) -> None:
    """Do what is so when they call."""
    if caller.before:
        caller.before()
    if asked.before:
        asked.before(world.acme)


def test_every_method_that_is_served_has_a_line(db: None) -> None:
    assert {line.method for line in LINES} == served() == set(api_matrix.ASKS)


@every_line
def test_each_caller_gets_the_answer_of_the_table(line: api_matrix.Line, db: None, machines: Machines) -> None:
    letters, wrong = observe(line, machines)
    assert api_matrix.spelled(letters) == api_matrix.spelled(line.letters)
    assert not wrong, "\n".join(wrong)


def told(machines: Machines, role: str, method: str, ids: Ids) -> tuple[int, str, str]:
    """What a stranger is told about ids: the status, the answer, and the answer without the ids themselves."""
    token = next(each.token for each in machines.callers if (each.group, each.role) == ("others", role))
    with transaction.atomic():
        response = machines.send(token, method, ids)
        said = content_of(response).decode()
        transaction.set_rollback(True)
    if response.status_code == 200 and method.endswith((".insert", ".create", ".watch")):
        said = "made in their own organisation"
    masked = said
    for name in sorted({each for each in ids.values() if len(each) > 3}, key=len, reverse=True):
        masked = masked.replace(name, "…")
    return response.status_code, said, masked


def is_the_same(one: tuple[int, str, str], other: tuple[int, str, str]) -> bool:
    return one[0] == other[0] and (one[1] == other[1] or one[2] == other[2])


# It says of any customer that it is there, as rarely as the page does (api.md, 7).
TELLS = {"reseller.customers.get"}


@every_line
def test_a_stranger_is_told_the_same_of_what_is_there_and_of_what_is_not(
    line: api_matrix.Line, db: None, machines: Machines
) -> None:
    """Mirror: the ids of another tenant answer as if they did not exist, also within one's own customer."""
    if line.method in TELLS:
        return
    own = {name: machines.globex[name] for name in NAMES_OF_CUSTOMERS}
    theirs, nothing = machines.acme, {**machines.acme, **NOTHING}
    within, within_nothing = _at_home(theirs, own), _at_home(nothing, own)
    for role in ("super admin", "admin"):
        for asked, other in ((theirs, nothing), (within, within_nothing)):
            one, two = (told(machines, role, line.method, ids) for ids in (asked, other))
            assert is_the_same(one, two), (role, one, two)


def _at_home(ids: Ids, own: Ids) -> dict[str, str]:
    """Return ids with another customer in front of them."""
    cases = {
        name: f"{own['organization']}/cases{ids[name].partition('/cases')[2]}" for name in ("case", "file", "comment")
    }
    return {**ids, **own, **cases}


# --- Errors that every API has ---------------------------------------------------------------------


def who_may(line: api_matrix.Line, machines: Machines) -> str | None:
    """The token of the first caller for whom a method works."""
    return machines.callers[line.letters.index("O")].token


def reason_of(response: Any) -> str:
    """The reason in the older envelope, the status in words in the newer one."""
    error = json.loads(content_of(response))["error"]
    return str(error["errors"][0]["reason"] if "errors" in error else error["status"])


def getting(line: api_matrix.Line, ids: Ids) -> str | None:
    """The path at which what a method changes is read; None where there is none, or the method asks for nothing."""
    endpoint = ENDPOINTS[line.method]
    path = request_of(line.method, api_matrix.ASKS[line.method], ids).path.partition("?")[0]
    found = get_of(endpoint, path) if endpoint.http_method != "GET" and "O" in line.letters else None
    parts = found.params.items() if found else ()
    shown = f"/{found.endpoint.path}" if found else None
    for name, value in parts:
        shown = shown and shown.replace(f"{{{name}}}", value).replace(f"{{+{name}}}", value)
    return shown


SHOWN_NOWHERE = {"directory.users.undelete": "a person who was deleted is shown in lists only"}
CHANGED = [line for line in LINES if line.method not in SHOWN_NOWHERE and getting(line, NOTHING)]


@pytest.mark.parametrize("line", CHANGED, ids=[line.method for line in CHANGED])
def test_X5_a_stale_etag_changes_nothing_and_the_one_that_was_read_does(
    line: api_matrix.Line, db: None, machines: Machines
) -> None:
    """https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1; a stranger is told what they are told without one."""
    token, place = who_may(line, machines), getting(line, machines.acme)
    before = written()
    stale = machines.send(token, line.method, machines.acme, If_Match='"stale"')
    assert (stale.status_code, reason_of(stale)) in ((412, "conditionNotMet"), (412, "FAILED_PRECONDITION"))
    stranger = next(each for each in machines.callers if (each.group, each.role) == ("others", "super admin"))
    for etag in ('"stale"', "*"):
        with_one = machines.send(stranger.token, line.method, machines.acme, If_Match=etag)
        without = machines.send(stranger.token, line.method, machines.acme)
        assert (with_one.status_code, reason_of(with_one)) == (without.status_code, reason_of(without))
    assert not since(before)
    assert place
    read = answered(token, "GET", place)
    changed = machines.send(token, line.method, machines.acme, If_Match=read.headers["ETag"])
    assert letter_of(changed) == "O", content_of(changed)


PAGED = [
    line
    for line in LINES
    if "pageToken" in ENDPOINTS[line.method].parameters and ENDPOINTS[line.method].http_method == "GET"
]


@pytest.mark.parametrize("line", PAGED, ids=[line.method for line in PAGED])
def test_X5_a_page_token_that_is_none_is_refused(line: api_matrix.Line, db: None, machines: Machines) -> None:
    """https://developers.google.com/workspace/admin/directory/v1/limits: a token belongs to its list."""
    asked = api_matrix.ASKS[line.method]
    for token in ("x", "WzFd.x", "é", "x" * 4_000):
        request = request_of(line.method, replace(asked, params={**asked.params, "pageToken": token}), machines.acme)
        response = answered(who_may(line, machines), "GET", request.path)
        assert (response.status_code, reason_of(response)) in ((400, "invalid"), (400, "INVALID_ARGUMENT")), token


# A method that reads and one that changes something, of each API.
ONE_OF_EACH = {
    (endpoint.document.name, endpoint.document.version, endpoint.http_method == "GET"): line
    for line in LINES
    for endpoint in [ENDPOINTS[line.method]]
    if "O" in line.letters
}


@pytest.mark.parametrize("line", ONE_OF_EACH.values(), ids=[line.method for line in ONE_OF_EACH.values()])
def test_X5_over_its_quota_a_machine_is_told_when_to_come_back(
    line: api_matrix.Line, db: None, machines: Machines, settings: Any
) -> None:
    """https://developers.google.com/workspace/admin/directory/v1/limits: wait, and try again."""
    settings.API_READS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    before = written()
    response = machines.send(who_may(line, machines), line.method, machines.acme)
    assert response.status_code == 429 and 1 <= int(response.headers["Retry-After"]) <= 60
    assert reason_of(response) in ("rateLimitExceeded", "RESOURCE_EXHAUSTED")
    assert not since(before)
