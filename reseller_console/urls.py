from __future__ import annotations

from django.urls import include, path

import web.converters  # noqa: F401  <domain:…>
from reseller_console import api_reference, health
from reseller_console.metrics.answering import metrics
from web.reseller import verification

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", metrics, name="metrics"),
    path("docs/api/", api_reference.api_reference, name="reference"),
    path("docs/api/<str:name>/<str:version>/", api_reference.api_reference_of, name="reference_of"),
    path("", include("web.personal.urls")),
    path("", include("web.search.urls")),
    path("console/<domain:domain>/", include("web.console.urls")),
    path("reseller/", include("web.reseller.urls")),
    # What a mail asks a person at a reseller to confirm (S4).
    path("support/verify/<str:token>/", verification.support_verify, name="support_verify"),
    # Answered in a stack of its own, in front of sessions and pages (api/scim/stack.py).
    path("scim/v2/", include("api.scim.urls")),
    # Too: where machines get their tokens (api/door/stack.py).
    path("", include("api.door.urls")),
    path("", include("web.vendor.urls")),
]

handler500 = "reseller_console.errors.server_error"
