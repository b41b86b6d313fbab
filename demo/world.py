"""The example world, made by the verbs in the order in which it happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle

from django.conf import settings
from django.db import connection, transaction

from accounts import organisations, staffing
from accounts.actor import Actor
from accounts.clock import database_now
from accounts.directory import people
from accounts.locking import lock_customer
from accounts.models import Customer, User
from accounts.roles import Role
from demo import acme, activations, bulk, cast, helped, notices, reviews, support, visits, workplace
from demo.cast import (
    ACME,
    CHROME,
    LUMIERE,
    NORTHWIND,
    OFFICE,
    PAUSED,
    PLUS,
    RESALE_ONE,
    STANDARD,
    STARTER,
    VAULT,
    VOICE,
    Sale,
)
from demo.clock import past, stand_back
from demo.scene import Scene
from demo.workforce import MONTHS
from subscriptions import lifecycle
from subscriptions.access import ending, propagation
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.extent import Extent
from subscriptions.access.outbox import Step, queue
from subscriptions.lifecycle.settling import settle_due_subscriptions
from subscriptions.models import AccessGrant, Sku, Subscription
from subscriptions.models.level import Level
from subscriptions.models.standing import Standing
from subscriptions.models.subscription import Plan

# Any number of ours: two loads at once wait for each other here.
LOCK = 7_341_902


@transaction.atomic
def load() -> bool:
    """Make the example world, all of it or nothing; returns False where it is there already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if Customer.objects.filter(primary_domain=ACME).exists():
        return False
    with past():
        _live_through(Scene())
    return True


def _live_through(scene: Scene) -> None:
    _live_through_a_year(scene)
    notices.tell_nobody_of_the_year()
    _live_through_the_last_weeks(scene)
    _live_through_the_last_days(scene)
    _days_ago(0)
    acme.live_through(scene, 0)
    support.live_with_support(scene, 0)
    helped.answer()
    acme.settle_in(scene)
    bulk.leave_some_done(scene)
    _leave_some_under_way(scene)
    activations.leave_some_under_way(scene)
    notices.tell()
    notices.read_the_old_ones()


def _live_through_a_year(scene: Scene) -> None:
    _days_ago(400)
    _found_organisations(scene)
    _days_ago(396)
    for sale in cast.SALES:
        _order(scene, sale)
    propagation.apply_due_changes()
    _days_ago(394)
    _staff_resellers(scene)
    visits.tell_how_acme_pays(scene)
    acme.found(scene)
    for months_ago in range(MONTHS, 0, -1):
        _a_month_passes(scene, months_ago)
    _days_ago(29)
    _lose_customers(scene)
    propagation.apply_due_changes()


def _live_through_the_last_weeks(scene: Scene) -> None:
    _days_ago(21)
    _decide(scene, "ana@acme.example", RESALE_ONE, VOICE, allowed=True)
    _decide(scene, "claire@lumiere.example", RESALE_ONE, CHROME, allowed=True)
    _a_day_passes(21)
    _days_ago(20)
    _order(scene, cast.TRIAL)
    support.live_with_support(scene, 20)
    _days_ago(14)
    # Two admins within a minute: the first change is superseded by the second.
    _decide(scene, "bruno@acme.example", NORTHWIND, None, allowed=False)
    _decide(scene, "ana@acme.example", NORTHWIND, None, allowed=True)
    _decide(scene, "claire@lumiere.example", PAUSED, None, allowed=False)
    _a_day_passes(14)
    _a_day_passes(12)
    visits.visit(scene, ACME)
    _days_ago(10)
    workplace.staff(scene)
    workplace.order_customers(scene)
    support.live_with_support(scene, 10)
    _days_ago(7)
    _decide(scene, "ana@acme.example", NORTHWIND, None, allowed=False)
    for domain in scene.others()[3::9]:
        _decide(scene, f"admin@{domain}", RESALE_ONE, None, allowed=False)
    _open_less_than_everything(scene)
    _a_day_passes(7)


def _live_through_the_last_days(scene: Scene) -> None:
    _days_ago(5)
    list(ending.batches())
    visits.ask_for_reasons(scene)
    visits.visit(scene, LUMIERE, reason="Set up the two new shops in the directory", case_number="L-2207")
    visits.visit(scene, ACME)
    reviews.begin(scene)
    _days_ago(4)
    organisations.suspend_reseller(actor=scene.actors["olga@vendor.example"], reseller=scene.resellers[PAUSED])
    _days_ago(3)
    support.live_with_support(scene, 3)
    reviews.decide(scene)
    _days_ago(2)
    _decide(scene, "claire@lumiere.example", PAUSED, None, allowed=True)
    on_request = Extent(Level.DIRECTORY, standing=Standing.CASES)
    _decide(scene, "claire@lumiere.example", RESALE_ONE, None, allowed=True, extent=on_request)
    _a_day_passes(2)
    _days_ago(1)
    activations.be_let_in(scene)
    support.live_with_support(scene, 1)
    visits.ask_for_access(scene)
    acme.wait_for_a_second_super_admin(scene)


def _a_month_passes(scene: Scene, months_ago: int) -> None:
    """Let Acme grow, Resale One win some customers, and the system settle what became due."""
    _days_ago(30 * months_ago)
    settle_due_subscriptions()
    acme.live_through(scene, months_ago)
    _sell_to_others(scene, months_ago)
    propagation.apply_due_changes()


def _days_ago(days: int) -> None:
    stand_back(timedelta(days=days))


def _a_day_passes(days_ago: int) -> None:
    """Let everything decided on that day come into effect, as late as the settings allow (R7)."""
    stand_back(timedelta(days=days_ago, seconds=-settings.ACCESS_PROPAGATION_MAX))
    propagation.apply_due_changes()
    notices.tell()


def _found_organisations(scene: Scene) -> None:
    for account in cast.ACCOUNTS:
        if account.domain == cast.VENDOR_DOMAIN:
            _add_account(scene, account, actor=None)
    operator = scene.actors["olga@vendor.example"]
    for name, domain, address in cast.RESELLERS:
        scene.resellers[domain] = organisations.create_reseller(
            actor=operator, name=name, primary_domain=domain, postal_address=address
        )
    for name, domain in [*cast.CUSTOMERS, *cast.customers()]:
        scene.customers[domain] = organisations.create_customer(actor=operator, name=name, primary_domain=domain)
    for account in cast.ACCOUNTS:
        if account.domain != cast.VENDOR_DOMAIN:
            _add_account(scene, account, operator)
    for domain in scene.others():
        person = people.create_user(
            actor=operator,
            organisation=scene.customers[domain],
            email=f"admin@{domain}",
            name="Admin",
            roles=[Role.SUPER_ADMIN],
        )
        scene.actors[person.email] = Actor(person, OFFICE)


def _add_account(scene: Scene, account: cast.Account, actor: Actor | None) -> None:
    person = people.create_user(
        actor=actor,
        organisation=scene.organisation(account.domain),
        email=account.email,
        name=account.name,
        roles=account.roles,
    )
    person.language, person.time_zone, person.password = account.language, account.time_zone, scene.password
    person.save(update_fields=["language", "time_zone", "password"])
    scene.actors[account.email] = Actor(person, OFFICE)


def _sell_to_others(scene: Scene, months_ago: int) -> None:
    """Let a twelfth of the customers of the long list buy, so that their commitments end all over the year."""
    rosa = "rosa@resale-one.example"
    offers = zip(scene.others(), cycle((STARTER, STANDARD, PLUS)), cycle((8, 15, 40, 220)), strict=False)
    for number, (domain, sku, seats) in enumerate(offers):
        if MONTHS - number % (MONTHS - 1) == months_ago:
            _order(scene, Sale(rosa, domain, RESALE_ONE, sku, Plan.ANNUAL_MONTHLY_PAY, seats))
            if number % 7 == 0:
                _order(scene, Sale(rosa, domain, RESALE_ONE, VAULT, Plan.FLEXIBLE, 50))


def _order(scene: Scene, sale: Sale) -> None:
    lifecycle.place_order(
        actor=scene.actors[sale.by],
        customer=scene.customers[sale.customer],
        reseller=scene.resellers[sale.reseller] if sale.reseller else None,
        offer=lifecycle.Offer(Sku.objects.get(pk=sale.sku), sale.plan, sale.seats),
    )


def _staff_resellers(scene: Scene) -> None:
    """At Resale One two teams share the customers: the agent in the second one never sees Acme (P4)."""
    tom, mia, finn = (scene.actors[address].user for address in (cast.TOM, cast.MIA, cast.FINN))
    halves = scene.others()[::2], scene.others()[1::2]
    for name, agent, domains in (("Team North", tom, halves[0]), ("Team South", mia, halves[1])):
        _make_team(scene, "rosa@resale-one.example", name, agent, domains)
    _make_team(scene, "nora@northwind.example", "Dublin", finn, [ACME])
    own = [scene.customers[ACME], scene.customers[LUMIERE]]
    staffing.assign_customers_to_agent(actor=scene.actors["rosa@resale-one.example"], agent=tom, customers=own)


def _make_team(scene: Scene, admin: str, name: str, agent: User, domains: Sequence[str]) -> None:
    actor = scene.actors[admin]
    assert actor.user.reseller is not None
    team = staffing.create_team(actor=actor, reseller=actor.user.reseller, name=name)
    staffing.add_member(actor=actor, team=team, agent=agent)
    customers = [scene.customers[domain] for domain in domains]
    staffing.assign_customers_to_team(actor=actor, team=team, customers=customers)


def _lose_customers(scene: Scene) -> None:
    """One customer cancels, and another goes over to Northwind: access does not outlive the relation (R13)."""
    rosa = scene.actors["rosa@resale-one.example"]
    cancelled, moved = scene.others()[5], scene.others()[17]
    for subscription in Subscription.objects.filter(customer=scene.customers[cancelled]):
        lifecycle.cancel_subscription(actor=rosa, subscription=subscription)
    visits.go_to_northwind(scene, moved)


def _decide(
    scene: Scene, address: str, reseller: str, sku: str | None, *, allowed: bool, extent: Extent | None = None
) -> None:
    """Save one box of the page *Reseller access* as this admin leaves it; nothing where the relation has ended."""
    actor = scene.actors[address]
    assert actor.user.customer is not None
    customer, reseller_id = actor.user.customer, scene.resellers[reseller].pk
    subscription = customer.subscriptions.get(sku=sku, reseller=None).pk if sku else None
    grants = AccessGrant.objects.filter(customer=customer, reseller=reseller_id)
    if not grants.filter(subscription=None, ended_at=None).exists():
        return
    seen = grants.filter(subscription=subscription).values_list("generation", flat=True).first() or 0
    box = Desired(reseller_id, subscription, allowed, seen, extent)
    save_reseller_access(actor=actor, customer=customer, desired=[box], agreed=[reseller_id] if sku else ())


def _open_less_than_everything(scene: Scene) -> None:
    """Let some customers open a level, or for a time, or on request: one end has come by today (R16, R18, R20)."""
    month = timedelta(days=30)
    chosen = [Extent(Level.VIEW), Extent(Level.HELP_DESK, lasts=month), Extent(Level.LICENCES), Extent(lasts=month)]
    chosen.append(Extent(standing=Standing.NOTHING))
    for number, domain in enumerate(scene.others()[5::9]):
        extent = Extent(lasts=timedelta(days=1)) if number == 1 else chosen[number % len(chosen)]
        _decide(scene, f"admin@{domain}", RESALE_ONE, None, allowed=True, extent=extent)
    claire = "claire@lumiere.example"
    _decide(scene, claire, RESALE_ONE, None, allowed=True, extent=Extent(Level.DIRECTORY, lasts=timedelta(days=90)))


def _leave_some_under_way(scene: Scene) -> None:
    """Let some consoles close and others open in the course of the next day, as they may where MAX is 24 hours."""
    closed = scene.others()[3::9]
    opening, closing = closed[::4], [domain for domain in scene.others()[4::9] if domain not in closed]
    for hours, domain in enumerate(opening, start=2):
        _queue(scene, domain, allowed=True, due_in=timedelta(hours=hours))
    for hours, domain in enumerate(closing[::2], start=3):
        _queue(scene, domain, allowed=False, due_in=timedelta(hours=hours))


def _queue(scene: Scene, domain: str, *, allowed: bool, due_in: timedelta) -> None:
    """Queue one change of a console that is due later than the demo's settings would draw."""
    customer = scene.customers[domain]
    lock_customer(customer)
    grants = AccessGrant.objects.select_related("reseller", "subscription__sku").filter(
        customer=customer, reseller=scene.resellers[RESALE_ONE], subscription=None, ended_at=None
    )
    now = database_now()
    steps: Sequence[Step] = [Step(grant, allowed, now + due_in) for grant in grants if grant.allowed != allowed]
    queue(steps, actor=scene.admin_of(domain), now=now)
