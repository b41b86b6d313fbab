"""Pages and help texts, found by the words of their titles in the language of the reader."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer, User
from accounts.names import sort_key
from accounts.permissions import Permission
from web.help.finding import topics_with
from web.navigation import Item, Page, console_navigation
from web.search.results import Asked, Group, Result, group

# Letters that are more than the beginning of nearly every word.
WORD = 3
# Pages of a console that no line of the menu leads to.
FURTHER = (
    Page(_("Add user"), "user_new", "user-plus", Permission.MANAGE_USERS),
    Page(_("Import users"), "import_users", "upload", Permission.MANAGE_USERS),
    Page(_("Files and bulk changes"), "jobs", "history", Permission.VIEW_USERS),
    Page(_("Create a group"), "group_create", "users-round", Permission.MANAGE_GROUPS),
    Page(_("Create a unit"), "org_unit_create", "network", Permission.MANAGE_ORG_UNITS),
    Page(_("Enrol a device"), "device_enrol", "monitor-smartphone", Permission.MANAGE_DEVICES),
    Page(_("Enrol devices from a file"), "import_devices", "upload", Permission.MANAGE_DEVICES),
    Page(_("Transfer to a reseller"), "transfer", "arrow-left-right", Permission.TRANSFER_SUBSCRIPTIONS),
    Page(_("Explain access"), "who_has_access", "handshake", Permission.VIEW_RESELLER_ACCESS),
    Page(_("Requests for access"), "access_requests", "handshake", Permission.VIEW_RESELLER_ACCESS),
    Page(_("Reviews of access"), "access_reviews", "handshake", Permission.VIEW_RESELLER_ACCESS),
    Page(_("Activations"), "activations", "timer", Permission.VIEW_CONSOLE_SESSIONS),
    Page(_("Health"), "health", "shield-check", Permission.CHANGE_RESELLER_ACCESS),
    Page(_("New case"), "support_case_new", "life-buoy", Permission.FILE_CASES),
)
# About the person themselves, in every console.
PERSONAL = (
    (_("Notifications"), "notifications"),
    (_("Notification preferences"), "notification_preferences"),
    (_("Your sessions"), "usersessions_list"),
    (_("Your applications"), "own_applications"),
    (_("Change password"), "account_change_password"),
)


def console_places(request: HttpRequest, customer: Customer, permissions: frozenset[Permission]) -> list[Result]:
    """Return the pages of a console that these permissions open."""
    where = {"domain": customer.primary_domain}
    further = [
        Result(str(page.label), reverse(page.url_name, kwargs=where))
        for page in FURTHER
        if page.permission in permissions
    ]
    return [*menu_places(console_navigation(request, customer, permissions)), *further]


def menu_places(items: Iterable[Item]) -> list[Result]:
    """Return the pages that the lines of a menu lead to, each once: below its heading where it stands there twice."""
    lines = [line for item in items for line in (item, *item.children)]
    return list({line.url: Result(str(line.label), line.url) for line in lines}.values())


def personal_places() -> list[Result]:
    """Return the pages about a person themselves."""
    return [Result(str(label), reverse(name)) for label, name in PERSONAL]


def find_places(asked: Asked, places: Iterable[Result], person: User) -> list[Group]:
    """Return those of `places` whose titles have all the words that were typed, or their beginnings; and help texts.

    person: the reader, for whom the texts of their organisation are searched, as soon as a word is typed.
    """
    topics = topics_with(asked.text, person) if len(asked.text) >= WORD else []
    texts = [Result(str(topic.title), reverse("help_panel", args=[topic.slug])) for topic in topics]
    return [
        group(asked, "pages", _("Pages and settings"), "settings", _named(asked, places), lambda found: found),
        group(asked, "help", _("Help"), "circle-question-mark", texts, lambda found: found),
    ]


def _named(asked: Asked, places: Iterable[Result]) -> list[Result]:
    wanted = _words(asked.text)
    return [place for place in places if wanted and _has(_words(place.title), wanted)]


def _has(words: list[str], wanted: list[str]) -> bool:
    return all(any(word.startswith(beginning) for word in words) for beginning in wanted)


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", sort_key(text))
