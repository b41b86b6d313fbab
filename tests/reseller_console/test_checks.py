"""Each start-up check: its id appears with the unsafe value, and is gone with the safe one."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.checks import Tags, run_checks
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from reseller_console.checks import BUCKET, RULES, refuse_unsafe_settings
from reseller_console.file_checks import files_can_be_kept
from reseller_console.local import check, places
from tests.guide import GUIDE, StandIn
from tests.reseller_console.compose import services
from tests.reseller_console.settings import SAFE, use

UNSAFE: list[tuple[str, dict[str, Any]]] = [
    ("E001", {"SECRET_KEY": ""}),
    ("E001", {"SECRET_KEY": "", "DEMO": True, "ALLOWED_HOSTS": ["localhost"]}),
    ("E001", {"SECRET_KEY": "too-short-0123456789"}),
    ("E001", {"SECRET_KEY": "ab" * 40}),
    ("E001", {"SECRET_KEY": "django-insecure-0123456789abcdefghijklmnopqrstuvwxyz!"}),
    ("E001", {"SECRET_KEY": "Change-Me-0123456789abcdefghijklmnopqrstuvwxyz-0123456"}),
    ("E001", {"SECRET_KEY_FALLBACKS": [check.PRODUCTION["SECRET_KEY"], "too-short-0123456789"]}),
    ("E001", {"SECRET_KEY_FALLBACKS": ["Change-Me-0123456789abcdefghijklmnopqrstuvwxyz-0123456"]}),
    ("E002", {"DEBUG": True}),
    ("E003", {"DEMO": True}),
    ("E003", {"DEMO": True, "ALLOWED_HOSTS": ["localhost", "192.0.2.4"]}),
    ("E003", {"DEMO": True, "ALLOWED_HOSTS": ["*"]}),
    ("E004", {"ALLOWED_HOSTS": []}),
    ("E004", {"ALLOWED_HOSTS": ["console.example.com", "*"]}),
    ("E005", {"SESSION_COOKIE_SECURE": False}),
    ("E005", {"CSRF_COOKIE_SECURE": False}),
    ("E006", {"ACCESS_PROPAGATION_MIN": 301}),
    ("E006", {"ACCESS_PROPAGATION_MIN": -1}),
    ("E006", {"ACCESS_PROPAGATION_MEDIAN": 86401}),
    ("E006", {"ACCESS_PROPAGATION_MAX": 86401}),
    ("E007", {"AUTHENTICATION_BACKENDS": settings.AUTHENTICATION_BACKENDS[:-1]}),
    (
        "E008",
        {"AUTHENTICATION_BACKENDS": [*settings.AUTHENTICATION_BACKENDS, "guardian.backends.ObjectPermissionBackend"]},
    ),
    (
        "E008",
        {"AUTHENTICATION_BACKENDS": [*settings.AUTHENTICATION_BACKENDS, "django.contrib.auth.backends.ModelBackend"]},
    ),
    ("E009", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    ("E009", {"EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend"}),
    ("E011", {"REDIS_URL": ""}),
    ("E011", {"REDIS_URL": "amqp://broker.example.com"}),
    ("E012", {"TRUSTED_PROXY_COUNT": -1}),
    ("E017", {"OWN_PROXY": "no"}),
    ("E017", {"OWN_PROXY": "yes", "TRUSTED_PROXY_COUNT": 1}),
    ("E012", {"INVITATIONS_ELSEWHERE_PER_DAY": -1}),
    ("E012", {"CUSTOMER_CARE_ANNOUNCEMENT_DAYS": -1}),
    ("E012", {"AUDIT_RETENTION": -1}),
    ("E013", {"ACCESS_SWEEP_INTERVAL": 0}),
    ("E013", {"MAIL_SWEEP_INTERVAL": 0}),
    ("E013", {"SESSION_IDLE_TIMEOUT": -5}),
    ("E013", {"ATTACHMENTS_PER_FORM": 0}),
    ("E030", {"ATTACHMENTS_STORAGE": {"BACKEND": BUCKET, "OPTIONS": {}}}),
    ("E030", {"ATTACHMENTS_STORAGE": {"BACKEND": BUCKET, "OPTIONS": {"bucket_name": "files", "encryption": "none"}}}),
    (
        "E030",
        {
            "ATTACHMENTS_STORAGE": {
                "BACKEND": BUCKET,
                "OPTIONS": {"bucket_name": "files", "endpoint_url": "http://s3.example.com"},
            }
        },
    ),
    ("E030", {"ATTACHMENTS_STORAGE": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {}}}),
    ("E031", {"API_DOCUMENTS": "/nowhere"}),
    ("E014", {"SECURE_SSL_REDIRECT": False}),
    ("E014", {"SECURE_HSTS_SECONDS": 0}),
    ("E015", {"CONSOLE_URL": ""}),
    ("E015", {"CONSOLE_URL": "http://console.example.com"}),
    ("E015", {"CONSOLE_URL": "https://localhost"}),
    ("E015", {"CONSOLE_URL": "https://console.example.com.evil.example"}),
    ("E015", {"CONSOLE_URL": "https://console.example.com@evil.example"}),
    ("E016", {"VENDOR_DOMAINS": []}),
    ("E016", {"VENDOR_DOMAINS": ["vendor.example.com", "Vendor.example"]}),
    ("E016", {"VENDOR_DOMAINS": ["vendor"]}),
    ("E022", {"METRICS_TOKEN": "31-characters-are-one-too-few-x"}),
]


def ids() -> set[str]:
    return {
        str(message.id)
        for message in run_checks(tags=[Tags.security])
        if str(message.id).startswith("reseller_console.")
    }


@pytest.mark.parametrize(("identity", "values"), UNSAFE, ids=lambda value: str(value)[:60])
def test_an_unsafe_value_is_named_by_its_id_and_a_safe_one_is_not(
    identity: str, values: dict[str, Any], settings: Settings
) -> None:
    use(settings, SAFE)
    assert ids() == set()
    use(settings, values)
    assert f"reseller_console.{identity}" in ids()
    with pytest.raises(ImproperlyConfigured, match=identity):
        refuse_unsafe_settings()


def test_every_check_has_a_test_and_its_own_id() -> None:
    tested = {identity for identity, _values in UNSAFE}
    assert [f"reseller_console.{identity}" for identity in sorted(tested)] == [identity for identity, _judge in RULES]


def test_the_settings_of_the_demo_are_accepted_on_this_machine_only(settings: Settings) -> None:
    settings.DEMO = True
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", "console.localhost"]
    assert ids() == set()
    settings.ALLOWED_HOSTS = ["localhost.example.com"]
    assert ids() == {"reseller_console.E003"}


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "reseller_console.wsgi"],
        ["-m", "celery", "-A", "reseller_console", "worker", "--concurrency", "1"],
        ["-m", "celery", "-A", "reseller_console", "beat", "--pidfile", ""],
        ["manage.py", "clearsessions"],
    ],
    ids=["web", "worker", "scheduler", "command"],
)
def test_unsafe_settings_stop(command: list[str]) -> None:
    environment = {**os.environ, **check.PRODUCTION, "SECRET_KEY": "short"}
    ended = subprocess.run(
        [sys.executable, *command], cwd=places.CHECKOUT, env=environment, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert b"reseller_console.E001" in ended.stderr
    assert b"a-password" not in ended.stdout + ended.stderr


def test_a_worker_starts_without_loading_a_page() -> None:
    """What it imports before its first task: Django's own checks would load the URLs, and with them every view."""
    script = (
        "import sys; from reseller_console.celery import app; app.loader.import_default_modules();"
        " print(len(app.tasks), 'reseller_console.urls' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=places.CHECKOUT, capture_output=True, text=True, check=True
    )
    tasks, loads_pages = done.stdout.split()
    assert int(tasks) >= len(settings.SWEEPS)
    assert loads_pages == "False"


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "reseller_console.wsgi"],
        ["-m", "celery", "-A", "reseller_console", "worker", "--concurrency", "1"],
    ],
    ids=["web", "worker"],
)
@pytest.mark.parametrize(
    ("name", "value"),
    [("AUDIT_SEAL_KEY", "sesame"), ("DATABASE_SEALER_URL", "postgresql://console_sealer:sesame@database/console")],
)
def test_E021_what_serves_people_refuses_what_is_the_sealers(command: list[str], name: str, value: str) -> None:
    environment = {**os.environ, **check.PRODUCTION, name: value}
    ended = subprocess.run(
        [sys.executable, *command], cwd=places.CHECKOUT, env=environment, capture_output=True, timeout=60, check=False
    )
    assert ended.returncode != 0
    assert b"reseller_console.E021" in ended.stderr
    assert f"{name} is set for this process".encode() in ended.stderr
    assert b"sesame" not in ended.stderr


@pytest.mark.parametrize("place", ["missing", "file", "/proc"])
def test_E019_the_web_server_refuses_a_media_root_that_it_cannot_write_to(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    # Nobody can create a file in /proc, root neither.
    environment = {**os.environ, **check.PRODUCTION, "MEDIA_ROOT": str(tmp_path / place)}
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "reseller_console.wsgi"],
        cwd=places.CHECKOUT,
        env=environment,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode != 0
    assert b"reseller_console.E019" in ended.stderr


def test_E019_the_place_of_the_files_is_made_as_the_guide_says(tmp_path: Path) -> None:
    (tmp_path / "volume").mkdir()
    media = tmp_path / "volume" / Path(services()["web"]["environment"]["MEDIA_ROOT"]).name

    def loads() -> bool:
        """Whether a web server comes as far as it does before it listens."""
        return not subprocess.run(
            [sys.executable, "-m", "gunicorn", "--check-config", "reseller_console.wsgi"],
            cwd=places.CHECKOUT,
            env={**os.environ, **check.PRODUCTION, "MEDIA_ROOT": str(media)},
            capture_output=True,
            timeout=60,
            check=False,
        ).returncode

    assert not loads()
    [command] = re.findall(r"`(docker compose run [^`]* web mkdir .*?)`", GUIDE)
    StandIn(tmp_path, tmp_path / "volume").follow(command)
    assert loads()


def test_E019_a_media_root_that_can_be_written_to_is_left_as_it_is(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    assert files_can_be_kept() is None
    assert list(tmp_path.iterdir()) == []


def test_production_settings_pass_every_check_for_deployment() -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=places.CHECKOUT,
        env={**os.environ, **check.PRODUCTION},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()
