"""The role support manager ends with the move to the Customer Care Portal (S12)."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.directory.people import assign_role, change_roles
from accounts.errors import Refused
from accounts.roles import Role
from subscriptions.access.overview import overview_of
from subscriptions.models import AccessChange, AccessGrant
from support.models import SupportAssignment
from tests.cast import Cast
from tests.factories import fresh
from tests.support.contract_console import contract, enters, left_over_manager, move, save, works_on_cases
from tests.support.world import acting, active, remove


def test_S12_a_support_manager_opens_no_console_with_a_contract(cast: Cast) -> None:
    move(cast)
    manager = left_over_manager(cast)
    with pytest.raises(PermissionDenied):
        contract(cast, opens_console=True, by=manager)
    assert not SupportAssignment.objects.exists()
    contract(cast, opens_console=False, by=manager)
    assert not enters(cast)
    assert works_on_cases(cast)
    # It is on the page, and nobody has said no: a super admin may tick it.
    [section] = overview_of(cast.acme.customer).sections
    assert (section.console.ticked, AccessChange.objects.get().requested_by_email) == (False, "")
    save(cast, True)
    assert enters(cast)


def test_S12_the_support_manager_role_cannot_be_given_after_the_move(cast: Cast) -> None:
    assign_role(actor=None, person=cast.acme.nobody, role=Role.SUPPORT_MANAGER)
    move(cast)
    assert fresh(cast.acme.nobody).roles == {Role.SUPPORT}
    for actor in (None, acting(cast.operator), acting(cast.acme.super_admin)):
        with pytest.raises(Refused, match="ended with the move"):
            assign_role(actor=actor, person=cast.acme.nobody, role=Role.SUPPORT_MANAGER)
        with pytest.raises(Refused, match="ended with the move"):
            change_roles(actor=actor, person=cast.acme.nobody, roles=[Role.SUPPORT, Role.SUPPORT_MANAGER])
    assert fresh(cast.acme.nobody).roles == {Role.SUPPORT}
    assign_role(actor=None, person=cast.globex.nobody, role=Role.SUPPORT_MANAGER)


def test_S12_no_form_offers_the_role_after_the_move_and_whoever_holds_it_can_lose_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.acme.super_admin)
    role_page = reverse("admin_role", args=["acme.example", "support_manager"])
    roles_page = reverse("user_roles", args=["acme.example", cast.acme.nobody.pk])
    assert 'value="support_manager"' in client.get(roles_page).content.decode()
    assert "Assign this role" in client.get(role_page).content.decode()
    move(cast)
    assert 'value="support_manager"' not in client.get(roles_page).content.decode()
    said = client.get(role_page).content.decode()
    assert "ended with the move" in said
    assert "Assign this role" not in said
    forged = client.post(reverse("admin_role_assign", args=["acme.example", "support_manager"]), {"email": "dave"})
    assert forged.status_code == 422
    assert "ended with the move" in forged.content.decode()
    left_over_manager(cast)
    assert client.post(roles_page, {"roles": ["support"]}).status_code == 302
    assert fresh(cast.acme.nobody).roles == {Role.SUPPORT}


def test_S2_the_manager_before_the_move_removes_partners_as_ever(cast: Cast) -> None:
    remove(cast.acme, active(cast.acme, cast.resale_one))
    assert not AccessGrant.objects.exists()
