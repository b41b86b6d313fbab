"""Domains (P9): of a customer for its super admins, of a reseller for its admins; never for those from outside."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F, Model
from django.db.models.functions import Now

from accounts.models import AuditEvent, Customer, Domain, Reseller
from accounts.own_domains.adding import add_domain
from accounts.own_domains.deciding import verify_domain
from subscriptions.models import AccessGrant
from tests.contract.areas.area import Area
from tests.contract.cases import Data, Post, Sender
from tests.contract.lists import ADMIN, MANY, RESELLER_ADMIN, List
from tests.contract.world import Tenant, World

TABLE = """
GET  domains                               ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  customer_profile                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST customer_profile                      ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  domain_add                            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST domain_add                            ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  own_domain                            ODDDDODL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST domain_check                          ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST domain_remove                         ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  domain_primary                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
POST domain_primary                        ODDDDDDL DDDDAAA DDDDL  DD     AA     AA     AAAAAAA AAAAAAA AA      L
GET  reseller_domains                      AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_domain_add                   AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
POST reseller_domain_add                   AAAAAAAL ODDDDDD ODDDL  OD     DD     AA     AAAAAAA ODDDDDD OD      L
GET  reseller_own_domain                   AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_domain_check                 AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_domain_remove                AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
GET  reseller_domain_primary               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
POST reseller_domain_primary               AAAAAAAL ODDDDDD ODDDL  AD     DD     AA     AAAAAAA ADDDDDD AD      L
"""


def furnish(tenant: Tenant) -> None:
    """For customer and reseller: a domain that is not verified, and a verified one that could be primary."""
    for owner, prefix in ((tenant.customer, ""), (tenant.reseller, "reseller_")):
        name = owner.primary_domain
        added = add_domain(actor=None, organisation=owner, name=f"added-{name}")
        verified = verify_domain(
            actor=None, organisation=owner, name=f"verified-{name}", reason="The contract names it"
        )
        tenant.rows[f"{prefix}added domain"], tenant.rows[f"{prefix}verified domain"] = added, verified
        for page in ("own_domain", "domain_check", "domain_remove"):
            tenant.arguments[f"{prefix}{page}"] = {"domain_id": added.pk}
        tenant.arguments[f"{prefix}domain_primary"] = {"domain_id": verified.pk}


def new(sender: Sender) -> Data:
    """A name that nobody has, another for each sender: what one may add, another may not any more."""
    return {"name": f"new{sender.me.pk if sender.me else 0}.example", "kind": "secondary"}


def called(sender: Sender) -> Data:
    return {"name": "Acme Changed", "locality": "Hamburg"}


def the_customer(sender: Sender) -> list[Model]:
    return [Customer.objects.get(pk=sender.world.acme.customer.pk)]


def the(name: str) -> Callable[[Sender], list[Model]]:
    return lambda sender: [Domain.objects.get(pk=sender.world.acme.rows[name].pk)]


def with_its_copies(sender: Sender) -> list[Model]:
    """The customer, its two domains, and what copies its primary one."""
    acme = sender.world.acme
    rows = Domain.objects.filter(customer=acme.customer, name__in=[acme.domain, f"verified-{acme.domain}"])
    grants = AccessGrant.objects.filter(customer=acme.customer)
    return [Customer.objects.get(pk=acme.customer.pk), *rows, *grants]


def reseller_with_domains(sender: Sender) -> list[Model]:
    name = sender.world.acme.reseller.primary_domain
    if sender.me is not None and sender.me.reseller is not None:
        name = sender.me.reseller.primary_domain
    rows = Domain.objects.filter(name__in=[name, f"verified-{name}"])
    return [Reseller.objects.get(primary_domain=name), *rows]


def more_domains(world: World) -> None:
    for owner in (world.acme.customer, world.acme.reseller):
        for number in range(MANY):
            add_domain(actor=None, organisation=owner, name=f"more{number}-{owner.primary_domain}")
            Domain.objects.filter(verified_at=None).exclude(name__startswith="added").update(
                verified_at=Now(), verified_how="txt", reason=F("name")
            )


EVENTS = (AuditEvent,)
AREA = Area(
    table=TABLE,
    furnish=furnish,
    posts={
        "customer_profile": Post(called, the_customer, EVENTS),
        "domain_add": Post(new, adds=(Domain, *EVENTS)),
        "domain_check": Post(changes=the("added domain"), adds=EVENTS),
        "domain_remove": Post(changes=the("added domain"), adds=EVENTS),
        "domain_primary": Post(changes=with_its_copies, adds=EVENTS),
        "reseller_domain_add": Post(new, adds=(Domain, *EVENTS)),
        "reseller_domain_check": Post(changes=the("reseller_added domain"), adds=EVENTS),
        "reseller_domain_remove": Post(changes=the("reseller_added domain"), adds=EVENTS),
        "reseller_domain_primary": Post(changes=reseller_with_domains, adds=EVENTS),
    },
    lists=(List("domains", ADMIN, more_domains), List("reseller_domains", RESELLER_ADMIN, more_domains)),
    one_object={
        "customer_profile": "one customer",
        "domain_add": "an empty form",
        "own_domain": "one domain",
        "domain_primary": "one domain",
        "reseller_domain_add": "an empty form",
        "reseller_own_domain": "one domain",
        "reseller_domain_primary": "one domain",
    },
    scope_tests={"accounts.Domain": ("tests/web/test_domains_pages.py", "test_P9_a_stranger_s_domain_is_no_page")},
    verb_modules=(
        "accounts.profile",
        "accounts.own_domains.adding",
        "accounts.own_domains.deciding",
        "accounts.own_domains.primary",
        "accounts.own_domains.removing",
        "accounts.own_domains.collisions",
    ),
    no_verbs={
        "accounts.profile.clean_alternate_email": "spelling",
        "accounts.profile.write_reached": "part of the verbs that have locked the customer and asked",
        "accounts.own_domains.deciding.let_the_next_have": "part of verbs: what becomes of a name that is free",
    },
)
