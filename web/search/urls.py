"""Search and suggestions, in each console below its own URL."""

from __future__ import annotations

from django.urls import path

import web.converters  # noqa: F401  <domain:…>
from web.search import console, people, reseller, vendor

urlpatterns = [
    path("console/<domain:domain>/search/", console.console_search, name="console_search"),
    path("console/<domain:domain>/search/people/", people.console_people, name="console_people"),
    path("reseller/search/", reseller.reseller_search, name="reseller_search"),
    path("reseller/search/people/", people.reseller_people, name="reseller_people"),
    path("vendor/search/", vendor.vendor_search, name="vendor_search"),
]
