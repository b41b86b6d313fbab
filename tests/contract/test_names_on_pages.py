"""Pages isolate names (P10): one that is read from right to left leaves what stands around it in its place.

Where markup is possible by `<bdi>`; elsewhere, and in mails, by the characters that isolate (accounts/names.py).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Cast, Concat
from pytest_django.plugin import DjangoDbBlocker

from accounts.mail.writing import write_mail
from accounts.models import AuditEvent, Job, Mail
from tests.contract import areas, matrix
from tests.contract import world as worlds
from tests.contract.answers import url_of
from tests.contract.cases import Sender
from tests.contract.crawl import content_of
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.world import World

HEBREW = "\u05d3\u05e0\u05d4"
ISOLATED = re.compile("\u2068[^\u2068\u2069]*\u2069")
# What people and organisations call things, on every row that has such a field; the catalogue is the vendor's own.
FIELDS = {
    "actor_organisation",
    "by_organisation",
    "customer_name",
    "description",
    "holder",
    "institution",
    "model",
    "name",
    "on_behalf_of",
    "reason",
    "subject",
    "title",
}
OURS = {"accounts", "subscriptions", "support", "jobs", "web", "api"}
# Rows that no person names, and a text that is a paragraph of its own.
NOT_NAMED = {"accounts.Heartbeat", "accounts.Sweep", "subscriptions.Product", "subscriptions.Sku"}
# On no page, and nobody changes them (A5).
NOT_NAMED |= {"accounts.Seal", "accounts.SealEra", "accounts.SealKey", "accounts.DroppedMonths"}
NO_NAMES = defaultdict(
    set, {"support.Case": {"description"}, "accounts.AuditEvent": {"name"}, "accounts.Domain": {"name"}}
)
READ = ("alt", "aria-label", "label", "placeholder", "title", "content")
VOID = {"meta", "link", "input", "br", "img", "hr", "path", "circle", "rect", "line", "polyline", "polygon", "ellipse"}
GETS = sorted({line.name: line for line in matrix.lines() if line.method == "GET"}.items())
SENT = sorted({line.name: line for line in matrix.lines() if line.method == "POST"}.items())


class Naked(HTMLParser):
    """Collects the text, and the attributes that are read out, in which a name is not isolated."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.naked: list[str] = []
        self.feed(page)

    def look(self, text: str, where: str) -> None:
        if HEBREW in ISOLATED.sub("", text):
            self.naked.append(f"{where}: {' '.join(text.split())}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            # An attribute cannot hold an element.
            assert "<bdi>" not in (value or ""), (tag, attrs)
            if name in READ or name.startswith("data-"):  # the latter are shown by scripts
                self.look(value or "", f"{tag} {name}")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        # What was typed stands in a field of its own.
        if not {"bdi", "textarea"} & set(self.open):
            self.look(data, self.open[-1] if self.open else "")


def rename_everything() -> None:
    """Give every row a name in a script that is read from right to left."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # What the audit log has written cannot be changed otherwise (A2).
        cursor.execute(f"ALTER TABLE {AuditEvent._meta.db_table} DISABLE TRIGGER USER")
    for model in apps.get_models():
        label = model._meta.label
        if model._meta.app_label not in OURS or label in NOT_NAMED:
            continue
        fields = {field.name for field in model._meta.concrete_fields if is_name(field)}
        text = models.TextField()
        named = Concat(Value(f"{HEBREW} "), Cast("pk", text), output_field=text)
        new = {
            name: Case(When(**{name: "", "then": Value("")}), default=named, output_field=text)
            for name in fields - NO_NAMES[label]
        }
        if "name" in fields and "sort_name" in {field.name for field in model._meta.concrete_fields}:
            new["sort_name"] = new["name"]
        if new:
            model._default_manager.update(**new)
    for job in Job.objects.filter(arguments__has_key="file"):
        Job.objects.filter(pk=job.pk).update(arguments=job.arguments | {"file": f"{HEBREW}.csv"})


def is_name(field: models.Field[Any, Any]) -> bool:
    is_text = isinstance(field, (models.CharField, models.TextField))
    return is_text and field.name in FIELDS and not field.choices


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A world of this module's own, in which everything has another name.

    Not as the application's role, which may not change what the audit log has written.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        world = worlds.build(areas.furnish)
        rename_everything()
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def renamed(db: None, world: World) -> World:
    return world


def readers(line: Line) -> list[tuple[str, str]]:
    """Return one person of each group whom a page opens."""
    found: dict[str, tuple[str, str]] = {}
    for who, letter in zip(matrix.people(), line.letters, strict=True):
        if letter == "O" and who[0] not in {"Globex", "Resale Two", "twin inside"}:
            found.setdefault(who[0], who)
    return list(found.values())


def naked_on(response: Any) -> list[str]:
    content = content_of(response)  # a file is open until it is read
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return Naked(content.decode()).naked if is_page else []


@pytest.mark.parametrize(("name", "line"), GETS, ids=[name for name, _line in GETS])
def test_P10_every_name_on_a_page_is_isolated(name: str, line: Line, renamed: World) -> None:
    found = {naked for who in readers(line) for naked in naked_on(renamed.client(*who).get(url_of(name, renamed)))}
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize(("name", "line"), SENT, ids=[name for name, _line in SENT])
def test_P10_every_name_in_what_a_form_answers_and_mails_is_isolated(name: str, line: Line, renamed: World) -> None:
    for who in readers(line)[:1]:
        sender = Sender(renamed, renamed.client(*who), renamed.persons.get(who))
        response = sender.client.post(url_of(name, renamed), POSTS[name].data(sender), follow=True)
        found = set(naked_on(response))
        for letter in filter(None, map(write_mail, Mail.objects.all())):
            for text in (letter.subject, *letter.body.splitlines()):
                found |= {text} if HEBREW in ISOLATED.sub("", text) else set()
        assert not found, "\n".join(sorted(found))


def test_names_are_on_the_pages(renamed: World) -> None:
    """So that the tests above do not pass for want of names."""
    client = renamed.client("Acme", "super admin")
    for name in ("users", "groups", "support_case", "reseller_access", "audit_log"):
        assert f"<bdi>{HEBREW}" in client.get(url_of(name, renamed)).content.decode(), name
    title = client.get(url_of("user", renamed)).content.decode().partition("<title>")[2]
    assert title.startswith(f"\u2068{HEBREW}")
