"""How Resale One puts its customers in order, and who came and went among its staff (P4, P11)."""

from __future__ import annotations

from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from accounts import staffing
from accounts.clock import database_now
from accounts.directory import people
from accounts.roles import Role
from accounts.sign_in import enrolling
from demo.cast import APP_SECRET, OTTO, RESALE_ONE
from demo.scene import Scene
from subscriptions import customer_groups, leaving
from subscriptions.access.customer_filter import CustomerFilter
from subscriptions.models import CustomerGroup
from subscriptions.models.customer_group import GroupKind

ROSA = "rosa@resale-one.example"


def staff(scene: Scene) -> None:
    """Let Otto's team work for all customers; one agent left, and one who was invited has not come yet.

    Otto has an authenticator app (P12), whose secret demo_accounts prints.
    """
    rosa, reseller = scene.actors[ROSA], scene.resellers[RESALE_ONE]
    team = staffing.create_team(actor=rosa, reseller=reseller, name="Out of hours")
    staffing.add_member(actor=rosa, team=team, agent=scene.actors[OTTO].user)
    staffing.assign_all_customers(actor=rosa, team=team)
    gone = people.create_user(
        actor=rosa,
        organisation=reseller,
        email="gus@resale-one.example",
        name="Gus Lindqvist",
        roles=[Role.RESELLER_AGENT],
    )
    leaving.delete_user_with_licences(actor=rosa, person=gone)
    step = int(database_now().timestamp()) // app_settings.TOTP_PERIOD
    code = format_hotp_value(hotp_value(APP_SECRET, step))
    enrolling.add_app(actor=scene.actors[OTTO], secret=APP_SECRET, code=code)
    people.create_user(
        actor=rosa,
        organisation=reseller,
        email="ivy@resale-one.example",
        name="Ivy Castellanos",
        roles=[Role.RESELLER_AGENT, Role.SUPPORT_AGENT],
        invite=True,
    )


def order_customers(scene: Scene) -> None:
    """Make tags and groups: two by hand, one by a rule that was pressed once."""
    others = scene.others()
    _put(scene, GroupKind.TAG, "Key account", [*others[::11], "acme.example"])
    _put(scene, GroupKind.TAG, "Pays by invoice", others[4::13])
    _put(scene, GroupKind.GROUP, "Price talks in spring", others[2::17])
    group, rule = _make(scene, GroupKind.GROUP, "Has Vault"), CustomerFilter(product="Google-Vault")
    rosa = scene.actors[ROSA]
    seen = customer_groups.candidates(rosa.user, group, rule).seen
    customer_groups.fill_group(actor=rosa, group=group, rule=rule, seen=seen)


def _make(scene: Scene, kind: GroupKind, name: str) -> CustomerGroup:
    reseller = scene.resellers[RESALE_ONE]
    return customer_groups.create_group(actor=scene.actors[ROSA], reseller=reseller, kind=kind, name=name)


def _put(scene: Scene, kind: GroupKind, name: str, domains: list[str]) -> None:
    customers = [scene.customers[domain].pk for domain in domains]
    group = _make(scene, kind, name)
    customer_groups.add_customers(actor=scene.actors[ROSA], group=group, customers=customers)
