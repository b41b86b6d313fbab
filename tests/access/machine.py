"""The world of the state machine, and its invariants; what happens in it is in test_state_machine.py."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from hypothesis.stateful import RuleBasedStateMachine, invariant

from accounts.actor import Actor
from accounts.clock import database_now
from accounts.models import Customer, CustomerAgent, Reseller, User
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions import tasks
from subscriptions.access.effective import in_force
from subscriptions.models import AccessChange, AccessGrant, Subscription
from subscriptions.models.grant import Basis
from subscriptions.models.subscription import Status
from tests.access.model import Model
from tests.access.world import REQUESTED_NAMES, SETTLED_NAMES, assign, may_enter, sell, visible
from tests.factories import fresh, put_customer, put_person, put_reseller

NOBODY = 10**9  # an id that nothing has
MARGIN = 60  # seconds around a due time, far more than an example takes


class Crash(Exception):
    """The process ends here."""


@contextmanager
def crash_after(statements: int) -> Iterator[None]:
    """Raise after that many SQL statements; 0: never."""
    left = statements

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        result = execute(sql, params, many, context)
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            left -= 1
            if left == 0:
                raise Crash
        return result

    with connection.execute_wrapper(count):
        yield


@dataclass
class Cast:
    """Everybody and everything of an example, made once; every example rolls its changes back."""

    customer: Customer = field(default_factory=put_customer)
    stranger: Customer = field(default_factory=put_customer)
    resellers: list[Reseller] = field(default_factory=lambda: [put_reseller("One"), put_reseller("Two")])
    subscriptions: list[Subscription] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.admin = put_person(self.customer, Role.SUPER_ADMIN)
        self.agents = [
            put_person(self.resellers[0], Role.RESELLER_AGENT),
            put_person(self.resellers[1], Role.RESELLER_ADMIN),
        ]
        assign(self.agents[0], self.customer)
        other = put_reseller("Stranger")
        self.strange_agent = put_person(other, Role.RESELLER_ADMIN)
        strange = [sell(self.stranger, other), sell(self.stranger, None)]
        self.subscriptions = [
            sell(self.customer, self.resellers[0]),
            sell(self.customer, None, "1010330004"),
            sell(self.customer, None, "Google-Vault"),
        ]
        tasks.apply_due_changes()
        self.reseller_ids = [*(r.pk for r in self.resellers), other.pk, NOBODY]
        self.subscription_ids = [None, *(s.pk for s in self.subscriptions), strange[1].pk, NOBODY]


class Example(RuleBasedStateMachine):
    """One world of the cast with its model, and what must be true of both after every step."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.shift = timedelta(0)
        self.model = Model()
        self.model.begin_relation(self.cast.resellers[0].pk, self.now())
        self.model.settle((self.cast.resellers[0].pk, None), suspended=False)
        self.actor = Actor(self.cast.admin)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    # What the world looks like

    def now(self) -> datetime:
        """The time of the example: the database's, and all that was skipped."""
        return database_now() + self.shift

    def is_super_admin(self) -> bool:
        return User.objects.filter(pk=self.cast.admin.pk, role_assignments__role=Role.SUPER_ADMIN).exists()

    def is_suspended(self, reseller: int) -> bool:
        return Reseller.objects.filter(pk=reseller, suspended_at__isnull=False).exists()

    def live(self, **conditions: Any) -> set[int]:
        live = Subscription.objects.filter(customer=self.cast.customer, **conditions).exclude(status=Status.CANCELLED)
        return set(live.values_list("pk", flat=True))

    # What must be true after every step

    @invariant()
    def what_each_console_stands_on_is_stored(self) -> None:
        live = self.grants().filter(subscription=None, ended_at=None).values_list("reseller", "basis")
        expected = dict.fromkeys(self.model.sold & self.model.contracted, Basis.BOTH)
        expected |= dict.fromkeys(self.model.sold - self.model.contracted, Basis.RELATION)
        expected |= dict.fromkeys(self.model.contracted - self.model.sold, Basis.CONTRACT)
        assert dict(live) == expected
        for which, agent in enumerate(self.cast.agents):
            licences = fresh(agent).has_perm(Permission.ASSIGN_LICENCES, self.cast.customer)
            sold = self.cast.resellers[which].pk in self.model.sold
            assert licences is (sold and may_enter(agent, self.cast.customer)), "S9: nothing sold, no licences"

    @invariant()
    def what_is_stored_is_what_was_wished_and_what_is_in_force_may_be(self) -> None:
        now = self.now()
        stored = {(g.reseller_id, g.subscription_id): g for g in self.grants()}
        open_ = {(g.reseller_id, g.subscription_id) for g in self.grants().filter(in_force())}
        assert {k: (g.generation, g.allowed) for k, g in stored.items()} == {
            key: (len(box.wishes), box.wished) for key, box in self.model.boxes.items()
        }
        assert open_ == {key for key, box in self.model.boxes.items() if box.in_force(now)}
        for key, box in self.model.boxes.items():
            if box.is_open:  # an end that is written comes true by itself: it must be the right one now
                until = stored[key].effective_until
                assert (until is None) is (box.until is None)
                assert until is None or abs(until + self.shift - box.until) < timedelta(seconds=MARGIN / 10)
            if not box.wished and not (box.waiting and box.waiting[1] > now):
                assert key not in open_, "R8: access after a revocation was due"
            if not box.waiting and not box.failed:
                assert (key in open_) is box.wished, "R9: the newest wish wins"

    @invariant()
    def everybody_sees_exactly_what_may_be_visible(self) -> None:
        customer, now = self.cast.customer, self.now()
        for which, agent in enumerate(self.cast.agents):
            reseller = self.cast.resellers[which].pk
            enters = self.model.box((reseller, None)).in_force(now) and self.works(which)
            opened = {key[1] for key, box in self.model.boxes.items() if key[0] == reseller and box.in_force(now)}
            expected = self.live(reseller=reseller) | (opened & self.live(reseller=None))
            assert may_enter(agent, customer) is enters
            assert visible(agent, customer) == (expected if enters else set())
        assert visible(self.cast.agents[0], self.cast.stranger) == set()
        assert visible(self.cast.strange_agent, customer) == set()

    def works(self, which: int) -> bool:
        """Tell whether the agent and its reseller are live, and whether the agent works for this customer."""
        agent = User.objects.select_related("reseller").get(pk=self.cast.agents[which].pk)
        role = [Role.RESELLER_AGENT, Role.RESELLER_ADMIN][which]
        staffed = which == 1 or CustomerAgent.objects.filter(user=agent, content_object=self.cast.customer).exists()
        assert agent.reseller is not None
        live = agent.is_active and agent.reseller.suspended_at is None
        return live and staffed and agent.role_assignments.filter(role=role).exists()

    @invariant()
    def every_generation_is_requested_once_and_ends_once(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_WRONG, {"requested": list(REQUESTED_NAMES), "settled": list(SETTLED_NAMES)})
            assert cursor.fetchall() == []
        waiting = AccessChange.objects.filter(settled_at__isnull=True).values_list("grant", flat=True)
        assert len(waiting) == len(set(waiting))
        changes = AccessChange.objects.filter(grant__customer=self.cast.customer)
        assert changes.count() == sum(len(box.wishes) for box in self.model.boxes.values())

    def grants(self) -> Any:
        return AccessGrant.objects.filter(customer=self.cast.customer)


_WRONG = """
    SELECT c.id, c.settled_at IS NOT NULL, array_agg(e.name)
    FROM subscriptions_accesschange c LEFT JOIN accounts_auditevent e ON e.access_change_id = c.id
    GROUP BY c.id
    HAVING count(*) FILTER (WHERE e.name = ANY(%(requested)s)) <> 1
        OR count(*) FILTER (WHERE e.name = ANY(%(settled)s)) <> CASE WHEN c.settled_at IS NULL THEN 0 ELSE 1 END
"""
