from __future__ import annotations

from django.urls import include, path

import web.converters  # noqa: F401  <domain:…>
from reseller_console import health
from web.reseller import verification

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("", include("web.personal.urls")),
    path("console/<domain:domain>/", include("web.console.urls")),
    path("reseller/", include("web.reseller.urls")),
    # What a mail asks a person at a reseller to confirm (S4).
    path("support/verify/<str:token>/", verification.support_verify, name="support_verify"),
    path("", include("web.vendor.urls")),
]

handler500 = "reseller_console.errors.server_error"
