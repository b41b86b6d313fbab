"""The home page of a reseller: exactly the reader's customers, in lists, numbers and charts (P4, R5, R13, A4)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actor import Actor
from accounts.audit import EventName, record_audit
from accounts.models import ConsoleSession, Customer, Reseller, User
from accounts.organisations import VENDOR, suspend_reseller
from accounts.roles import Role
from subscriptions.access import desired, propagation
from subscriptions.access.customer_filter import AccessFilter, CustomerFilter, SoldFilter
from subscriptions.access.customers_page import customers_page
from subscriptions.models import AccessGrant, Subscription
from subscriptions.models.standing import Standing
from subscriptions.models.subscription import Plan, RenewalType, Status
from subscriptions.reseller_figures import AccessFigures, access_figures, sold_figures
from tests.access.world import assign, propagate, sell, wish
from tests.client import main_text_of as text
from tests.client import signed_in
from tests.factories import fresh, put_customer, put_person, put_reseller

HOME = "/reseller/home/"
NUMBERS = {
    AccessFilter.OPEN: 2,
    AccessFilter.ON_REQUEST: 1,
    AccessFilter.CLOSING: 1,
    AccessFilter.OPENING: 1,
    AccessFilter.CLOSED: 2,
    AccessFilter.NEVER_USED: 3,
}


def turn_off(customer: Customer, reseller: Reseller) -> None:
    admin = Actor(put_person(customer, Role.SUPER_ADMIN))
    box = wish(customer, reseller, allowed=False)
    desired.save_reseller_access(actor=admin, customer=customer, desired=[box])


def enters(agent: User, customer: Customer) -> None:
    assert agent.reseller
    ConsoleSession.objects.create(
        customer=customer, reseller=agent.reseller, agent=agent, session_key="key", window="first"
    )


def names(figures: AccessFigures, state: AccessFilter) -> list[str]:
    return [line.name for line in figures.lists[state]]


class Market:
    """A reseller with a customer in each state of access, some of them assigned to `agent`, the others to `other`."""

    def __init__(self, prefix: str = "") -> None:
        self.reseller = put_reseller(f"{prefix}Reseller")
        self.admin = put_person(self.reseller, Role.RESELLER_ADMIN)
        self.agent = put_person(self.reseller, Role.RESELLER_AGENT)
        self.other = put_person(self.reseller, Role.RESELLER_AGENT)
        states = ("Used", "Unused", "Needed", "Gone", "Closing", "Withdrawn", "Opening")
        self.customers = {name: put_customer(f"{prefix}{name}") for name in states}
        early = [name for name in states if name not in {"Opening", "Withdrawn"}]
        self.sold = {name: sell(self.customers[name], self.reseller) for name in early}
        propagation.apply_due_changes()
        turn_off(self.customers["Gone"], self.reseller)
        AccessGrant.objects.filter(customer=self.customers["Needed"]).update(effective_standing=Standing.NOTHING)
        propagate()
        turn_off(self.customers["Closing"], self.reseller)
        self.sold |= {name: sell(self.customers[name], self.reseller) for name in ("Opening", "Withdrawn")}
        # Turned off before it ever opened.
        turn_off(self.customers["Withdrawn"], self.reseller)
        enters(self.agent, self.customers["Used"])
        # A person of another reseller was in the console that this one never used.
        enters(put_person(put_reseller(), Role.RESELLER_ADMIN), self.customers["Unused"])
        for name in ("Used", "Closing", "Gone"):
            assign(self.agent, self.customers[name])
        for name in ("Unused", "Needed", "Opening", "Withdrawn"):
            assign(self.other, self.customers[name])


@pytest.fixture
def twin(db: None) -> Market:
    """Another reseller with customers of the same kinds: nothing of them may ever show."""
    return Market("Twin ")


@pytest.fixture
def market(twin: Market) -> Market:
    """Made after its twin, since making one lets time pass for everybody."""
    return Market()


# --- Access ------------------------------------------------------------------------------------------


def test_R5_every_customer_stands_in_its_state_of_access(market: Market) -> None:
    figures = access_figures(market.admin)
    assert figures.numbers == NUMBERS
    assert figures.total == 7
    assert names(figures, AccessFilter.CLOSING) == ["Closing"]
    assert names(figures, AccessFilter.OPENING) == ["Opening"]
    # The console that closed last comes first; one that never opened has no time.
    assert names(figures, AccessFilter.CLOSED) == ["Gone", "Withdrawn"]
    assert [line.at is None for line in figures.lists[AccessFilter.CLOSED]] == [False, True]


def test_the_states_are_those_of_the_list_of_customers(market: Market) -> None:
    """One list narrowed to each state has as many rows, and each row says this state."""
    for state, number in access_figures(market.admin).numbers.items():
        page = customers_page(market.admin, customer_filter=CustomerFilter(access=state))
        assert (page.total, len(page.rows)) == (number, number)
        if state is not AccessFilter.NEVER_USED:
            assert {str(row.state) for row in page.rows} == {state.value}


def test_P4_an_agent_counts_and_lists_its_own_customers_only(market: Market) -> None:
    mine, others = access_figures(market.agent), access_figures(market.other)
    assert mine.numbers == {
        AccessFilter.OPEN: 1,
        AccessFilter.ON_REQUEST: 0,
        AccessFilter.CLOSING: 1,
        AccessFilter.OPENING: 0,
        AccessFilter.CLOSED: 1,
        AccessFilter.NEVER_USED: 1,
    }
    assert {name for state in AccessFilter for name in names(mine, state)} == {"Closing", "Gone"}
    assert others.total == 4
    assert {name for state in AccessFilter for name in names(others, state)} == {"Opening", "Withdrawn"}


def test_P4_nothing_of_another_agents_customers_is_on_the_page(market: Market) -> None:
    said = text(signed_in(market.agent).get(HOME))
    for word in ("Closing", "Gone", "3 customers"):
        assert word in said
    for word in ("Unused", "Withdrawn", "7 customers", "Twin"):
        assert word not in said


def test_R13_a_suspended_reseller_sees_nothing(market: Market) -> None:
    suspend_reseller(actor=None, reseller=market.reseller)
    assert signed_in(market.admin).get(HOME).status_code == 403
    for person in (market.admin, market.agent):
        assert access_figures(fresh(person)).total == 0
        assert sold_figures(fresh(person)).months[-1][1] == 0
        assert customers_page(fresh(person), customer_filter=CustomerFilter(access="closed")).total == 0


def test_P8_a_suspended_agent_and_one_without_a_role_count_nothing(market: Market) -> None:
    User.objects.filter(pk=market.agent.pk).update(is_active=False)
    for person in (fresh(market.agent), put_person(market.reseller, Role.SUPPORT_AGENT), market.admin):
        found = access_figures(person).total, sold_figures(person).months[-1][1]
        assert found == ((7, 70) if person == market.admin else (0, 0))


def test_an_agent_without_customers_is_told_what_would_be_here(market: Market) -> None:
    said = text(signed_in(put_person(market.reseller, Role.RESELLER_AGENT)).get(HOME))
    assert "No customers yet" in said
    assert "Customers by access" not in said


# --- What was sold ------------------------------------------------------------------------------------


def ends_in(subscription: Subscription, days: float, **values: Any) -> None:
    Subscription.objects.filter(pk=subscription.pk).update(ends_at=timezone.now() + timedelta(days=days), **values)


def annual(renewal: RenewalType) -> dict[str, Any]:
    return {
        "plan": Plan.ANNUAL_MONTHLY_PAY,
        "number_of_seats": 10,
        "maximum_number_of_seats": None,
        "renewal_type": renewal,
    }


@pytest.fixture
def ending(market: Market, twin: Market) -> Market:
    ends_in(market.sold["Used"], 29, **annual(RenewalType.AUTO_RENEW_MONTHLY_PAY))
    ends_in(market.sold["Closing"], 10, plan=Plan.TRIAL)
    ends_in(market.sold["Gone"], 59, **annual(RenewalType.CANCEL))
    ends_in(market.sold["Unused"], 31, plan=Plan.TRIAL)
    ends_in(market.sold["Opening"], 61, plan=Plan.TRIAL)
    ends_in(market.sold["Withdrawn"], 5, status=Status.SUSPENDED, suspension_reasons=["OTHER"])
    ends_in(twin.sold["Used"], 1, plan=Plan.TRIAL)
    return market


def test_B7_what_ends_or_renews_is_listed_with_what_happens_then(ending: Market) -> None:
    figures = sold_figures(ending.admin)
    assert [(e.subscription.customer.name, str(e.word)) for e in figures.ending] == [
        ("Closing", "Trial ends"),
        ("Used", "Renews, paid monthly"),
        ("Unused", "Trial ends"),
        ("Gone", "Ends"),
    ]
    assert [e.goes_on for e in figures.ending] == [False, True, False, False]
    assert (figures.soon, figures.later, figures.trials, figures.suspended) == (2, 4, 2, 1)
    assert [s.customer.name for s in figures.latest_suspended] == ["Withdrawn"]


def test_P4_an_agents_numbers_are_of_its_own_customers(ending: Market) -> None:
    mine, others = sold_figures(ending.agent), sold_figures(ending.other)
    assert {e.subscription.customer.name for e in mine.ending} == {"Closing", "Used", "Gone"}
    assert (mine.soon, mine.later, mine.trials, mine.suspended) == (2, 3, 1, 0)
    assert mine.latest_suspended == []
    assert {e.subscription.customer.name for e in others.ending} == {"Unused"}
    assert (others.soon, others.later, others.trials, others.suspended) == (0, 1, 1, 1)


@pytest.mark.parametrize(
    ("sold", "expected"),
    [
        (SoldFilter.ENDS_30, {"Used", "Closing"}),
        (SoldFilter.ENDS_60, {"Used", "Closing", "Gone", "Unused"}),
        (SoldFilter.TRIAL, {"Closing", "Unused"}),
        (SoldFilter.SUSPENDED, {"Withdrawn"}),
    ],
)
def test_the_list_of_customers_narrows_by_what_was_sold(ending: Market, sold: SoldFilter, expected: set[str]) -> None:
    page = customers_page(ending.admin, customer_filter=CustomerFilter(sold=sold))
    assert {row.name for row in page.rows} == expected
    assert page.total == len(expected)


def test_what_another_reseller_sold_to_a_customer_counts_for_nobody_else(ending: Market) -> None:
    rival = put_reseller("Rival")
    Subscription.objects.filter(pk=sell(ending.customers["Used"], rival).pk).update(
        status=Status.SUSPENDED, suspension_reasons=["OTHER"]
    )
    assert sold_figures(ending.admin).suspended == 1
    assert customers_page(ending.admin, customer_filter=CustomerFilter(sold="suspended")).total == 1


def test_seats_are_followed_over_twelve_months(market: Market) -> None:
    now = timezone.now()
    in_month = [now.replace(day=1) - timedelta(days=31 * back) for back in (0, 3, 20)]
    Subscription.objects.filter(pk=market.sold["Used"].pk).update(ordered_at=in_month[2])
    Subscription.objects.filter(pk=market.sold["Closing"].pk).update(
        ordered_at=in_month[2], status=Status.CANCELLED, cancelled_at=in_month[1]
    )
    months = sold_figures(market.admin).months
    seats = [number for _month, number in months]
    assert len(months) == 12
    assert seats[0] == 20
    assert seats[-2] == 10
    assert seats[-1] == 60
    assert [number for _month, number in sold_figures(market.agent).months][-1] == 20
    assert [number for _month, number in sold_figures(market.other).months][-1] == 40


# --- Filters in the address, and activity ------------------------------------------------------------


def test_each_number_leads_to_the_list_of_these_customers(ending: Market) -> None:
    client = signed_in(ending.admin)
    content = client.get(HOME).content.decode()
    for query in ("access=closing", "access=opening", "access=never_used", "access=closed", "sold=ends_30"):
        assert f'href="/reseller/?{query}"' in content
        assert client.get(f"/reseller/?{query}").status_code == 200
    said = text(client.get("/reseller/?access=closed"))
    assert "2 customers" in said
    assert "Unused" not in said


def test_a_filter_that_nobody_offers_is_an_error_and_not_a_list(market: Market) -> None:
    for query in ("access=everything", "sold=1", "access=open%27%20OR%20true"):
        response = signed_in(market.admin).get(f"/reseller/?{query}")
        assert response.status_code == 200
        assert "The search was not understood" in text(response)


def test_A4_admins_see_everybodys_activity_and_agents_their_own(market: Market, twin: Market) -> None:
    for person, subject in ((market.agent, "Mine"), (market.other, "Theirs"), (twin.agent, "Strange")):
        record_audit(EventName.CREATE_CASE, actor=Actor(person), customer=market.customers["Used"], subject=subject)

    def activity(person: User) -> set[str]:
        said = text(signed_in(person).get(HOME)).partition("Latest activity")[2]
        return {word for word in ("Mine", "Theirs", "Strange") if word in said}

    assert activity(market.admin) == {"Mine", "Theirs"}
    assert activity(market.agent) == {"Mine"}
    assert activity(put_person(market.reseller, Role.INDIRECT_RESELLER_ADMIN)) == set()


def test_strangers_find_no_such_page(market: Market) -> None:
    assert signed_in(put_person(market.customers["Used"], Role.SUPER_ADMIN)).get(HOME).status_code == 404
    assert signed_in(put_person(VENDOR, Role.VENDOR_OPERATOR)).get(HOME).status_code == 404
    assert signed_in(put_person(market.reseller, Role.SUPPORT_AGENT)).get(HOME).status_code == 403
    assert Client().get(HOME).status_code == 302


def test_the_page_speaks_french(ending: Market) -> None:
    User.objects.filter(pk=ending.admin.pk).update(language="fr")
    said = text(signed_in(ending.admin).get(HOME))
    for words in ("Consoles fermées", "3 ouvertes et jamais utilisées", "Fin de l’essai"):
        assert words in said


def test_the_page_costs_the_same_for_few_customers_and_for_many(market: Market) -> None:
    client = signed_in(market.agent)
    client.get(HOME)
    with CaptureQueriesContext(connection) as few:
        client.get(HOME)
    for number in range(20):
        customer = put_customer(f"More {number}")
        ends_in(sell(customer, market.reseller), number, plan=Plan.TRIAL)
        assign(market.agent, customer)
    propagation.apply_due_changes()
    with CaptureQueriesContext(connection) as many:
        client.get(HOME)
    assert len(many) == len(few)
