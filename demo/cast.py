"""Who takes part in the demo, and what each of its accounts can show."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.roles import Role
from subscriptions.models.subscription import Plan

# Known to everybody who reads this file: these people are made only where DEMO is on (see load_demo).
PASSWORD = "look-around-freely"  # noqa: S105

# Of the authenticator app of one of them (P12), for any app that takes a secret by hand.
APP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105

ACME, LUMIERE = "acme.example", "lumiere.example"
RESALE_ONE, NORTHWIND, PAUSED = "resale-one.example", "northwind.example", "paused-partners.example"
HARBOUR = "harbour-telecom.example"
VENDOR_DOMAIN = "vendor.example"
TOM, MIA, FINN = "tom@resale-one.example", "mia@resale-one.example", "finn@northwind.example"
OTTO = "otto@resale-one.example"
# Where everybody works from: an address of a block kept for examples (RFC 5737).
OFFICE = "203.0.113.24"

RESELLERS = (
    ("Resale One", RESALE_ONE, "Speicherstraße 4, 20457 Hamburg, Germany"),
    ("Northwind Cloud", NORTHWIND, "12 Canal Street, Dublin, Ireland"),
    ("Paused Partners", PAUSED, "3 rue du Port, 69002 Lyon, France"),
    ("Harbour Telecom", HARBOUR, "Havnegade 21, 1058 Copenhagen, Denmark"),
)
CUSTOMERS = (("Acme", ACME), ("Boulangerie Lumière", LUMIERE))


@dataclass(frozen=True, slots=True)
class Account:
    """A person who signs in. The domain of the address names the organisation."""

    email: str
    name: str
    roles: tuple[Role, ...]
    shows: str
    language: str = ""
    time_zone: str = "Europe/Berlin"

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


ACCOUNTS = (
    Account(
        "ana@acme.example",
        "Ana Lima",
        (Role.SUPER_ADMIN,),
        "super admin of Acme: Account settings, Reseller access: untick, save, watch it take effect",
    ),
    Account(
        "bruno@acme.example",
        "Bruno Costa",
        (Role.SUPER_ADMIN,),
        "the second super admin of Acme: change the same box as Ana and see the conflict",
    ),
    Account("aya@acme.example", "Aya Sato", (Role.AUDITOR,), "auditor of Acme: sees every page and changes nothing"),
    Account(
        "sam@acme.example",
        "Sam Reed",
        (Role.SUPPORT_MANAGER,),
        "support manager of Acme: support partners before the move, and cases",
    ),
    Account(
        "uma@acme.example",
        "Uma Shah",
        (Role.USER_MANAGEMENT_ADMIN,),
        "user management admin of Acme: users, groups and units, of whom only those without a role",
    ),
    Account(
        "hal@acme.example",
        "Hal Norris",
        (Role.HELP_DESK_ADMIN,),
        "help desk admin of Acme: resets passwords of people who hold no role",
    ),
    Account("noah@acme.example", "Noah Berg", (), "works at Acme without a role: no console"),
    Account(
        "claire@lumiere.example",
        "Claire Fournier",
        (Role.SUPER_ADMIN,),
        "super admin of Boulangerie Lumière, in French: a change that failed, and why",
        language="fr",
        time_zone="Europe/Paris",
    ),
    Account(
        "rosa@resale-one.example",
        "Rosa Klein",
        (Role.RESELLER_ADMIN,),
        "admin of the reseller Resale One: more than 120 customers, staff, the way into a console that is open",
    ),
    Account(TOM, "Tom Adeyemi", (Role.RESELLER_AGENT,), "agent there: Acme and his team's customers only"),
    Account(MIA, "Mia Novak", (Role.RESELLER_AGENT,), "agent in the other team: never sees Acme"),
    Account(
        OTTO,
        "Otto Brandt",
        (Role.RESELLER_AGENT,),
        "agent in a team that works for all customers; signs in with a code",
    ),
    Account(
        "nora@northwind.example",
        "Nora Lind",
        (Role.RESELLER_ADMIN,),
        "admin of Northwind Cloud: Acme has closed its console",
    ),
    Account(FINN, "Finn Murphy", (Role.RESELLER_AGENT,), "agent there, in a team: Acme only, whose console is closed"),
    Account(
        "sven@resale-one.example",
        "Sven Holm",
        (Role.SUPPORT_AGENT,),
        "support agent of Resale One: is asked to confirm that it supports Acme, and has its cases by console access",
    ),
    Account(
        "lena@northwind.example",
        "Lena Brandt",
        (Role.SUPPORT_AGENT,),
        "support agent of Northwind Cloud: cases of Acme on Google Cloud only, and a contract with Boulangerie Lumière",
    ),
    Account(
        "paul@paused-partners.example",
        "Paul Maier",
        (Role.RESELLER_ADMIN,),
        "admin of a suspended reseller: nothing is open",
    ),
    Account(
        "hugo@harbour-telecom.example",
        "Hugo Dahl",
        (Role.RESELLER_ADMIN,),
        "admin of Harbour Telecom: Acme's console is open to it, and it has never been there",
    ),
    Account(
        "olga@vendor.example",
        "Olga Petrova",
        (Role.VENDOR_OPERATOR,),
        "operator of the vendor: what waits and what failed",
    ),
    Account(
        "vera@vendor.example",
        "Vera Iversen",
        (Role.VENDOR_SUPPORT,),
        "vendor support: the queue of cases, answers and states",
    ),
)


STARTER, STANDARD, PLUS, VAULT, IDENTITY = "1010020027", "1010020028", "1010020025", "Google-Vault", "1010050001"
VOICE, CHROME, GEMINI, STORAGE = "1010330004", "1010400001", "1010470001", "1010430001"


@dataclass(frozen=True, slots=True)
class Sale:
    """A subscription that someone ordered; reseller: a domain, None for the vendor."""

    by: str
    customer: str
    reseller: str | None
    sku: str
    plan: Plan
    seats: int


SALES = (
    Sale("rosa@resale-one.example", ACME, RESALE_ONE, STANDARD, Plan.ANNUAL_MONTHLY_PAY, 120),
    Sale("rosa@resale-one.example", ACME, RESALE_ONE, VAULT, Plan.FLEXIBLE, 120),
    Sale("nora@northwind.example", ACME, NORTHWIND, IDENTITY, Plan.ANNUAL_YEARLY_PAY, 30),
    Sale("hugo@harbour-telecom.example", ACME, HARBOUR, STORAGE, Plan.FLEXIBLE, 5),
    Sale("ana@acme.example", ACME, None, VOICE, Plan.FLEXIBLE, 40),
    Sale("ana@acme.example", ACME, None, CHROME, Plan.ANNUAL_MONTHLY_PAY, 60),
    Sale("rosa@resale-one.example", LUMIERE, RESALE_ONE, STARTER, Plan.FLEXIBLE, 25),
    Sale("paul@paused-partners.example", LUMIERE, PAUSED, VAULT, Plan.FLEXIBLE, 25),
    Sale("claire@lumiere.example", LUMIERE, None, CHROME, Plan.FLEXIBLE, 25),
)

# Ordered later than the rest, so that it is still running.
TRIAL = Sale("ana@acme.example", ACME, None, GEMINI, Plan.TRIAL, 10)

_FIRST = (
    "Amber",
    "Birch",
    "Cobalt",
    "Dune",
    "Elm",
    "Fjord",
    "Granite",
    "Harbour",
    "Iris",
    "Juniper",
    "Kestrel",
    "Lumen",
)
_SECOND = (
    "Architects", "Bakery", "Books", "Dental", "Energy", "Law", "Logistics", "Robotics", "Studios", "Travel",
)  # fmt: skip
# Names with accents and domains that differ from them: how order and search treat them can be seen.
_ACCENTED = (
    ("Ångström Optik", "angstrom.example"),
    ("Éclair Pâtisserie", "eclair.example"),
    ("Zoë Fleurs", "zoe.example"),
)


def customers() -> list[tuple[str, str]]:
    """Return name and domain of the customers that stand in the long list of Resale One."""
    combined = [(f"{first} {second}", f"{first}-{second}.example".lower()) for first in _FIRST for second in _SECOND]
    return [*combined, *_ACCENTED]
