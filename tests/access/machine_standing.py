"""What access stands on, in the state machine: people, resellers, sales and support contracts (R1, R13, R19)."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models.functions import Now
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from accounts.models import CustomerAgent, Reseller, RoleAssignment, User
from accounts.roles import Role
from subscriptions import lifecycle
from subscriptions.access.relation import begin_contract, end_contract
from subscriptions.models import AccessChange, Subscription
from tests.access.machine import Crash, Example, crash_after
from tests.access.world import (
    assign,
    sell,
)

CRASH = st.sampled_from([0, 0, 0, 0, *range(1, 21)])
INDEX = st.integers(0, 1)


class Standing(Example):
    """It begins, ends and begins again, in whatever order."""

    @rule(which=INDEX, what=st.sampled_from(["admin", "reseller", "role", "suspension", "staffing"]))
    def people_come_back(self, which: int, what: str) -> None:
        self.set_status(which, what, good=True)

    def set_status(self, which: int, what: str, *, good: bool) -> None:
        agent = self.cast.agents[which]
        if what == "admin":
            RoleAssignment.objects.filter(user=self.cast.admin).update(role=Role.SUPER_ADMIN if good else Role.AUDITOR)
        elif what == "reseller":
            suspended_at = None if good else Now()
            Reseller.objects.filter(pk=self.cast.resellers[which].pk).update(suspended_at=suspended_at)
        elif what == "role":
            role = [Role.RESELLER_AGENT, Role.RESELLER_ADMIN][which] if good else Role.SUPPORT_AGENT
            RoleAssignment.objects.filter(user=agent).update(role=role)
        elif what == "suspension":
            User.objects.filter(pk=agent.pk).update(is_active=good)
        else:
            CustomerAgent.objects.filter(user=agent).delete()
            if good:
                assign(agent, self.cast.customer)

    @rule(which=INDEX)
    @precondition(lambda self: len(self.live(reseller__isnull=False)) < 3)
    def sell(self, which: int) -> None:
        reseller = self.cast.resellers[which]
        sell(self.cast.customer, reseller)
        self.model.begin_relation(reseller.pk, self.now())

    @rule(which=st.integers(0, 3), to=st.sampled_from([None, None, 0, 1]), crash=CRASH)
    def cancel_or_transfer(self, which: int, to: int | None, crash: int) -> None:
        live = Subscription.objects.filter(pk__in=self.live()).select_related("reseller").order_by("pk")
        if which >= len(live):
            return
        subscription, reseller = live[which], None if to is None else self.cast.resellers[to]
        if reseller is not None and subscription.reseller == reseller:
            return
        try:
            with crash_after(crash), transaction.atomic():
                if reseller is None:
                    lifecycle.cancel_subscription(actor=None, subscription=subscription)
                else:
                    lifecycle.transfer_subscription(actor=None, subscription=subscription, reseller=reseller)
        except Crash:
            return
        for key in [key for key in self.model.boxes if key[1] == subscription.pk]:
            self.model.end(key, self.now())
        seller = subscription.reseller_id
        if seller is not None and not self.live(reseller=seller):
            self.model.end_relation(seller, self.now())
        if reseller is not None:
            self.model.begin_relation(reseller.pk, self.now())

    @rule(which=INDEX, opens=st.booleans(), by_admin=st.booleans())
    def contract_begins(self, which: int, opens: bool, by_admin: bool) -> None:
        """A support contract moves along or is confirmed (opens or not), or a super admin makes one (R19, S12)."""
        reseller = self.cast.resellers[which]
        actor = self.actor if by_admin else None
        try:
            with transaction.atomic():
                grant = begin_contract(actor=actor, customer=self.cast.customer, reseller=reseller, opens=opens)
        except PermissionDenied:
            assert by_admin
            assert not self.is_super_admin()
            return
        due_at = AccessChange.objects.get(grant=grant, generation=grant.generation).due_at + self.shift
        self.model.begin_contract(reseller.pk, opens, due_at, decided=by_admin)

    @rule(which=INDEX)
    def contract_ends(self, which: int) -> None:
        end_contract(customer=self.cast.customer, reseller=self.cast.resellers[which])
        self.model.end_contract(self.cast.resellers[which].pk, self.now())
