"""What a case can be about: two levels for each service, in the words people search with (S11)."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.names import sort_key, storable
from accounts.wording import labelled
from support.models.partner import Service


@dataclass(frozen=True, slots=True)
class Category:
    """The second level. id: what a case stores; it never changes, unlike the words."""

    id: str
    label: Promise
    group: Promise

    def __str__(self) -> str:
        return labelled(self.group, self.label)


def _group(name: str, label: Promise, **below: Promise) -> list[Category]:
    return [Category(f"{name}.{key}", word, label) for key, word in below.items()]


_ACCOUNT = [
    *_group(
        "account",
        _("Account and billing"),
        billing=_("Invoices and payments"),
        licences=_("Licences and subscriptions"),
        admin=_("Administrators and roles"),
        other=_("Something else"),
    )
]

CATEGORIES: dict[Service, list[Category]] = {
    Service.GOOGLE_WORKSPACE: [
        *_group(
            "mail",
            _("Mail"),
            delivery=_("Mail arrives late or not at all"),
            spam=_("Spam and phishing"),
            routing=_("Routing and domains"),
            client=_("Mail programs and phones"),
        ),
        *_group(
            "files",
            _("Files and documents"),
            sharing=_("Sharing and permissions"),
            sync=_("Synchronisation"),
            lost=_("Lost files"),
            editors=_("Editing documents"),
        ),
        *_group("calendar", _("Calendar"), events=_("Events and invitations"), rooms=_("Rooms and resources")),
        *_group(
            "meetings",
            _("Meetings and chat"),
            quality=_("Sound and picture"),
            recording=_("Recordings"),
            chat=_("Chat messages"),
        ),
        *_group(
            "sign_in",
            _("Sign-in and security"),
            password=_("Passwords and second step"),
            sso=_("Single sign-on"),
            suspicious=_("Suspicious activity"),
        ),
        *_ACCOUNT,
    ],
    Service.GOOGLE_CLOUD: [
        *_group(
            "compute",
            _("Computing"),
            machines=_("Virtual machines"),
            containers=_("Containers and clusters"),
            functions=_("Functions and serverless"),
        ),
        *_group(
            "storage", _("Storage and databases"), buckets=_("Buckets"), sql=_("SQL databases"), backup=_("Backups")
        ),
        *_group("network", _("Network"), load=_("Load balancing"), dns=_("Name service"), vpn=_("VPN and connections")),
        *_group("access", _("Access"), iam=_("Roles and service accounts"), quota=_("Quotas and limits")),
        *_ACCOUNT,
    ],
    Service.CHROME_ENTERPRISE: [
        *_group(
            "devices",
            _("Devices"),
            enrolment=_("Enrolment"),
            updates=_("Updates"),
            hardware=_("Hardware and printers"),
            kiosk=_("Kiosks"),
        ),
        *_group("browser", _("Browser"), policies=_("Policies"), extensions=_("Extensions"), crash=_("Crashes")),
        *_ACCOUNT,
    ],
    Service.GOOGLE_VOICE: [
        *_group(
            "calls",
            _("Calls"),
            quality=_("Sound quality"),
            incoming=_("Incoming calls"),
            outgoing=_("Outgoing calls"),
            emergency=_("Emergency calls"),
        ),
        *_group("numbers", _("Numbers"), porting=_("Moving numbers"), assignment=_("Assigning numbers")),
        *_group("voice_devices", _("Devices"), phones=_("Desk phones"), mobile=_("Mobile apps")),
        *_ACCOUNT,
    ],
}


def find_category(service: str, category_id: str) -> Category | None:
    """Return one category of a service; None where the service has none with this id."""
    if service not in Service.values:
        return None
    return next((c for c in CATEGORIES[Service(service)] if c.id == category_id), None)


def search_categories(service: Service, text: str = "") -> list[tuple[Promise, list[Category]]]:
    """Return the two levels of a service, filtered to what has each of these words in its group or label."""
    words = sort_key(storable(text)).split()
    groups: dict[str, tuple[Promise, list[Category]]] = {}
    for category in CATEGORIES[service]:
        said = sort_key(str(category))
        if all(word in said for word in words):
            groups.setdefault(str(category.group), (category.group, []))[1].append(category)
    return list(groups.values())
