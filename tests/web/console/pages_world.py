"""What tests of the directory's pages need."""

from __future__ import annotations

from django.test import Client

from accounts.directory import org_units
from accounts.directory.tree import tree_of
from accounts.models import Customer, OrgUnit
from tests.access.world import propagate, sell
from tests.cast import Cast
from tests.client import signed_in, url_of


def make_unit(customer: Customer, name: str, parent: OrgUnit | None = None) -> OrgUnit:
    place = parent or tree_of(customer).root
    return org_units.create_org_unit(actor=None, customer=customer, parent=place, name=name)


def enter(cast: Cast) -> Client:
    """The browser of an agent in Acme's console."""
    sell(cast.acme.customer, cast.resale_one.reseller)
    propagate()
    ana = signed_in(cast.resale_one.agent)
    ana.post(url_of("enter_console", cast.acme.customer))
    return ana
