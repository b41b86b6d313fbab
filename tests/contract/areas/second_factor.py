"""The second factor (P12): one's own passkeys, app and recovery codes, and signing in with them."""

from __future__ import annotations

import json

from allauth.mfa.models import Authenticator
from django.db.models import Model
from django.urls import reverse

from accounts.factors import factors_of
from accounts.models import AuditEvent, ConsoleSession, Kept, Mail, User
from accounts.proof import PROVED_AT
from accounts.sign_in.factor_adapter import FactorAdapter
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, List
from tests.contract.world import Tenant, World
from tests.second_factors import Device, code_of, give_app, give_passkey

TABLE = """
GET  second_step                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST second_step                           NNNNNNNL NNNNNNN NNNNL  NN     NN     NN     NNNNNNN NNNNNNN NN      L
GET  passkey_sign_in                       OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST passkey_sign_in                       NNNNNNNL NNNNNNN NNNNL  NN     NN     NN     NNNNNNN NNNNNNN NN      L
GET  fresh_proof                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST fresh_proof                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  second_factor                         OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  second_factor_app                     OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST second_factor_app                     OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  passkey_add                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST passkey_add                           OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
GET  passkey_rename                        OAAAAAAL AAAAAAA AAAAL  AA     AA     AA     AAAAAAA AAAAAAA AA      L
POST passkey_rename                        OAAAAAAL AAAAAAA AAAAL  AA     AA     AA     AAAAAAA AAAAAAA AA      L
GET  factor_remove                         OAAAAAAL AAAAAAA AAAAL  AA     AA     AA     AAAAAAA AAAAAAA AA      L
POST factor_remove                         OAAAAAAL AAAAAAA AAAAL  AA     AA     AA     AAAAAAA AAAAAAA AA      L
GET  recovery_codes                        OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
POST recovery_codes                        OOOOOOOL OOOOOOO OOOOL  OO     OO     OO     OOOOOOO OOOOOOO OO      L
"""


def furnish(tenant: Tenant) -> None:
    """The super admin has two passkeys."""
    person = tenant.people["super admin"]
    for name in ("Laptop", "Telephone"):
        give_passkey(person, name)
    first = factors_of(person)[0]
    tenant.rows["passkey"] = first
    tenant.arguments["<int:factor_id>"] = {"factor_id": first.pk}


def more_passkeys(world: World) -> None:
    person = world.acme.people["super admin"]
    row = Authenticator.objects.filter(user=person).first()
    Authenticator.objects.bulk_create(
        Authenticator(user=person, type="webauthn", data=row.data | {"name": f"Key {number}"}) for number in range(MANY)
    )


def not_the_first(sender: Sender) -> User | None:
    """The sender, with a second factor: the first one of a person brings recovery codes along."""
    if sender.me is not None and not factors_of(sender.me).exists():
        give_passkey(sender.me)
    return sender.me


def first_code(sender: Sender) -> Data:
    if not_the_first(sender) is None or sender.client.get(reverse("second_factor_app")).status_code != 200:
        return {"code": "000000"}
    return {"code": code_of(FactorAdapter().decrypt(sender.client.session["second_factor_secret"]))}


def new_passkey(sender: Sender) -> Data:
    person = not_the_first(sender)
    page = sender.client.get(reverse("passkey_add"))
    if person is None or page.status_code != 200:
        return {"name": "Key", "credential": "{}"}
    made = Device(person).make(page.context["options"]["publicKey"])
    return {"name": "Key", "credential": json.dumps(made)}


def secret_of_app(person: User) -> str:
    """The secret of the app that a person has, or gets."""
    row = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    return FactorAdapter().decrypt(row.data["secret"]) if row else give_app(person)


def with_an_app(sender: Sender) -> Data:
    if sender.me is not None:
        secret_of_app(sender.me)
    return {}


def is_proved(sender: Sender) -> bool:
    return PROVED_AT in sender.client.session


def proof(sender: Sender) -> Data:
    """A code: the password proves nothing of a person with a second factor, as some of the world are."""
    return {"code": code_of(secret_of_app(sender.me)) if sender.me else "000000"}


def inside_still(sender: Sender) -> list[Model]:
    """Who is inside a console stays there under the new key of the session."""
    key = sender.client.session.session_key
    return list(ConsoleSession.objects.filter(session_key=key, ended_at=None))


def the_passkey(sender: Sender) -> list[Model]:
    return [sender.world.acme.rows["passkey"]]


AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "second_step": Post(lambda sender: {"code": "000000"}),
        "passkey_sign_in": Post(lambda sender: {"credential": "{}"}),
        "fresh_proof": Post(proof, inside_still, (Authenticator,), proof=is_proved),
        "second_factor_app": Post(first_code, adds=(Authenticator, AuditEvent, Mail)),
        "passkey_add": Post(new_passkey, adds=(Authenticator, AuditEvent, Mail)),
        "passkey_rename": Post(lambda sender: {"name": "Old laptop"}, the_passkey, (AuditEvent, Mail)),
        "factor_remove": Post(changes=the_passkey, adds=(AuditEvent, Mail)),
        "recovery_codes": Post(with_an_app, adds=(Authenticator, AuditEvent, Mail, Kept)),
    },
    lists=(List("second_factor", ADMIN, more_passkeys),),
    one_object={
        "second_step": "one person who signs in",
        "passkey_sign_in": "what one browser is asked for",
        "fresh_proof": "one question",
        "second_factor_app": "one secret",
        "passkey_add": "one new passkey",
        "passkey_rename": "one passkey",
        "factor_remove": "GET leads back to second_factor",
        "recovery_codes": "the ten codes of one person",
    },
    unlinked={
        "fresh_proof": "sent there by what gives something",
        "second_step": "sent there by the password of a person with a second factor",
        "passkey_sign_in": "asked by the script of the sign-in page",
        "factor_remove": "a form; GET leads back to the page",
        "recovery_codes": "sent there by the first factor, and by making new codes",
    },
    verb_modules=("accounts.sign_in.enrolling",),
    no_verbs={"accounts.sign_in.enrolling.new_app_secret": "a random text"},
)
