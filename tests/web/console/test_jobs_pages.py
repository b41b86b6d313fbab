"""The pages of imports and bulk changes, as an admin and an agent use them."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Job, JobLine, User
from accounts.models.jobs import JobKind, JobStatus
from accounts.roles import Role
from tests.cast import Cast, cast
from tests.client import confirmed, signed_in
from tests.factories import fresh, make_person, make_unit
from tests.jobs.bulk_world import again, run, upload, work
from tests.support.world import open_console

__all__ = ["cast"]

MIXED = "name,email,org_unit\nEva,eva@acme.example,\n=1+1,wrong,\nFinn,finn@gmail.com,/\n"


@pytest.fixture
def admin(cast: Cast) -> Client:
    return signed_in(cast.acme.super_admin)


@pytest.fixture
def agent(cast: Cast) -> Client:
    open_console(cast)
    client = signed_in(cast.resale_one.agent)
    client.post(reverse("enter_console", kwargs={"domain": "acme.example"}))
    return client


def url(name: str, **kwargs: Any) -> str:
    return reverse(name, kwargs={"domain": "acme.example", **kwargs})


def send(client: Client, content: bytes, name: str = "import_users", **options: Any) -> Any:
    return client.post(url(name), {"file": SimpleUploadedFile("people.csv", content)}, **options)


def text(response: Any) -> str:
    main = response.content.decode().split("<main", 1)[-1].split("</main>", 1)[0]
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub("</?bdi>", "", main)).split())


def table(response: Any) -> list[list[str]]:
    content = b"".join(response.streaming_content).decode()
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content[1:])))


def test_a_file_goes_from_the_upload_to_the_result(cast: Cast, admin: Client) -> None:
    page = send(admin, MIXED.encode(), follow=True)
    assert "Your file is being checked. Nothing is written yet." in text(page)
    assert "hx-get" in page.content.decode()
    work()
    job = Job.objects.get()
    here = url("job", job_id=job.pk)
    preview = text(admin.get(here))
    assert "To create 1 To change 0 Nothing to do 0 With errors 2" in preview
    assert "2 lines have errors and are skipped" in preview
    assert re.search(r"3 Enter an e-mail address.* Column email =1\+1 wrong", preview)
    assert re.search(r"4 Use a managed account.* Column email Finn finn@gmail.com", preview)
    assert not User.objects.filter(email="eva@acme.example").exists()
    bad = table(admin.get(url("job_lines", job_id=job.pk) + "?only=refused"))
    assert [row[:2] for row in bad] == [["line", "name"], ["3", "'=1+1"], ["4", "Finn"]]
    assert bad[1][-1].startswith("email: Enter an e-mail address")

    waiting = text(admin.post(url("job_start", job_id=job.pk), follow=True))
    assert "2 of 3 lines are done." in waiting
    work()
    result = text(admin.get(here))
    assert "Done 1 Nothing to do 0 Failed 2" in result
    assert "2 lines failed" in result
    found = table(admin.get(url("job_lines", job_id=job.pk)))
    assert [row[-2] for row in found] == ["outcome", "Done", "Failed", "Failed"]
    assert User.objects.filter(email="eva@acme.example").exists()
    assert "people.csv" in text(admin.get(url("jobs")))


def test_a_file_of_another_encoding_is_refused_on_the_page(admin: Client) -> None:
    page = send(admin, "name,email\nZoë,zoe@acme.example\n".encode("cp1252"))
    assert page.status_code == 422
    assert "Line 2 is not UTF-8: byte 3 of it is 0xEB." in text(page)
    assert send(admin, b'name,email,password\nA,a@acme.example,sec"ret\n').status_code == 422
    assert admin.post(url("import_users")).status_code == 422
    assert send(admin, b"name,email\n" + b"x" * 10 * 1024 * 1024).status_code == 422
    assert send(admin, b"kind\n", "import_devices").status_code == 422
    assert not Job.objects.exists()


def test_the_preview_names_who_will_be_created_and_what_changes(cast: Cast, admin: Client) -> None:
    sales = make_unit(cast.acme.customer, "Sales")
    rows = [f"Person {number},person{number}@acme.example,/sales,x" for number in range(60)]
    file = "\n".join(["name,email,org_unit,Cost Center", "=New  Name,DAVE@acme.example,/Sales", "Wrong,wrong", *rows])
    send(admin, file.encode())
    work()
    job = Job.objects.get()
    page = text(admin.get(url("job", job_id=job.pk)))
    assert "These columns are not known and are left out: “Cost Center”." in page
    assert "2 Change =New Name Now: Dave dave@acme.example /Sales Now: / 4 Create Person 0 person0@acme.example" in page
    assert "Person 48 " in page
    assert "Person 49 " not in page
    assert "Show all 61 lines" in page
    assert "3 Enter an e-mail address" in page
    planned = admin.get(url("job", job_id=job.pk) + "?show=planned")
    assert "Enter an e-mail address" not in text(planned)
    [following] = re.findall(r'href="([^"]*after=[^"]*)"', planned.content.decode())
    rest = text(admin.get(following.replace("&amp;", "&")))
    assert "Person 49 " in rest
    assert "Person 59 " in rest
    assert "Person 48 " not in rest
    admin.post(url("job_start", job_id=job.pk))
    work()
    assert "What will be done" not in text(admin.get(url("job", job_id=job.pk)))
    assert sales.people.count() == 61


def test_a_file_like_the_templates_of_the_original_is_read_and_its_passwords_are_not_kept(
    cast: Cast, admin: Client
) -> None:
    titles = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path"
    page = text(send(admin, f"{titles}\nGil,MÃ¼ller,gil@acme.example,Secret-1234,/\n".encode(), follow=True))
    assert "Not read, and stored nowhere: “Password [Required]”" in page
    assert "Secret" not in Job.objects.get().upload
    work()
    page = text(admin.get(url("job", job_id=Job.objects.get().pk)))
    assert "Line 2: “Gil MÃ¼ller” looks like “Gil Müller”, saved in a wrong encoding." in page
    assert "2 Create “Gil MÃ¼ller” looks like “Gil Müller”, saved in a wrong encoding. Gil MÃ¼ller" in page
    for line in JobLine.objects.values_list("data", flat=True):
        assert "Secret" not in str(line)


def test_the_template_is_a_file_that_can_be_imported(cast: Cast, admin: Client) -> None:
    for name in ("import_users", "import_devices"):
        template = admin.get(url(f"{name}_template"))
        assert send(admin, template.content, name).status_code == 302
    work()
    assert set(Job.objects.values_list("status", "total", "settled")) == {(JobStatus.READY, 1, 0)}


def test_a_page_follows_a_job_and_is_loaded_anew_when_it_says_something_else(cast: Cast, admin: Client) -> None:
    send(admin, MIXED.encode())
    job = Job.objects.get()
    state = url("job_state", job_id=job.pk)
    htmx = {"HX-Request": "true"}
    piece = admin.get(f"{state}?seen=checking", headers=htmx)
    assert 'id="job-state"' in piece.content.decode()
    assert "<main" not in piece.content.decode()
    work()
    changed = admin.get(f"{state}?seen=checking", headers=htmx)
    assert changed.headers["HX-Refresh"] == "true"
    assert "hx-get" not in admin.get(f"{state}?seen=ready", headers=htmx).content.decode()
    assert admin.get(state).headers["Location"] == url("job", job_id=job.pk)


def test_jobs_of_strangers_do_not_exist(cast: Cast, admin: Client, agent: Client) -> None:
    theirs = upload(cast.globex.super_admin, cast.globex.customer, "name,email\nEva,eva@globex.example\n")
    admins = upload(cast.acme.super_admin, cast.acme.customer, MIXED)
    for client, job in ((admin, theirs), (agent, theirs), (agent, admins)):
        for name in ("job", "job_state", "job_lines"):
            assert client.get(url(name, job_id=job.pk)).status_code == 404
        for name in ("job_start", "job_stop"):
            assert client.post(url(name, job_id=job.pk)).status_code == 404
    assert admin.get(url("job", job_id=2**62)).status_code == 404
    assert again(theirs).status == again(admins).status == JobStatus.READY
    assert "people.csv" not in text(agent.get(url("jobs")))


def test_R14_an_agent_downloads_its_own_file_and_no_list_of_users(cast: Cast, agent: Client) -> None:
    mine = run(cast.resale_one.agent, upload(cast.resale_one.agent, cast.acme.customer, MIXED))
    assert [row[1] for row in table(agent.get(url("job_lines", job_id=mine.pk)))] == ["name", "Eva", "'=1+1", "Finn"]
    chosen = {"action": "suspend", "everybody": "on", "filter": ""}
    page = confirmed(agent, url("users_bulk"), chosen, follow=True)
    work()
    job = Job.objects.latest("pk")
    assert job.total > 3
    assert agent.get(url("job_lines", job_id=job.pk)).status_code == 403
    assert "Download" not in text(agent.get(url("job", job_id=job.pk)))
    assert page.status_code == 200
    assert fresh(cast.acme.super_admin).is_active
    assert table(signed_in(cast.acme.super_admin).get(url("job_lines", job_id=job.pk)))[1][1] == "Alice"


def test_P3_a_file_with_people_takes_the_right_to_download_people_unless_it_is_ones_own(cast: Cast) -> None:
    """What the help desk and auditors may not export, they do not take away as the file of someone else either."""
    acme = cast.acme.customer
    manager = make_person(acme, Role.USER_MANAGEMENT_ADMIN, name="Mia")
    jobs = {
        "import": upload(cast.acme.super_admin, acme, MIXED),
        "devices": upload(cast.acme.super_admin, acme, "kind,serial_number\nios,A1\n", JobKind.IMPORT_DEVICES),
        "own": upload(manager, acme, MIXED),
    }
    everybody = {
        "help desk": make_person(acme, Role.HELP_DESK_ADMIN, name="Hal"),
        "auditor": cast.acme.auditor,
        "manager": manager,
        "super admin": cast.acme.super_admin,
    }
    got = {
        (who, name): signed_in(person).get(url("job_lines", job_id=job.pk)).status_code
        for who, person in everybody.items()
        for name, job in jobs.items()
    }
    assert {key for key, status in got.items() if status == 200} == {
        *(("manager", name) for name in ("import", "own")),
        *(("super admin", name) for name in jobs),
    }
    # No device is for these two roles: the job does not exist for them.
    assert {key for key, status in got.items() if status == 404} == {("help desk", "devices"), ("manager", "devices")}
    page = text(signed_in(everybody["help desk"]).get(url("job", job_id=jobs["import"].pk)))
    assert "people.csv" in page
    assert "Download" not in page


def test_several_users_are_chosen_and_what_will_happen_is_said_first(cast: Cast, admin: Client) -> None:
    eva = make_person(cast.acme.customer, name="Eva")
    chosen = {"action": "suspend", "person": [eva.pk, cast.acme.nobody.pk], "filter": "q=e&order=-name"}
    page = admin.post(url("users_bulk"), chosen)
    said = text(page)
    assert "2 users are selected" in said
    assert "They are signed out at once" in said
    assert "eva@acme.example" in said
    assert f"{url('users')}?q=e&amp;order=-name" in page.content.decode()
    assert not Job.objects.exists()
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode().split("<main", 1)[1])
    sent: dict[str, list[str]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    followed = admin.post(url("users_bulk"), sent | {"confirmed": ["1"]}, follow=True)
    assert "Started. This page updates automatically." in text(followed)
    work()
    assert not fresh(eva).is_active
    assert not fresh(cast.acme.nobody).is_active


def test_everybody_whom_the_filter_finds_is_moved(cast: Cast, admin: Client) -> None:
    sales = make_unit(cast.acme.customer, "Sales")
    make_person(cast.acme.customer, name="Eva")
    chosen = {"action": "move", "everybody": "on", "filter": "q=eva"}
    page = admin.post(url("users_bulk"), chosen)
    assert "1 user is selected" in text(page)
    assert "/Sales" in page.content.decode()
    empty = admin.post(url("users_bulk"), chosen | {"confirmed": "1", "org_unit": ""})
    assert empty.status_code == 422
    assert "Choose an organisational unit." in text(empty)
    confirmed(admin, url("users_bulk"), chosen | {"org_unit": sales.pk})
    work()
    assert set(User.objects.filter(org_unit=sales).values_list("name", flat=True)) == {"Eva"}


def test_forged_choices_reach_nobody(cast: Cast, admin: Client, agent: Client) -> None:
    theirs = make_unit(cast.globex.customer, "Theirs")
    gina, dave = cast.globex.super_admin, cast.acme.nobody
    for client in (admin, agent):
        forged = {"action": "delete", "person": [gina.pk], "confirmed": "1"}
        assert client.post(url("users_bulk"), forged).status_code == 404
        for person in ("x", str(2**80), "-1", "\u0661"):
            typed = {"action": "delete", "person": person, "confirmed": "1"}
            assert client.post(url("users_bulk"), typed).headers["Location"] == url("users")
        moved = {"action": "move", "person": dave.pk, "org_unit": theirs.pk, "confirmed": "1"}
        assert client.post(url("users_bulk"), moved).status_code == 422
        for action in ("", "make_admin"):
            assert client.post(url("users_bulk"), {"action": action, "person": dave.pk}).status_code == 302
        nobody = {"action": "delete", "everybody": "on", "filter": f"unit={theirs.pk}"}
        assert confirmed(client, url("users_bulk"), nobody).headers["Location"].startswith(url("users"))
    assert not Job.objects.exists()


def test_who_may_only_look_finds_no_button(cast: Cast, admin: Client) -> None:
    job = upload(cast.acme.super_admin, cast.acme.customer, MIXED)
    auditor = signed_in(cast.acme.auditor)
    page = auditor.get(url("job", job_id=job.pk))
    assert page.status_code == 200
    assert "job_start" not in page.content.decode()
    assert url("job_start", job_id=job.pk) not in page.content.decode()
    assert url("job_stop", job_id=job.pk) not in page.content.decode()
    assert url("import_users") not in auditor.get(url("jobs")).content.decode()
    assert auditor.post(url("job_stop", job_id=job.pk)).status_code == 403
    assert url("job_stop", job_id=job.pk) in admin.get(url("job", job_id=job.pk)).content.decode()
    stopped = admin.post(url("job_stop", job_id=job.pk), follow=True)
    assert "Stopped. What was done until then stays." in text(stopped)
    assert "Not done 1" in text(stopped)
