"""With the mail server away a password reset answers the same for known and unknown addresses."""

from __future__ import annotations

import re
import socket

import pytest
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.mail.sending import send_due_mails
from accounts.models import Mail
from accounts.tasks import clear_expired_sessions
from tests.cast import Cast
from tests.factories import fresh


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


def test_a_reset_that_the_mail_server_did_not_take_is_sent_when_it_is_back(
    cast: Cast, client: Client, settings: LazySettings
) -> None:
    """The link is made when it is sent: nothing that is stored opens an account."""
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", nobody_listens()
    for email in (cast.acme.super_admin.email, "nobody@acme.example"):
        client.post(reverse("account_reset_password"), {"email": email})
    settings.EMAIL_BACKEND = working
    assert send_due_mails() == 1
    [sent] = mail.outbox
    assert sent.to == [cast.acme.super_admin.email]
    [path] = re.findall(r"/accounts/password/reset/key/\S+", str(sent.body))
    assert path not in str(list(Mail.objects.values()))
    page = client.get(path, follow=True)
    assert page.status_code == 200
    changed = client.post(
        page.request["PATH_INFO"], {"password1": "nine-copper-harbours", "password2": "nine-copper-harbours"}
    )
    assert changed.status_code == 302
    assert fresh(cast.acme.super_admin).check_password("nine-copper-harbours")


def test_expired_sessions_are_cleared(cast: Cast, client: Client) -> None:
    client.force_login(cast.acme.super_admin)
    session = client.session
    session.set_expiry(-1)
    session.save()
    kept = Client()
    kept.force_login(cast.acme.super_admin)
    clear_expired_sessions()
    assert set(Session.objects.values_list("session_key", flat=True)) == {kept.session.session_key}
