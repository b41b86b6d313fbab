"""The pages between a list and a bulk change: what will happen, to whom, and who is left out and why."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actor import Actor
from accounts.directory import devices, groups
from accounts.models import AuditEvent, Device, DirectoryGroup, GroupMember, Job, User
from accounts.models.jobs import JobKind
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions import licensing
from tests.cast import Cast, cast
from tests.client import confirmed, signed_in
from tests.client import main_text_of as text
from tests.factories import make_person
from tests.jobs.bulk_world import again, work
from tests.subscriptions.licence_world import PLUS, having, make_people, order
from tests.support.world import open_console
from web.console.bulk import actions_for
from web.console.forms.bulk import ROWS_AT_MOST

__all__ = ["cast"]


def url(name: str, **kwargs: int) -> str:
    return reverse(name, kwargs={"domain": "acme.example", **kwargs})


@pytest.fixture
def admin(cast: Cast) -> Client:
    return signed_in(cast.acme.super_admin)


def test_who_is_left_out_is_said_with_the_reason_before_anything_is_done(cast: Cast, admin: Client) -> None:
    subscription, people = order(cast.acme.customer, seats=1), make_people(cast.acme.customer, 2)
    chosen = {"action": "assign_licences", "person": [person.pk for person in people]}
    first = admin.post(url("users_bulk"), chosen)
    assert first.status_code == 200
    assert 'name="confirmed"' not in first.content.decode(), "nothing is confirmed before a subscription is chosen"
    asked = admin.post(url("users_bulk"), chosen | {"chosen": "1"})
    assert (asked.status_code, "Choose a subscription." in text(asked)) == (422, True)
    second = admin.post(url("users_bulk"), chosen | {"chosen": "1", "subscription": subscription.pk})
    assert "No seat of this subscription is free" in text(second)
    assert re.search(r"Will change\s*1\b", text(second)) and re.search(r"Left out\s*1\b", text(second))
    assert not Job.objects.exists()
    confirmed(admin, url("users_bulk"), chosen | {"subscription": subscription.pk})
    work()
    assert len(having(subscription)) == 1


def test_removing_chromeos_devices_asks_why_and_telephones_are_removed_without(cast: Cast, admin: Client) -> None:
    acme = cast.acme.customer
    chromebook, phone = (
        devices.enrol_device(actor=None, customer=acme, kind=kind, serial_number=kind).pk
        for kind in ("chromeos", "android")
    )
    page = url("devices_bulk")
    assert 'name="reason"' not in admin.post(page, {"action": "remove", "device": [phone]}).content.decode()
    assert 'name="reason"' not in admin.post(page, {"action": "block", "device": [chromebook]}).content.decode()
    for rows in ({"device": [phone, chromebook]}, {"everybody": "on"}, {"everybody": "on", "filter": "kind=chromeos"}):
        asked = admin.post(page, {"action": "remove", **rows}).content.decode()
        assert 'name="reason"' in asked and 'name="confirmed"' not in asked
    telephones = {"action": "remove", "everybody": "on", "filter": "kind=android"}
    assert 'name="reason"' not in admin.post(page, telephones).content.decode()
    chosen = {"action": "remove", "device": [chromebook, phone], "chosen": "1"}
    refused = admin.post(page, chosen)
    assert (refused.status_code, "Choose a reason." in text(refused)) == (422, True)
    confirmed(admin, page, chosen | {"reason": "retiring_device"})
    work()
    assert not Device.objects.exists()
    reasons = dict(AuditEvent.objects.filter(name="REMOVE_DEVICE").values_list("subject", "new_value"))
    assert reasons == {"CHROMEOS": {"deprovision_reason": "retiring_device"}, "ANDROID": None}
    assert AuditEvent.objects.get(name="BULK_CHANGE").new_value["deprovision_reason"] == "retiring_device"


def test_where_everything_is_left_out_nothing_is_offered(cast: Cast, admin: Client) -> None:
    page = admin.post(url("users_bulk"), {"action": "suspend", "person": [cast.acme.super_admin.pk]})
    assert "Nothing would be changed: every selected row is left out." in text(page)
    assert 'name="confirmed"' not in page.content.decode()


def test_the_log_links_to_a_bulk_change(cast: Cast, admin: Client) -> None:
    confirmed(admin, url("users_bulk"), {"action": "suspend", "person": [make_people(cast.acme.customer, 1)[0].pk]})
    job = Job.objects.get()
    log = admin.get(url("audit_log")).content.decode()
    assert f'<a href="{url("job", job_id=job.pk)}"><bdi>File or bulk change {job.pk}</bdi></a>' in log


@pytest.mark.parametrize(
    "other",
    [{"shown": ""}, {"action": "restore"}, {"action": "suspend", "person": "everybody"}, {"everybody": "on"}],
    ids=["nothing", "another action", "other people", "everybody"],
)
def test_nothing_is_done_that_was_not_shown(other: dict[str, str], cast: Cast, admin: Client) -> None:
    one, two = make_people(cast.acme.customer, 2)
    page = admin.post(url("users_bulk"), {"action": "suspend", "person": [one.pk]})
    [shown] = re.findall(r'name="shown" value="(\w+)"', page.content.decode())
    sent: dict[str, Any] = {"action": "suspend", "person": [one.pk], "shown": shown, "confirmed": "1", **other}
    if other.get("person"):
        sent["person"] = [one.pk, two.pk]
    answer = admin.post(url("users_bulk"), sent)
    assert answer.status_code == 200 and 'name="confirmed"' in answer.content.decode()
    assert ("changed since this was shown" in text(answer)) == bool(sent["shown"])
    assert not Job.objects.exists()
    del sent["shown"]
    assert 'name="confirmed"' in admin.post(url("users_bulk"), sent).content.decode()
    assert not Job.objects.exists()


def test_all_that_a_list_finds_is_deleted_only_after_its_number_was_typed(cast: Cast, admin: Client) -> None:
    people = make_people(cast.acme.customer, 3)
    User.objects.filter(pk__in=[one.pk for one in people]).update(name="Temp Helper", sort_name="temp helper")
    everything = {"action": "delete", "everybody": "on", "filter": "q=Temp+Helper"}
    for typed in ({}, {"typed": ""}, {"typed": "4"}):
        answer = confirmed(admin, url("users_bulk"), everything | typed)
        assert (answer.status_code, "Type 3, the number of rows." in text(answer)) == (422, True)
    assert not Job.objects.exists()
    assert confirmed(admin, url("users_bulk"), everything | {"typed": " 3 "}).status_code == 302
    work()
    assert not User.objects.filter(name="Temp Helper", deleted_at=None).exists()
    # Rows that were ticked one by one are known, and nothing is typed for what takes nothing away for good.
    assert "Number of rows" not in text(admin.post(url("users_bulk"), {"action": "delete", "person": [people[0].pk]}))
    assert "Number of rows" not in text(admin.post(url("users_bulk"), everything | {"action": "suspend", "filter": ""}))


def test_another_subscription_than_was_shown_is_shown_first(cast: Cast, admin: Client) -> None:
    acme = cast.acme.customer
    subscription, other, people = order(acme), order(acme, sku=PLUS), make_people(acme, 1)
    chosen = {"action": "assign_licences", "person": people[0].pk, "chosen": "1"}
    page = admin.post(url("users_bulk"), chosen | {"subscription": subscription.pk})
    [shown] = re.findall(r'name="shown" value="(\w+)"', page.content.decode())
    sent = chosen | {"subscription": other.pk, "confirmed": "1", "shown": shown}
    assert "changed since this was shown" in text(admin.post(url("users_bulk"), sent))
    assert not Job.objects.exists()


def test_the_list_of_licences_changes_its_own_subscription_alone(cast: Cast, admin: Client) -> None:
    subscription, people = order(cast.acme.customer, seats=5), make_people(cast.acme.customer, 3)
    bulk = url("licences_bulk", subscription_id=subscription.pk)
    named = {"everybody": "on", "filter": "q=person"}
    confirmed(admin, bulk, named | {"action": "assign_licences", "subscription": "0"})
    work()
    assert having(subscription) == set(people.values_list("pk", flat=True))
    page = admin.post(bulk, named | {"action": "unassign_licences"})
    assert "3 users are selected" in text(page)
    [shown] = re.findall(r'name="shown" value="(\w+)"', page.content.decode())
    one_more = make_person(cast.acme.customer, name="Person Late")
    actor, late_ones = Actor(cast.acme.super_admin), User.objects.filter(pk=one_more.pk)
    licensing.assign_licences(actor=actor, subscription=subscription, people=late_ones)
    late = admin.post(bulk, named | {"action": "unassign_licences", "confirmed": "1", "shown": shown})
    assert "changed since this was shown" in text(late), "nobody was shown the fourth"
    confirmed(admin, bulk, named | {"action": "unassign_licences"})
    work()
    assert having(subscription) == set()
    for action in ("suspend", "delete"):
        assert admin.post(bulk, named | {"action": action, "confirmed": "1"}).status_code == 302
    assert Job.objects.count() == 2


def test_people_are_put_into_groups_by_their_addresses(cast: Cast, admin: Client) -> None:
    acme = cast.acme.customer
    for name in ("One", "Two"):
        groups.create_group(actor=None, customer=acme, email=f"{name}@acme.example", name=name)
    theirs = groups.create_group(actor=None, customer=cast.globex.customer, email="x@globex.example", name="X")
    ids = list(DirectoryGroup.objects.filter(customer=acme).values_list("pk", flat=True))
    chosen = {"action": "add_people", "group": ids, "chosen": "1"}
    wrong = admin.post(
        url("groups_bulk"), chosen | {"people": "dave@acme.example\ngina@globex.example\none@acme.example"}
    )
    assert wrong.status_code == 422
    assert "Line 2, gina@globex.example" in text(wrong) and "This is the address of a group." in text(wrong)
    confirmed(admin, url("groups_bulk"), chosen | {"people": "dave@acme.example"})
    work()
    assert set(GroupMember.objects.values_list("group", "user")) == {(pk, cast.acme.nobody.pk) for pk in ids}
    forged = {"action": "delete", "group": [theirs.pk], "confirmed": "1"}
    assert admin.post(url("groups_bulk"), forged).status_code == 404
    # Among their own it is passed over, as one that is gone: a stranger does not learn that it exists.
    assert confirmed(admin, url("groups_bulk"), forged | {"group": [ids[0], theirs.pk]}).status_code == 302
    work()
    assert set(DirectoryGroup.objects.values_list("pk", flat=True)) == {ids[1], theirs.pk}
    added = {"action": "add_to_group", "person": cast.acme.nobody.pk, "group": "x@globex.example", "confirmed": "1"}
    answer = admin.post(url("users_bulk"), added)
    assert answer.status_code == 422 and "No group of this organisation" in text(answer)


def test_a_job_of_devices_stands_under_devices_and_says_which(cast: Cast, admin: Client) -> None:
    devices.enrol_device(actor=None, customer=cast.acme.customer, kind="android", serial_number="r58")
    chosen = {"action": "block", "device": Device.objects.get().pk}
    assert "R58" in text(admin.post(url("devices_bulk"), chosen))
    page = confirmed(admin, url("devices_bulk"), chosen, follow=True)
    work()
    job = Job.objects.get(kind=JobKind.CHANGE_DEVICES)
    assert again(job).arguments["outcomes"] == {"done": 1}
    assert url("devices") in page.content.decode()
    lines = admin.get(url("job_lines", job_id=job.pk))
    assert "serial_number" in b"".join(lines.streaming_content).decode()  # type: ignore[attr-defined]


def test_a_thousand_stay_chosen_over_several_pages_and_more_are_chosen_by_the_filter(cast: Cast, admin: Client) -> None:
    people = make_people(cast.acme.customer, 60)
    ids = list(people.values_list("pk", flat=True))
    assert "60 users are selected" in text(admin.post(url("users_bulk"), {"action": "suspend", "person": ids}))
    many = [*ids, *range(10_000_000, 10_000_000 + ROWS_AT_MOST)]
    answer = admin.post(url("users_bulk"), {"action": "suspend", "person": many}, follow=True)
    assert "Choose at most 1,000 at once" in text(answer)


def test_R18_a_button_is_there_for_each_right_and_no_other(cast: Cast) -> None:
    open_console(cast)
    acme = cast.acme.customer
    manager, desk = make_person(acme, Role.USER_MANAGEMENT_ADMIN), make_person(acme, Role.HELP_DESK_ADMIN)
    licences = {"assign_licences", "unassign_licences"}

    def offered(person: User) -> set[str]:
        return set(re.findall(r'name="action" value="(\w+)"', signed_in(person).get(url("users")).content.decode()))

    everything = {str(action) for action, _words in actions_for(JobKind.CHANGE_USERS, list(Permission))}
    assert offered(cast.acme.super_admin) == everything
    assert offered(manager) == everything - licences
    assert offered(desk) == offered(cast.acme.auditor) == set()
    assert signed_in(desk).post(url("users_bulk"), {"action": "suspend", "person": desk.pk}).status_code == 403


def test_who_stopped_a_job_can_let_it_go_on(cast: Cast, admin: Client) -> None:
    people = make_people(cast.acme.customer, 2)
    chosen = {"action": "suspend", "person": list(people.values_list("pk", flat=True))}
    confirmed(admin, url("users_bulk"), chosen)
    job = Job.objects.get()
    admin.post(url("job_stop", job_id=job.pk))
    assert "Continue with 2 lines" in text(admin.get(url("job", job_id=job.pk)))
    admin.post(url("job_start", job_id=job.pk))
    work()
    assert people.filter(is_active=False).count() == 2
