"""Every address against every person (matrix.py). A cell that is not OK changes nothing."""

from __future__ import annotations

import pytest
from django.core import mail
from django.db import transaction

from accounts.models import WebhookDelivery
from tests.contract import matrix
from tests.contract.answers import letter_of, url_of
from tests.contract.cases import Post, Sender
from tests.contract.crawl import content_of
from tests.contract.database import NO_DIFFERENCE, Difference, Moment, difference_since, now, row, written
from tests.contract.matrix import Line
from tests.contract.posts import POSTS
from tests.contract.world import World

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LINES = matrix.lines()
# POST that answers with a file: what it changes is the audit log, which says that it was taken.
DOWNLOADS = {"reseller_case_file", "reseller_customers_export", "support_case_file", "users_export", "vendor_case_file"}
# What follows from an event by itself, where an organisation has an endpoint that hears of it (X6).
FOLLOWS = {WebhookDelivery._meta.db_table}


def observe(line: Line, world: World) -> tuple[str, list[str]]:
    """Return what the people of the columns really get, and every effect that is wrong."""
    observe_cell = observe_form if line.method == "POST" else observe_page
    url = url_of(line.name, world)
    before = now()
    letters, wrong = "", []
    for group, role in matrix.people():
        sender = Sender(world, world.client(group, role), world.persons.get((group, role)))
        letter, problem = observe_cell(line, url, sender, before)
        letters += letter
        if problem:
            wrong.append(f"{group} / {role}: {letter}, {problem}")
    # One look for all readers together: none of them may change anything.
    if changed := difference_since(before):
        wrong.append(f"changed {changed}")
    return letters, wrong


def observe_page(line: Line, url: str, sender: Sender, before: Moment) -> tuple[str, str]:
    response = sender.client.get(url)
    content_of(response)
    return letter_of(response), ""


def observe_form(line: Line, url: str, sender: Sender, before: Moment) -> tuple[str, str]:
    """Send the form, see what became of the database, and take it back."""
    post = POSTS[line.name]
    mail.outbox.clear()
    with transaction.atomic():
        data = post.data(sender)
        rows_written = written()
        changes = {row(instance) for instance in post.changes(sender)}
        response = sender.client.post(url, data)
        letter = letter_of(response)
        # A file is open until it is read.
        content_of(response)
        effect = NO_DIFFERENCE if written() == rows_written else difference_since(before)
        if letter == "O" and not has_effect(post, effect, sender):
            letter = "N"
        problem = f"changed {effect}" if effect and letter != "O" else ""
        if letter == "O" and effect.changed | effect.removed != changes:
            problem = f"changed {sorted(effect.changed | effect.removed)}, not {sorted(changes)}"
        if effect and response.status_code == 200 and line.name not in DOWNLOADS:
            problem = "changed something and answers 200: a reload would do it again"
        tables = {model._meta.db_table for model in post.adds}
        if letter == "O" and effect.tables_added - (FOLLOWS - tables) != tables:
            problem = f"added to {effect.tables_added}, not {post.adds}"
        transaction.set_rollback(True)
    return letter, problem


@pytest.mark.parametrize("name", sorted(DOWNLOADS))
def test_what_answers_200_is_a_file(name: str, db: None, world: World) -> None:
    line = next(line for line in LINES if line.name == name and line.method == "POST")
    who = matrix.people()[line.letters.index("O")]
    data = POSTS[name].data(Sender(world, world.client(*who), world.persons.get(who)))
    response = world.client(*who).post(url_of(name, world), data)
    assert response.headers["Content-Disposition"].startswith("attachment")
    content_of(response)


def has_effect(post: Post, effect: Difference, sender: Sender) -> bool:
    return post.proof(sender) if post.proof else bool(effect)


@pytest.mark.parametrize("line", LINES, ids=[line.id for line in LINES])
def test_each_person_gets_the_answer_of_the_table(line: Line, db: None, world: World) -> None:
    letters, wrong = observe(line, world)
    assert matrix.spelled(letters) == matrix.spelled(line.letters)
    assert not wrong, "\n".join(wrong)
