"""What we write as CSV and read again means the same: nothing is changed by sending an export back."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.errors import Refused
from accounts.models import User
from accounts.models.jobs import JobKind, JobStatus
from accounts.organisations import clean_name
from accounts.spreadsheets import as_typed, csv_lines, harmless
from jobs.encodings import decode
from jobs.kinds.import_users import COLUMNS
from jobs.reading import rows
from tests.cast import Cast, cast
from tests.factories import fresh, make_person, make_unit
from tests.jobs.bulk_world import lines, run, upload

__all__ = ["cast"]

# What makes trouble in spreadsheets and files, among ordinary letters.
AWKWARD = "'\"=+-@＝,;\t|\n /\u00a0\u2028aéß李👩\u0301"
CELLS = st.text(st.sampled_from(AWKWARD) | st.characters(codec="utf-8", exclude_characters="\r\x00\ufffd"))
TITLES = ["name", "email", "org_unit"]
NAMES = ["=1+1", "'=1+1", "''=1+1", "'t Hooft", "O'Neil", "-", "'", '"quoted"', "a, b; c", "@Home Team", "＝w", "sep=;"]


@given(CELLS.map(str.strip))
@example("'=x")
@example("' =x")
@example("''")
def test_the_apostrophe_in_front_of_a_formula_is_taken_off_where_it_was_put(cell: str) -> None:
    assert as_typed(harmless(cell)) == as_typed(f"  {harmless(cell)} ") == cell
    assert not harmless(cell).lstrip().startswith(tuple("=+-@＝＋－＠"))


@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=5))
@example([("=Support= Desk", "'=x", "'"), ("a\nb", '"', ",")])
def test_cells_come_back_as_they_were_written(cells: list[tuple[str, str, str]]) -> None:
    typed = [[cell.strip() for cell in row] for row in cells]
    text = "".join(csv_lines([TITLES, *typed]))
    found = [[row.cells[title] for title in TITLES] for row in rows(decode(text.encode()), COLUMNS)]
    assert found == [row for row in typed if any(row)]


@given(st.text(min_size=1, max_size=50))
def test_a_name_of_the_directory_is_the_same_name_in_a_file_that_comes_back(text: str) -> None:
    try:
        name = clean_name(text.replace("\ufffd", ""))
        content = "".join(csv_lines([["name", "email"], [name, "ana@acme.example"]])).encode()
    except (Refused, UnicodeEncodeError):
        return  # not a name that anybody can have
    [row] = rows(decode(content), COLUMNS)
    assert (row.error, clean_name(row.cells["name"])) == ("", name)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_sending_the_list_of_users_back_changes_nothing(cast: Cast, language: str) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    deep = make_unit(acme, "=R&D, “Café”", make_unit(acme, "'@Zürich"))
    for number, name in enumerate(NAMES):
        make_person(acme, name=name, email=f"person{number}@acme.example")
    acme.people.filter(name__in=NAMES).update(org_unit=deep)
    User.objects.filter(pk=admin.pk).update(language=language)
    before = list(User.objects.order_by("pk").values_list("email", "name", "org_unit"))
    text = _export(admin)
    assert text.startswith("\ufeffNom," if language == "fr" else "\ufeffName,")
    job = upload(admin, acme, text)
    assert (job.status, job.total) == (JobStatus.READY, acme.people.filter(deleted_at=None).count())
    assert job.arguments["outcomes"] == {"unchanged": job.total}
    assert len(job.arguments["ignored"]) == 3
    assert list(User.objects.order_by("pk").values_list("email", "name", "org_unit")) == before


def test_refused_lines_that_are_corrected_mean_what_was_meant(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    sales = make_unit(acme, "Sales")
    source = io.StringIO()
    csv.writer(source).writerows([TITLES, *([name, f"p{n}@acme.example", "/Nowhere"] for n, name in enumerate(NAMES))])
    # Typed into a spreadsheet nobody sees an apostrophe: the file that comes to us has the bare formula.
    typed = {f"p{n}@acme.example": as_typed(name) for n, name in enumerate(NAMES)}
    refused = run_refused(admin, upload(admin, acme, source.getvalue()).pk)
    job = run(admin, upload(admin, acme, refused.replace("/Nowhere", "/Sales")))
    assert job.arguments["outcomes"] == {"done": len(NAMES)}
    assert dict(acme.people.filter(org_unit=sales).values_list("email", "name")) == typed


def test_a_line_break_within_a_name_is_a_space_and_creates_no_one_else(cast: Cast) -> None:
    acme, admin = cast.acme.customer, cast.acme.super_admin
    text = 'name,email\n"Ada\nLovett",ada.lovett@acme.example\nBea Good,bea.good@acme.example\nX,"x\ny@acme.example"\n'
    job = upload(admin, acme, text)
    assert [(number, outcome) for number, outcome, _column, _message in lines(job)] == [
        (2, "waiting"),
        (4, "waiting"),
        (5, "refused"),
    ]
    run(admin, job)
    assert dict(acme.people.filter(email__contains=".").values_list("email", "name")).items() >= {
        ("ada.lovett@acme.example", "Ada Lovett"),
        ("bea.good@acme.example", "Bea Good"),
    }


@pytest.mark.parametrize("serial", ["1.23457E+12", "1,23457e+12", "1E+12", "5E-4"])
def test_a_number_that_a_spreadsheet_shortened_is_no_serial_number(cast: Cast, serial: str) -> None:
    text = f"kind;serial_number\nchromeos;{serial}\nchromeos;5E12\n"
    job = upload(cast.acme.super_admin, cast.acme.customer, text, JobKind.IMPORT_DEVICES)
    first, second = lines(job)
    assert first[1:3] == ("refused", "serial_number")
    assert "spreadsheet has shortened this number" in first[3]
    assert second[1] == "waiting"


def run_refused(admin: User, job_id: int) -> str:
    return _content(_client(admin).get(f"{_url('job_lines', job_id=job_id)}?only=refused"))


def _export(admin: User) -> str:
    return _content(_client(fresh(admin)).post(_url("users_export")))


def _client(admin: User) -> Client:
    client = Client()
    client.force_login(admin)
    return client


def _url(name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs={"domain": "acme.example", **kwargs})


def _content(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response.streaming_content).decode()
