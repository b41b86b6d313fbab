"""Whoever cannot have a lock is told so, loses nothing that was typed, and can send it again from there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client, RequestFactory
from django.urls import get_resolver, reverse

from accounts.models import Address, ConsoleSession, Customer, Job, User
from accounts.models.jobs import JobStatus
from accounts.tasks import purge_deleted_users
from jobs import running
from jobs.starting import start_job
from reseller_console.kept_form import kept_form
from support import migration
from tests.access.world import World, make_world
from tests.factories import put_person
from tests.jobs.bulk_world import again, upload
from tests.locks import held

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture(autouse=True)
def _short_waits() -> Iterator[None]:
    """As long as on the role would only make these tests slower."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '100ms'")
    yield
    connection.close()


def signed_in(person: User, **options: Any) -> Client:
    client = Client(raise_request_exception=False, **options)
    client.force_login(person)
    return client


def url(name: str, world: World) -> str:
    return reverse(name, kwargs={"domain": world.customer.primary_domain})


def hidden(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return [(unescape(name), unescape(value)) for name, value in found]


def test_R15_entering_a_busy_console_says_so_and_what_was_typed_can_be_sent_again(world: World) -> None:
    agent = signed_in(world.agent, enforce_csrf_checks=True)
    enter = url("enter_console", world)
    agent.get(enter)
    typed = {"reason": 'A "broken"\r\n<mail> box', "case_number": "T-7"}
    token = {"csrfmiddlewaretoken": agent.cookies["csrftoken"].value}
    with held(world.customer):
        busy = agent.post(enter, typed | token)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    page = busy.content.decode()
    assert f'<form method="post" action="{enter}">' in page
    assert not ConsoleSession.objects.exists()

    assert agent.post(enter, dict(hidden(page))).status_code == 302
    entered = ConsoleSession.objects.get()
    assert (entered.reason.split(), entered.case_number) == (typed["reason"].split(), "T-7")


def test_passwords_and_files_are_not_kept() -> None:
    file = SimpleUploadedFile("a.txt", b"x")
    request = RequestFactory().post(
        "/cases/?of=1",
        {"title": "Mail", "tags": ["a", "b"], "New_Password": "sesame", "Secret": "sesame", "file": file},
    )
    assert request.POST["title"] == "Mail"
    kept = kept_form(request)
    assert kept["fields"] == [("title", "Mail"), ("tags", "a"), ("tags", "b")]
    assert (kept["action"], kept["lost"]) == ("/cases/?of=1", True)
    assert kept_form(RequestFactory().get("/cases/")) == {}
    assert kept_form(RequestFactory().post("/cases/", {"title": "never read"})) == {}


def test_every_field_for_a_password_or_a_secret_has_the_word_in_its_name() -> None:
    assert get_resolver().url_patterns  # every form is imported
    names = {
        name
        for form in _subclasses(forms.BaseForm)
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.PasswordInput)
    }
    assert names
    assert not [name for name in names if "password" not in name and "secret" not in name]


def _subclasses(kind: type) -> set[type]:
    children: list[type] = kind.__subclasses__()
    return {kind, *(found for child in children for found in _subclasses(child))}


def test_a_command_says_that_somebody_else_is_at_it(world: World) -> None:
    Address.objects.create(email=world.admin.user.email, user=world.admin.user)
    with held(world.customer), pytest.raises(CommandError, match="try again"):
        call_command("assign_role", world.admin.user.email, "auditor")


def test_a_job_whose_customer_is_busy_is_not_counted_as_failed(world: World) -> None:
    job = upload(world.admin.user, world.customer, f"name,email\nNina,nina@{world.customer.primary_domain}\n")
    start_job(actor=world.admin, job=job)
    with held(world.customer):
        assert len(list(running.batches())) == 1
    waiting = again(job)
    assert (waiting.status, waiting.attempts, waiting.settled) == (JobStatus.QUEUED, 0, 0)
    assert "locked by another transaction" in waiting.error
    Job.objects.update(next_attempt_at=Now())
    list(running.batches())
    assert again(job).settled == 1


def test_sweeps_pass_over_a_customer_that_is_busy(world: World) -> None:
    others = make_world()
    for customer in (world.customer, others.customer):
        gone = User.objects.filter(pk=put_person(customer).pk)
        gone.update(is_active=False, deleted_at=Now() - timedelta(days=21))
    # One that has come today is told for 30 days before it moves (S9).
    Customer.objects.update(created_at=Now() - timedelta(days=settings.CUSTOMER_CARE_ANNOUNCEMENT_DAYS + 1))
    left = User.objects.filter(deleted_at__isnull=False, purged_at=None)
    with held(world.customer):
        assert sum(migration.moves()) == 1
        purge_deleted_users()
        assert [person.customer_id for person in left] == [world.customer.pk]
    assert sum(migration.moves()) == 1
    purge_deleted_users()
    assert not left.all().exists()
