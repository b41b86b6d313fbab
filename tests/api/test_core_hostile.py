"""What an attacker found once: each is an answer to a client now, and no error of the server.

Of methods that are really served: what the layer does with any method, stands in test_core_input.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from accounts.machines.tokens import mint
from accounts.models import Customer, User
from accounts.roles import Role
from tests.api.batches import batch, part, statuses
from tests.api.machines import account_of
from tests.api.serving import Caller
from tests.factories import make_reseller, put_person

FORM = "application/x-www-form-urlencoded"
USERS, GROUPS = "/admin/directory/v1/users", "/admin/directory/v1/groups"
CUSTOMER = "/admin/directory/v1/customer/my_customer"
ACTIVITIES = "/admin/reports/v1/activity/users/all/applications/admin"


@pytest.fixture
def program(ana: User) -> Caller:
    """A program that works for Ana, with everything that is served."""
    return Caller.of(ana)


def reason(answer: Any) -> tuple[int, str]:
    """The status and the reason of what was refused, in the envelope of the older APIs."""
    return answer.status_code, answer.json()["error"]["errors"][0]["reason"]


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (USERS, "customer=my_customer&domain=a%00b"),
        (GROUPS, "userKey=a%00b"),
        (f"{CUSTOMER}/devices/chromeos", "query=note:a%00b"),
        (f"{CUSTOMER}/roleassignments", "userKey=a%00b"),
        (ACTIVITIES, "groupIdFilter=a%00b"),
        (ACTIVITIES, "orgUnitID=a%00b"),
        (USERS, "customer=%FF"),
        (USERS, b"customer=\xff\xfe"),
        (USERS, b"customer=a\0b"),
    ],
)
def test_a_query_that_comes_as_a_form_is_looked_at_like_one_in_a_url(program: Caller, path: str, form: Any) -> None:
    override = {"X_HTTP_Method_Override": "GET"}
    assert reason(program.send("POST", path, form, kind=FORM, **override)) == (400, "badRequest")


@pytest.mark.parametrize("target", [f"{GROUPS}/a%00", f"{GROUPS}?customer=a%00b", f"{USERS}?customer=%FF"])
def test_a_part_of_a_batch_is_looked_at_like_a_request(program: Caller, target: str) -> None:
    whole = f"{USERS}?customer=my_customer"
    assert statuses(batch(program, part(f"GET {target}"), part(f"GET {whole}"))) == [400, 200]


@pytest.mark.parametrize(
    ("line", "headers"),
    [
        (f"GET {USERS}/日本", ""),
        (f"GET {USERS}?customer=日本", ""),
        (f"GET {USERS}?customer=a", "Content-Type: application/json; charset=hex\r\n"),
        (f"GET {USERS}?customer=a", "Content-Type: application/json; charset=undefined\r\n"),
    ],
)
def test_a_batch_with_a_part_that_is_no_text_is_refused_whole(program: Caller, line: str, headers: str) -> None:
    assert reason(batch(program, part(line, headers))) == (400, "badRequest")


@pytest.mark.parametrize("query", ["sync:9999-12-31", "sync:..9999-12-31", "register:9999-12-31..9999-12-31"])
def test_the_last_of_all_days_has_no_day_after_it(program: Caller, query: str) -> None:
    assert reason(program.get(f"{CUSTOMER}/devices/chromeos?query={query}")) == (400, "invalid")
    count = program.get(f"{CUSTOMER}/devices/chromeos:countChromeOsDevices?filter={query}")
    assert reason(count) == (400, "invalid")


@pytest.mark.parametrize("address", ["fe80::1%25eth0", "1::%25" + "a" * 200])
def test_an_ip_address_with_a_card_of_the_client_s_is_none(program: Caller, address: str) -> None:
    assert reason(program.get(f"{ACTIVITIES}?actorIpAddress={address}")) == (400, "invalid")
    assert program.get(f"{ACTIVITIES}?actorIpAddress=fe80::1").status_code == 200


@pytest.mark.parametrize("number", ["1e400", "-1e999"])
def test_a_number_that_no_column_can_keep_is_refused(program: Caller, ana: User, number: str) -> None:
    body = f'{{"organizations": [{{"name": "x", "costCenter": {number}}}]}}'
    assert reason(program.send("PATCH", f"{USERS}/{ana.email}", body)) == (400, "badRequest")
    ana.refresh_from_db()
    assert ana.contact == {}


@pytest.mark.parametrize("metadata", [b"\xff\xfe{", "{}".encode("utf-16")])
def test_a_file_in_pieces_begins_with_text(program: Caller, metadata: bytes) -> None:
    begins = "/resumable/upload/v2/organizations/1/cases/1/attachments?uploadType=resumable"
    answer = program.send("POST", begins, metadata)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")


CASE = "organizations/{number}/cases/1"
OF_CASES = [
    ("GET", f"/v2/{CASE}"),
    ("POST", f"/v2/{CASE}/comments"),
    ("GET", f"/v2/{CASE}/attachments"),
    ("GET", "/v2/organizations/{number}/cases"),
    ("POST", "/admin/directory_v1/channels/stop"),
    ("GET", f"{USERS}?customer={{customer}}"),
    ("GET", "/access/v1/customers/{customer}/grants"),
    ("GET", "/apps/reseller/v1/subscriptions"),
]


@pytest.mark.parametrize(("method", "path"), OF_CASES)
@pytest.mark.parametrize("of", ["customer", "reseller"])
def test_X2_an_account_that_acts_for_nobody_is_refused_and_breaks_nothing(
    acme: Customer, ana: User, method: str, path: str, of: str
) -> None:
    acme.refresh_from_db()
    person = ana if of == "customer" else put_person(make_reseller(), Role.RESELLER_ADMIN)
    account = account_of(person)
    token, _until = mint(account=account, key=None, person=None, scopes=account.scopes)
    path = path.format(number=acme.organization_number, customer=acme.customer_id)
    answer = Caller(token).send(method, path, {} if method == "POST" else None)
    assert answer.status_code in (403, 404), answer.content
