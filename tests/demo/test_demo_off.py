from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.models import Customer
from demo.cast import PASSWORD


@pytest.mark.django_db
@pytest.mark.parametrize("command", [("load_demo",), ("demo_accounts",), ("demo_keys", "keys")])
def test_nothing_is_loaded_and_no_password_is_said_where_demo_is_off(
    command: tuple[str, ...], settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command(*command)
    assert not Customer.objects.exists()
    assert PASSWORD not in capsys.readouterr().out
