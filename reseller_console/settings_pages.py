"""What a request goes through until it is a page, as no installation changes it; imported by `settings.py`."""

from __future__ import annotations

from pathlib import Path

MIDDLEWARE = [
    # First of all: every line of the log from here on carries it.
    "reseller_console.requests.numbered",
    # In front of everything, so that probes, static files, redirects and errors carry them too.
    "reseller_console.headers.isolated",
    "reseller_console.health.answer_probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Pages and errors: no probe, no redirect to HTTPS, no file.
    "reseller_console.metrics.measuring.measured",
    "reseller_console.headers.Policy",
    "web.middleware.private_pages",
    # Programs get no further: no session, no cookie, no page.
    "api.door.stack.door",
    "api.core.stack.programs",
    "api.scim.stack.programs",
    "reseller_console.input.refuse_unreadable_lines",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "reseller_console.input.refuse_unreadable_forms",
    "web.middleware.preferences",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Behind the two above: it says in the person's language why it signs them out.
    "web.middleware.session_timeouts",
    "web.middleware.own_password_first",
    "web.middleware.second_factor_first",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "web.middleware.sessions_seen",
    "web.fresh_proof.FreshProof",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parent.parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "web.context_processors.shell",
            ],
            # How names and domains are shown: no template can forget to load it.
            # And the URLs of links, kept.
            "builtins": ["accounts.templatetags.names", "web.templatetags.kept_urls"],
            # In place of those of packages, which draw an icon, and look a text up, at every use.
            "libraries": {"lucide": "web.templatetags.icons", "i18n": "web.templatetags.kept_translations"},
        },
    }
]

# 1,000 rows can stay chosen over the pages of a list (web/console/forms/bulk.py), beside the other fields of the form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_100
FILE_UPLOAD_HANDLERS = [
    # Drops what is too large, too many or sent by strangers before it takes memory or disk.
    "support.uploads.LimitedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
