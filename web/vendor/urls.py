"""The vendor's pages: operations and support."""

from __future__ import annotations

from django.urls import path

import web.converters  # noqa: F401  <domain:…>
from web.vendor import (
    access_changes,
    audit,
    cases,
    customers,
    domains,
    explaining,
    health,
    help_answers,
    home,
    limits,
    lost_factors,
    organisations,
    people,
    queues,
)

_ORGANISATION = "operations/organisations/<slug:kind>/<int:organisation_id>/"
_CUSTOMER = "operations/organisations/customer/<int:organisation_id>/"
_RESELLER = "operations/organisations/reseller/<int:organisation_id>/"

urlpatterns = [
    path("operations/", home.operations_home, name="operations_home"),
    path("operations/access-changes/", access_changes.operations_access_changes, name="operations_access_changes"),
    path("operations/access-changes/<int:change_id>/retry/", access_changes.operations_retry, name="operations_retry"),
    path("operations/organisations/", organisations.operations_organisations, name="operations_organisations"),
    path(
        "operations/organisations/new/<slug:kind>/",
        organisations.operations_organisation_new,
        name="operations_organisation_new",
    ),
    path(_ORGANISATION, organisations.operations_organisation, name="operations_organisation"),
    path(f"{_ORGANISATION}people/new/", people.operations_person_new, name="operations_person_new"),
    path(f"{_ORGANISATION}domains/verify/", domains.operations_domain_verify, name="operations_domain_verify"),
    path(f"{_ORGANISATION}domains/settle/", domains.operations_domain_settle, name="operations_domain_settle"),
    path(f"{_RESELLER}suspend/", organisations.operations_reseller_suspend, name="operations_reseller_suspend"),
    path(f"{_RESELLER}restore/", organisations.operations_reseller_restore, name="operations_reseller_restore"),
    path(f"{_CUSTOMER}payment/new/", customers.operations_payment_add, name="operations_payment_add"),
    path(
        f"{_CUSTOMER}payment/<int:account_id>/remove/",
        customers.operations_payment_remove,
        name="operations_payment_remove",
    ),
    path(f"{_CUSTOMER}care-portal/", customers.operations_care_day, name="operations_care_day"),
    path("operations/domains/", domains.operations_domains, name="operations_domains"),
    path("operations/people/", people.operations_person, name="operations_person"),
    path("operations/people/invite/", people.operations_person_invite, name="operations_person_invite"),
    path("operations/people/suspend/", people.operations_person_suspend, name="operations_person_suspend"),
    path("operations/people/restore/", people.operations_person_restore, name="operations_person_restore"),
    path("operations/people/roles/", people.operations_person_roles, name="operations_person_roles"),
    path("operations/people/link/", people.operations_person_link, name="operations_person_link"),
    path("operations/people/explain/", explaining.operations_explain, name="operations_explain"),
    path("operations/staff/", people.operations_staff, name="operations_staff"),
    path("operations/queues/", queues.operations_queues, name="operations_queues"),
    path("operations/queues/<slug:queue>/look/", queues.operations_queue_look, name="operations_queue_look"),
    path("operations/jobs/<int:job_id>/stop/", queues.operations_job_stop, name="operations_job_stop"),
    path("operations/mails/retry/", queues.operations_mails_retry, name="operations_mails_retry"),
    path("operations/audit-log/", audit.operations_audit, name="operations_audit"),
    path("operations/limits/", limits.operations_limits, name="operations_limits"),
    path("operations/limits/lift/", limits.operations_limit_lift, name="operations_limit_lift"),
    path("operations/health/", health.operations_health, name="operations_health"),
    path("operations/help/", help_answers.operations_help, name="operations_help"),
    path("operations/lost-factors/", lost_factors.operations_lost_factors, name="operations_lost_factors"),
    path(
        "operations/lost-factors/<int:reset_id>/cancel/",
        lost_factors.operations_lost_factor_cancel,
        name="operations_lost_factor_cancel",
    ),
    path("vendor/support/cases/", cases.vendor_cases, name="vendor_cases"),
    path("vendor/support/cases/<int:case_id>/", cases.vendor_case, name="vendor_case"),
    path("vendor/support/cases/<int:case_id>/files/<uuid:file_id>/", cases.vendor_case_file, name="vendor_case_file"),
]
