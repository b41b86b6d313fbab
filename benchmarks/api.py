"""What a call of the API costs: beside its queries with plain JSON, under load, and without any work of a method."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.machines.scopes import SCOPES
from accounts.machines.tokens import mint, show
from accounts.models import ServiceAccount, User
from api.core import methods
from benchmarks import directory
from benchmarks.measure import alternately, table
from benchmarks.pages import cpu, rates, served, wait_for
from reseller_console.local.valkey import free_port

# Goal: so many times the floor.
GOAL: Final = 2
_ROUNDS: Final = 40
_EVENTS: Final = 3_000
_FLOOR: Final = "its queries and plain JSON (floor)"
_OWN: Final = "groupsSettings.groups.get"

_FILL: Final = """
    INSERT INTO accounts_auditevent (at, name, customer_id, actor_id, actor_email, actor_organisation, actor_kind,
        on_behalf_of, subject, old_value, new_value, ip_address)
    SELECT now() - i * interval '1 minute', (ARRAY['CREATE_USER', 'CHANGE_USER', 'ASSIGN_ROLE'])[i %% 3 + 1],
           %(customer)s, %(admin)s, %(email)s, 'Big', 'customer', '', 'person' || i || '@big.example',
           '{"name": "Before"}', '{"name": "After"}', '192.0.2.1'
    FROM generate_series(1, %(events)s) i"""


def token_of(person: User) -> str:
    """Return a token with which a machine acts for a person."""
    account = ServiceAccount.objects.create(
        customer=person.customer, name="Benchmark", email="benchmark@big.iam.example", scopes=list(SCOPES)
    )
    return mint(account=account, key=None, person=person, scopes=SCOPES)[0]


def asking(client: Client, url: str, headers: dict[str, str]) -> Callable[[], bytes]:
    """Return what makes a call and makes sure that it was answered."""

    def ask() -> bytes:
        response = client.get(url, headers=headers)
        assert response.status_code == 200, (url, response.status_code, response.content[:300])
        return bytes(response.content)

    return ask


def floor_of(ask: Callable[[], bytes]) -> Callable[[], str]:
    """Return the floor of a call: the statements that it sends, by hand, and its answer as plain JSON."""
    ask()
    with CaptureQueriesContext(connection) as captured:
        answer = json.loads(ask())
    statements = [query["sql"] for query in captured.captured_queries]

    def floor() -> str:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.cursor.execute(statement)
                if cursor.cursor.description:
                    cursor.cursor.fetchall()
        return json.dumps(answer)

    return floor


def run() -> None:
    """Print the tables."""
    customer, admin = directory.fill()
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"customer": customer.pk, "admin": admin.pk, "email": admin.email, "events": _EVENTS})
        cursor.execute("VACUUM (ANALYZE)")
    token = token_of(admin)
    headers = {"Authorization": f"Bearer {token}"}
    client = Client(SERVER_NAME="127.0.0.1")
    users, one = "/admin/directory/v1/users", f"/admin/directory/v1/users/{admin.email}"
    for name, url in (
        ("users.get", one),
        ("users.list, 500 users", f"{users}?customer=my_customer&maxResults=500"),
        (
            "activities.list, 1,000 activities",
            "/admin/reports/v1/activity/users/all/applications/admin?maxResults=1000",
        ),
    ):
        ask = asking(client, url, headers)
        table(f"{name}   goal {GOAL} x", alternately({_FLOOR: floor_of(ask), "the call": ask}, _ROUNDS), _FLOOR)
    by_itself(client, token)
    under_load(one, headers)


def by_itself(client: Client, token: str) -> None:
    """Print the CPU of a call whose method does nothing, beside the look-up of its token and beside a probe."""

    def nothing(_call: Any) -> dict[str, Any]:
        return {"email": "group@big.example", "name": "Group"}

    headers = {"Authorization": f"Bearer {token}"}
    before = dict(methods._METHODS)  # noqa: SLF001  put back below
    methods._METHODS[_OWN] = nothing  # noqa: SLF001  the same
    try:
        found = cpu(
            {
                "the look-up of a token": lambda: show(token),
                "a probe, which is answered in front": lambda: client.get(reverse("health_live")),
                "a call whose method does nothing": asking(client, "/groups/v1/groups/group@big.example", headers),
            }
        )
    finally:
        methods._METHODS.clear()  # noqa: SLF001  as it was
        methods._METHODS.update(before)  # noqa: SLF001  the same
    print("\nCPU of the dispatcher")
    for name, milliseconds in found.items():
        print(f"  {name:<44} {milliseconds * 1000:>8.0f} µs", flush=True)


def under_load(url: str, headers: dict[str, str]) -> None:
    """Print how many calls a second two web workers answer."""
    port = free_port()
    web = served(port)
    try:
        wait_for(port)
        rates(port, url, headers)
    finally:
        web.terminate()
        web.wait()
