"""With the mail server away a password reset answers the same for known and unknown addresses."""

from __future__ import annotations

import socket

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from accounts.tasks import clear_expired_sessions
from tests.cast import Cast


def nobody_listens() -> int:
    """Return a port of loopback that refuses connections."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_reset_tells_nothing_while_the_mail_server_is_away(
    cast: Cast, client: Client, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", nobody_listens()
    url = reverse("account_reset_password")
    known = client.post(url, {"email": cast.acme.super_admin.email})
    assert "was not sent" in caplog.text
    unknown = client.post(url, {"email": "nobody@acme.example"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_expired_sessions_are_cleared(cast: Cast, client: Client) -> None:
    client.force_login(cast.acme.super_admin)
    session = client.session
    session.set_expiry(-1)
    session.save()
    kept = Client()
    kept.force_login(cast.acme.super_admin)
    clear_expired_sessions()
    assert set(Session.objects.values_list("session_key", flat=True)) == {kept.session.session_key}
