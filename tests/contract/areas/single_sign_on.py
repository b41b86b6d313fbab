"""Single sign-on (P15): of a customer for its super admins, of a reseller for its admins; never from outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from allauth.socialaccount.internal.statekit import STATES_SESSION_KEY
from allauth.socialaccount.models import SocialAccount
from django.db.models import Model
from django.db.models.functions import Now

from accounts.encrypting import lock_for
from accounts.models import AuditEvent, Customer, IdentityProvider
from accounts.single_sign_on.client import SECRETS
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.world import Tenant
from tests.identity_provider.strange import standing_issuer

TABLE = """
GET  provider_callback                     OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  single_sign_on                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST single_sign_on                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST single_sign_on_test                   ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST single_sign_on_on                     ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST single_sign_on_off                    ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST single_sign_on_remove                 ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST single_sign_on_unlink                 ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_single_sign_on               AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_single_sign_on               AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_single_sign_on_test          AAAAAAAL ODDDDDD ODDDL  ND     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_single_sign_on_on            AAAAAAAL ODDDDDD ODDDL  ND     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_single_sign_on_off           AAAAAAAL ODDDDDD ODDDL  ND     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_single_sign_on_remove        AAAAAAAL ODDDDDD ODDDL  ND     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_single_sign_on_unlink        AAAAAAAL ODDDDDD ODDDL  ND     DD     AA     AAAAAAA ODDDDDD OD      L
"""


def furnish(tenant: Tenant) -> None:
    """Customer and reseller have a provider that is tested, with a link, and not switched on."""
    for owner, prefix in ((tenant.customer, ""), (tenant.reseller, "reseller_")):
        columns = {"customer": owner} if isinstance(owner, Customer) else {"reseller": owner}
        secret = lock_for(SECRETS).encrypt(b"secret").decode()
        values = {"issuer": standing_issuer(), "client_id": "console", "secret": secret, "tested_at": Now()}
        row = IdentityProvider.objects.create(**columns, **values)
        person = owner.people.order_by("pk")[0]
        tenant.rows[f"{prefix}provider"] = row
        tenant.rows[f"{prefix}link"] = SocialAccount.objects.create(provider=row.key, uid="one subject", user=person)
    tenant.arguments["<uuid:key>"] = {"key": uuid4()}


def row_of(sender: Sender, name: str = "provider") -> Any:
    """What was made for Acme, or for the sender's own reseller where that is one of the two."""
    world, me = sender.world, sender.me
    if me is None or me.reseller is None:
        return world.acme.rows[name]
    tenants = [tenant for tenant in (world.acme, world.globex) if tenant.reseller == me.reseller]
    return tenants[0].rows[f"reseller_{name}"] if tenants else None


def set_up_again(sender: Sender) -> Data:
    """Set up from the beginning, as who has no provider does."""
    IdentityProvider.objects.filter(pk__in=[row.pk for row in the_provider(sender)]).delete()
    return {"issuer": standing_issuer(), "client_id": "another", "secret": "another"}


def seen(sender: Sender) -> Data:
    return {"seen": str(row.version) if (row := row_of(sender)) else ""}


def switched_on(sender: Sender) -> Data:
    IdentityProvider.objects.filter(pk__in=[row.pk for row in the_provider(sender)]).update(switched_on_at=Now())
    return {}


def is_off_again(sender: Sender) -> bool:
    return AuditEvent.objects.filter(name="TOGGLE_SSO_ENABLED", actor_id=sender.me.pk).exists() if sender.me else False


def whose_link(sender: Sender) -> Data:
    return {"address": link.user.email if (link := row_of(sender, "link")) else "nobody@example.com"}


def the(*names: str) -> Callable[[Sender], list[Model]]:
    return lambda sender: [row for name in names if (row := row_of(sender, name))]


the_provider = the("provider")


def is_under_way(sender: Sender) -> bool:
    return STATES_SESSION_KEY in sender.client.session


def posts(prefix: str) -> dict[str, Post]:
    events = (AuditEvent,)
    return {
        f"{prefix}single_sign_on": Post(set_up_again, the_provider, (IdentityProvider, *events)),
        f"{prefix}single_sign_on_test": Post(proof=is_under_way),
        f"{prefix}single_sign_on_on": Post(seen, the_provider, events),
        f"{prefix}single_sign_on_off": Post(switched_on, adds=events, proof=is_off_again),
        f"{prefix}single_sign_on_remove": Post(changes=the("provider", "link"), adds=events),
        f"{prefix}single_sign_on_unlink": Post(whose_link, the("link"), events),
    }


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts=posts("") | posts("reseller_"),
    one_object={
        "single_sign_on": "one provider",
        "reseller_single_sign_on": "one provider",
        "provider_callback": "one answer of a provider",
    },
    unlinked={"provider_callback": "providers lead there"},
    scope_tests={
        "accounts.IdentityProvider": (
            "tests/accounts/test_provider_sign_in.py",
            "test_P15_a_provider_signs_in_nobody_of_another_organisation",
        )
    },
    verb_modules=("accounts.single_sign_on.recognising", "accounts.single_sign_on.setting_up"),
    no_verbs={
        "accounts.single_sign_on.recognising.linked_with": "a question",
        "accounts.single_sign_on.recognising.own_people": "a question",
        "accounts.single_sign_on.setting_up.switched_on": "a query set",
        "accounts.single_sign_on.setting_up.switch_all_off": "part of the verb that restores a backup",
    },
)
