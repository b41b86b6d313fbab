"""All settings that the environment changes; docs/operations.md explains each variable.

Unsafe production values stop the start: see `reseller_console/checks.py`.
"""

from __future__ import annotations

import re
from datetime import date
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from accounts.background import redis_servers
from api.core.prefixes import ALL as PROGRAMS
from reseller_console import environment as env
from reseller_console.logs import without_trace_of_refusals
from reseller_console.settings_celery import *  # noqa: F403  all of them are settings
from reseller_console.settings_headers import *  # noqa: F403  the same
from reseller_console.settings_pages import *  # noqa: F403  the same
from reseller_console.settings_parts import *  # noqa: F403  the same
from reseller_console.settings_sign_in import *  # noqa: F403  the same

BASE_DIR = Path(__file__).resolve().parent.parent

# --- What this installation is -----------------------------------------------------------------

DEBUG: bool = env.switch("DEBUG", default=False)
SECRET_KEY: str = env.text("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS: list[str] = env.texts("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS: list[str] = env.hosts("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env.urls("CSRF_TRUSTED_ORIGINS", example="https://console.example.com")
# True only for `make run` and tests: plain HTTP on loopback, example accounts, the demo hint.
DEMO: bool = env.switch("DEMO", default=False)

# --- Rules of the domain -----------------------------------------------------------------------

VENDOR_NAME: str = env.text("VENDOR_NAME", default="Google")
# P9: the vendor's own domains. Nobody else gets an address, or is founded, at, above or below them.
VENDOR_DOMAINS: list[str] = env.texts("VENDOR_DOMAINS", default=["vendor.example"] if DEMO else [])
# P9: the name servers that are asked for TXT records, as IP addresses and ports; none: those of the machine.
DNS_RESOLVERS: list[tuple[str, int]] = env.name_servers("DNS_RESOLVERS")
# R1: what a new relation between a customer and a reseller begins with.
RESELLER_ACCESS_DEFAULT: bool = env.switch("RESELLER_ACCESS_DEFAULT", default=True)
# R7: seconds until a saved change takes effect. The delay is log-normal around the median.
ACCESS_PROPAGATION_MIN: int = env.number("ACCESS_PROPAGATION_MIN", default=0)
ACCESS_PROPAGATION_MEDIAN: int = env.number("ACCESS_PROPAGATION_MEDIAN", default=5 * 60)
ACCESS_PROPAGATION_MAX: int = env.number("ACCESS_PROPAGATION_MAX", default=24 * 60 * 60)
# Changes one transaction applies. Measured: above 500 the rate no longer rises, locks only last longer.
ACCESS_PROPAGATION_BATCH: int = env.number("ACCESS_PROPAGATION_BATCH", default=500)
# Seconds between two sweeps: how late a worker may notice a due change when every nudge was lost.
ACCESS_SWEEP_INTERVAL: int = env.number("ACCESS_SWEEP_INTERVAL", default=5)
# Seconds a due change may wait before /health/ready calls the worker late.
ACCESS_OVERDUE_ALERT: int = env.number("ACCESS_OVERDUE_ALERT", default=5 * 60)

# B6, B7: seconds between two looks at trials and commitments that are over. An hour is exact enough.
SUBSCRIPTION_SETTLE_INTERVAL: int = env.number("SUBSCRIPTION_SETTLE_INTERVAL", default=60 * 60)
# B7: days a subscription that was not to renew stays suspended, with its licences, before it is cancelled. A month,
# as long as a trial: time to notice, and to go on with it.
SUBSCRIPTION_GRACE_DAYS: int = env.number("SUBSCRIPTION_GRACE_DAYS", default=30)

# S9: from this day on customers move to the Customer Care Portal, unless they have a day of their own. Who came later
# moves when the days of notice are over.
CUSTOMER_CARE_MIGRATION_DATE: date = env.day("CUSTOMER_CARE_MIGRATION_DATE", default="2022-10-26")
# How many days before its move a customer is told of it.
CUSTOMER_CARE_ANNOUNCEMENT_DAYS: int = env.number("CUSTOMER_CARE_ANNOUNCEMENT_DAYS", default=30)
# Seconds between two sweeps for mail: how late a mail goes out when every nudge was lost.
MAIL_SWEEP_INTERVAL: int = env.number("MAIL_SWEEP_INTERVAL", default=15)
# R25: seconds between two sweeps for events that somebody is to be told of. Nothing nudges: so late is a notice.
NOTICE_SWEEP_INTERVAL: int = env.number("NOTICE_SWEEP_INTERVAL", default=5)
# Seconds between two sweeps for automatic licences: how long a new person, or one who was moved, waits for one. A sweep
# that finds nothing to give costs three queries.
LICENCE_SWEEP_INTERVAL: int = env.number("LICENCE_SWEEP_INTERVAL", default=60)
# Seconds between two sweeps for domains: how late a look for a TXT record is when its nudge was lost.
DOMAIN_SWEEP_INTERVAL: int = env.number("DOMAIN_SWEEP_INTERVAL", default=15)
# X6: networks inside in which those who are told by webhooks may stand; all others must be on the public internet.
WEBHOOK_NETWORKS: list[IPv4Network | IPv6Network] = env.networks(
    "WEBHOOK_NETWORKS", default=["127.0.0.0/8", "::1/128"] if DEMO else []
)
# Days that messages of webhooks are listed, and can be sent again. A month, as long as people look back.
WEBHOOK_DELIVERIES_KEPT: int = env.number("WEBHOOK_DELIVERIES_KEPT", default=30)
# Seconds between two sweeps for webhooks: how late a message is when its nudge was lost, or when it is tried again.
WEBHOOK_SWEEP_INTERVAL: int = env.number("WEBHOOK_SWEEP_INTERVAL", default=5)

# Seconds between two sweeps for jobs: how late a file is checked, or a bulk change goes on, when its nudge was lost.
JOB_SWEEP_INTERVAL: int = env.number("JOB_SWEEP_INTERVAL", default=5)


class Sweep(NamedTuple):
    """Work that is looked for by itself: by which task, and how many seconds lie between two looks."""

    task: str
    interval: int


# An hour also where a day would do, so that what was missed is made up for.
HOUR = 60 * 60
# By the names of their queues.
SWEEPS = {
    "access": Sweep("subscriptions.tasks.apply_due_changes", ACCESS_SWEEP_INTERVAL),
    # P9: looks for the TXT records of domains.
    "domains": Sweep("accounts.tasks.look_up_domains", DOMAIN_SWEEP_INTERVAL),
    "jobs": Sweep("subscriptions.tasks.work_on_jobs", JOB_SWEEP_INTERVAL),
    "licences": Sweep("subscriptions.tasks.give_automatic_licences", LICENCE_SWEEP_INTERVAL),
    "mail": Sweep("accounts.tasks.send_due_mails", MAIL_SWEEP_INTERVAL),
    "notices": Sweep("accounts.tasks.tell_who_must_know", NOTICE_SWEEP_INTERVAL),
    # R16: an hour before the end is told within five minutes.
    "reminders": Sweep("subscriptions.tasks.remind_of_ends", 5 * 60),
    "reviews": Sweep("subscriptions.tasks.keep_reviews", HOUR),
    "subscriptions": Sweep("subscriptions.lifecycle.tasks.settle_due_subscriptions", SUBSCRIPTION_SETTLE_INTERVAL),
    # What is not added up is counted with each scrape: minutes of it cost nothing.
    "timings": Sweep("subscriptions.tasks.count_timings", 5 * 60),
    "care-portal": Sweep("support.tasks.move_due_customers", HOUR),
    "deleted-users": Sweep("accounts.tasks.purge_deleted_users", HOUR),
    # P14: failures of five minutes are one event; a minute later it is in the audit log.
    "failed-sign-ins": Sweep("accounts.tasks.settle_failed_sign_ins", 60),
    # P12: reminders of the grace, and lost factors whose day has passed.
    "second-factors": Sweep("accounts.tasks.keep_second_factors", 60),
    "sessions": Sweep("accounts.tasks.clear_expired_sessions", HOUR),
    # X6: messages for the programs of organisations.
    "webhooks": Sweep("accounts.tasks.send_webhooks", WEBHOOK_SWEEP_INTERVAL),
}

# --- Applications ------------------------------------------------------------------------------

INSTALLED_APPS = [
    "reseller_console",
    *(["demo"] if DEMO else []),
    "web",
    "api",
    "support",
    "jobs",
    "subscriptions",
    "accounts",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.idp.oidc",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "guardian",
]

ROOT_URLCONF = "reseller_console.urls"
WSGI_APPLICATION = "reseller_console.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database, broker, cache -------------------------------------------------------------------

# A5: the role that writes seals. Only the sealing process is told of it, in place of the application's.
DATABASE_SEALER: dict[str, Any] = env.database("DATABASE_SEALER_URL")
DATABASES: dict[str, Any] = {
    "default": {**DATABASE_SEALER} or env.database("DATABASE_URL", default="postgresql:///reseller_console")
}
# Persistent connections serve 2.5 to 5.6 times as many requests. A cursor on the server would be looked for in another
# session behind a pooler; long lists are read in pieces instead (accounts/background/pieces.py).
DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True, "DISABLE_SERVER_SIDE_CURSORS": True}
# A2: the role that migrates. Only `migrate` is told of it; all others connect as one that can change no event.
DATABASE_OWNER: dict[str, Any] = env.database("DATABASE_OWNER_URL")

REDIS_URL: str = env.broker("REDIS_URL", default="redis://127.0.0.1:6379/0" if DEMO else "")

# Rate limits count in the database, so that they hold on every machine and with the broker away.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "rate_limit_cache",
        # Django keeps 300 by default: 300 wrong addresses would then push everybody's counters out.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

CELERY_BROKER_URL = redis_servers.celery_url(REDIS_URL)
# Drops what is no message instead of ending.
CELERY_BROKER_TRANSPORT = redis_servers.celery_transport(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS |= redis_servers.celery_options(REDIS_URL)  # noqa: F405  of settings_celery
# Each kind of work has its own queue, and a worker takes from its queues in turn: none waits behind a pile of another.
CELERY_TASK_QUEUES: dict[str, dict[str, str]] = {name: {} for name in SWEEPS}
CELERY_TASK_ROUTES = {sweep.task: {"queue": name} for name, sweep in SWEEPS.items()}

# --- Sign-in -----------------------------------------------------------------------------------

# P11: invitations a day to addresses of one organisation at domains that it has not verified.
INVITATIONS_ELSEWHERE_PER_DAY: int = env.number("INVITATIONS_ELSEWHERE_PER_DAY", default=20)
# P15: networks inside in which providers of organisations may stand; all others must be on the public internet.
IDENTITY_PROVIDER_NETWORKS: list[IPv4Network | IPv6Network] = env.networks(
    "IDENTITY_PROVIDER_NETWORKS", default=["127.0.0.0/8", "::1/128"] if DEMO else []
)
# X5: calls of one service account to one API in a minute, as many as the original's admin APIs take; writing ones cost
# a transaction and an event each.
API_READS_PER_MINUTE: int = env.number("API_READS_PER_MINUTE", default=2_400)
API_WRITES_PER_MINUTE: int = env.number("API_WRITES_PER_MINUTE", default=1_200)
# How many reverse proxies in front of us add to X-Forwarded-For; 0 means nobody may.
TRUSTED_PROXY_COUNT: int = env.number("TRUSTED_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
# "yes" where the operator's own proxy ends HTTPS before our front: docker-compose.yml chooses the front's files by it.
OWN_PROXY: str = env.text("OWN_PROXY", default="")

# Seconds. An idle console closes after 30 minutes, any console after 12 hours.
SESSION_IDLE_TIMEOUT: int = env.number("SESSION_IDLE_TIMEOUT", default=30 * 60)
SESSION_ABSOLUTE_TIMEOUT: int = env.number("SESSION_ABSOLUTE_TIMEOUT", default=12 * 60 * 60)
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_TIMEOUT
# P12: of whom a second factor is required. A new installation asks it of all who can give or use access.
NEED_SECOND_FACTOR = ("super-admins", "resellers", "vendor")
SECOND_FACTOR_REQUIRED: list[str] = env.some_of(
    "SECOND_FACTOR_REQUIRED", NEED_SECOND_FACTOR, default=() if DEMO else NEED_SECOND_FACTOR
)
# P13: seconds in which a full sign-in, or a proof, is fresh enough to give something. Long enough to look at a page and
# think, short enough for a desk that was left.
FRESH_PROOF_LASTS: int = env.number("FRESH_PROOF_LASTS", default=10 * 60)

# --- Transport, headers, static files ----------------------------------------------------------

SECURE = not DEMO
SECURE_SSL_REDIRECT: bool = env.switch("SECURE_SSL_REDIRECT", default=SECURE)
# /health/ is asked by a load balancer over plain HTTP from inside; a program's token is refused there, not led on.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^scim/", *(f"^{re.escape(prefix[1:])}" for prefix in PROGRAMS)]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY_COUNT else None
SECURE_HSTS_SECONDS: int = env.number("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60 if SECURE else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-sessionid" if SECURE else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if SECURE else "csrftoken"
# P14: names who has signed in here before; accounts/sign_in/known_browsers.py.
KNOWN_BROWSER_COOKIE_NAME = "__Host-known-browser" if SECURE else "known-browser"
# The key to what waits for this browser, and who signed in at it last (accounts/keeping.py, web/unsaved.py).
KEPT_COOKIE_NAME = "__Host-kept" if SECURE else "kept"
LAST_PERSON_COOKIE_NAME = "__Host-last-person" if SECURE else "last-person"
# The same for what is shown once and for the language of those who have not signed in.
MESSAGE_STORAGE = "reseller_console.headers.HostMessages"
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE else "django_language"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "reseller_console.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
# X5: the discovery documents by which the APIs are served; `manage.py compile_documents` writes them.
API_DOCUMENTS = BASE_DIR / "api" / "documents"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEMO

# A5: signs the seals of the audit log: PKCS #8 in DER, as base 64. Of the sealing process alone.
AUDIT_SEAL_KEY: str = env.text("AUDIT_SEAL_KEY", default="")
# Where seals are kept outside the database: a folder, or a storage of Django as JSON (BACKEND and OPTIONS).
AUDIT_SEALS_STORAGE: dict[str, Any] = env.storage(
    "AUDIT_SEALS_STORAGE", default=str(BASE_DIR / "audit-seals"), folder="accounts.seals.outside.SealFolder"
)
STORAGES["audit_seals"] = AUDIT_SEALS_STORAGE
# Months of the audit log that drop_old_audit_partitions leaves; 0: all of them, for ever.
AUDIT_RETENTION: int = env.number("AUDIT_RETENTION", default=0)

# Files of cases, under random names. Nothing serves this directory: support/attachments.py gives them out.
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", default=str(BASE_DIR / "media")))
ATTACHMENTS_S3_BUCKET: str = env.text("ATTACHMENTS_S3_BUCKET", default="")
# Decision 46: with several machines they are in a bucket, or in another storage of Django as JSON.
ATTACHMENTS_STORAGE: dict[str, Any] = env.storage(
    "ATTACHMENTS_STORAGE",
    default="folder",
    folder="support.file_storage.Folder",
    named={
        "folder": {
            "BACKEND": "support.file_storage.Folder",
            "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
        },
        "s3": {
            "BACKEND": "accounts.buckets.Bucket",
            "OPTIONS": {
                "bucket_name": ATTACHMENTS_S3_BUCKET,
                "endpoint_url": env.url("ATTACHMENTS_S3_ENDPOINT", default="", example="https://s3.example.com")
                or None,
                "region_name": env.text("ATTACHMENTS_S3_REGION", default="") or None,
                "access_key": env.text("ATTACHMENTS_S3_ACCESS_KEY", default="") or None,
                "secret_key": env.text("ATTACHMENTS_S3_SECRET_KEY", default="") or None,
                "encryption": env.text("ATTACHMENTS_S3_ENCRYPTION", default="AES256"),
                "kms_key": env.text("ATTACHMENTS_S3_KMS_KEY", default=""),
            },
        },
    },
)
STORAGES["attachments"] = ATTACHMENTS_STORAGE
# MB of one file of a case, files of one form and of one case: ten screenshots and a recording fit.
ATTACHMENT_MB: int = env.number("ATTACHMENT_MB", default=25)
ATTACHMENTS_PER_FORM: int = env.number("ATTACHMENTS_PER_FORM", default=10)
ATTACHMENTS_PER_CASE: int = env.number("ATTACHMENTS_PER_CASE", default=20)
# MB within 24 hours: what one person, and the cases of one customer, may take of everybody's disk.
ATTACHMENT_MB_PER_PERSON_AND_DAY: int = env.number("ATTACHMENT_MB_PER_PERSON_AND_DAY", default=500)
ATTACHMENT_MB_PER_CUSTOMER_AND_DAY: int = env.number("ATTACHMENT_MB_PER_CUSTOMER_AND_DAY", default=2_000)

# --- Language, mail, log, metrics -----------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True

vars().update(env.mail_server("EMAIL_URL", default="consolemail://" if DEMO else "smtp://localhost:25"))
# Seconds a page or a worker waits for the mail server; accounts/mail/sending.py leases a mail for much longer.
EMAIL_TIMEOUT = 5
# Under which address people reach the console: what links in mails begin with. No request says it to a worker.
CONSOLE_URL: str = env.url(
    "CONSOLE_URL", default="http://127.0.0.1:8000" if DEMO else "", example="https://console.example.com"
)
DEFAULT_FROM_EMAIL: str = env.sender("DEFAULT_FROM_EMAIL", default="Reseller Console <console@localhost>")

# For people, or an object for each line, and then one for each request too.
LOG_FORMAT: str = env.one_of("LOG_FORMAT", ("json", "text"), default="text" if DEMO else "json")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "reseller_console.log_lines.formatter"}},
    "filters": {"refusals": {"()": "django.utils.log.CallbackFilter", "callback": without_trace_of_refusals}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["refusals"]}},
    "root": {"handlers": ["stderr"], "level": env.log_level("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"level": "WARNING", "propagate": True},
        # Two lines for each task, 17 MB a day while nobody works; accounts/background/sweeping.py says what was done.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
    },
}

# What Prometheus shows to be told the metrics; empty: nobody is.
METRICS_TOKEN: str = env.text("METRICS_TOKEN", default="")
