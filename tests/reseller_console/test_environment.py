"""What stands in the environment, and in the `.env` of Compose, reaches the settings; what is malformed is named."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from reseller_console.checks import refuse_unsafe_settings
from reseller_console.environment import name_servers
from reseller_console.local import check, places
from tests.reseller_console.compose import OF_ONE, OURS, SECRETS, interpolated, loaded
from tests.reseller_console.operations import first_column
from tests.reseller_console.settings import SAFE, use

VARIABLES = first_column("Settings")
# Compose makes these itself: of the passwords, and of where its volume is.
MADE_BY_COMPOSE = {"DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SEALER_URL", "REDIS_URL", "MEDIA_ROOT"}
NEVER_IN_PRODUCTION = {"DEBUG", "DEMO"}
# Any text is a name, or a path; whether the directory is there is another question. The key is read by the sealing
# process alone (tests/seals).
NEVER_MALFORMED = {
    *("VENDOR_NAME", "MEDIA_ROOT", "AUDIT_SEAL_KEY"),
    *(f"ATTACHMENTS_S3_{name}" for name in ("BUCKET", "REGION", "ACCESS_KEY", "SECRET_KEY", "KMS_KEY", "ENCRYPTION")),
}
MALFORMED = {
    "SECRET_KEY": "sesame",
    "SECRET_KEY_FALLBACKS": f"{check.PRODUCTION['SECRET_KEY']},sesame",
    "ALLOWED_HOSTS": "https://console.example.com",
    "CONSOLE_URL": "console.example.com",
    "CSRF_TRUSTED_ORIGINS": "console.example.com",
    "DATABASE_URL": "mysql://console:sesame@database.example.com/console",
    "DATABASE_OWNER_URL": "postgresql://owner:sesame@database:port/console",
    "DATABASE_SEALER_URL": "postgresql://sealer:sesame@database:port/console",
    "REDIS_URL": "redis://:sesame@broker.example.com:port/0",
    "EMAIL_URL": "mail://user:sesame@mail.example.com",
    "DEFAULT_FROM_EMAIL": "Reseller Console <console@example.com",
    "VENDOR_DOMAINS": "Vendor Example",
    "DNS_RESOLVERS": "192.0.2.53,dns.example.com",
    "IDENTITY_PROVIDER_NETWORKS": "10.0.0.0/8,10.0.0.1/8",
    "CUSTOMER_CARE_MIGRATION_DATE": "26.10.2022",
    "ATTACHMENTS_STORAGE": '{"sesame": 1}',
    "ATTACHMENTS_S3_ENDPOINT": "sesame.example.com",
    "AUDIT_SEALS_STORAGE": '{"sesame": 1}',
    "LOG_LEVEL": "LOUD",
    "LOG_FORMAT": "xml",
    "METRICS_TOKEN": "sesame",
}
SWITCHES = {"DEBUG", "DEMO", "RESELLER_ACCESS_DEFAULT", "SECURE_SSL_REDIRECT"}
NUMBERS = set(VARIABLES) - set(MALFORMED) - SWITCHES - NEVER_MALFORMED


def read(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> dict[str, Any]:
    """Return the settings as a process with this environment reads them."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    found = runpy.run_path(str(places.CHECKOUT / "reseller_console" / "settings.py"))
    return {name: value for name, value in found.items() if name.isupper()}


def refusal(monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str, value: str) -> str:
    """Return what a process says that starts with this value in an environment that is safe otherwise."""
    try:
        values = read(monkeypatch, {**check.PRODUCTION, name: value})
        use(settings, {**SAFE, name: values[name]})
        refuse_unsafe_settings()
    except ImproperlyConfigured as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *MALFORMED.items(),
        *((name, "maybe") for name in sorted(SWITCHES)),
        *((name, value) for name in sorted(NUMBERS) for value in ("soon", "-1")),
    ],
)
def test_what_is_malformed_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, name: str, value: str
) -> None:
    said = refusal(monkeypatch, settings, name, value)
    assert re.search(rf"\b{name}\b", said) or (value == "-1" and name.rpartition("_")[2] in said)
    assert "sesame" not in said


@pytest.mark.parametrize("command", [["manage.py", "check"], ["-m", "gunicorn", "reseller_console.wsgi"]])
def test_a_process_ends_with_the_name_of_what_is_malformed(command: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=places.CHECKOUT,
        env={**os.environ, **check.PRODUCTION, "DATABASE_URL": "postgresql://console:sesame@database:port/console"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert "The environment variable DATABASE_URL is malformed" in ended.stderr
    assert "sesame" not in ended.stderr


def test_an_empty_value_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = read(monkeypatch, check.PRODUCTION)
    given = dict.fromkeys(VARIABLES, "") | {
        name: value for name, value in check.PRODUCTION.items() if name in VARIABLES
    }
    empty = read(monkeypatch, given)
    unlike = {name for name in left_out if repr(left_out[name]) != repr(empty[name])}
    assert unlike == set()


def test_what_is_written_with_spaces_is_read_without_them(monkeypatch: pytest.MonkeyPatch) -> None:
    spaced = {"ALLOWED_HOSTS": " console.example.com , [::1] ", "SECURE_SSL_REDIRECT": " On ", "LOG_LEVEL": "debug"}
    values = read(monkeypatch, {**check.PRODUCTION, **spaced})
    assert (values["ALLOWED_HOSTS"], values["SECURE_SSL_REDIRECT"]) == (["console.example.com", "[::1]"], True)
    assert values["LOGGING"]["root"]["level"] == "DEBUG"


@pytest.mark.parametrize("name", sorted(set(VARIABLES) - NEVER_IN_PRODUCTION))
def test_compose_hands_each_variable_to_every_process(name: str) -> None:
    given = f"given-{name}"
    services = loaded(interpolated({**SECRETS, name: given}))["services"]
    told = {"migrate"} if name == "DATABASE_OWNER_URL" else {OF_ONE[name]} if name in OF_ONE else OURS
    if name == "DATABASE_URL":  # the sealer has its own
        told = OURS - {"sealer"}
        assert services["sealer"]["environment"][name] == ""
    if name in OF_ONE:
        assert {process for process in OURS if name in services[process]["environment"]} == told
    arrived = {services[process]["environment"].get(name) for process in told}
    assert len(arrived) == 1
    assert arrived != {None}
    assert (given in arrived) != (name in MADE_BY_COMPOSE)


def test_compose_hands_on_nothing_that_is_for_this_machine_only() -> None:
    for process in OURS:
        environment = loaded()["services"][process]["environment"]
        assert not NEVER_IN_PRODUCTION & environment.keys()
        assert environment.keys() <= {*VARIABLES, "WEB_CONCURRENCY"}


def test_what_env_leaves_out_has_the_default_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file holds no default of its own but the proxy in front, which it is made for."""
    environment = {name: str(value) for name, value in loaded()["services"]["web"]["environment"].items()}
    arrived = read(monkeypatch, environment)
    given = ({*SECRETS, *MADE_BY_COMPOSE} & {*VARIABLES}) - {"DATABASE_OWNER_URL", *OF_ONE}
    plain = read(monkeypatch, {name: environment[name] for name in given})
    unlike = {name for name in plain if repr(plain[name]) != repr(arrived[name])}
    assert unlike == {"TRUSTED_PROXY_COUNT", "ALLAUTH_TRUSTED_PROXY_COUNT", "SECURE_PROXY_SSL_HEADER"}


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("192.0.2.53", [("192.0.2.53", 53)]),
        ("192.0.2.53:5353, 2001:db8::53", [("192.0.2.53", 5353), ("2001:db8::53", 53)]),
        ("[2001:db8::53]:5353,[::1]", [("2001:db8::53", 5353), ("::1", 53)]),
        *(
            (wrong, None)
            for wrong in ("192.0.2.53:0", "192.0.2.53:65536", "192.0.2", "[::1", "::1]:53", "[192.0.2.53]x")
        ),
    ],
)
def test_name_servers_are_ip_addresses_with_or_without_a_port(
    typed: str, read_as: list[tuple[str, int]] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DNS_RESOLVERS", typed)
    if read_as is None:
        with pytest.raises(ImproperlyConfigured, match="DNS_RESOLVERS is malformed"):
            name_servers("DNS_RESOLVERS")
    else:
        assert name_servers("DNS_RESOLVERS") == read_as


def test_a_connection_to_a_database_that_was_cut_off_is_given_up_unless_the_url_says_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = check.PRODUCTION["DATABASE_URL"]
    options = read(monkeypatch, check.PRODUCTION)["DATABASES"]["default"]["OPTIONS"]
    assert options["keepalives_idle"] + options["keepalives_count"] * options["keepalives_interval"] < 15
    assert (options["connect_timeout"], options["tcp_user_timeout"]) == (3, 10_000)
    said = read(monkeypatch, {**check.PRODUCTION, "DATABASE_URL": f"{url}?tcp_user_timeout=500"})
    assert said["DATABASES"]["default"]["OPTIONS"]["tcp_user_timeout"] == 500
