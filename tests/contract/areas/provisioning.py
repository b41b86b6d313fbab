"""Provisioning (P15): tokens by super admins and reseller admins, never from outside."""

from __future__ import annotations

from django.db.models import Model

from accounts.actor import Actor
from accounts.models import AuditEvent, Kept, ScimToken
from accounts.provisioning.tokens import make_scim_token, tokens_of
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World

TABLE = """
GET  provisioning                          ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  provisioning_new                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST provisioning_new                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  provisioning_token                    ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST provisioning_replace                  ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST provisioning_revoke                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_provisioning                 AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_provisioning_new             AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_provisioning_new             AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_provisioning_token           AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_provisioning_replace         AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_provisioning_revoke          AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
"""


def furnish(tenant: Tenant) -> None:
    """A token of the customer and one of the reseller."""
    for owner, prefix, who in (
        (tenant.customer, "", tenant.people["super admin"]),
        (tenant.reseller, "reseller_", tenant.staff["admin"]),
    ):
        make_scim_token(actor=Actor(user=who), organisation=owner, name="Entra ID", days=90, invites_people=False)
        token = tokens_of(owner).get()
        tenant.rows[f"{prefix}scim token"] = token
        for page in ("provisioning_replace", "provisioning_revoke"):
            tenant.arguments[f"{prefix}{page}"] = {"scim_token_id": token.pk}


def new(_sender: Sender) -> Data:
    return {"name": "Okta", "days": "180"}


def customers_token(sender: Sender) -> list[Model]:
    return [ScimToken.objects.get(pk=sender.world.acme.rows["scim token"].pk)]


def resellers_token(sender: Sender) -> list[Model]:
    return [ScimToken.objects.get(pk=sender.world.acme.rows["reseller_scim token"].pk)]


def more_tokens(world: World) -> None:
    """As many as fill a page; most of them are over."""
    for owner in (world.acme.customer, world.acme.reseller):
        first = tokens_of(owner).first()
        assert first is not None
        ScimToken.objects.bulk_create(
            ScimToken(
                customer=first.customer,
                reseller=first.reseller,
                name=f"Token {number}",
                digest=f"{owner.primary_domain} {number}",
                made_by=first.made_by,
                expires_at=first.expires_at,
                revoked_at=first.made_at,
            )
            for number in range(MANY)
        )


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "provisioning_new": Post(new, adds=(ScimToken, Kept, AuditEvent)),
        "provisioning_replace": Post(changes=customers_token, adds=(Kept, AuditEvent)),
        "provisioning_revoke": Post(changes=customers_token, adds=(AuditEvent,)),
        "reseller_provisioning_new": Post(new, adds=(ScimToken, Kept, AuditEvent)),
        "reseller_provisioning_replace": Post(changes=resellers_token, adds=(Kept, AuditEvent)),
        "reseller_provisioning_revoke": Post(changes=resellers_token, adds=(AuditEvent,)),
    },
    lists=(List("provisioning", ADMIN, more_tokens), List("reseller_provisioning", RESELLER_ADMIN, more_tokens)),
    one_object={
        "provisioning_new": "an empty form",
        "provisioning_token": "a token that is shown once",
        "reseller_provisioning_new": "an empty form",
        "reseller_provisioning_token": "a token that is shown once",
    },
    unlinked={
        "provisioning_token": "where the form leads, once",
        "reseller_provisioning_token": "where the form leads, once",
    },
    scope_tests={
        "accounts.ScimToken": ("tests/web/test_provisioning_pages.py", "test_P15_a_stranger_s_token_is_no_page"),
        "accounts.Provisioned": ("tests/api/test_scim_people.py", "test_P15_a_stranger_s_person_is_no_person"),
    },
    verb_modules=("accounts.provisioning.tokens", "accounts.provisioning.recording"),
    no_verbs={
        "accounts.provisioning.tokens.digest_of": "spelling",
        "accounts.provisioning.tokens.tokens_of": "a query set",
        "accounts.provisioning.tokens.working_tokens": "a query set",
        "accounts.provisioning.tokens.revoke_all_tokens": "part of the verb that restores a backup",
    },
)
