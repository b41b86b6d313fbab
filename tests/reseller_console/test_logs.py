from __future__ import annotations

import pytest
from django.test import Client

from accounts.organisations import VENDOR
from accounts.roles import Role
from reseller_console.log_lines import TextLines
from tests.factories import put_customer, put_person


@pytest.mark.django_db
@pytest.mark.parametrize("opens", ["/support/verify/", "/accounts/password/reset/key/1k-"])
def test_no_line_of_a_request_holds_what_opens_something(opens: str, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(put_person(VENDOR, Role.SUPER_ADMIN))

    assert client.post(f"{opens}SECRET/").status_code == 403

    lines = [TextLines().format(record) for record in caplog.records]
    assert [opens.removesuffix("1k-") + "-/" in line for line in lines] == [True] * len(lines) != []
    assert "SECRET" not in "".join(lines)


@pytest.mark.django_db
def test_a_refused_request_is_one_line_in_the_log_without_a_traceback(caplog: pytest.LogCaptureFixture) -> None:
    customer = put_customer()
    client = Client()
    client.force_login(put_person(customer, Role.SUPPORT_MANAGER))

    assert client.get(f"/console/{customer.primary_domain}/audit/").status_code == 403

    [record] = caplog.records
    assert record.getMessage() == f"Forbidden (Permission denied): /console/{customer.primary_domain}/audit/"
    assert record.exc_info is None
