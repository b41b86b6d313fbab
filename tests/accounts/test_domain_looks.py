"""A domain is verified by a TXT record that a worker looks for (P9): against a name server on loopback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import override_settings

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.models import AuditEvent, Customer, Domain
from accounts.models.domains import LookAnswer, VerifiedHow
from accounts.own_domains import looking, records
from accounts.own_domains.adding import add_domain, check_domain
from accounts.own_domains.removing import remove_domain
from accounts.tasks import look_up_domains
from tests import servers
from tests.accounts.name_server import FAILS, SILENT, NameServer, name_server
from tests.cast import Cast
from tests.factories import make_customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server() -> Iterator[NameServer]:
    with name_server() as running:
        yield running


@pytest.fixture
def row() -> Domain:
    return add_domain(actor=None, organisation=make_customer("Acme", "acme.example"), name="Acme-Mail.example")


def look(row: Domain) -> Domain:
    """Ask for a look, let a worker do it, and return what it wrote."""
    Domain.objects.filter(pk=row.pk).update(looked_at=None)
    check_domain(actor=None, domain=row)
    look_up_domains()
    row.refresh_from_db()
    return row


def test_P9_the_record_at_its_name_with_the_value_of_the_organisation_verifies(row: Domain, server: NameServer) -> None:
    assert row.record_name == "_reseller-console.acme-mail.example"
    server.records[row.record_name] = ["v=spf1 -all", row.record_value]
    found = look(row)
    assert server.asked == [row.record_name]
    assert (found.verified_how, found.look_answer, found.look_asked_at) == (VerifiedHow.TXT, LookAnswer.FOUND, None)
    assert found.verified_at is not None and found.gives_addresses
    event = AuditEvent.objects.get(name="VERIFY_SECONDARY_DOMAIN")
    assert (event.customer_id, event.subject, event.actor_id) == (row.customer_id, "acme-mail.example", None)
    assert event.new_value == {"domain": "acme-mail.example", "verified_how": "txt"}
    look(row)
    assert server.asked == [row.record_name], "verified once: it is not asked again"


def test_P9_another_value_verifies_nothing(row: Domain, server: NameServer) -> None:
    other = add_domain(actor=None, organisation=make_customer("Globex", "globex.example"), name="globex-mail.example")
    for values in ([other.record_value], [row.record_value[:-1]], [f"{row.record_value}0"], [row.record_value.upper()]):
        server.records[row.record_name] = values
        assert (look(row).look_answer, row.is_verified, row.look_asked_at) == (LookAnswer.OTHER, False, None)
    # The right value at the domain itself is not at the name that only its holder writes.
    server.records = {"acme-mail.example": [row.record_value]}
    assert (look(row).look_answer, row.is_verified) == (LookAnswer.NONE, False)
    server.records = {row.record_name: []}
    assert (look(row).look_answer, row.is_verified) == (LookAnswer.NONE, False)


def test_a_long_answer_comes_over_tcp_and_an_alias_is_followed(row: Domain, server: NameServer) -> None:
    server.truncates = True
    server.aliases[row.record_name] = "records.host.example"
    server.records["records.host.example"] = [*(f"{number}" * 600 for number in range(9)), row.record_value]
    assert look(row).is_verified


@pytest.mark.parametrize("behaviour", [SILENT, FAILS])
def test_P9_with_no_answer_it_waits_and_says_since_when(
    behaviour: str, row: Domain, server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "TIME_LIMIT", 0.4)
    server.behaviour = behaviour
    before = database_now()
    found = look(row)
    assert (found.look_answer, found.is_verified) == (LookAnswer.SILENT, False)
    assert found.look_asked_at is not None and found.silent_since is not None and found.silent_since >= before
    assert found.look_due_at >= before + timedelta(minutes=1), "not at once again"
    since = found.silent_since
    for minutes, pause in ((1, 1), (5, 5), (60, 15)):
        Domain.objects.filter(pk=row.pk).update(look_due_at=Now(), silent_since=Now() - timedelta(minutes=minutes))
        look_up_domains(swept=True)
        row.refresh_from_db()
        assert row.look_due_at - row.looked_at == pytest.approx(timedelta(minutes=pause), abs=timedelta(seconds=1))
        assert row.silent_since <= since
        Domain.objects.filter(pk=row.pk).update(silent_since=since)
        forget_sweep()
    server.behaviour = ""
    server.records[row.record_name] = [row.record_value]
    Domain.objects.filter(pk=row.pk).update(look_due_at=Now())
    look_up_domains(swept=True)
    row.refresh_from_db()
    assert row.is_verified and row.silent_since is None


def forget_sweep() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_sweep")


def test_P9_a_look_takes_five_seconds_at_most(row: Domain, server: NameServer) -> None:
    server.behaviour = SILENT
    began = time.monotonic()
    assert records.find_record(row.record_name, row.record_value) == LookAnswer.SILENT
    assert 4 < time.monotonic() - began < 8, "the limit of P9, and no more than a slow machine adds"
    assert records.TIME_LIMIT == 5


def test_a_name_server_that_is_not_there_or_a_name_too_long_is_no_error(row: Domain) -> None:
    with override_settings(DNS_RESOLVERS=[("127.0.0.1", 1)]):
        assert records.find_record(row.record_name, "x") == LookAnswer.SILENT
    long = ".".join(["a" * 62] * 4)
    assert records.find_record(f"_reseller-console.{long}", "x") == LookAnswer.NONE


def test_pressing_again_asks_once_and_looks_ten_seconds_after_the_last_one(row: Domain, server: NameServer) -> None:
    check_domain(actor=None, domain=row)
    check_domain(actor=None, domain=row)
    assert AuditEvent.objects.filter(name="CHECK_DOMAIN").count() == 1
    look_up_domains()
    again = check_domain(actor=None, domain=row)
    assert again.look_due_at - again.looked_at == timedelta(seconds=10)
    look_up_domains()
    assert len(server.asked) == 1
    assert AuditEvent.objects.filter(name="CHECK_DOMAIN").count() == 2


def test_an_answer_that_comes_late_writes_nothing(row: Domain, server: NameServer) -> None:
    """Another worker wrote one meanwhile, or the row is gone."""
    check_domain(actor=None, domain=row)
    taken = looking._claim()  # noqa: SLF001  what the first worker holds when it is cut off
    assert taken is not None
    looking.settle_look(actor=None, look=taken, answer=LookAnswer.NONE)
    looking.settle_look(actor=None, look=taken, answer=LookAnswer.FOUND)
    row.refresh_from_db()
    assert (row.look_answer, row.is_verified) == (LookAnswer.NONE, False)
    remove_domain(actor=None, domain=row)
    looking.settle_look(actor=None, look=taken, answer=LookAnswer.FOUND)
    assert not Domain.objects.filter(name="acme-mail.example").exists()


def test_an_admin_asks_and_a_stranger_does_not(cast: Cast) -> None:
    row = add_domain(actor=Actor(cast.acme.super_admin), organisation=cast.acme.customer, name="acme-mail.example")
    check_domain(actor=Actor(cast.acme.super_admin), domain=row)
    assert AuditEvent.objects.get(name="CHECK_DOMAIN").actor_email == cast.acme.super_admin.email


_LOOK = """
import django; django.setup()
from accounts.tasks import look_up_domains
print("looking", flush=True)
look_up_domains()
"""


@pytest.mark.django_db(transaction=True)
def test_P9_a_worker_killed_while_it_waits_for_an_answer_loses_nothing(server: NameServer) -> None:
    acme: Customer = make_customer("Acme", "acme.example")
    row = add_domain(actor=None, organisation=acme, name="acme-mail.example")
    server.behaviour = SILENT
    with transaction.atomic():
        check_domain(actor=None, domain=row)
    environment = os.environ | {"DNS_RESOLVERS": f"127.0.0.1:{server.port}", "DATABASE_URL": servers.database_url()}
    worker = subprocess.Popen(
        [sys.executable, "-c", _LOOK],
        cwd=settings.BASE_DIR,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while not server.asked and time.monotonic() < deadline:
            time.sleep(0.05)
        assert server.asked, "the worker asked"
    finally:
        os.kill(worker.pid, signal.SIGKILL)
        worker.communicate()
    row.refresh_from_db()
    assert row.look_asked_at is not None and row.look_due_at > database_now(), "asked for, and leased"
    server.behaviour = ""
    server.records[row.record_name] = [row.record_value]
    look_up_domains()
    row.refresh_from_db()
    assert not row.is_verified, "the lease of the one that was killed"
    Domain.objects.filter(pk=row.pk).update(look_due_at=Now())
    look_up_domains(swept=True)
    row.refresh_from_db()
    assert row.is_verified
