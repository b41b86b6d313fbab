"""Applications (X7): registered by super admins and reseller admins, allowed by people of the same organisation."""

from __future__ import annotations

from allauth.idp.oidc.models import Client, Token
from django.db.models import Model

from accounts.actor import Actor
from accounts.applications.allowing import allow_application
from accounts.machines.owning import applications_of
from accounts.models import AuditEvent, Consent, Kept, ServiceAccount, User
from tests.api.applications import USERS, Program, application
from tests.contract.areas.area import Area
from tests.contract.areas.service_accounts import row
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World
from tests.factories import make_person

TABLE = """
GET  applications                          ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  application_new                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST application_new                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  application                           ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  application_ready                     ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  application_file                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  application_change                    ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST application_change                    ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST application_secret                    ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST application_end                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST application_consent_end               ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_applications                 AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_application_new              AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_application_new              AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_application                  AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_application_ready            AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_application_file             AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_application_change           AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_application_change           AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_application_secret           AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_application_end              AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_application_consent_end      AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  oauth_consent                         OOOOOOOL AAAAAAA AAAAL  AA     AA     AA     AAAAAAA AAAAAAA AA      L
POST oauth_consent                         OOOOOOOL AAAAAAA AAAAL  AA     AA     AA     AAAAAAA AAAAAAA AA      L
GET  own_applications                      OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST own_applications                      ONNNNNNL NNNNNNN NNNNL  NN     NN     NN     NNNNNNN NNNNNNN NN      L
"""


def furnish(tenant: Tenant) -> None:
    """An application of the customer and of the reseller that an admin allows, and one that asks for the first time."""
    for prefix, below, who in (
        ("", "account", tenant.people["super admin"]),
        ("reseller_", "staff", tenant.staff["admin"]),
    ):
        account = application(who, USERS, "email", name="Reports").account
        consent = allow_application(actor=Actor(user=who), account=account, scopes=[USERS])
        tenant.rows |= {f"{prefix}application": account, f"{prefix}consent": consent}
        tenant.arguments[f"{below}/applications/<int:account_id>"] = {"account_id": account.pk}
    asks = Program(application(tenant.people["super admin"], name="Planner"))
    tenant.queries["oauth_consent"] = asks.url().partition("?")[2]


def new(_sender: Sender) -> Data:
    return {"name": "Wiki", "where": "public", "scopes": [USERS]}


def fewer(_sender: Sender) -> Data:
    """One of the two that it has."""
    return {"scopes": [USERS]}


def posts(prefix: str) -> dict[str, Post]:
    def named(sender: Sender) -> Data:
        return {"consent": sender.world.acme.rows[f"{prefix}consent"].pk}

    def client(sender: Sender) -> list[Model]:
        return [Client.objects.get(application=sender.world.acme.rows[page].pk)]

    page = f"{prefix}application"
    return {
        f"{page}_new": Post(new, adds=(ServiceAccount, Client, Kept, AuditEvent)),
        f"{page}_change": Post(fewer, changes=row(page, ServiceAccount), adds=(AuditEvent,)),
        f"{page}_secret": Post(changes=client, adds=(Kept, AuditEvent)),
        f"{page}_end": Post(changes=row(page, ServiceAccount), adds=(AuditEvent,)),
        f"{page}_consent_end": Post(named, changes=row(f"{prefix}consent", Consent), adds=(AuditEvent,)),
    }


def own(sender: Sender) -> Data:
    return {"consent": sender.world.acme.rows["consent"].pk}


def own_row(sender: Sender) -> list[Model]:
    return list(Consent.objects.filter(pk=sender.world.acme.rows["consent"].pk, person=sender.me))


def more_applications(world: World) -> None:
    """As many as fill a page; most of them are ended."""
    for owner in (world.acme.customer, world.acme.reseller):
        first = applications_of(owner).order_by("pk").first()
        assert first is not None
        for number in range(MANY):
            client = Client.objects.create(id=f"{owner.primary_domain} {number}", secret="")
            ServiceAccount.objects.create(
                customer=first.customer,
                reseller=first.reseller,
                name=f"Application {number}",
                email=f"application {number} of {owner.primary_domain}",
                oauth_client=client,
                made_by=first.made_by,
                deleted_at=first.made_at,
            )


def more_people(world: World) -> None:
    """As many as are shown allow each application."""
    for prefix, owner in (("", world.acme.customer), ("reseller_", world.acme.reseller)):
        account = world.acme.rows[f"{prefix}application"]
        people = [make_person(owner, name=f"Allowing {number}") for number in range(MANY)]
        Consent.objects.bulk_create(Consent(account=account, person=person, scopes=[USERS]) for person in people)


def more_of_one(world: World) -> None:
    """As many as are shown are allowed by one person."""
    person: User = world.acme.people["super admin"]
    more_applications(world)
    found = applications_of(world.acme.customer).exclude(deleted_at=None)
    found.update(deleted_at=None)
    allowed = applications_of(world.acme.customer).exclude(consents__person=person)
    Consent.objects.bulk_create(
        Consent(account=each, person=person, scopes=[USERS], session_hash=person.get_session_auth_hash())
        for each in allowed
    )


PAGES, STANDING = "tests/web/test_application_pages.py", "tests/api/test_consent_standing.py"
AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        **posts(""),
        **posts("reseller_"),
        "oauth_consent": Post(lambda sender: {"answer": "allow"}, adds=(Consent, Token, AuditEvent)),
        "own_applications": Post(own, changes=own_row, adds=(AuditEvent,)),
    },
    lists=(
        List("applications", ADMIN, more_applications),
        List("application", ADMIN, more_people),
        List("reseller_applications", RESELLER_ADMIN, more_applications),
        List("reseller_application", RESELLER_ADMIN, more_people),
        List("own_applications", ADMIN, more_of_one),
    ),
    one_object={
        "oauth_consent": "one question",
        **{
            f"{prefix}application_{page}": why
            for prefix in ("", "reseller_")
            for page, why in (
                ("new", "a form"),
                ("change", "a form"),
                ("ready", "where a file is offered"),
                ("file", "a file"),
            )
        },
    },
    unlinked={
        "oauth_consent": "where an application leads people",
        **{
            f"{prefix}application_{page}": "where the form leads, once"
            for prefix in ("", "reseller_")
            for page in ("ready", "file")
        },
    },
    scope_tests={
        "accounts.Consent": (PAGES, "test_X7_a_stranger_s_application_is_no_page"),
    },
    no_tenant={"accounts.SigningKey": "of the installation, which says to all who somebody is"},
    verb_modules=(
        "accounts.applications.registering",
        "accounts.applications.changing",
        "accounts.applications.allowing",
        "accounts.applications.ending",
    ),
    no_verbs={
        "accounts.applications.registering.new_secret": "makes a text",
        "accounts.applications.allowing.in_force": "a query set",
        "accounts.applications.allowing.consents_of": "a query set",
        "accounts.applications.allowing.consents_to": "a query set",
        "accounts.applications.allowing.organisation_of": "a question",
        "accounts.applications.ending.give_back_consent": "of the application that shows a token",
        "accounts.applications.ending.end_copied": "part of the answer to an application",
        "accounts.applications.ending.end_all_consents": "part of the verb that restores a backup",
        "accounts.applications.ending.forget_expired_exchanges": "cleaning up",
    },
)
