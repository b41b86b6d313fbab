"""Assignments in any order (S2, S4, S6 to S9): the verbs on the real database against a small model."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.authorisation import permissions_on
from accounts.errors import Refused
from accounts.models import AuditEvent
from accounts.permissions import Permission
from accounts.roles import Role
from subscriptions.access.comparison import Desired
from subscriptions.access.desired import save_reseller_access
from subscriptions.access.effective import AccessState
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessGrant
from support import partners
from support.assignments import is_live, new_link
from support.migration import migrate_customer
from support.models import Case, LookUp, SupportAssignment
from support.models.partner import AssignmentStatus, Service
from support.partners import MAILS_AT_MOST
from support.schedule import has_moved
from support.scope import cases_visible_to, customers_served_by, services_open_to
from tests.access.world import propagate
from tests.factories import fresh
from tests.support.assignment_model import Cast, Model, Row
from tests.support.world import CLOUD, WORKSPACE, acting, pass_days

LIFETIME = 14.0
SERVICES = (WORKSPACE, CLOUD)
PENDING, ACTIVE = AssignmentStatus.PENDING, AssignmentStatus.ACTIVE
REMOVED, DECLINED = AssignmentStatus.REMOVED, AssignmentStatus.DECLINED
EXPIRED, WITHDRAWN = AssignmentStatus.EXPIRED, AssignmentStatus.WITHDRAWN

INDEX = st.integers(0, 1)
WHICH = st.integers(0, 5)
MEANWHILE = st.sampled_from(["nothing", "nothing", "weeks", "weeks", "move", "resend", "withdraw"])


class Assignments(RuleBasedStateMachine):
    """A customer's manager, two partners, the clock and the move do what they like."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.example = transaction.atomic()
        self.example.__enter__()
        self.model = Model()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    def attempt(self, verb: Callable[[], SupportAssignment]) -> SupportAssignment | None:
        """Return what the verb returns, None where it refuses; what is refused leaves nothing behind."""
        try:
            with transaction.atomic():
                return verb()
        except Refused:
            return None

    def pick(self, which: int) -> tuple[int, Row] | None:
        """One of the newest assignments."""
        ids = sorted(self.model.rows, reverse=True)
        return (ids[which], self.model.rows[ids[which]]) if which < len(ids) else None

    # What the customer does. The super admin: the support manager's role ends with the move (S9).

    @rule(service=st.sampled_from(SERVICES), which=INDEX)
    def assign(self, service: Service, which: int) -> None:
        LookUp.objects.all().delete()  # the limit of S10 is not what is tried here
        made = self.attempt(
            lambda: partners.assign_support_partner(
                actor=acting(self.cast.admin),
                customer=self.cast.customer,
                service=service,
                reseller=self.cast.resellers[which],
                verifier_email=self.cast.verifiers[which].email,
            )
        )
        assert (made is not None) is (not self.model.moved and not self.model.live(service)), "S2, S9"
        if made is not None:
            self.model.settle()
            self.model.events += 1
            self.model.rows[made.pk] = Row(service, which, PENDING)

    @rule(service=st.sampled_from(SERVICES), which=INDEX, opens=st.booleans())
    def add_contract(self, service: Service, which: int, opens: bool) -> None:
        made = self.attempt(
            lambda: partners.create_contract(
                actor=acting(self.cast.admin),
                customer=self.cast.customer,
                service=service,
                reseller=self.cast.resellers[which],
                opens_console=opens,
            )
        )
        same = [row for row in self.model.live(service) if row.reseller == which]
        active = [row for row in same if row.status == ACTIVE]
        assert (made is not None) is (self.model.moved and not active), "S9: a contract needs nobody's approval"
        if made is not None:
            self.model.settle()
            for row in same:
                row.status, row.token = WITHDRAWN, ""
                self.model.events += 1
            self.model.events += 1
            self.model.rows[made.pk] = Row(service, which, ACTIVE, mails=0)
            self.model.begin_contract(which, opens, said=opens)

    @rule(which=WHICH)
    def resend(self, which: int) -> None:
        if (picked := self.pick(which)) is None:
            return
        pk, row = picked
        sent = self.attempt(
            lambda: partners.resend_verification(
                actor=acting(self.cast.admin), customer=self.cast.customer, assignment_id=pk
            )
        )
        assert (sent is not None) is (row.status_now() == PENDING and row.mails < MAILS_AT_MOST)
        if sent is not None:
            row.age, row.token, row.mails = 0.0, "", row.mails + 1
            self.model.events += 1

    @rule(which=WHICH)
    def withdraw(self, which: int) -> None:
        self.end(which, partners.withdraw_request, PENDING, WITHDRAWN)

    @rule(which=WHICH)
    def remove(self, which: int) -> None:
        self.end(which, partners.remove_support_partner, ACTIVE, REMOVED)

    def end(
        self,
        which: int,
        verb: Callable[..., SupportAssignment | None],
        before: AssignmentStatus,
        after: AssignmentStatus,
    ) -> None:
        if (picked := self.pick(which)) is None:
            return
        pk, row = picked
        ended = verb(actor=acting(self.cast.admin), customer=self.cast.customer, assignment_id=pk)
        assert (ended is not None) is (row.status_now() == before), "S8"
        if ended is not None:
            row.status, row.token = after, ""
            self.model.events += 1
            self.model.end_contracts()

    # What the partner does

    @rule(which=WHICH)
    def the_mail_arrives(self, which: int) -> None:
        """The link is made when the mail is sent; the one before stops working (S4)."""
        picked = self.pick(which)
        if picked is not None and picked[1].status_now() == PENDING:
            pk, row = picked
            row.token = new_link(SupportAssignment.objects.get(pk=pk))
            self.model.tokens.append((pk, row.token))

    @rule(link=st.integers(0, 3), confirm=st.booleans(), by_other=st.sampled_from([False, False, False, True]))
    def decide(self, link: int, confirm: bool, by_other: bool) -> None:
        """With one of the newest links, whether or not it is still good, as the verifier or as someone else."""
        if link >= len(self.model.tokens):
            return
        pk, token = self.model.tokens[-1 - link]
        row = self.model.rows[pk]
        person = self.cast.verifiers[1 - row.reseller if by_other else row.reseller]
        decided = self.attempt(lambda: partners.decide_by_link(actor=acting(person), token=token, confirm=confirm))
        good = row.status_now() == PENDING and row.token == token and not by_other
        assert (decided is not None) is good, "S4: one use, by whom it was sent to, for 14 days"
        if decided is not None:
            row.status, row.token = (ACTIVE if confirm else DECLINED), ""
            self.model.events += 1
            if confirm and self.model.moved:
                self.model.begin_contract(row.reseller, False, said=None)

    @rule(service=st.sampled_from(SERVICES), which=INDEX, meanwhile=MEANWHILE)
    def assign_and_confirm(self, service: Service, which: int, meanwhile: str) -> None:
        """The usual case, so that examples get past it; mostly something happens before the link is used."""
        self.assign(service, which)
        self.the_mail_arrives(0)
        if meanwhile == "weeks":
            self.time_passes(LIFETIME + 0.1)
        elif meanwhile == "move":
            self.migrate(1, now=True)
        elif meanwhile == "resend":
            self.resend(0)
        elif meanwhile == "withdraw":
            self.withdraw(0)
        self.decide(0, confirm=True, by_other=False)

    # What the clock and the vendor do

    @rule(days=st.sampled_from([1.0, 6.9, 13.9, 14.1]))
    def time_passes(self, days: float) -> None:
        pass_days(days)
        for row in self.model.rows.values():
            row.age += days

    @rule(times=st.sampled_from([1, 1, 2]), now=st.sampled_from([True, False, False]))
    def migrate(self, times: int, now: bool) -> None:
        """S9: at any moment, and the second time it changes nothing. now: so that most of an example is before it."""
        if not now:
            return
        for _ in range(times):
            before = self.everything()
            move = migrate_customer(actor=None, customer=self.cast.customer)
            assert (move is None) is self.model.moved
            if move is None:
                assert self.everything() == before
            else:
                for which in sorted(self.model.active()):
                    self.model.begin_contract(which, True, said=None)
            self.model.moved = True

    @rule(which=INDEX)
    def tick_or_untick(self, which: int) -> None:
        """A super admin decides on the page Reseller access, where the partner is on it (R19)."""
        allowed = not self.model.consoles.get(which, True)
        reseller = self.cast.resellers[which]
        grant = AccessGrant.objects.filter(customer=self.cast.customer, reseller=reseller).first()
        wish = Desired(reseller.pk, None, allowed, grant.generation if grant else 0)
        if which in self.model.consoles:
            save_reseller_access(actor=acting(self.cast.admin), customer=self.cast.customer, desired=[wish])
            self.model.consoles[which] = self.model.words[which] = allowed

    @rule()
    def a_worker_sweeps(self) -> None:
        propagate()

    def everything(self) -> list[object]:
        rows = SupportAssignment.objects.order_by("pk").values_list()
        return [*rows, AuditEvent.objects.count(), Case.objects.count()]

    # What must be true after every step

    @invariant()
    def consoles_are_what_the_page_says_and_open_no_further(self) -> None:
        boxes = overview_of(self.cast.customer).sections
        assert {box.reseller: box.console.ticked for box in boxes} == {
            self.cast.resellers[which]: allowed for which, allowed in self.model.consoles.items()
        }, "R19, S12"
        for which, agent in enumerate(self.cast.agents):
            if Permission.VIEW_CONSOLE in permissions_on(fresh(agent), self.cast.customer):
                box = next(b.console for b in boxes if b.reseller == self.cast.resellers[which])
                assert box.ticked or box.access is AccessState.CLOSING, "R19: anyone who can enter is named"

    @invariant()
    def what_is_stored_is_what_was_done(self) -> None:
        stored = dict(SupportAssignment.objects.values_list("pk", "status"))
        assert stored == {pk: row.status for pk, row in self.model.rows.items()}
        live = set(SupportAssignment.objects.filter(is_live()).values_list("pk", flat=True))
        assert live == {pk for pk, row in self.model.rows.items() if row.status_now() in (PENDING, ACTIVE)}, "S8"
        assert has_moved(self.cast.customer) is self.model.moved
        contracts = SupportAssignment.objects.filter(status=ACTIVE).values_list("in_care_portal", flat=True)
        assert set(contracts) <= {self.model.moved}, "S9"

    @invariant()
    def each_service_has_one_partner_before_the_move(self) -> None:
        for service in SERVICES:
            live = SupportAssignment.objects.filter(is_live(), service=service)
            assert self.model.moved or live.count() <= 1, "S2"
            active = [row.reseller for row in self.model.live(service) if row.status == ACTIVE]
            assert len(active) == len(set(active))

    @invariant()
    def partners_see_what_is_active_and_nothing_else(self) -> None:
        for which, verifier in enumerate(self.cast.verifiers):
            person = fresh(verifier)
            active = {r.service for r in self.model.rows.values() if r.reseller == which and r.status == ACTIVE}
            assert services_open_to(person, self.cast.customer) == active, "S6, S7"
            assert services_open_to(person, self.cast.stranger) == frozenset()
            seen = set(cases_visible_to(person).values_list("customer_id", "service"))
            assert seen == {(self.cast.customer.pk, service) for service in active}, "S7: nothing more, at once"
            assert list(customers_served_by(person)) == ([self.cast.customer] if active else [])

    @invariant()
    def each_step_is_noted_once(self) -> None:
        steps = AuditEvent.objects.filter(customer_id=self.cast.customer.pk, name__startswith="SUPPORT_PARTNER_")
        assert steps.exclude(name="SUPPORT_PARTNER_LOOKED_UP").count() == self.model.events, "A1"
        moves = AuditEvent.objects.filter(customer_id=self.cast.customer.pk, name="CUSTOMER_CARE_MOVED")
        assert moves.count() == self.model.moved

    @invariant()
    def the_managers_role_goes_with_the_move(self) -> None:
        expected = {Role.SUPPORT} if self.model.moved else {Role.SUPPORT_MANAGER}
        assert fresh(self.cast.manager).roles == expected, "S9"


@pytest.mark.django_db
def test_S2_to_S9_hold_whatever_happens_in_whatever_order() -> None:
    machine = type("WithCast", (Assignments,), {"cast": Cast()})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
