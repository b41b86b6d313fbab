"""What the table leaves to be said: the arguments of each address, what is sent to it, and what that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from accounts.models import (
    Address,
    AuditEvent,
    ConsoleSession,
    CustomerAgent,
    CustomerTeam,
    HelpFeedback,
    Mail,
    Notification,
    RoleAssignment,
    Team,
    User,
)
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessChange, AccessGrant, AccessPolicy
from support.models import Case, CaseEvent, LookUp, Subscriber, SupportAssignment
from tests.contract.world import Tenant, World
from tests.factories import PASSWORD
from web.console.forms.reseller_access import seen_text

Data = Mapping[str, Any]
NEW_PASSWORD = "nine-copper-harbours"


@dataclass
class Sender:
    """Who sends a form, from which browser; `me` is None for anyone who has not signed in."""

    world: World
    client: Client
    me: User | None

    def inside(self) -> list[Model]:
        """The sessions of this browser in the console of Acme (R15)."""
        if self.me is None:
            return []
        key = self.client.cookies[settings.SESSION_COOKIE_NAME].value
        return list(ConsoleSession.objects.filter(session_key=key, customer=self.world.acme.customer, ended_at=None))


@dataclass(frozen=True, slots=True)
class Post:
    """A form and its effect: exactly these rows change or vanish, rows are added to exactly these tables.

    proof: tells whether the effect is there where it is none on rows, for example that a session has ended.
    """

    data: Callable[[Sender], Data] = lambda sender: {}
    changes: Callable[[Sender], list[Model]] = lambda sender: []
    adds: tuple[type[Model], ...] = ()
    proof: Callable[[Sender], bool] | None = None


def is_signed_in(client: Client) -> bool:
    return bool(client.get(reverse("home")).headers.get("Location", "").partition("?")[0] != reverse("account_login"))


def arguments(name: str, route: str, tenant: Tenant, world: World) -> dict[str, Any]:
    """Return the arguments of an address for the objects of one tenant."""
    agent = {
        "reseller_agent_restore": tenant.staff["suspended"],
        "reseller_team_remove_member": tenant.staff["team agent"],
    }.get(name, tenant.staff["agent"])
    known: dict[str, dict[str, Any]] = {
        "<domain:domain>": {"domain": tenant.domain},
        "<int:subscription_id>": {"subscription_id": tenant.bought.pk},
        "<int:change_id>": {"change_id": world.failed.pk},
        "<int:team_id>": {"team_id": tenant.team.pk},
        "<int:agent_id>": {"agent_id": agent.pk},
        "<int:assignment_id>": {
            "assignment_id": (tenant.partner if name == "support_partner_remove" else tenant.requested).pk
        },
        "<int:case_id>": {"case_id": tenant.case.pk},
        "<uuid:file_id>": {"file_id": tenant.file.pk},
        "<slug:service>": {"service": "google_workspace"},
        "<str:token>": {"token": tenant.link},
        "<slug:slug>": {"slug": "reseller-access"},
        "<slug:list_name>": {"list_name": "users"},
        "?P<uidb36>": {
            "uidb36": user_pk_to_url_str(world.visitor),
            "key": default_token_generator.make_token(world.visitor),
        },
    }
    known |= tenant.arguments
    found = {key: value for mark, pairs in known.items() if mark in route for key, value in pairs.items()}
    return found | tenant.arguments.get(name, {})


def console_unticked(sender: Sender) -> Data:
    """The page *Reseller access* as someone leaves it who takes away the console of Resale One."""
    acme = sender.world.acme
    boxes = overview_of(acme.customer).boxes
    ticked = [box.id for (reseller, _), box in boxes.items() if box.allowed and reseller != acme.reseller.pk]
    return {"seen": seen_text(boxes.values()), "allow": ticked, "confirmed": "on"}


def both_boxes(sender: Sender) -> list[Model]:
    """The console of Resale One and the subscription opened to it (R4)."""
    acme = sender.world.acme
    return [acme.grant(), acme.grant(acme.bought)]


def allowed_boxes(sender: Sender) -> list[Model]:
    """Every box of Acme that is ticked, of every reseller (R12)."""
    return list(AccessGrant.objects.filter(customer=sender.world.acme.customer, allowed=True))


def myself(sender: Sender) -> list[Model]:
    return [sender.me] if sender.me else []


def the_agent(sender: Sender) -> User:
    return sender.world.acme.staff["agent"]


def the_team(sender: Sender) -> Team:
    return sender.world.acme.team


def memberships(sender: Sender) -> list[Model]:
    return list(User.groups.through.objects.filter(group=the_team(sender).group_id))


def customers_of_the_team(sender: Sender) -> list[Model]:
    return list(CustomerTeam.objects.filter(group=the_team(sender).group_id))


def whole_team(sender: Sender) -> list[Model]:
    return [the_team(sender), the_team(sender).group, *memberships(sender), *customers_of_the_team(sender)]


def requested(sender: Sender) -> list[Model]:
    return [sender.world.acme.requested]


def acme_itself(sender: Sender) -> Data:
    return {"customer": str(sender.world.acme.customer.pk)}


_second: dict[str, Client] = {}


def with_a_second_browser(sender: Sender) -> Data:
    """Sign the same person in elsewhere, where it looks around."""
    _second["browser"] = other = Client()
    if sender.me:
        other.force_login(sender.me)
        other.get(reverse("home"))
    return {}


def the_case(sender: Sender) -> list[Model]:
    return [sender.world.acme.case]


def new_case(sender: Sender) -> Data:
    """A case of Acme; resellers say for which customer, and in Acme's console nobody reads that."""
    return {
        "customer": sender.world.acme.domain,
        "service": "google_workspace",
        "category": "mail.spam",
        "title": "More spam",
        "description": "Since Tuesday.",
        "priority": "P2",
        "language": "en",
        "time_zone": "UTC",
    }


CHANGE = (AccessChange, AuditEvent)
CASE_CHANGE = (CaseEvent, Mail, AuditEvent)
NEW_CASE = Post(new_case, adds=(Case, Subscriber, *CASE_CHANGE))
COMMENT = Post(lambda sender: {"verb": "comment", "text": "More of it"}, the_case, CASE_CHANGE)
POSTS: dict[str, Post] = {
    # Sign-in
    "account_login": Post(
        lambda sender: {"login": sender.world.visitor.email, "password": PASSWORD},
        lambda sender: [sender.world.visitor],  # last_login
        adds=(AuditEvent,),
    ),
    "account_logout": Post(adds=(AuditEvent,)),
    "account_signup": Post(lambda sender: {"email": "new@acme.example", "password1": NEW_PASSWORD}, adds=(User,)),
    "account_change_password": Post(
        lambda sender: {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        myself,
        adds=(AuditEvent,),
    ),
    # Everybody here has a password already, and is sent to where it is changed.
    "account_set_password": Post(lambda sender: {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}, myself),
    "account_reset_password": Post(
        lambda sender: {"email": sender.world.visitor.email}, proof=lambda sender: len(mail.outbox) == 1
    ),
    # The key in the address is taken by GET; without it in the session no password is set.
    "account_reset_password_from_key": Post(
        lambda sender: {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}, myself
    ),
    "usersessions_list": Post(
        with_a_second_browser,
        myself,  # last_login
        adds=(AuditEvent,),
        proof=lambda sender: not is_signed_in(_second["browser"]),
    ),
    "preferences": Post(lambda sender: {"theme": "dark"}, myself),
    "list_choice": Post(lambda sender: {"size": "25", "column": ["email"]}, myself),
    "help_feedback": Post(lambda sender: {"helpful": "yes", "comment": "Too long."}, adds=(HelpFeedback,)),
    # Reseller access
    "reseller_access": Post(console_unticked, both_boxes, CHANGE),
    "reseller_access_rules": Post(
        lambda sender: {
            "longest": "2160",
            "level": "view",
            "lasts": "720",
            "activation_longest": "8",
            "activation_approval": "customer",
            "machines": "on",
        },
        adds=(AccessPolicy, AuditEvent),
    ),
    "reseller_access_remove_now": Post(lambda sender: {"box": str(sender.world.acme.reseller.pk)}, both_boxes, CHANGE),
    "reseller_access_turn_off_all": Post(changes=allowed_boxes, adds=CHANGE),
    "reseller_access_retry": Post(
        lambda sender: {"box": str(sender.world.failed.grant.reseller_id)},
        lambda sender: [sender.world.failed.grant],
        CHANGE,
    ),
    "operations_retry": Post(changes=lambda sender: [sender.world.failed.grant], adds=CHANGE),
    # The reseller's staff (P4)
    "reseller_agent_suspend": Post(changes=lambda sender: [the_agent(sender)], adds=(AuditEvent,)),
    "reseller_agent_restore": Post(changes=lambda sender: [sender.world.acme.staff["suspended"]], adds=(AuditEvent,)),
    "reseller_agent_new": Post(
        lambda sender: {
            "name": "Nia New",
            "email": f"nia@{getattr(sender.me, 'reseller', None) and sender.me.reseller.primary_domain}",
            "roles": ["reseller_agent"],
        },
        adds=(User, Address, RoleAssignment, Mail, AuditEvent),
    ),
    # Everybody of the world has a password: nobody is invited again (tests/subscriptions/test_invitations.py).
    "reseller_agent_invite": Post(),
    "reseller_agent_roles": Post(
        lambda sender: {"roles": ["support_agent"]},
        lambda sender: list(RoleAssignment.objects.filter(user=the_agent(sender))),
        (RoleAssignment, AuditEvent),
    ),
    "reseller_agent_customers": Post(
        lambda sender: {"action": "unassign", **acme_itself(sender)},
        lambda sender: list(CustomerAgent.objects.filter(user=the_agent(sender))),
        (AuditEvent,),
    ),
    "reseller_teams": Post(lambda sender: {"name": "South"}, adds=(Team, Group, AuditEvent)),
    "reseller_team_rename": Post(
        lambda sender: {"name": "Far North"}, lambda sender: [the_team(sender)], (AuditEvent,)
    ),
    "reseller_team_delete": Post(changes=whole_team, adds=(AuditEvent,)),
    "reseller_team_add_member": Post(
        lambda sender: {"email": the_agent(sender).email}, adds=(User.groups.through, AuditEvent)
    ),
    "reseller_team_remove_member": Post(changes=memberships, adds=(AuditEvent,)),
    "reseller_team_customers": Post(
        lambda sender: {"action": "unassign", **acme_itself(sender)}, customers_of_the_team, (AuditEvent,)
    ),
    # Support
    "support_partner_assign": Post(
        lambda sender: {
            "verifier_email": sender.world.acme.staff["support agent"].email,
            "partner": sender.world.acme.reseller.public_id,
            "step": "assign",
        },
        adds=(LookUp, SupportAssignment, Mail, AuditEvent),
    ),
    "support_partner_resend": Post(changes=requested, adds=(Mail, AuditEvent)),
    "support_partner_withdraw": Post(changes=requested, adds=(AuditEvent,)),
    "support_partner_remove": Post(changes=lambda sender: [sender.world.acme.partner], adds=(AuditEvent,)),
    # Acme has not moved to the Customer Care Portal: there is nothing to add a contract to.
    "support_contract_new": Post(lambda sender: {"partner": sender.world.acme.reseller.public_id}),
    "support_verify": Post(lambda sender: {"decision": "confirm"}, requested, (Mail, AuditEvent)),
    "support_case_new": NEW_CASE,
    "support_case": COMMENT,
    "support_case_file": Post(adds=(AuditEvent,)),
    "reseller_case_new": NEW_CASE,
    "reseller_case": COMMENT,
    "reseller_case_file": Post(adds=(AuditEvent,)),
    "vendor_case": Post(
        lambda sender: {"verb": "answer", "text": "We look at it", "state": "ACTION_REQUIRED"}, the_case, CASE_CHANGE
    ),
    "vendor_case_file": Post(adds=(AuditEvent,)),
    # The reseller's way in and out (R15)
    "enter_console": Post(adds=(ConsoleSession, Notification, Mail, AuditEvent)),
    "leave_console": Post(changes=lambda sender: sender.inside(), adds=(AuditEvent,)),
}
