"""Admin roles and who holds them in the Directory API, called with Google's own client."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent, RoleAssignment
from accounts.roles import CUSTOMER_ROLES, Role
from api.directory.roles import role_id
from tests.api.directory.world import all_pages, make_group, refusal, refusal_in_words
from tests.api.google import service
from tests.api.machines import machine
from tests.cast import Cast
from tests.factories import make_person


@pytest.fixture
def directory(cast: Cast) -> Any:
    return service(Client(), machine(cast.acme.super_admin), "admin", "directory_v1")


def test_each_role_of_a_customer_has_a_number_and_a_name_that_stay(directory: Any) -> None:
    listed = directory.roles().list(customer="my_customer").execute()["items"]
    assert {role["roleName"]: role["roleId"] for role in listed} == {
        "_SEED_ADMIN_ROLE": "13801188331880449",
        "_USER_MANAGEMENT_ADMIN_ROLE": "13801188331880451",
        "_HELP_DESK_ADMIN_ROLE": "13801188331880452",
        "_SUPPORT_MANAGER_ROLE": "13801188331880453",
        "_SUPPORT_ROLE": "13801188331880454",
        "_AUDITOR_ROLE": "13801188331880455",
    }
    assert [role["roleName"] for role in listed if role["isSuperAdminRole"]] == ["_SEED_ADMIN_ROLE"]
    assert all(role["isSystemRole"] for role in listed)
    assert {role_id(role) for role in CUSTOMER_ROLES} == {role["roleId"] for role in listed}
    for role in listed:
        assert directory.roles().get(customer="my_customer", roleId=role["roleId"]).execute() == role
    pages = all_pages(directory.roles(), "list", "items", customer="my_customer", maxResults=4)
    assert [len(page) for page in pages] == [4, 2]
    assert [role["roleId"] for page in pages for role in page] == [role["roleId"] for role in listed]
    assert refusal(directory.roles().get(customer="my_customer", roleId="1")) == (404, "notFound")
    assert refusal(directory.roles().get(customer="my_customer", roleId="help")) == (400, "invalid")


def test_every_privilege_of_a_role_is_listed(directory: Any) -> None:
    privileges = directory.privileges().list(customer="my_customer").execute()["items"]
    names = {privilege["privilegeName"] for privilege in privileges}
    assert {"USERS_RETRIEVE", "GROUPS_ALL", "ORGANIZATION_UNITS_ALL", "CHANGE_RESELLER_ACCESS"} <= names
    assert len(names) == len(privileges)
    for role in directory.roles().list(customer="my_customer").execute()["items"]:
        assert {privilege["privilegeName"] for privilege in role["rolePrivileges"]} <= names
    [help_desk] = [
        {privilege["privilegeName"] for privilege in role["rolePrivileges"]}
        for role in directory.roles().list(customer="my_customer").execute()["items"]
        if role["roleName"] == "_HELP_DESK_ADMIN_ROLE"
    ]
    assert help_desk == {"VIEW_CONSOLE", "USERS_RETRIEVE", "USERS_RESET_PASSWORD"}


def test_nobody_makes_or_changes_roles(directory: Any) -> None:
    roles, auditor = directory.roles(), {"customer": "my_customer", "roleId": role_id(Role.AUDITOR)}
    for request in (
        roles.insert(customer="my_customer", body={"roleName": "Mine", "rolePrivileges": []}),
        roles.patch(**auditor, body={"roleName": "Mine"}),
        roles.update(**auditor, body={"roleName": "Mine"}),
        roles.delete(**auditor),
    ):
        status, reason, said = refusal_in_words(request)
        assert (status, reason) == (403, "forbidden")
        assert "not made or changed" in said


def test_who_holds_what_is_listed(directory: Any, cast: Cast) -> None:
    assignments, people = directory.roleAssignments(), cast.acme
    for person in people.people:
        person.refresh_from_db()
    listed = assignments.list(customer="my_customer").execute()["items"]
    held = {(row["assignedTo"], row["roleId"]) for row in listed}
    assert held == {
        (people.super_admin.public_id, role_id(Role.SUPER_ADMIN)),
        (people.support_manager.public_id, role_id(Role.SUPPORT_MANAGER)),
        (people.auditor.public_id, role_id(Role.AUDITOR)),
    }
    assert {(row["scopeType"], row["assigneeType"]) for row in listed} == {("CUSTOMER", "user")}
    pks = {str(pk) for pk in RoleAssignment.objects.values_list("pk", flat=True)}
    assert not pks & {row["roleAssignmentId"] for row in listed}
    for row in listed:
        key = row["roleAssignmentId"]
        assert assignments.get(customer="my_customer", roleAssignmentId=key).execute() == row
    assert len({row["roleAssignmentId"] for row in listed}) == len(listed)

    def found(**asked: str) -> list[str]:
        answer = assignments.list(customer="my_customer", **asked).execute()
        return [row["assignedTo"] for row in answer["items"]]

    assert found(userKey=people.auditor.email) == found(userKey=people.auditor.public_id) == [people.auditor.public_id]
    assert found(roleId=role_id(Role.SUPER_ADMIN)) == [people.super_admin.public_id]
    assert found(roleId=role_id(Role.SUPPORT)) == found(userKey=people.nobody.email) == []
    assert found(userKey=make_group(people.customer, "Team").email) == []
    assert refusal(assignments.list(customer="my_customer", userKey="jack@globex.example")) == (404, "notFound")
    pages = all_pages(assignments, "list", "items", customer="my_customer", maxResults=2)
    assert [row for page in pages for row in page] == listed
    assert [len(page) for page in pages] == [2, 1]


def test_P13_a_machine_gives_a_role_but_makes_nobody_a_super_admin(directory: Any, cast: Cast) -> None:
    dave, assignments = cast.acme.nobody, directory.roleAssignments()
    dave.refresh_from_db()

    def insert(role: Role, **more: Any) -> Any:
        body = {"roleId": role_id(role), "assignedTo": dave.public_id, "scopeType": "CUSTOMER", **more}
        return assignments.insert(customer="my_customer", body=body)

    given = insert(Role.HELP_DESK_ADMIN).execute()
    assert (given["assignedTo"], given["roleId"]) == (dave.public_id, role_id(Role.HELP_DESK_ADMIN))
    assert set(RoleAssignment.objects.filter(user=dave).values_list("role", flat=True)) == {"help_desk_admin"}
    assert AuditEvent.objects.filter(name="ASSIGN_ROLE", subject=dave.email).count() == 1
    assert refusal(insert(Role.HELP_DESK_ADMIN)) == (409, "duplicate")
    status, reason, said = refusal_in_words(insert(Role.SUPER_ADMIN))
    assert (status, reason) == (403, "forbidden")
    assert "in the console" in said
    assert set(RoleAssignment.objects.filter(user=dave).values_list("role", flat=True)) == {"help_desk_admin"}
    assert refusal(insert(Role.AUDITOR, scopeType="ORG_UNIT", orgUnitId="x")) == (400, "invalid")
    assert refusal(insert(Role.AUDITOR, condition="api.getAttribute('x')")) == (400, "invalid")
    assert refusal(insert(Role.AUDITOR, roleId="1")) == (404, "notFound")
    group = make_group(cast.acme.customer, "Team")
    group.refresh_from_db()
    assert refusal(insert(Role.AUDITOR, assignedTo=group.public_id)) == (400, "invalid")
    cast.globex.nobody.refresh_from_db()
    assert refusal(insert(Role.AUDITOR, assignedTo=cast.globex.nobody.public_id)) == (404, "notFound")
    assert refusal(assignments.insert(customer="my_customer", body={"assignedTo": dave.public_id}))[0] == 400


def test_P7_a_role_is_taken_but_for_the_last_super_admins(directory: Any, cast: Cast) -> None:
    assignments, carol = directory.roleAssignments(), cast.acme.auditor

    def id_of(role: Role) -> str:
        [row] = assignments.list(customer="my_customer", roleId=role_id(role)).execute()["items"]
        return str(row["roleAssignmentId"])

    auditor, last = id_of(Role.AUDITOR), id_of(Role.SUPER_ADMIN)
    assert assignments.delete(customer="my_customer", roleAssignmentId=auditor).execute() == ""
    assert not RoleAssignment.objects.filter(user=carol).exists()
    assert refusal(assignments.delete(customer="my_customer", roleAssignmentId=auditor)) == (404, "notFound")
    assert refusal(assignments.get(customer="my_customer", roleAssignmentId=auditor)) == (404, "notFound")
    assert refusal(assignments.delete(customer="my_customer", roleAssignmentId=last)) == (412, "conditionNotMet")
    make_person(cast.acme.customer, Role.SUPER_ADMIN, name="Zoe")
    # Nor from oneself, which is another reason.
    assert refusal(assignments.delete(customer="my_customer", roleAssignmentId=last)) == (403, "forbidden")
    assert RoleAssignment.objects.filter(user=cast.acme.super_admin, role=Role.SUPER_ADMIN).exists()
