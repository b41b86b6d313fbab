from __future__ import annotations

from django.urls import path, register_converter

from accounts.converters import DomainConverter
from subscriptions.views import console_home, customers, operations, subscriptions

register_converter(DomainConverter, "domain")

urlpatterns = [
    path("console/<domain:domain>/", console_home.console_home, name="console_home"),
    path("console/<domain:domain>/subscriptions/", subscriptions.subscriptions, name="subscriptions"),
    path(
        "console/<domain:domain>/subscriptions/<int:subscription_id>/", subscriptions.subscription, name="subscription"
    ),
    path("reseller/", customers.reseller_customers, name="reseller_customers"),
    path("reseller/customers/<domain:domain>/", customers.reseller_customer, name="reseller_customer"),
    path("reseller/customers/<domain:domain>/enter/", customers.enter_console, name="enter_console"),
    path("reseller/customers/<domain:domain>/leave/", customers.leave_console, name="leave_console"),
    path("operations/access-changes/", operations.operations_access_changes, name="operations_access_changes"),
    path("operations/access-changes/<int:change_id>/retry/", operations.operations_retry, name="operations_retry"),
]
