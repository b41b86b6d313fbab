"""Names, addresses and paths of a file are read as those that people type (P10, P9)."""

from __future__ import annotations

import pytest

from accounts.directory import org_units
from accounts.directory.tree import tree_of
from accounts.models import User
from tests.cast import Cast, cast
from tests.jobs.bulk_world import lines, run, upload

pytestmark = pytest.mark.django_db
__all__ = ["cast"]
NEW = {"rtl@acme.example": ".gnp.evil", "emoji@acme.example": "👩\u200d💻"}


def test_P10_names_that_nobody_can_read_are_refused_and_the_others_cleaned(cast: Cast) -> None:
    admin, acme = cast.acme.super_admin, cast.acme.customer
    text = "name,email\n"
    text += "\u202e.gnp.evil,rtl@acme.example\n"
    text += "\u200b\u200d,invisible@acme.example\n"
    text += "\u3164,filler@acme.example\n"
    text += "Z" + "\u0353\u0301" * 60 + ",zalgo@acme.example\n"
    text += "👩\u200d💻,emoji@acme.example\n"
    text += "Ana Spoof,an\u0131.lima@acme.example\n"
    text += "Vera,vera@vendor.example\n"
    job = run(admin, upload(admin, acme, text))
    refused = [(number, column, message) for number, outcome, column, message in lines(job) if outcome == "refused"]
    assert [(number, column) for number, column, _message in refused] == [
        *((3, "name"), (4, "name"), (5, "name")),
        *((7, "email"), (8, "email")),
    ]
    assert "marks on one letter" in refused[2][2]
    assert "without accents" in refused[3][2]
    assert "belongs to another organisation" in refused[4][2]
    made = {person.email: person.name for person in User.objects.filter(customer=acme, email__in=NEW)}
    assert made == NEW


def test_P10_a_path_as_macOS_writes_it_finds_its_unit(cast: Cast) -> None:
    admin, acme = cast.acme.super_admin, cast.acme.customer
    root = tree_of(acme).root
    unit = org_units.create_org_unit(actor=None, customer=acme, parent=root, name="Café Zürich")
    text = "name,email,org_unit\nNfd Unit,nfd.unit@acme.example,/Cafe\u0301 Zu\u0308rich\n"
    run(admin, upload(admin, acme, text))
    assert User.objects.get(email="nfd.unit@acme.example").org_unit == unit
