from __future__ import annotations

import pytest
from django.test import Client

from accounts.roles import Role
from tests.access.world import make_customer, make_person


@pytest.mark.django_db
def test_a_refused_request_is_one_line_in_the_log_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    customer = make_customer()
    client = Client()
    client.force_login(make_person(Role.SUPPORT_MANAGER, customer=customer))

    assert client.get(f"/console/{customer.primary_domain}/audit/").status_code == 403

    [record] = caplog.records
    assert record.getMessage() == f"Forbidden (Permission denied): /console/{customer.primary_domain}/audit/"
    assert record.exc_info is None
