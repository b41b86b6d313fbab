"""Start-up checks: unsafe settings stop the web server, the worker, the scheduler and every command.

Each has an id that its test names. Errors stop the start; docs/operations.md says what to do about each.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import OperationalError, connection
from django.http.request import validate_host

from accounts.database.roles import excess_rights
from accounts.domains import canonical_domain
from api.core.documents import missing
from reseller_console.file_checks import files_can_be_kept

logger = logging.getLogger(__name__)

# Bytes. What Django asks for before it warns (security.W009).
SECRET_KEY_LENGTH = 50
# Characters.
METRICS_TOKEN_LENGTH = 32
LONG_KEY = "Set it to at least 50 random characters."
# Keys that stand in the repository, in examples and in what Django makes for a new project.
KNOWN_KEYS = ("changeme", "change-me", "dev-secret-key", "django-insecure-", "insecure", "only-for-tests-", "secret")
# Seconds. R7: never later than this, whatever the settings say.
LONGEST_PROPAGATION = 24 * 60 * 60
NEEDED_BACKENDS = (
    "accounts.backends.SignInBackend",
    "accounts.backends.CustomerRoleBackend",
    "subscriptions.access.backend.ResellerAgentBackend",
    "support.backend.SupportPartnerBackend",
)
MAILS_THAT_REACH_NOBODY = ("console", "dummy", "filebased", "locmem")

# No rules below. Only the web process has the place that the first asks for; the sealing process refuses to start
# without its key, or with another role than its own, by itself, and all that serve people with either.
MEDIA_CHECK = "reseller_console.E019"
SEAL_KEY_CHECK = "reseller_console.E020"
SEALER_ROLE_CHECK = "reseller_console.E023"
SEALER_ELSEWHERE_CHECK = "reseller_console.E021"

BUCKET = "accounts.buckets.Bucket"
ENCRYPTIONS = ("AES256", "aws:kms")

Problem = tuple[str, str]  # what is wrong, what to do
RULES: list[tuple[str, Callable[[], Iterator[Problem]]]] = []


def rule(number: str) -> Callable[[Callable[[], Iterator[Problem]]], Callable[[], Iterator[Problem]]]:
    """Give a rule its id."""

    def decorate(judge: Callable[[], Iterator[Problem]]) -> Callable[[], Iterator[Problem]]:
        RULES.append((f"reseller_console.{number}", judge))
        return judge

    return decorate


@register(Tags.security)
def unsafe_settings(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """Judge the settings by every rule below."""
    return list(_errors())


def refuse_unsafe_settings(*, is_web: bool = False) -> None:
    """Stop a process that runs no checks of its own: gunicorn's, the worker's, the scheduler's.

    is_web: it also stores the files of cases. Raises ImproperlyConfigured with everything that is wrong.
    """
    errors = list(_errors())
    if is_web and (problem := files_can_be_kept()):
        errors.append(Error(problem[0], hint=problem[1], id=MEDIA_CHECK))
    for name, value in (("AUDIT_SEAL_KEY", settings.AUDIT_SEAL_KEY), ("DATABASE_SEALER_URL", settings.DATABASE_SEALER)):
        if value:
            hint = "Give it to the sealing process alone, and make a new one: this one may be known."
            errors.append(Error(f"{name} is set for this process.", hint=hint, id=SEALER_ELSEWHERE_CHECK))
    if errors:
        raise ImproperlyConfigured("Unsafe settings:\n" + "\n".join(str(error) for error in errors))


# Asked of the database, so not one of the rules above, and not by `migrate`, which is the owner.
ROLE_CHECK = "reseller_console.E018"


def refuse_powerful_role() -> None:
    """Stop a process whose database role could change or delete events, write seals, or change tables (A2, A5).

    With the database away the process starts all the same, and /health/ready says it when it is back.
    Raises ImproperlyConfigured with what the role may do.
    """
    try:
        reasons = excess_rights()
    except OperationalError as error:
        logger.warning("the role of the database could not be judged: %s", error)
        return
    finally:
        connection.close()  # processes are forked after this
    if reasons:
        message = f"The role of DATABASE_URL may do too much: {'; '.join(reasons)}."
        hint = "Run deploy/postgres/roles.sh, and name the application's role (docs/operations.md)."
        raise ImproperlyConfigured(str(Error(message, hint=hint, id=ROLE_CHECK)))


def _errors() -> Iterator[Error]:
    for identity, judge in RULES:
        yield from (Error(message, hint=hint, id=identity) for message, hint in judge())


@rule("E001")
def secret_key() -> Iterator[Problem]:
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:  # so Django answers when it is empty
        yield "SECRET_KEY is empty.", LONG_KEY
        return
    # An old key signs nothing, but what it signed is believed: links for a new password, too.
    keys = [("SECRET_KEY", key), *(("SECRET_KEY_FALLBACKS", old) for old in settings.SECRET_KEY_FALLBACKS)]
    for name, value in [] if settings.DEMO else keys:
        if len(value.encode()) < SECRET_KEY_LENGTH or len(set(value)) < 10:
            yield f"{name} is too short or too uniform.", LONG_KEY
        elif value.lower().startswith(KNOWN_KEYS):
            yield f"{name} is one that everybody knows.", LONG_KEY


@rule("E002")
def debug() -> Iterator[Problem]:
    if settings.DEBUG and not settings.DEMO:
        yield "DEBUG is on: error pages would show settings and data.", "Leave DEBUG off."


@rule("E003")
def demo_stays_at_home() -> Iterator[Problem]:
    strangers = [host for host in settings.ALLOWED_HOSTS if not _is_loopback(host)]
    if settings.DEMO and strangers:
        yield (
            f"DEMO is on and ALLOWED_HOSTS names other machines: {', '.join(strangers)}.",
            "The example accounts have a password that everybody knows. Leave DEMO off, or name localhost only.",
        )


def _is_loopback(host: str) -> bool:
    """Tell whether a host is this machine; `testserver` is what Django's test client calls itself."""
    name = host.strip("[]").lower()
    if name in ("localhost", "testserver") or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


@rule("E004")
def allowed_hosts() -> Iterator[Problem]:
    if not settings.ALLOWED_HOSTS:
        yield "ALLOWED_HOSTS is empty: no request would be answered.", "Name the host that people type."
    if "*" in settings.ALLOWED_HOSTS:
        yield (
            "ALLOWED_HOSTS accepts every host: links in mails could point anywhere.",
            "Name the host that people type.",
        )


@rule("E005")
def cookies_over_https() -> Iterator[Problem]:
    if not settings.DEMO and not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield "Cookies would be sent over plain HTTP.", "Leave SESSION_COOKIE_SECURE and CSRF_COOKIE_SECURE on."


@rule("E006")
def propagation() -> Iterator[Problem]:
    low, median, high = (
        settings.ACCESS_PROPAGATION_MIN,
        settings.ACCESS_PROPAGATION_MEDIAN,
        settings.ACCESS_PROPAGATION_MAX,
    )
    if not 0 <= low <= median <= high:
        yield (
            "The times of propagation contradict each other.",
            "ACCESS_PROPAGATION_MIN must not be above _MEDIAN, nor _MEDIAN above _MAX, and none below 0.",
        )
    if high > LONGEST_PROPAGATION:
        yield "ACCESS_PROPAGATION_MAX is above 24 hours.", "The pages promise 24 hours at the latest (R7)."


@rule("E007")
def backends_of_ours() -> Iterator[Problem]:
    missing = [backend for backend in NEEDED_BACKENDS if backend not in settings.AUTHENTICATION_BACKENDS]
    if missing:
        yield f"AUTHENTICATION_BACKENDS lacks {', '.join(missing)}.", "Whole kinds of people would have no rights."


@rule("E008")
def no_backend_of_guardian() -> Iterator[Problem]:
    others = [backend for backend in settings.AUTHENTICATION_BACKENDS if backend not in NEEDED_BACKENDS]
    if others:
        yield (
            f"AUTHENTICATION_BACKENDS has {', '.join(others)}.",
            "It would give rights past the access that customers decide about (docs/decisions/0005).",
        )


@rule("E009")
def mail_reaches_people() -> Iterator[Problem]:
    if not settings.DEMO and any(f".{kind}." in settings.EMAIL_BACKEND for kind in MAILS_THAT_REACH_NOBODY):
        yield "Mails would reach nobody.", "Set EMAIL_URL to your mail server."


@rule("E011")
def broker() -> Iterator[Problem]:
    if urlsplit(settings.REDIS_URL).scheme not in ("redis", "rediss", "unix", "sentinel"):
        yield "REDIS_URL is missing, or names no Redis.", "Set it, for example redis://:password@host:6379/0."


@rule("E012")
def no_number_is_negative() -> Iterator[Problem]:
    names = (
        "TRUSTED_PROXY_COUNT",
        "INVITATIONS_ELSEWHERE_PER_DAY",
        "CUSTOMER_CARE_ANNOUNCEMENT_DAYS",
        "AUDIT_RETENTION",
    )
    wrong = [name for name in names if getattr(settings, name) < 0]
    if wrong:
        yield f"{', '.join(wrong)} must not be negative.", "0 means none."


@rule("E013")
def numbers_are_positive() -> Iterator[Problem]:
    names = (
        "API_READS_PER_MINUTE",
        "API_WRITES_PER_MINUTE",
        "ACCESS_PROPAGATION_BATCH",
        "ACCESS_SWEEP_INTERVAL",
        "ACCESS_OVERDUE_ALERT",
        "DOMAIN_SWEEP_INTERVAL",
        "JOB_SWEEP_INTERVAL",
        "MAIL_SWEEP_INTERVAL",
        "NOTICE_SWEEP_INTERVAL",
        "LICENCE_SWEEP_INTERVAL",
        "WEBHOOK_DELIVERIES_KEPT",
        "WEBHOOK_SWEEP_INTERVAL",
        "SUBSCRIPTION_SETTLE_INTERVAL",
        "SUBSCRIPTION_GRACE_DAYS",
        "SESSION_IDLE_TIMEOUT",
        "SESSION_ABSOLUTE_TIMEOUT",
        "FRESH_PROOF_LASTS",
        "ATTACHMENT_MB",
        "ATTACHMENTS_PER_FORM",
        "ATTACHMENTS_PER_CASE",
        "ATTACHMENT_MB_PER_PERSON_AND_DAY",
        "ATTACHMENT_MB_PER_CUSTOMER_AND_DAY",
    )
    wrong = [name for name in names if getattr(settings, name) <= 0]
    if wrong:
        yield f"{', '.join(wrong)} must be above 0.", "Leave them out to take the defaults."


@rule("E014")
def plain_http() -> Iterator[Problem]:
    if not settings.DEMO and not (settings.SECURE_SSL_REDIRECT and settings.SECURE_HSTS_SECONDS > 0):
        yield (
            "People could be served over plain HTTP.",
            "Leave SECURE_SSL_REDIRECT and SECURE_HSTS_SECONDS alone; behind a proxy set TRUSTED_PROXY_COUNT.",
        )


@rule("E015")
def links_in_mails() -> Iterator[Problem]:
    address = urlsplit(settings.CONSOLE_URL)
    ours = validate_host(address.hostname or "", settings.ALLOWED_HOSTS)
    if not settings.DEMO and not (address.scheme == "https" and ours):
        yield (
            f"CONSOLE_URL is no HTTPS address of a host in ALLOWED_HOSTS: {settings.CONSOLE_URL!r}.",
            "Set it to what people type, for example https://console.example.com: links in mails begin with it.",
        )


@rule("E016")
def vendor_domains() -> Iterator[Problem]:
    if not settings.VENDOR_DOMAINS:
        yield "VENDOR_DOMAINS is empty: others could have addresses at yours.", "Name every domain of the vendor."
    wrong = [domain for domain in settings.VENDOR_DOMAINS if not _is_canonical(domain)]
    if wrong:
        yield f"VENDOR_DOMAINS has {', '.join(wrong)}.", "Write domains in small letters: example.com,example.org."


@rule("E017")
def own_proxy_counts() -> Iterator[Problem]:
    if settings.OWN_PROXY not in ("", "yes"):
        yield f"OWN_PROXY is {settings.OWN_PROXY!r}.", "Set it to yes, or leave it out."
    elif settings.OWN_PROXY and settings.TRUSTED_PROXY_COUNT < 2:
        yield (
            "OWN_PROXY is on and TRUSTED_PROXY_COUNT is below 2: everybody would have the address of your proxy.",
            "Set TRUSTED_PROXY_COUNT to 2: your proxy and the front.",
        )


@rule("E022")
def metrics_token() -> Iterator[Problem]:
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < METRICS_TOKEN_LENGTH:
        yield "METRICS_TOKEN is too short.", "Set it to at least 32 random characters, or leave it out."


@rule("E030")
def attachments_are_encrypted() -> Iterator[Problem]:
    storage = settings.ATTACHMENTS_STORAGE
    options = storage["OPTIONS"]
    if storage["BACKEND"] == BUCKET:
        if not options.get("bucket_name"):
            yield "ATTACHMENTS_STORAGE is s3 and names no bucket.", "Set ATTACHMENTS_S3_BUCKET."
        if options.get("encryption", ENCRYPTIONS[0]) not in ENCRYPTIONS:
            yield "ATTACHMENTS_S3_ENCRYPTION is unknown.", f"Set it to one of {', '.join(ENCRYPTIONS)}."
        if not settings.DEMO and not (options.get("endpoint_url") or "https:").startswith("https:"):
            yield "Files would be sent to the bucket over plain HTTP.", "Let ATTACHMENTS_S3_ENDPOINT begin with https."
    elif storage["BACKEND"].startswith("storages.backends.s3"):
        yield (
            "ATTACHMENTS_STORAGE would leave it to the bucket whether files are encrypted.",
            f"Set it to s3, or name {BUCKET} as BACKEND.",
        )


@rule("E031")
def documents_are_there() -> Iterator[Problem]:
    if names := missing():
        yield (
            f"The discovery documents of the APIs are missing: {', '.join(names)}.",
            "Run manage.py compile_documents where google-api-python-client is installed; the image has them.",
        )


def _is_canonical(domain: str) -> bool:
    try:
        return canonical_domain(domain) == domain
    except ValidationError:
        return False
