"""Who calls: a machine for each kind of person and organisation, as the columns of the matrix.

The world of the pages, and beside it what only machines meet: resellers whose access has a level, or is over.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db.models.functions import Now

from accounts.actor import Actor
from accounts.machines.scopes import SCOPES
from accounts.machines.tokens import mint
from accounts.models import Customer, Reseller, ServiceAccount, User
from subscriptions import lifecycle
from subscriptions.access import propagation
from subscriptions.models import AccessGrant
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from support.models.partner import Service
from support.partners import decide_by_link
from tests.api.machines import account_of
from tests.contract.world import WORKSPACE, Tenant, World, ask_for_support, make_staff, sell
from tests.factories import make_reseller

# (group, callers in the order of the letters). Everything is about Acme and Resale One.
COLUMNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Acme",
        (
            "super admin",
            "support manager",
            "support",
            "user management admin",
            "help desk admin",
            "auditor",
            "no role",
            "suspended",
        ),
    ),
    (
        "Resale One",
        (
            "admin",
            "indirect admin",
            "agent",
            "team agent",
            "unassigned agent",
            "support agent",
            "no role",
            "suspended",
        ),
    ),
    # Agents of other resellers of Acme, to whom the console is open as far as this; on request, and not activated.
    ("level", ("cases", "view", "help desk", "licences", "directory", "on request")),
    # Agents to whom the console was closed, whose relation has ended, whose reseller is suspended; a support partner's
    # agent, who sold nothing; and the agent of Resale One where Acme lets no machines in (X2).
    ("shut", ("closed", "ended", "halted", "partner", "kept out")),
    ("vendor", ("operator", "support")),
    # Strangers.
    ("others", ("super admin", "admin")),
    # Accounts that act for nobody: of Acme, of Resale One, of the vendor.
    ("alone", ("customer", "reseller", "vendor")),
    # Every scope that ends in .readonly, for a super admin and for a reseller admin; every scope but the method's.
    ("scopes", ("reading", "reseller reading", "other")),
    ("none", ("no token", "made up")),
)
LEVELS = {
    "cases": Level.CASES,
    "view": Level.VIEW,
    "help desk": Level.HELP_DESK,
    "licences": Level.LICENCES,
    "directory": Level.DIRECTORY,
    "on request": Level.FULL,
}
# Longer than a run of the tests: no call writes down that an account was used.
AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Caller:
    """A column. token: None where none is shown. before: what is so when it calls."""

    group: str
    role: str
    token: str | None
    before: Callable[[], object] | None = None


def callers(world: World) -> list[Caller]:
    """Return everybody who calls, in the order of the columns."""
    found = [Caller(group, role, token) for (group, role), token in _tokens(world).items()]
    acme = Customer.objects.filter(pk=world.acme.customer.pk)
    kept_out = next(i for i, caller in enumerate(found) if caller.role == "kept out")
    agent = found[kept_out]
    found[kept_out] = Caller(agent.group, agent.role, agent.token, lambda: acme.update(admits_machines=False))
    assert [(caller.group, caller.role) for caller in found] == [(g, r) for g, roles in COLUMNS for r in roles]
    ServiceAccount.objects.update(last_used_at=Now() + AHEAD)
    return found


def token_for_others(world: World, scopes: frozenset[str]) -> str:
    """Return the token of a super admin's machine with every scope but these."""
    account = ServiceAccount.objects.get(name="Scopes of Acme")
    person = world.acme.people["super admin"]
    return mint(account=account, key=None, person=person, scopes=set(SCOPES) - scopes)[0]


def _tokens(world: World) -> dict[tuple[str, str], str | None]:
    acme = world.acme
    people: dict[tuple[str, str], User] = {
        **{("Acme", role): person for role, person in acme.people.items()},
        ("Acme", "suspended"): world.persons["Acme", "suspended"],
        **{("Resale One", role): person for role, person in acme.staff.items()},
        **{("level", role): _at_level(acme, role, level) for role, level in LEVELS.items()},
        ("shut", "closed"): world.persons["closed", "agent"],
        ("shut", "ended"): _ended(acme),
        ("shut", "halted"): world.persons["halted", "agent"],
        ("shut", "partner"): _partner(acme),
        ("shut", "kept out"): acme.staff["agent"],
        ("vendor", "operator"): world.persons["vendor", "operator"],
        ("vendor", "support"): world.persons["vendor", "support"],
        ("others", "super admin"): world.globex.people["super admin"],
        ("others", "admin"): world.globex.staff["admin"],
    }
    found: dict[tuple[str, str], str | None] = {}
    for key, person in people.items():
        found[key] = _token(person)
    of = {
        "customer": acme.people["super admin"],
        "reseller": acme.staff["admin"],
        "vendor": world.persons["vendor", "operator"],
    }
    for name, person in of.items():
        found["alone", name] = mint(account=account_of(person), key=None, person=None, scopes=SCOPES)[0]
    reading = [scope for scope in SCOPES if scope.endswith(".readonly")]
    account = account_of(acme.people["super admin"], name="Scopes of Acme")
    found["scopes", "reading"] = mint(account=account, key=None, person=acme.people["super admin"], scopes=reading)[0]
    found["scopes", "reseller reading"] = _token(acme.staff["admin"], reading)
    found["scopes", "other"] = None  # for each method another one
    return found | {("none", "no token"): None, ("none", "made up"): "rcapi_" + "x" * 43}


def _token(person: User, scopes: list[str] | None = None) -> str:
    return mint(account=account_of(person), key=None, person=person, scopes=scopes or list(SCOPES))[0]


def _reseller(acme: Tenant, name: str) -> tuple[Reseller, dict[str, User]]:
    """Return another reseller of Acme, whose console is open to it, and its people."""
    reseller = make_reseller(name, f"{name.lower().replace(' ', '-')}.example")
    sell(acme.customer, reseller, WORKSPACE)
    propagation.apply_due_changes()
    return reseller, make_staff(reseller, acme.customer, name)


def _at_level(acme: Tenant, role: str, level: Level) -> User:
    reseller, staff = _reseller(acme, f"Resale {role.title()}")
    standing = Standing.NOTHING if role == "on request" else Standing.ALL
    console = AccessGrant.objects.filter(customer=acme.customer, reseller=reseller, subscription=None)
    console.update(level=level, effective_level=level, standing=standing, effective_standing=standing)
    return staff["agent"]


def _ended(acme: Tenant) -> User:
    """The relation ends with what was sold (R13)."""
    reseller, staff = _reseller(acme, "Resale Ended")
    sold = acme.customer.subscriptions.get(reseller=reseller)
    lifecycle.cancel_subscription(actor=Actor(staff["admin"]), subscription=sold)
    return staff["agent"]


def _partner(acme: Tenant) -> User:
    """A reseller that sold nothing, and handles the cases on one service (S6)."""
    partner = make_reseller("Resale Partner", "resale-partner.example")
    staff = make_staff(partner, acme.customer, "Resale Partner")
    _asked, link = ask_for_support(acme.customer, acme.people, partner, staff, Service.GOOGLE_WORKSPACE)
    decide_by_link(actor=Actor(staff["support agent"]), token=link, confirm=True)
    return staff["support agent"]
