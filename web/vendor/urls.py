"""The vendor's pages: operations and support."""

from __future__ import annotations

from django.urls import path

import web.converters  # noqa: F401  <domain:…>
from web.vendor import access_changes, cases

urlpatterns = [
    path("operations/access-changes/", access_changes.operations_access_changes, name="operations_access_changes"),
    path("operations/access-changes/<int:change_id>/retry/", access_changes.operations_retry, name="operations_retry"),
    path("vendor/support/cases/", cases.vendor_cases, name="vendor_cases"),
    path("vendor/support/cases/<int:case_id>/", cases.vendor_case, name="vendor_case"),
    path("vendor/support/cases/<int:case_id>/files/<uuid:file_id>/", cases.vendor_case_file, name="vendor_case_file"),
]
