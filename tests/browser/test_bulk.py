"""Many users at once: a file with wrong lines, and a choice in the list; a real worker does the work."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from accounts.directory.org_units import create_org_unit
from accounts.directory.tree import tree_of
from accounts.models import Job, User
from accounts.models.jobs import JobStatus
from tests.browser.journey import SOON, Journey
from tests.factories import make_person
from tests.servers import CeleryWorker

FILE: FilePayload = {
    "name": "people.csv",
    "mimeType": "text/csv",
    "buffer": (
        b"name,email,org_unit\n"
        b"Ada Lovelace,ada@acme.example,/Sales\n"
        b"Nobody,nobody@globex.example,/\n"
        b"Grace Hopper,grace@acme.example,/\n"
        b"Nowhere,nowhere@acme.example,/Moon\n"
    ),
}
IMPORT = ("Import %(number)s line", "Import %(number)s lines")
NEW = User.objects.filter(name__in=["Ada Lovelace", "Grace Hopper"])


@pytest.fixture(autouse=True)
def _a_worker_and_a_unit(journey: Journey, start_worker: Callable[..., CeleryWorker]) -> None:
    acme = journey.scene.acme
    create_org_unit(actor=None, customer=acme, parent=tree_of(acme).root, name="Sales")
    for name in ("Bob", "Carol"):
        make_person(acme, name=name)
    start_worker(pool="solo")


def names_in_sales() -> list[str]:
    return list(User.objects.filter(org_unit__name="Sales").order_by("name").values_list("name", flat=True))


def choose(journey: Journey, page: Page, *names: str) -> None:
    for name in names:
        page.get_by_label(journey.say("Select %(name)s", name=name), exact=True).check()
    journey.button(page, "Move").click()


def test_a_file_with_wrong_lines_and_a_move_while_the_page_follows_the_worker(journey: Journey, tmp_path: Path) -> None:
    page = journey.sit_down(journey.scene.alice)
    journey.go(page, "users/")
    page.get_by_label(journey.say("More actions"), exact=True).click()
    journey.link(page, "Import users").click()
    journey.look(page)
    page.locator("input[type=file]").set_input_files({**FILE, "buffer": b""})
    journey.button(page, "Upload and check").click()
    expect(page.locator("[data-error-summary]")).to_be_focused()
    page.locator("input[type=file]").set_input_files(FILE)
    journey.button(page, "Upload and check").click()
    # The page follows the worker by itself, to the preview and later to the end.
    start = journey.button(page, *IMPORT, number=2)
    expect(start).to_be_visible(timeout=SOON)
    expect(page.locator("#lines-title")).to_have_text(journey.say("Lines with errors"))
    wrong = page.locator("section", has=page.locator("#lines-title")).locator("tbody tr")
    expect(wrong).to_have_count(2)
    expect(wrong.nth(0)).to_contain_text("nobody@globex.example")
    expect(wrong.nth(1)).to_contain_text("/Moon")
    assert not NEW.exists(), "nothing is written yet"
    journey.look(page)
    start.click()
    expect(page.locator("main .chip--open")).to_be_visible(timeout=SOON)
    assert NEW.count() == 2
    journey.look(page)
    with page.expect_download() as download:
        journey.link(page, "Download every line with its outcome").click()
    result = tmp_path / "result.csv"
    download.value.save_as(result)
    rows = list(csv.reader(result.read_text("utf-8-sig").splitlines()))
    assert [row[1] for row in rows[1:]] == ["Ada Lovelace", "Nobody", "Grace Hopper", "Nowhere"]
    assert rows[1][-2] == rows[3][-2] == journey.say("Done"), rows

    journey.go(page, "users/")
    choose(journey, page, "Bob", "Carol")
    expect(page.locator("main")).to_contain_text("carol@acme.example")
    journey.look(page)
    page.locator("[name=org_unit]").select_option("/Sales")
    journey.button(page, "Move users").click()
    expect(page.locator("main .chip--open")).to_be_visible(timeout=SOON)
    journey.look(page)
    assert names_in_sales() == ["Ada Lovelace", "Bob", "Carol"]
    journey.go(page, "users/jobs/")
    expect(page.locator("main tbody tr")).to_have_count(2)


@pytest.mark.parametrize("journey", [("fr", "light", 1280)], ids=["fr"], indirect=True)
def test_a_file_and_a_move_without_javascript(journey: Journey) -> None:
    page = journey.sit_down(journey.scene.alice, java_script_enabled=False)

    def follow(status: JobStatus) -> None:
        """Ask again as someone does whose page does not follow by itself."""
        refresh = page.get_by_role("link", name=journey.say("Refresh"))
        for _look in range(100):
            if not refresh.count():
                break
            refresh.click()
            page.wait_for_timeout(100)
        assert Job.objects.latest("pk").status == status

    journey.go(page, "users/import/")
    page.locator("input[type=file]").set_input_files(FILE)
    journey.button(page, "Upload and check").click()
    follow(JobStatus.READY)
    expect(page.locator("#lines-title")).to_have_text(journey.say("Lines with errors"))
    journey.button(page, *IMPORT, number=2).click()
    follow(JobStatus.DONE)
    assert NEW.count() == 2

    journey.go(page, "users/")
    choose(journey, page, "Bob", "Carol")
    page.locator("[name=org_unit]").select_option("/Sales")
    journey.button(page, "Move users").click()
    follow(JobStatus.DONE)
    assert names_in_sales() == ["Ada Lovelace", "Bob", "Carol"]
