"""Settings that every check passes."""

from __future__ import annotations

from typing import Any

from pytest_django import Settings

from reseller_console.local import check

SAFE: dict[str, Any] = {
    "DEMO": False,
    "DEBUG": False,
    "SECRET_KEY": check.PRODUCTION["SECRET_KEY"],
    "ALLOWED_HOSTS": ["console.example.com"],
    "CONSOLE_URL": check.PRODUCTION["CONSOLE_URL"],
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "SECURE_SSL_REDIRECT": True,
    "SECURE_HSTS_SECONDS": 3600,
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "REDIS_URL": "rediss://:a-password@broker.example.com:6379/0",
    "VENDOR_DOMAINS": ["vendor.example.com"],
    "ACCESS_PROPAGATION_MIN": 0,
    "ACCESS_PROPAGATION_MEDIAN": 300,
    "ACCESS_PROPAGATION_MAX": 86400,
}


def use(settings: Settings, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)
