"""What scim2-tester, which nobody here wrote, says of the service: over HTTP, from a server in another thread."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from httpx2 import Client
from pytest_django.live_server_helper import LiveServer
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from accounts.models import Customer, Reseller
from tests.api.scim_world import make_token
from tests.factories import make_customer, make_reseller


class Addresses(list[str]):
    """Fresh addresses at a verified domain (P9): no schema can say at which ones an organisation gives addresses."""

    def __init__(self, domain: str) -> None:
        super().__init__(["one"])
        self.domain = domain

    def __getitem__(self, _index: Any) -> Any:
        return f"{uuid.uuid4().hex}@{self.domain}"


@pytest.mark.parametrize(("make", "resources"), [(make_customer, {"User", "Group"}), (make_reseller, {"User"})])
def test_P15_scim2_tester_reports_nothing_wrong(
    transactional_db: None, live_server: LiveServer, make: Any, resources: set[str]
) -> None:
    organisation: Customer | Reseller = make("Acme", "acme.example")
    code = make_token(organisation)
    with Client(base_url=f"{live_server.url}/scim/v2", headers={"Authorization": f"Bearer {code}"}) as http:
        client = SyncSCIMClient(http)
        client.discover()
        user: Any = client.get_resource_model("User")
        user.model_fields["user_name"].examples = Addresses(organisation.primary_domain)
        results = check_server(client)
    wrong = [result for result in results if result.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert wrong == []
    assert {result.resource_type for result in results} - {None} == resources
    done = {result.title for result in results if result.status == Status.SUCCESS}
    assert {"object_replacement", "check_add_attribute", "check_remove_attribute", "check_replace_attribute"} <= done
