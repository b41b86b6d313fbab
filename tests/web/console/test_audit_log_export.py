"""The export of the audit log (A4)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pytest
from django.test import Client

from accounts.audit_log import events_of_customer
from accounts.models import AuditEvent, RoleAssignment, User
from accounts.spreadsheets import harmless
from tests.access.world import World, make_world
from tests.client import content_of as content
from tests.client import signed_in
from tests.web.trail_world import export, write
from web.console.audit_export import export_rows


@pytest.fixture
def twin(world: World) -> World:
    """Another customer with another reseller, of the same names: nothing of it may ever show."""
    return make_world()


def rows(response: Any) -> list[dict[str, str]]:
    """The export as a spreadsheet reads it."""
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(content(response).decode("utf-8-sig"), newline="")))


# --- The export ----------------------------------------------------------------------------------


def test_the_export_holds_every_event_of_the_filter_and_no_other(world: World, twin: World, monkeypatch: Any) -> None:
    monkeypatch.setattr("web.console.audit_export.EXPORT_BATCH", 7)
    write(twin.customer, twin.admin, "of the twin")
    for number in range(30):
        write(world.customer, world.admin, f"number {number}")
    client = signed_in(world.admin.user)
    response = client.get(export(world.customer))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        rf'attachment; filename="audit-log-{world.customer.primary_domain}-\d{{4}}-\d\d-\d\d.csv"',
        response.headers["Content-Disposition"],
    )
    assert response.streaming
    exported = rows(response)
    stored = AuditEvent.objects.filter(customer_id=world.customer.pk).order_by("-pk")
    assert [row["About"] for row in exported] == list(stored.values_list("subject", flat=True))
    assert [row["Event"] for row in exported] == list(stored.values_list("name", flat=True))
    narrowed = rows(client.get(export(world.customer), {"event": "CREATE_USER"}))
    assert [row["About"] for row in narrowed] == [f"number {n}" for n in range(29, -1, -1)]


def test_the_export_speaks_the_readers_language_and_time_zone(world: World) -> None:
    world.admin.user.time_zone, world.admin.user.language = "Asia/Kathmandu", "fr"
    world.admin.user.save(update_fields=["time_zone", "language"])
    write(world.customer, None, "x", at="2020-01-04T10:00:00+00:00", new={"due_at": "2020-02-05T10:00:00+00:00"})
    [row] = rows(signed_in(world.admin.user).get(export(world.customer), {"until": "2020-01-04"}))
    assert "2020-01-04T15:45:00+05:45" in row.values()
    assert any("5 février 2020" in cell for cell in row.values())


def test_the_export_opens_in_excel_with_its_accents(world: World) -> None:
    write(world.customer, world.admin, 'Élan, "Zoë"\nsecond line')
    response = signed_in(world.admin.user).get(export(world.customer), {"event": "CREATE_USER"})
    sent = content(response)
    assert sent.startswith(b"\xef\xbb\xbf")
    [row] = csv.DictReader(io.StringIO(sent.decode("utf-8-sig"), newline=""))
    assert row["About"] == 'Élan, "Zoë"\nsecond line'


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\tplain", "\r=1", "\n=1", "  =1", "＝1+1", "\u00a0=1"]
)
def test_no_cell_of_the_export_is_a_formula(world: World, cell: str) -> None:
    write(world.customer, world.admin, cell)
    [row] = rows(signed_in(world.admin.user).get(export(world.customer), {"event": "CREATE_USER"}))
    assert row["About"][0] == "'"


def test_ordinary_cells_stay_as_they_are() -> None:
    for cell in ("", "Acme", "a=b", "1-2", "person@example.com", "'quoted", "2020-01-04T15:45:00+05:45"):
        assert harmless(cell) == cell


# --- The right, asked for again while it is sent -------------------------------------------------


def loses_the_role(world: World, client: Client) -> None:
    RoleAssignment.objects.filter(user=world.admin.user).delete()


def is_suspended(world: World, client: Client) -> None:
    User.objects.filter(pk=world.admin.user.pk).update(is_active=False)


def changes_the_password_elsewhere(world: World, client: Client) -> None:
    world.admin.user.set_password("another-long-password-73")
    world.admin.user.save(update_fields=["password"])


def signs_out(world: World, client: Client) -> None:
    client.logout()


def was_signed_in_too_long(world: World, client: Client) -> None:
    session = client.session
    session["signed_in_at"] = 0
    session.save()


def got_a_temporary_password(world: World, client: Client) -> None:
    User.objects.filter(pk=world.admin.user.pk).update(must_change_password=True)


def has_to_add_a_second_factor(world: World, client: Client) -> None:
    User.objects.filter(pk=world.admin.user.pk).update(must_enrol_factor=True)


def keeps_everything(world: World, client: Client) -> None:
    pass


GONE = "The export ends here, events are missing: you are signed out or may not read the audit log any more."


@pytest.mark.parametrize(
    ("happens", "ends"),
    [
        (loses_the_role, True),
        (is_suspended, True),
        (changes_the_password_elsewhere, True),
        (signs_out, True),
        (was_signed_in_too_long, True),
        (got_a_temporary_password, True),
        (has_to_add_a_second_factor, True),
        (keeps_everything, False),
    ],
)
def test_P8_the_export_ends_when_the_right_is_gone_and_says_so(
    world: World, monkeypatch: Any, happens: Callable[[World, Client], None], ends: bool
) -> None:
    monkeypatch.setattr("web.console.audit_export.ASK_AGAIN_AFTER", 0.0)
    for number in range(20):
        write(world.customer, world.admin, f"number {number}")
    client = signed_in(world.admin.user)
    response: Any = client.get(export(world.customer), {"event": "CREATE_USER"})
    sent = response.streaming_content
    begun = [next(sent) for _ in range(6)]  # the titles, and five of the twenty
    happens(world, client)
    rest = b"".join(sent).decode().splitlines()
    assert len(begun) == 6
    if ends:
        assert rest == [f'"{GONE}"']
    else:
        assert len(rest) == 15
        assert GONE not in rest


def test_P8_the_right_is_asked_for_every_ten_seconds_and_not_for_every_row(world: World, monkeypatch: Any) -> None:
    for number in range(20):
        write(world.customer, world.admin, f"number {number}")
    clock = iter(range(1000))  # a second for each row
    monkeypatch.setattr("web.console.audit_export.time.monotonic", lambda: float(next(clock)))
    asked = []

    def may_still() -> bool:
        asked.append("asked")
        return True

    rows_ = export_rows(events_of_customer(world.customer), "en", UTC, may_still)
    assert len(list(rows_)) == 1 + AuditEvent.objects.filter(customer_id=world.customer.pk).count()
    assert 1 <= len(asked) <= 3
