from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import people
from accounts.errors import Refused
from accounts.models import AuditEvent, Customer, Team, User
from accounts.models.staffing import works_for_sql
from accounts.roles import Role
from tests.cast import Cast
from tests.factories import make_customer, make_person, make_reseller, make_team

pytestmark = pytest.mark.django_db


def works_for(agent: User) -> set[int]:
    """What the SQL condition says, for every customer there is."""
    condition = works_for_sql("c.id", "%s")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT c.id FROM accounts_customer c WHERE {condition}", [agent.pk] * condition.count("%s"))
        return {pk for (pk,) in cursor.fetchall()}


def domains(agent: User) -> set[str]:
    assert works_for(agent) == set(staffing.customers_of(agent).values_list("pk", flat=True))
    return set(staffing.customers_of(agent).values_list("primary_domain", flat=True))


def events_since(mark: int) -> list[tuple[str, str]]:
    return list(AuditEvent.objects.filter(pk__gt=mark).order_by("id").values_list("name", "subject"))


def mark() -> int:
    return AuditEvent.objects.order_by("-id").values_list("pk", flat=True).first() or 0


def test_P4_the_sql_condition_agrees_with_guardian_for_random_staffings() -> None:
    dice = random.Random()  # noqa: S311  the order of a test, nothing secret
    reseller = make_reseller()
    agents = [make_person(reseller, Role.RESELLER_AGENT) for _ in range(6)]
    customers = [make_customer() for _ in range(8)]
    teams = [make_team(reseller) for _ in range(3)]
    seen_something = False
    for _ in range(60):
        agent, team, some = dice.choice(agents), dice.choice(teams), dice.sample(customers, dice.randint(1, 3))
        steps: list[Callable[[], object]] = [
            partial(staffing.assign_customers_to_agent, actor=None, agent=agent, customers=some),
            partial(staffing.unassign_customers_from_agent, actor=None, agent=agent, customers=some),
            partial(staffing.assign_customers_to_team, actor=None, team=team, customers=some),
            partial(staffing.unassign_customers_from_team, actor=None, team=team, customers=some),
            partial(staffing.add_member, actor=None, team=team, agent=agent),
            partial(staffing.remove_member, actor=None, team=team, agent=agent),
        ]
        dice.choice(steps)()
        seen = {a.pk: works_for(a) for a in agents}
        assert seen == {a.pk: set(staffing.customers_of(a).values_list("pk", flat=True)) for a in agents}
        seen_something = seen_something or any(seen.values())
    assert seen_something


def test_an_agent_works_for_its_own_customers_and_those_of_its_teams(cast: Cast) -> None:
    one, two, three = make_customer("One"), make_customer("Two"), make_customer("Three")
    ana, colin, north = cast.resale_one.agent, cast.resale_one.colleague, cast.resale_one.team
    actor = Actor(cast.resale_one.admin)
    assert domains(ana) == domains(colin) == {"acme.example"}
    assert staffing.assign_customers_to_agent(actor=actor, agent=ana, customers=[one, two, cast.acme.customer]) == 2
    assert staffing.assign_customers_to_team(actor=actor, team=north, customers=[two, three]) == 2
    staffing.add_member(actor=actor, team=north, agent=ana)
    everything = {"acme.example", one.primary_domain, two.primary_domain, three.primary_domain}
    assert domains(ana) == everything
    assert domains(colin) == everything - {one.primary_domain}
    assert domains(cast.resale_two.agent) == {"globex.example"}
    staffing.remove_member(actor=actor, team=north, agent=ana)
    assert domains(ana) == everything - {three.primary_domain}
    assert staffing.unassign_customers_from_agent(actor=actor, agent=ana, customers=[one, three]) == 1
    assert domains(ana) == {"acme.example", two.primary_domain}


def test_deleting_a_team_takes_its_customers_from_its_members(cast: Cast) -> None:
    colin, actor = cast.resale_one.colleague, Actor(cast.resale_one.admin)
    before = mark()
    for _ in range(2):
        staffing.delete_team(actor=actor, team=cast.resale_one.team)
    assert domains(colin) == set()
    assert events_since(before) == [("DELETE_TEAM", "North")]
    event = AuditEvent.objects.order_by("-id")[0]
    assert event.old_value == {"name": "North", "members": [colin.email], "customers": ["acme.example"]}
    assert domains(cast.resale_one.agent) == {"acme.example"}


def test_every_verb_writes_one_event_and_repeating_it_none(cast: Cast) -> None:
    actor, ana, colin = Actor(cast.resale_one.admin), cast.resale_one.agent, cast.resale_one.colleague
    customers = [make_customer(), make_customer()]
    before = mark()
    team = staffing.create_team(actor=actor, reseller=cast.resale_one.reseller, name=" South  Sea ")
    for _ in range(2):
        staffing.rename_team(actor=actor, team=team, name="South")
        staffing.add_member(actor=actor, team=team, agent=ana)
        staffing.assign_customers_to_team(actor=actor, team=team, customers=customers)
        staffing.assign_customers_to_agent(actor=actor, agent=colin, customers=customers[:1])
    for _ in range(2):
        staffing.remove_member(actor=actor, team=team, agent=ana)
        staffing.unassign_customers_from_team(actor=actor, team=team, customers=customers)
        staffing.unassign_customers_from_agent(actor=actor, agent=colin, customers=customers)
    assert events_since(before) == [
        ("CREATE_TEAM", "South Sea"),
        ("RENAME_TEAM", "South"),
        ("ADD_TEAM_MEMBER", "South"),
        ("ASSIGN_CUSTOMER", "South"),
        ("ASSIGN_CUSTOMER", "South"),
        ("ASSIGN_CUSTOMER", colin.email),
        ("REMOVE_TEAM_MEMBER", "South"),
        ("UNASSIGN_CUSTOMER", "South"),
        ("UNASSIGN_CUSTOMER", "South"),
        ("UNASSIGN_CUSTOMER", colin.email),
    ]
    written = AuditEvent.objects.filter(pk__gt=before)
    assert set(written.values_list("actor_email", "actor_reseller_id", "customer_id")) == {
        ("rita@resale-one.example", cast.resale_one.reseller.pk, None)
    }


@pytest.mark.parametrize("who", ["stranger", "agent", "customer", "suspended", "stripped"])
def test_P4_only_an_active_admin_of_the_reseller_staffs_it(who: str, cast: Cast) -> None:
    rita = cast.resale_one.admin
    person = {"stranger": cast.resale_two.admin, "agent": cast.resale_one.agent, "customer": cast.acme.super_admin}.get(
        who, rita
    )
    if rita is person:
        make_person(cast.resale_one.reseller, Role.RESELLER_ADMIN)  # the last one could not be taken away (P11)
    if who == "suspended":
        people.suspend_user(actor=None, person=rita)
    if who == "stripped":
        people.unassign_role(actor=None, person=rita, role=Role.RESELLER_ADMIN)
    actor, team, agent, customer = Actor(person), cast.resale_one.team, cast.resale_one.agent, make_customer()
    before = mark()
    attempts: list[Callable[[], object]] = [
        lambda: staffing.create_team(actor=actor, reseller=cast.resale_one.reseller, name="Mine"),
        lambda: staffing.rename_team(actor=actor, team=team, name="Mine"),
        lambda: staffing.delete_team(actor=actor, team=team),
        lambda: staffing.add_member(actor=actor, team=team, agent=agent),
        lambda: staffing.remove_member(actor=actor, team=team, agent=cast.resale_one.colleague),
        lambda: staffing.assign_customers_to_agent(actor=actor, agent=agent, customers=[customer]),
        lambda: staffing.assign_customers_to_team(actor=actor, team=team, customers=[customer]),
        lambda: staffing.unassign_customers_from_agent(actor=actor, agent=agent, customers=[cast.acme.customer]),
        lambda: staffing.unassign_customers_from_team(actor=actor, team=team, customers=[cast.acme.customer]),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    assert events_since(before) == []
    assert list(Team.objects.filter(reseller=cast.resale_one.reseller).values_list("name", flat=True)) == ["North"]
    assert domains(agent) == domains(cast.resale_one.colleague) == {"acme.example"}


def test_an_agent_of_another_reseller_joins_no_team(cast: Cast) -> None:
    with pytest.raises(Refused):
        staffing.add_member(actor=None, team=cast.resale_one.team, agent=cast.resale_two.agent)
    with pytest.raises(Refused):
        staffing.assign_customers_to_agent(actor=None, agent=cast.acme.auditor, customers=[cast.acme.customer])
    assert domains(cast.resale_two.agent) == {"globex.example"}


def test_a_team_name_is_taken_once_per_reseller(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        staffing.create_team(actor=None, reseller=cast.resale_one.reseller, name="North")
    assert refused.value.field == "name"
    south = staffing.create_team(actor=None, reseller=cast.resale_one.reseller, name="South")
    with pytest.raises(Refused):
        staffing.rename_team(actor=None, team=south, name="North ")
    for name in ("", "x" * 101):
        with pytest.raises(Refused):
            staffing.rename_team(actor=None, team=south, name=name)
    assert set(Team.objects.values_list("name", "reseller__name")) == {
        ("North", "Resale One"),
        ("South", "Resale One"),
        ("North", "Resale Two"),
    }


def test_a_team_that_was_deleted_meanwhile_is_refused_in_words(cast: Cast) -> None:
    team = cast.resale_one.team
    staffing.delete_team(actor=None, team=Team.objects.get(pk=team.pk))
    with pytest.raises(Refused):
        staffing.add_member(actor=None, team=team, agent=cast.resale_one.agent)


def test_assigning_many_customers_takes_the_same_number_of_queries(
    cast: Cast,
) -> None:
    counts = []
    for number in (1, 30):
        customers = [make_customer() for _ in range(number)]
        with CaptureQueriesContext(connection) as queries:
            staffing.assign_customers_to_agent(actor=None, agent=cast.resale_one.agent, customers=customers)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Customer.objects.filter(agents__user=cast.resale_one.agent).count() == 32
