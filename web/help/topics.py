"""The help texts there are: the one list. Their words are in templates/personal/help/texts/<slug>.html."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class Area(Enum):
    """For whose pages a text is; the heading under which the list of texts shows it."""

    CONSOLE = _("In an admin console")
    RESELLER = _("In a reseller’s own pages")
    VENDOR = _("In the vendor’s pages")
    PERSONAL = _("About yourself")


@dataclass(frozen=True, slots=True)
class Topic:
    """One text. related: the slugs of others that go on from there."""

    slug: str
    title: Promise
    area: Area
    related: tuple[str, ...] = ()


_C, _R, _V, _P = Area.CONSOLE, Area.RESELLER, Area.VENDOR, Area.PERSONAL

TOPICS: Final[dict[str, Topic]] = {
    topic.slug: topic
    for topic in (
        Topic("home", _("The home page"), _C, ("roles", "health", "audit-log")),
        Topic("users", _("Users"), _C, ("org-units", "groups", "imports", "roles")),
        Topic("groups", _("Groups"), _C, ("users", "org-units")),
        Topic("org-units", _("Organisational units"), _C, ("users", "devices", "licences")),
        Topic("devices", _("Devices"), _C, ("org-units", "imports")),
        Topic("imports", _("Files and bulk changes"), _C, ("users", "devices")),
        Topic("subscriptions", _("Subscriptions and orders"), _C, ("licences", "transfers", "billing")),
        Topic("licences", _("Licences"), _C, ("subscriptions", "users", "org-units")),
        Topic("transfers", _("Transfers to a reseller"), _C, ("subscriptions", "reseller-access")),
        Topic("billing", _("Billing"), _C, ("subscriptions",)),
        Topic("account-settings", _("Account settings"), _C, ("domains", "single-sign-on", "reseller-access", "roles")),
        Topic("domains", _("Domains"), _C, ("users", "groups", "account-settings")),
        Topic("provisioning", _("Provisioning"), _C, ("users", "groups", "domains")),
        Topic("service-accounts", _("Service accounts"), _C, ("reseller-access", "audit-log", "roles")),
        Topic("applications", _("Applications"), _C, ("service-accounts", "your-applications", "audit-log")),
        Topic("webhooks", _("Webhooks"), _C, ("audit-log", "provisioning", "reseller-access")),
        Topic("single-sign-on", _("Single sign-on"), _C, ("domains", "roles", "users")),
        Topic(
            "reseller-access", _("Reseller access"), _C, ("access-requests", "on-request", "reviews", "who-has-access")
        ),
        Topic("access-requests", _("Requests for access"), _C, ("reseller-access", "two-people")),
        Topic("on-request", _("Access only when needed"), _C, ("reseller-access", "external-access")),
        Topic("reviews", _("Reviews of access"), _C, ("reseller-access", "health")),
        Topic("two-people", _("Two people"), _C, ("reseller-access", "roles")),
        Topic("lost-factor", _("Lost second factors"), _C, ("two-people", "users")),
        Topic("health", _("Health"), _C, ("reseller-access", "reviews")),
        Topic("who-has-access", _("Explain access"), _C, ("reseller-access", "roles")),
        Topic("external-access", _("External access and visits"), _C, ("reseller-access", "audit-log")),
        Topic("roles", _("Admin roles"), _C, ("users", "two-people")),
        Topic("audit-log", _("The audit log"), _C, ("external-access", "who-has-access")),
        Topic(
            "support-partners",
            _("Support partners, before the move"),
            _C,
            ("support-contracts", "cases", "reseller-access"),
        ),
        Topic(
            "support-contracts",
            _("Support partners, after the move"),
            _C,
            ("support-partners", "cases", "reseller-access"),
        ),
        Topic("cases", _("Support cases"), _C, ("support-partners", "support-contracts")),
        Topic("reseller-home", _("The home page of a reseller"), _R, ("reseller-customers", "reseller-activity")),
        Topic("reseller-customers", _("Your customers"), _R, ("entering", "asking", "selling")),
        Topic("entering", _("Entering a customer’s console"), _R, ("activations", "asking", "reseller-activity")),
        Topic("activations", _("Activations"), _R, ("entering", "asking")),
        Topic("asking", _("Asking for access"), _R, ("entering", "activations")),
        Topic("staff", _("Staff and teams"), _R, ("reseller-customers", "reseller-domains", "staffing-reviews")),
        Topic("reseller-domains", _("Domains of a reseller"), _R, ("staff",)),
        Topic("reseller-provisioning", _("Provisioning of a reseller"), _R, ("staff", "reseller-domains")),
        Topic("reseller-service-accounts", _("Service accounts of a reseller"), _R, ("staff", "entering")),
        Topic("reseller-applications", _("Applications of a reseller"), _R, ("reseller-service-accounts", "staff")),
        Topic("reseller-webhooks", _("Webhooks of a reseller"), _R, ("staff", "reseller-customers")),
        Topic("reseller-single-sign-on", _("Single sign-on of a reseller"), _R, ("reseller-domains", "staff")),
        Topic("staffing-reviews", _("Reviews of who works for whom"), _R, ("staff",)),
        Topic("selling", _("Selling and changing subscriptions"), _R, ("reseller-customers", "taking-over")),
        Topic("taking-over", _("Taking over subscriptions"), _R, ("selling",)),
        Topic("reseller-support", _("Support for customers"), _R, ("reseller-cases",)),
        Topic("reseller-cases", _("Cases of your customers"), _R, ("reseller-support",)),
        Topic("reseller-activity", _("Activity"), _R, ("entering", "staff")),
        Topic("operations-home", _("Operations"), _V, ("organisations", "operations", "operations-log")),
        Topic("organisations", _("Organisations and their domains"), _V, ("operators-people", "operations-log")),
        Topic("operators-people", _("People, passwords and limits"), _V, ("organisations", "operations-log")),
        Topic("operations-log", _("The audit log of all organisations"), _V, ("operations-home", "operators-people")),
        Topic("operations", _("Access changes"), _V, ("operations-home", "organisations")),
        Topic("support-queue", _("The queue of cases"), _V, ()),
        Topic("help-answers", _("Answers about the help"), _V, ("operations",)),
        Topic("your-account", _("Sign-in, sessions and preferences"), _P, ("second-factor", "notifications")),
        Topic("your-applications", _("Your applications"), _P, ("your-account",)),
        Topic("second-factor", _("Second factor"), _P, ("your-account",)),
        Topic("notifications", _("Notifications"), _P, ("your-account",)),
    )
}


def topics_for(person: User) -> list[Topic]:
    """Return the texts about pages that people of this organisation can have: agents work in consoles too."""
    own = {Area.PERSONAL, Area.CONSOLE} if person.customer_id else set(Area) - {Area.VENDOR}
    own |= {Area.VENDOR} if person.is_vendor else set()
    return [topic for topic in TOPICS.values() if topic.area in own]


def topic_for(person: User, slug: str) -> Topic | None:
    """Return one of them; None where there is none such for this person."""
    return next((topic for topic in topics_for(person) if topic.slug == slug), None)


def related_to(topic: Topic, person: User) -> list[Topic]:
    """Return the texts that go on from one, as far as this person has them."""
    own = {found.slug: found for found in topics_for(person)}
    return [own[slug] for slug in topic.related if slug in own]
