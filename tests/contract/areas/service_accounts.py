"""Service accounts (X2): made by super admins and reseller admins, never from outside."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Model

from accounts.actor import Actor
from accounts.machines.keys import make_key
from accounts.machines.owning import accounts_of
from accounts.machines.scopes import PREFIX
from accounts.machines.service_accounts import make_service_account, suspend_service_account
from accounts.models import AuditEvent, Kept, ServiceAccount, ServiceAccountKey
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World

TABLE = """
GET  service_accounts                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  service_account_new                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_new                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  service_account                       ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  service_account_scopes                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_scopes                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_suspend               ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_restore               ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_delete                ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  service_account_key_new               ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_key_new               ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  service_account_key_ready             ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  service_account_key_file              ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  service_account_key_rotate            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_key_rotate            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST service_account_key_revoke            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_service_accounts             AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_service_account_new          AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_service_account_new          AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_service_account              AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_service_account_scopes       AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_service_account_scopes       AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_service_account_suspend      AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_service_account_restore      AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_service_account_delete       AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_service_account_key_new      AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_service_account_key_new      AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_service_account_key_ready    AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_service_account_key_file     AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_service_account_key_rotate   AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_service_account_key_rotate   AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_service_account_key_revoke   AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
"""
USERS, GROUPS = f"{PREFIX}admin.directory.user", f"{PREFIX}admin.directory.group"


def furnish(tenant: Tenant) -> None:
    """An account with a key of the customer and of the reseller, and one of each that is suspended."""
    for owner, prefix, who in (
        (tenant.customer, "", tenant.people["super admin"]),
        (tenant.reseller, "reseller_", tenant.staff["admin"]),
    ):
        actor = Actor(user=who)
        account = make_service_account(actor=actor, organisation=owner, name="Backup", scopes=[USERS, GROUPS])
        other = make_service_account(actor=actor, organisation=owner, name="Nightly", scopes=[USERS])
        suspend_service_account(actor=actor, account=other)
        key = make_key(actor=actor, account=account, days=90).key
        tenant.rows |= {f"{prefix}account": account, f"{prefix}suspended account": other, f"{prefix}key": key}
        for page in ("", "_scopes", "_suspend", "_delete", "_key_new", "_key_ready", "_key_file"):
            tenant.arguments[f"{prefix}service_account{page}"] = {"account_id": account.pk}
        tenant.arguments[f"{prefix}service_account_restore"] = {"account_id": other.pk}
        for page in ("_key_rotate", "_key_revoke"):
            tenant.arguments[f"{prefix}service_account{page}"] = {"account_id": account.pk, "key_id": key.pk}


def new(_sender: Sender) -> Data:
    return {"name": "Figures", "scopes": [USERS]}


def fewer(_sender: Sender) -> Data:
    """One of the two that it has."""
    return {"scopes": [USERS]}


def new_key(_sender: Sender) -> Data:
    return {"days": "90"}


def rotation(_sender: Sender) -> Data:
    return {"overlap": "7"}


def row(name: str, model: type[Model]) -> Callable[[Sender], list[Model]]:
    """What a form changes: one row of a tenant."""

    def changes(sender: Sender) -> list[Model]:
        return [model._default_manager.get(pk=sender.world.acme.rows[name].pk)]

    return changes


def posts(prefix: str) -> dict[str, Post]:
    account, key = row(f"{prefix}account", ServiceAccount), row(f"{prefix}key", ServiceAccountKey)
    page = f"{prefix}service_account"
    return {
        f"{page}_new": Post(new, adds=(ServiceAccount, AuditEvent)),
        f"{page}_scopes": Post(fewer, changes=account, adds=(AuditEvent,)),
        f"{page}_suspend": Post(changes=account, adds=(AuditEvent,)),
        f"{page}_restore": Post(changes=row(f"{prefix}suspended account", ServiceAccount), adds=(AuditEvent,)),
        f"{page}_delete": Post(changes=account, adds=(AuditEvent,)),
        f"{page}_key_new": Post(new_key, adds=(ServiceAccountKey, Kept, AuditEvent)),
        f"{page}_key_rotate": Post(rotation, changes=key, adds=(ServiceAccountKey, Kept, AuditEvent)),
        f"{page}_key_revoke": Post(changes=key, adds=(AuditEvent,)),
    }


def more_accounts(world: World) -> None:
    """As many as fill a page; most of them are deleted."""
    for owner in (world.acme.customer, world.acme.reseller):
        first = accounts_of(owner).first()
        assert first is not None
        ServiceAccount.objects.bulk_create(
            ServiceAccount(
                customer=first.customer,
                reseller=first.reseller,
                name=f"Account {number}",
                email=f"{owner.primary_domain} {number}",
                made_by=first.made_by,
                deleted_at=first.made_at,
            )
            for number in range(MANY - 1)
        )


def more_keys(world: World) -> None:
    """As many as are shown."""
    for prefix in ("", "reseller_"):
        first = ServiceAccountKey.objects.get(pk=world.acme.rows[f"{prefix}key"].pk)
        ServiceAccountKey.objects.bulk_create(
            ServiceAccountKey(
                account=first.account,
                kid=f"{prefix}{number}",
                certificate=first.certificate,
                made_by=first.made_by,
                expires_at=first.expires_at,
                revoked_at=first.made_at,
            )
            for number in range(MANY)
        )


PAGES = "tests/web/test_service_account_pages.py"
FORMS = ("new", "scopes", "key_new", "key_rotate")
AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={**posts(""), **posts("reseller_")},
    lists=(
        List("service_accounts", ADMIN, more_accounts),
        List("service_account", ADMIN, more_keys),
        List("reseller_service_accounts", RESELLER_ADMIN, more_accounts),
        List("reseller_service_account", RESELLER_ADMIN, more_keys),
    ),
    no_tenant={"accounts.KeptOutMachine": "read through its customer only"},
    one_object={
        **{f"{prefix}service_account_{form}": "a form" for prefix in ("", "reseller_") for form in FORMS},
        **{f"{prefix}service_account_key_ready": "where a file is offered" for prefix in ("", "reseller_")},
        **{f"{prefix}service_account_key_file": "a file" for prefix in ("", "reseller_")},
    },
    unlinked={
        f"{prefix}service_account_key_{page}": "where the form leads, once"
        for prefix in ("", "reseller_")
        for page in ("ready", "file")
    },
    scope_tests={
        "accounts.ServiceAccount": (
            "tests/web/test_service_account_pages.py",
            "test_X2_a_stranger_s_account_is_no_page",
        ),
        "accounts.ServiceAccountKey": (
            "tests/web/test_service_account_pages.py",
            "test_X2_a_stranger_s_account_is_no_page",
        ),
        "accounts.ApiToken": ("tests/api/test_door_matrix.py", "test_X2_a_person_of_another_organisation"),
    },
    verb_modules=("accounts.machines.service_accounts", "accounts.machines.keys", "accounts.console_sessions.machines"),
    no_verbs={
        "accounts.machines.keys.keys_of": "a query set",
        "accounts.machines.keys.working_keys": "a query set",
        "accounts.machines.keys.published_certificates": "a question",
        "accounts.machines.keys.revoke_all_keys": "part of the verb that restores a backup",
        "accounts.console_sessions.machines.machine_inside": "a question",
    },
)
