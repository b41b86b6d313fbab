"""What only machines ask for, beside the rows of the pages (tests/contract/areas)."""

from __future__ import annotations

from accounts.actor import Actor
from accounts.directory.devices import enrol_device
from accounts.event_families import Family
from accounts.models import ConsoleSession
from accounts.models.domains import DomainKind
from accounts.own_domains.adding import add_domain
from accounts.roles import Role
from accounts.webhooks.channels import Watch, begin_channel
from subscriptions import lifecycle
from subscriptions.models import Licence, Sku, Subscription
from subscriptions.models.subscription import Plan
from subscriptions.notified import register_account
from support.commenting import add_to_case
from tests.accounts.webhooks.receiver import listen
from tests.api.machines import account_of
from tests.contract.world import Tenant
from tests.factories import make_person


def furnish(tenant: Tenant) -> None:
    """Make one of each for a tenant, under the names that ids_of() in asks.py looks for."""
    customer, admin, seller = tenant.customer, Actor(tenant.people["super admin"]), Actor(tenant.staff["admin"])
    tenant.rows |= {
        "telephone": enrol_device(actor=None, customer=customer, kind="android", serial_number=f"{tenant.domain}-2"),
        "domain alias": add_domain(
            actor=None, organisation=customer, name=f"alias-{tenant.domain}", kind=DomainKind.ALIAS
        ),
        "trial": _order(tenant, "1010330003", Plan.TRIAL, None),
        "annual": _order(tenant, "Google-Vault", Plan.ANNUAL_MONTHLY_PAY, 5),
        "paused": _order(tenant, "1010400001", Plan.FLEXIBLE, 5),
    }
    _order(tenant, "1010020028", Plan.FLEXIBLE, 5)
    lifecycle.suspend_subscription(actor=seller, subscription=tenant.rows["paused"])
    tenant.rows["second admin"] = make_person(customer, Role.SUPER_ADMIN, name=f"{customer.name} Second Admin")
    tenant.rows["open visit"] = ConsoleSession.objects.filter(customer=customer, ended_at=None).earliest("pk")
    add_to_case(actor=admin, case_id=tenant.case.pk, text="It goes on.")
    Licence.objects.create(
        customer=customer, subscription=tenant.sold, user=tenant.people["auditor"], product=tenant.sold.sku.product
    )
    tenant.rows["registered account"] = account_of(tenant.staff["admin"])
    listen(tenant.staff["admin"], "https://program.example/told", Family.SUBSCRIPTIONS, name="Sales")
    register_account(actor=seller, reseller=tenant.reseller, email=tenant.rows["registered account"].email)
    tenant.rows["channel"] = begin_channel(
        actor=Actor.of_machine(account_of(admin.user), admin.user, None),
        watch=Watch(f"channel-{customer.customer_id}", "https://program.example/heard", "", _WATCHED, "/"),
    )


_WATCHED = {"userKey": "all", "applicationName": "admin"}


def _order(tenant: Tenant, sku: str, plan: Plan, seats: int | None) -> Subscription:
    offer = lifecycle.Offer(Sku.objects.get(pk=sku), plan, seats)
    return lifecycle.place_order(actor=None, customer=tenant.customer, reseller=tenant.reseller, offer=offer)
