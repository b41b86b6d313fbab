from __future__ import annotations

from django.urls import path

import accounts.converters  # noqa: F401  <domain:…>
from support.urls_cases import urlpatterns as cases
from support.views import console_home, contracts, home, partner_actions, partners, verification

CONSOLE = "console/<domain:domain>/support/"

urlpatterns = [
    # Here, since what it says of support partners is known to nothing below this app.
    path("console/<domain:domain>/", console_home.console_home, name="console_home"),
    path(CONSOLE, home.support_home, name="support_home"),
    path(f"{CONSOLE}partners/", partners.support_partners, name="support_partners"),
    path(f"{CONSOLE}partners/assign/<slug:service>/", partners.support_partner_assign, name="support_partner_assign"),
    path(
        f"{CONSOLE}partners/<int:assignment_id>/resend/",
        partner_actions.support_partner_resend,
        name="support_partner_resend",
    ),
    path(
        f"{CONSOLE}partners/<int:assignment_id>/withdraw/",
        partner_actions.support_partner_withdraw,
        name="support_partner_withdraw",
    ),
    path(
        f"{CONSOLE}partners/<int:assignment_id>/remove/",
        partner_actions.support_partner_remove,
        name="support_partner_remove",
    ),
    path(f"{CONSOLE}contracts/", contracts.support_contracts, name="support_contracts"),
    path(f"{CONSOLE}contracts/new/", contracts.support_contract_new, name="support_contract_new"),
    path("support/verify/<str:token>/", verification.support_verify, name="support_verify"),
    path("reseller/support/", verification.reseller_support, name="reseller_support"),
    *cases,
]
