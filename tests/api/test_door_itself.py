"""X2: a service account without a person holds no role, like one of the original that was assigned none: 403."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest
from django.test import Client
from google.api_core.exceptions import Forbidden
from google.cloud import support_v2
from google.cloud.support_v2.services.case_service.transports import CaseServiceRestTransport
from google.oauth2.service_account import Credentials
from pytest_django.live_server_helper import LiveServer

from accounts.machines.tokens import mint
from accounts.models import Customer, User
from accounts.roles import Role
from api.core.documents import Endpoint, endpoints
from api.core.methods import served
from tests.api.machines import account_of, assertion, machine, signing_account
from tests.contract.database import snapshot
from tests.factories import make_customer, make_person, make_reseller

CLOUD_SUPPORT = "https://cloudsupport.googleapis.com/"
Shows = Callable[[User], str]


@pytest.fixture
def ana(db: None) -> User:
    return make_person(make_customer("Acme", "acme.example"), Role.SUPER_ADMIN, name="Ana")


def by_token(person: User) -> str:
    """What google-auth gets without a subject."""
    account = account_of(person)
    return mint(account=account, key=None, person=None, scopes=account.scopes)[0]


def by_assertion(person: User) -> str:
    """What google-cloud-support signs: no token is asked for."""
    account, file = signing_account(person)
    return assertion(file, account.email, aud=CLOUD_SUPPORT, scope=None)


def path_to(endpoint: Endpoint, person: User) -> str:
    """A path that means this method, at the person's own organisation as far as it names one."""
    parent = f"organizations/{person.customer.organization_number if person.customer else 1}"
    own = {"customer": "my_customer", "customerId": "my_customer", "domain": "acme.example", "userKey": person.email}
    names = re.findall(r"\{\+?(\w+)\}", endpoint.path)
    cases = [parent, f"{parent}/cases/1", f"{parent}/cases/1/comments/1", f"{parent}/cases/1/attachments/1"]
    for values in product(*([own[name]] if name in own else ["x", *cases] for name in names)):
        path = endpoint.path
        for name, value in zip(names, values, strict=True):
            path = re.sub(rf"\{{\+?{name}\}}", value, path)
        path = f"/{path.lstrip('/')}"
        if endpoint.pattern.fullmatch(path):
            return path
    raise LookupError(endpoint.path)


def answers(shown: str, person: User) -> dict[tuple[str, str], tuple[int, str]]:
    """What each served method answers, by its id and its path: the status, and the reason by either envelope."""
    client, found = Client(), {}
    for endpoint in endpoints():
        if endpoint.id not in served():
            continue
        headers = {"Authorization": f"Bearer {shown}"}
        answered = client.generic(
            endpoint.http_method, path_to(endpoint, person), b"{}", "application/json", headers=headers
        )
        said = answered.json().get("error", {}) if answered.content else {}
        reason = said.get("status") or (said.get("errors") or [{}])[0].get("reason", "")
        found[endpoint.id, endpoint.path] = answered.status_code, reason
    return found


@pytest.mark.parametrize("shows", [by_token, by_assertion])
@pytest.mark.parametrize("is_reseller", [False, True])
def test_X2_an_account_by_itself_may_do_nothing_whatever_method_it_calls(
    ana: User, shows: Shows, is_reseller: bool
) -> None:
    """Not even read an empty list, or what everybody may who is a person here."""
    person = make_person(make_reseller("Resale", "resale.example"), Role.RESELLER_ADMIN) if is_reseller else ana
    shown, before = shows(person), snapshot()
    found = answers(shown, person)
    others = {
        each: said for each, said in found.items() if said not in {(403, "forbidden"), (403, "PERMISSION_DENIED")}
    }
    assert len(found) > 100 and others == {}
    # That it called is counted, and when it was used last.
    counted = ("accounts_apiquota", "accounts_serviceaccount")
    assert {row for row in snapshot().items() if row[0][0] not in counted} <= set(before.items())


def test_X2_the_refusal_says_what_to_do(ana: User) -> None:
    where, headers = "/admin/directory/v1/users?customer=my_customer", {"Authorization": f"Bearer {by_token(ana)}"}
    error = Client().get(where, headers=headers).json()["error"]
    assert (error["code"], error["errors"][0]["reason"]) == (403, "forbidden")
    assert error["message"].startswith("Not Authorized to access this resource/api.") and "subject" in error["message"]
    for_ana = {"Authorization": f"Bearer {machine(ana)}"}
    assert Client().get(where, headers=for_ana).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_X2_the_generated_client_of_support_is_refused_without_a_subject_and_works_with_one(
    live_server: LiveServer,
) -> None:
    """The way that docs/api.md names: google-auth asks for a token where its credentials have a subject and scopes."""
    customer: Customer = make_customer("Acme", "acme.example")
    ana = make_person(customer, Role.SUPER_ADMIN, name="Ana")
    _account, file = signing_account(ana)
    said = {**file, "token_uri": f"{live_server.url}/token"}
    parent = f"organizations/{customer.organization_number}"
    host = live_server.url.removeprefix("http://")

    def client(credentials: Credentials) -> support_v2.CaseServiceClient:
        transport = CaseServiceRestTransport(credentials=credentials, host=host, url_scheme="http")
        return support_v2.CaseServiceClient(transport=transport)

    alone = Credentials.from_service_account_info(said)  # type: ignore[no-untyped-call]
    signed = alone.with_always_use_jwt_access(True)
    with pytest.raises(Forbidden, match="subject"):
        client(signed).list_cases(parent=parent)
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    for_ana = Credentials.from_service_account_info(said, scopes=scopes, subject=ana.email)  # type: ignore[no-untyped-call]
    assert list(client(for_ana).list_cases(parent=parent)) == []
