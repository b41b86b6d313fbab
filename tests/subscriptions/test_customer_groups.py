"""A reseller's groups of customers and its tags: rows, which nothing fills by itself (P4, R13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now

from accounts import staffing
from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Reseller, UntoldEvent, User
from accounts.roles import Role
from subscriptions import customer_groups, lifecycle
from subscriptions.access import desired, propagation
from subscriptions.access.comparison import Desired
from subscriptions.access.customer_columns import columns_of
from subscriptions.access.customer_filter import EVERYTHING, AccessFilter, AgeFilter, CustomerFilter
from subscriptions.access.customers_page import customers_page
from subscriptions.access.extent import Extent
from subscriptions.access.grouped import groups_of
from subscriptions.lifecycle import cancel_subscription
from subscriptions.models import AccessChange, AccessGrant, CustomerGroup, GroupedCustomer, Sku, Subscription
from subscriptions.models.customer_group import GroupKind
from subscriptions.models.level import Level
from subscriptions.models.subscription import Plan
from tests.cast import Cast
from tests.factories import fresh, make_customer, make_person
from tests.races import second_does_not_wait, second_waits_for_first

pytestmark = pytest.mark.django_db

WORKSPACE, VOICE = "1010020027", "1010330004"


def sell(customer: Customer, reseller: Reseller, sku: str = WORKSPACE) -> Subscription:
    offer = lifecycle.Offer(Sku.objects.get(pk=sku), Plan.FLEXIBLE, 10)
    return lifecycle.order_subscription(actor=None, customer=customer, reseller=reseller, offer=offer)


class Market:
    """Resale One sells Workspace to Acme, Beta and Gamma, Voice to Gamma; Resale Two sells to Globex and to Beta."""

    def __init__(self, cast: Cast) -> None:
        self.cast, self.rita = cast, Actor(cast.resale_one.admin)
        self.reseller = cast.resale_one.reseller
        self.acme, self.globex = cast.acme.customer, cast.globex.customer
        self.beta, self.gamma = make_customer("Beta"), make_customer("Gamma")
        self.sold = {one: sell(one, self.reseller) for one in (self.acme, self.beta, self.gamma)}
        sell(self.gamma, self.reseller, VOICE)
        for one in (self.globex, self.beta):
            sell(one, cast.resale_two.reseller, VOICE)
        propagation.apply_due_changes()

    def group(self, name: str = "North", kind: GroupKind = GroupKind.GROUP) -> CustomerGroup:
        return customer_groups.create_group(actor=self.rita, reseller=self.reseller, kind=kind, name=name)

    def matching(self, rule: CustomerFilter, group: CustomerGroup) -> set[str]:
        return {name for name, _domain in customer_groups.candidates(self.cast.resale_one.admin, group, rule).first}


@pytest.fixture
def market(cast: Cast) -> Market:
    return Market(cast)


def members(group: CustomerGroup) -> set[str]:
    return set(GroupedCustomer.objects.filter(group=group).values_list("customer__name", flat=True))


def events(*names: str) -> list[tuple[str, str, object, object]]:
    found = AuditEvent.objects.filter(name__in=names).order_by("pk")
    return [(event.name, event.subject, event.old_value, event.new_value) for event in found]


def test_only_customers_of_the_reseller_enter_a_group(market: Market) -> None:
    group = market.group()
    everyone = [one.pk for one in Customer.objects.all()]
    assert customer_groups.add_customers(actor=market.rita, group=group, customers=everyone) == 3
    assert customer_groups.add_customers(actor=market.rita, group=group, customers=everyone) == 0
    assert members(group) == {"Acme", "Beta", "Gamma"}
    assert customer_groups.remove_customers(actor=market.rita, group=group, customers=[market.beta.pk, 0]) == 1
    assert members(group) == {"Acme", "Gamma"}
    assert events("ADD_CUSTOMER_TO_GROUP", "REMOVE_CUSTOMER_FROM_GROUP") == [
        *(
            ("ADD_CUSTOMER_TO_GROUP", "North", None, {"group_kind": "group", "customer": one.primary_domain})
            for one in (market.acme, market.beta, market.gamma)
        ),
        (
            "REMOVE_CUSTOMER_FROM_GROUP",
            "North",
            {"group_kind": "group", "customer": market.beta.primary_domain},
            None,
        ),
    ]
    # In nobody's console, and nobody is told.
    assert not AuditEvent.objects.filter(name="ADD_CUSTOMER_TO_GROUP", customer_id__isnull=False).exists()
    assert not UntoldEvent.objects.filter(event_id__in=AuditEvent.objects.filter(name__contains="GROUP")).exists()


RULES: list[tuple[str, Callable[[Market], CustomerFilter], set[str]]] = [
    ("everything", lambda m: CustomerFilter(), {"Acme", "Beta", "Gamma"}),
    ("product", lambda m: CustomerFilter(product="101033"), {"Gamma"}),
    ("product that another one sold", lambda m: CustomerFilter(product="Google-Vault"), set()),
    ("address", lambda m: CustomerFilter(address="FRANCE"), {"Beta"}),
    ("address with a wildcard", lambda m: CustomerFilter(address="%"), set()),
    ("open", lambda m: CustomerFilter(access=AccessFilter.OPEN), {"Acme", "Beta", "Gamma"}),
    ("closed", lambda m: CustomerFilter(access=AccessFilter.CLOSED), set()),
    ("new", lambda m: CustomerFilter(age=AgeFilter.NEW_30), {"Beta", "Gamma"}),
    ("less than a year", lambda m: CustomerFilter(age=AgeFilter.NEW_365), {"Beta", "Gamma"}),
    ("old", lambda m: CustomerFilter(age=AgeFilter.OLD_365), {"Acme"}),
    ("older", lambda m: CustomerFilter(age=AgeFilter.OLD_1095), set()),
    ("both", lambda m: CustomerFilter(product="Google-Apps", age=AgeFilter.NEW_30), {"Beta", "Gamma"}),
]


@pytest.mark.parametrize(("rule", "expected"), [case[1:] for case in RULES], ids=[case[0] for case in RULES])
def test_a_rule_finds_customers_and_adds_them_only_when_pressed(
    rule: Callable[[Market], CustomerFilter], expected: set[str], market: Market
) -> None:
    Customer.objects.filter(pk=market.beta.pk).update(postal_address="1 rue du Port\nParis\nFrance")
    old = AccessGrant.objects.filter(customer=market.acme, reseller=market.reseller)
    old.update(began_at=Now() - timedelta(days=400))
    group, wanted = market.group(), rule(market)
    found = customer_groups.candidates(market.cast.resale_one.admin, group, wanted)
    assert (found.number, {name for name, _domain in found.first}) == (len(expected), expected)
    assert members(group) == set(), "a preview adds nobody"
    added = customer_groups.fill_group(actor=market.rita, group=group, rule=wanted, seen=found.seen)
    assert (added, members(group)) == (len(expected), expected)
    assert customer_groups.candidates(market.cast.resale_one.admin, group, wanted).number == 0
    # A customer to come matches, and is not in it.
    sell(late := make_customer("Late"), market.reseller)
    Customer.objects.filter(pk=late.pk).update(postal_address="France")
    assert members(group) == expected


def test_a_rule_by_tag_or_group_asks_the_resellers_own_only(market: Market) -> None:
    tag, group = market.group("VIP", GroupKind.TAG), market.group()
    customer_groups.change_tags(actor=market.rita, relation=relation(market, market.beta), tags=[tag.pk])
    assert market.matching(CustomerFilter(tag=tag.pk), group) == {"Beta"}
    vera = Actor(market.cast.resale_two.admin)
    theirs = customer_groups.create_group(
        actor=vera, reseller=market.cast.resale_two.reseller, kind=GroupKind.GROUP, name="Ours"
    )
    customer_groups.add_customers(actor=vera, group=theirs, customers=[market.beta.pk])
    assert market.matching(CustomerFilter(group=theirs.pk), group) == set()
    assert customers_page(market.cast.resale_one.admin, customer_filter=CustomerFilter(group=theirs.pk)).total == 0
    assert set(groups_of(market.cast.resale_one.admin)) == {tag, group}


def relation(market: Market, customer: Customer) -> AccessGrant:
    return AccessGrant.objects.get(customer=customer, reseller=market.reseller, subscription=None)


def test_what_changed_since_the_preview_is_looked_at_again(market: Market) -> None:
    group, rule = market.group(), CustomerFilter(product="Google-Apps")
    seen = customer_groups.candidates(market.cast.resale_one.admin, group, rule).seen
    sell(make_customer("Late"), market.reseller)
    with pytest.raises(Refused, match="matching customers have changed"):
        customer_groups.fill_group(actor=market.rita, group=group, rule=rule, seen=seen)
    assert members(group) == set()


def test_R13_groups_and_tags_end_with_the_relation(market: Market) -> None:
    group, tag = market.group(), market.group("VIP", GroupKind.TAG)
    for one in (group, tag):
        customer_groups.add_customers(actor=market.rita, group=one, customers=[market.acme.pk, market.beta.pk])
    cancel_subscription(actor=None, subscription=market.sold[market.beta])
    assert (members(group), members(tag)) == ({"Acme"}, {"Acme"})
    told = AuditEvent.objects.filter(name="REMOVE_CUSTOMER_FROM_GROUP", actor_reseller_id=market.reseller.pk)
    assert {(event.subject, event.actor_kind) for event in told} == {("North", "system"), ("VIP", "system")}
    sell(market.beta, market.reseller)
    assert members(group) == {"Acme"}


@pytest.mark.parametrize("who", ["agent", "indirect admin", "support agent", "stranger", "customer", "vendor"])
def test_P4_only_an_admin_of_the_reseller_changes_its_groups(who: str, market: Market) -> None:
    one, group = market.cast.resale_one, market.group()
    customer_groups.add_customers(actor=market.rita, group=group, customers=[market.acme.pk])
    actor = Actor(
        {
            "agent": one.agent,
            "indirect admin": one.indirect_admin,
            "support agent": one.support_agent,
            "stranger": market.cast.resale_two.admin,
            "customer": market.cast.acme.super_admin,
            "vendor": market.cast.operator,
        }[who]
    )
    verbs: list[Callable[[], object]] = [
        lambda: customer_groups.create_group(actor=actor, reseller=market.reseller, kind=GroupKind.TAG, name="Mine"),
        lambda: customer_groups.rename_group(actor=actor, group=group, name="Mine"),
        lambda: customer_groups.delete_group(actor=actor, group=group),
        lambda: customer_groups.add_customers(actor=actor, group=group, customers=[market.beta.pk]),
        lambda: customer_groups.remove_customers(actor=actor, group=group, customers=[market.acme.pk]),
        lambda: customer_groups.fill_group(actor=actor, group=group, rule=CustomerFilter(), seen=""),
        lambda: customer_groups.change_tags(actor=actor, relation=relation(market, market.acme), tags=[]),
    ]
    for verb in verbs:
        with pytest.raises(PermissionDenied):
            verb()
    assert (group.name, members(group)) == ("North", {"Acme"})
    assert CustomerGroup.objects.count() == 1


def test_P4_who_sees_which_groups(market: Market) -> None:
    one, group = market.cast.resale_one, market.group()
    sees: dict[User, bool] = dict.fromkeys((one.admin, one.indirect_admin, one.agent, one.colleague), True)
    sees |= dict.fromkeys(
        (one.support_agent, market.cast.resale_two.admin, market.cast.acme.super_admin, market.cast.operator), False
    )
    assert {person: group in groups_of(fresh(person)) for person in sees} == sees


def test_P4_an_agent_finds_in_a_group_only_the_customers_they_work_for(market: Market) -> None:
    group, ana = market.group(), market.cast.resale_one.agent
    customer_groups.add_customers(actor=market.rita, group=group, customers=[market.acme.pk, market.beta.pk])
    chosen = CustomerFilter(group=group.pk)
    assert [row.name for row in customers_page(market.cast.resale_one.admin, customer_filter=chosen).rows] == [
        "Acme",
        "Beta",
    ]
    assert [row.name for row in customers_page(ana, customer_filter=chosen).rows] == ["Acme"]
    staffing.assign_customers_to_agent(actor=None, agent=ana, customers=[market.beta])
    assert customers_page(fresh(ana), customer_filter=chosen).total == 2


def test_names_are_unique_for_each_kind_and_reseller(market: Market) -> None:
    market.group("North")
    market.group("North", GroupKind.TAG)
    for name in ("north", " NORTH ", ""):
        with pytest.raises(Refused):
            market.group(name)
    other = market.group("South")
    with pytest.raises(Refused):
        customer_groups.rename_group(actor=market.rita, group=other, name="NORTH")
    assert customer_groups.rename_group(actor=market.rita, group=other, name="SOUTH").name == "SOUTH"
    customer_groups.create_group(
        actor=Actor(market.cast.resale_two.admin),
        reseller=market.cast.resale_two.reseller,
        kind=GroupKind.GROUP,
        name="North",
    )


def test_as_many_as_one_can_choose_from(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customer_groups, "AT_MOST", 1)
    market.group("One")
    with pytest.raises(Refused, match="Delete one"):
        market.group("Two")


def test_deleting_leaves_the_customers_and_says_who_was_in_it(market: Market) -> None:
    group = market.group()
    customer_groups.add_customers(actor=market.rita, group=group, customers=[market.beta.pk, market.acme.pk])
    for _ in range(2):
        customer_groups.delete_group(actor=market.rita, group=group)
    with pytest.raises(Refused, match="does not exist"):
        customer_groups.add_customers(actor=market.rita, group=group, customers=[market.acme.pk])
    domains = sorted([market.acme.primary_domain, market.beta.primary_domain])
    old = {"group_kind": "group", "name": "North", "customers": domains}
    assert events("DELETE_CUSTOMER_GROUP") == [("DELETE_CUSTOMER_GROUP", "North", old, None)]
    assert customers_page(market.cast.resale_one.admin).total == 3


def test_tags_stand_on_the_customers_of_their_reseller_alone(market: Market) -> None:
    vip, late = market.group("VIP", GroupKind.TAG), market.group("Pays late", GroupKind.TAG)
    group = market.group()
    customer_groups.add_customers(actor=market.rita, group=group, customers=[market.beta.pk])
    grant = relation(market, market.beta)
    assert customer_groups.change_tags(actor=market.rita, relation=grant, tags=[vip.pk, late.pk]) == 2
    assert customer_groups.change_tags(actor=market.rita, relation=grant, tags=[vip.pk]) == 1
    assert customer_groups.change_tags(actor=market.rita, relation=grant, tags=[vip.pk]) == 0
    with pytest.raises(Refused):
        customer_groups.change_tags(actor=market.rita, relation=grant, tags=[group.pk])
    shown = columns_of(market.cast.resale_one.admin, [market.beta.pk])[market.beta.pk]
    assert shown.tags == [(vip.pk, "VIP")]
    assert columns_of(market.cast.resale_two.admin, [market.beta.pk])[market.beta.pk].tags == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", ["the end first", "the group first"])
def test_R13_a_relation_that_ends_at_that_moment_leaves_nobody_in_the_group(order: str, cast: Cast) -> None:
    market = Market(cast)
    group, beta = market.group(), market.beta.pk
    verbs: list[Callable[[], object]] = [
        lambda: cancel_subscription(actor=None, subscription=market.sold[market.beta]),
        lambda: customer_groups.add_customers(actor=market.rita, group=group, customers=[beta]),
    ]
    first, second = verbs if order == "the end first" else verbs[::-1]
    second_waits_for_first(first, second)
    assert members(group) == set()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", ["the save first", "the group first"])
def test_R8_filling_a_group_and_saves_of_access_do_not_wait_for_each_other(order: str, cast: Cast) -> None:
    market = Market(cast)
    group, alice, one = market.group(), Actor(cast.acme.super_admin), market.reseller
    # Wider and narrower again, the worker, and then at once.
    extents = [Extent(Level.VIEW), Extent(Level.FULL)]

    def fill() -> None:
        seen = customer_groups.candidates(cast.resale_one.admin, group, EVERYTHING).seen
        customer_groups.fill_group(actor=market.rita, group=group, rule=EVERYTHING, seen=seen)

    def save() -> None:
        for extent in extents:
            seen = relation(market, market.acme).generation
            box = Desired(one.pk, None, True, seen, extent)
            assert desired.save_reseller_access(actor=alice, customer=market.acme, desired=[box]).changes
        AccessChange.objects.filter(settled_at=None).update(next_attempt_at=Now())
        assert propagation.apply_due_changes() > 0
        desired.remove_now(actor=alice, customer=market.acme, reseller_id=one.pk)

    verbs: list[Callable[[], object]] = [save, fill]
    second_does_not_wait(*(verbs if order == "the save first" else verbs[::-1]))
    assert members(group) == {"Acme", "Beta", "Gamma"}
    assert not relation(market, market.acme).allowed


def test_P4_columns_are_about_the_readers_own_reseller(market: Market) -> None:
    one, two = market.cast.resale_one, market.cast.resale_two
    staffing.assign_customers_to_team(actor=None, team=one.team, customers=[market.beta])
    everybody = staffing.create_team(actor=None, reseller=one.reseller, name="Everybody")
    staffing.assign_all_customers(actor=None, team=everybody)
    make_person(one.reseller, Role.RESELLER_AGENT)
    beta = columns_of(one.admin, [market.beta.pk])[market.beta.pk]
    assert (beta.products, beta.seats, beta.used, beta.teams) == (["Google Workspace"], 10, 0, ["Everybody", "North"])
    assert (beta.next_at, beta.renews, beta.last_visit) == (None, False, None)
    gamma = columns_of(one.agent, [market.gamma.pk])[market.gamma.pk]
    assert (gamma.products, gamma.seats) == (["Google Voice", "Google Workspace"], 20)
    theirs = columns_of(two.admin, [market.beta.pk])[market.beta.pk]
    assert (theirs.products, theirs.teams) == (["Google Voice"], [])
