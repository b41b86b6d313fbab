"""The export of the audit log (A4)."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from accounts.models import AuditEvent
from accounts.spreadsheets import harmless
from tests.access.world import World, make_world
from tests.client import content_of as content
from tests.client import signed_in
from tests.web.trail_world import export, write


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
    monkeypatch.setattr("web.console.audit_log.EXPORT_BATCH", 7)
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
