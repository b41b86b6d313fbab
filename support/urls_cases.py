from __future__ import annotations

from django.urls import path

import accounts.converters  # noqa: F401  <domain:…>
from support.views import cases, cases_reseller, queue

CONSOLE = "console/<domain:domain>/support/cases/"
RESELLER = "reseller/support/cases/"
VENDOR = "vendor/support/cases/"
CASE = "<int:case_id>/"
FILE = f"{CASE}files/<uuid:file_id>/"

urlpatterns = [
    path(CONSOLE, cases.support_cases, name="support_cases"),
    path(f"{CONSOLE}export/", cases.support_cases_export, name="support_cases_export"),
    path(f"{CONSOLE}new/", cases.support_case_new, name="support_case_new"),
    path(CONSOLE + CASE, cases.support_case, name="support_case"),
    path(CONSOLE + FILE, cases.support_case_file, name="support_case_file"),
    path(RESELLER, cases_reseller.reseller_cases, name="reseller_cases"),
    path(f"{RESELLER}export/", cases_reseller.reseller_cases_export, name="reseller_cases_export"),
    path(f"{RESELLER}new/", cases_reseller.reseller_case_new, name="reseller_case_new"),
    path(RESELLER + CASE, cases_reseller.reseller_case, name="reseller_case"),
    path(RESELLER + FILE, cases_reseller.reseller_case_file, name="reseller_case_file"),
    path(VENDOR, queue.vendor_cases, name="vendor_cases"),
    path(VENDOR + CASE, queue.vendor_case, name="vendor_case"),
    path(VENDOR + FILE, queue.vendor_case_file, name="vendor_case_file"),
]
