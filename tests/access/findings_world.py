"""Consoles that have been open, and were used or not, for some days."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F

from accounts.models import ConsoleSession, OpenedPage, User
from accounts.permissions import Permission
from subscriptions.access.findings import Finding, Question, findings_of
from subscriptions.access.overview import overview_of
from subscriptions.access.use import Opens
from subscriptions.reviews.finishing import undecided_after_deadline
from subscriptions.reviews.scope import kept_in
from tests.access.world import DAY, World, pass_time

# What a page needs, by the beginning of its path.
PAGES = {
    "": Permission.VIEW_CONSOLE,
    "users/": Permission.VIEW_USERS,
    "users/new/": Permission.MANAGE_USERS,
    "licences/": Permission.VIEW_LICENCES,
}


def pass_days(days: float) -> None:
    """Let days pass for grants, changes and visits."""
    pass_time(days * DAY)
    by = timedelta(days=days)
    ConsoleSession.objects.update(
        entered_at=F("entered_at") - by, last_seen_at=F("last_seen_at") - by, ended_at=F("ended_at") - by
    )


def visit(world: World, *paths: str, agent: User | None = None, keeps_record: bool = True) -> ConsoleSession:
    """Let an agent have been inside just now, and opened these pages."""
    person = agent or world.agent
    assert person.reseller
    session = ConsoleSession.objects.create(
        customer=world.customer,
        reseller=person.reseller,
        agent=person,
        session_key=f"visit {ConsoleSession.objects.count()}",
        window="w",
        keeps_record=keeps_record,
    )
    for path in paths:
        page = path.strip("/").replace("/", "_") or "console_home"
        OpenedPage.objects.create(console_session=session, page=page, path=path, filter_digest="")
    return session


def found(world: World, *, opens: Opens = PAGES.get) -> list[Finding]:
    """What is wrong at the world's customer now."""
    customer = world.customer
    left, kept = undecided_after_deadline(customer), kept_in(customer)
    return findings_of(Question(customer, overview_of(customer), {}, opens, left, kept))


def kinds(world: World) -> list[str]:
    """The same in one word each, without that of the account."""
    return [finding.kind.value for finding in found(world) if finding.box]
