"""X6: messages go to public addresses only, to the one that was looked at, with TLS checked against the name."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import override_settings

from accounts.models.webhooks import Trouble
from accounts.webhooks import outgoing
from accounts.webhooks.outgoing import permitted_address, post
from tests.accounts.name_server import FAILS, SILENT, NameServer, name_server
from tests.accounts.webhooks.receiver import Receiver

HOST = "hooks.example.com"


@pytest.fixture
def names() -> Iterator[NameServer]:
    with name_server() as server:
        yield server


def certificate(folder: Path, name: str) -> Path:
    """Make a key, and a certificate for a name that it signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver with TLS, whose certificate this machine trusts for the name hooks.example.com."""
    pem = certificate(tmp_path, HOST)
    server = Receiver()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(pem))
    thread = threading.Thread(target=ThreadingHTTPServer.serve_forever, args=(server, 0.02), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def url(server: Receiver, host: str = HOST) -> str:
    return f"https://{host}:{server.server_address[1]}/in"


def test_X6_tls_is_checked_against_the_name(names: NameServer, secure: Receiver) -> None:
    names.addresses |= {HOST: ["127.0.0.1"], "other.example.com": ["127.0.0.1"]}
    answer = post(url(secure), "{}", {"webhook-id": "msg_1"})
    assert answer.is_taken and secure.got[0].headers["host"] == f"{HOST}:{secure.server_address[1]}"
    assert post(url(secure, "other.example.com"), "{}", {}).trouble == Trouble.CERTIFICATE
    assert post(url(secure, "127.0.0.1"), "{}", {}).trouble == Trouble.CERTIFICATE
    assert len(secure.got) == 1


def test_X6_a_certificate_that_nobody_trusts_is_not_valid(
    names: NameServer, secure: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    names.addresses[HOST] = ["127.0.0.1"]
    assert post(url(secure), "{}", {}).trouble == Trouble.CERTIFICATE


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.1", "100.64.0.1", "224.0.0.1"],
)
def test_X6_a_name_that_leads_inside_leads_nowhere(names: NameServer, address: str) -> None:
    names.addresses[HOST] = [address]
    with override_settings(WEBHOOK_NETWORKS=[]):
        assert post(f"https://{HOST}/", "{}", {}).trouble == Trouble.NOT_PERMITTED


def test_X6_a_name_is_looked_up_once_and_connected_to_where_it_led(names: NameServer, secure: Receiver) -> None:
    """DNS rebinding: the second answer would lead elsewhere, and nobody asks for it."""
    names.addresses[HOST] = ["127.0.0.1", "10.0.0.1"]
    assert post(url(secure), "{}", {}).is_taken
    assert names.asked.count(HOST) == 2  # of both kinds of addresses, once each
    with override_settings(WEBHOOK_NETWORKS=[ip_network("127.0.0.0/8")]):
        assert post(url(secure), "{}", {}).trouble == Trouble.NOT_PERMITTED


def test_X6_of_several_addresses_a_permitted_one_is_taken(names: NameServer) -> None:
    names.addresses[HOST] = ["8.8.8.8"]
    with override_settings(WEBHOOK_NETWORKS=[]):
        assert permitted_address(HOST, time.monotonic() + 2) == "8.8.8.8"


def test_X6_a_host_without_a_name_or_an_answer_says_so(names: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert post(f"https://{HOST}/", "{}", {}).trouble == Trouble.NO_HOST
    assert post("https://2130706433/", "{}", {}).trouble == Trouble.NO_HOST
    names.behaviour = FAILS
    assert post(f"https://{HOST}/", "{}", {}).trouble == Trouble.NO_NAME_SERVER
    names.behaviour = SILENT
    monkeypatch.setattr(outgoing, "TIME_LIMIT", 0.5)
    answer = post(f"https://{HOST}/", "{}", {})
    assert answer.trouble == Trouble.NO_NAME_SERVER and answer.seconds < 2


def test_X6_no_connection_says_so() -> None:
    assert post("http://127.0.0.1:1/", "{}", {}).trouble == Trouble.NO_CONNECTION
