"""The product's settings, with a stock Django admin beside it to compare pages with."""

from __future__ import annotations

from reseller_console.settings import *  # noqa: F403
from reseller_console.settings import AUTHENTICATION_BACKENDS, INSTALLED_APPS, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, "django.contrib.admin"]
ROOT_URLCONF = "benchmarks.urls"

# What `django-admin startproject` writes: its way to sign in, its middleware, its sessions, its context processors.
STOCK_BACKEND = "django.contrib.auth.backends.ModelBackend"
AUTHENTICATION_BACKENDS = [*AUTHENTICATION_BACKENDS, STOCK_BACKEND]
STOCK = {
    "MIDDLEWARE": [
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    "SESSION_ENGINE": "django.contrib.sessions.backends.db",
    "MESSAGE_STORAGE": "django.contrib.messages.storage.fallback.FallbackStorage",
}
STOCK_TEMPLATES = "stock"
TEMPLATES = [
    *TEMPLATES,
    {
        "NAME": STOCK_TEMPLATES,
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]
