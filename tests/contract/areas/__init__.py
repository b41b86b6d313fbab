"""The parts of the product, in the order in which their rows are made."""

from __future__ import annotations

from tests.contract.areas import (
    access_requests,
    activations,
    api_reference,
    applications,
    billing,
    channels,
    customer_groups,
    desks,
    devices,
    domains,
    findings,
    groups,
    helping,
    homes,
    jobs,
    licences,
    lifecycle,
    lost_factor,
    notices,
    operations,
    org_units,
    provisioning,
    reseller_jobs,
    reviews,
    roles,
    seals,
    search,
    second_factor,
    service_accounts,
    sessions,
    sign_ins,
    single_sign_on,
    staff,
    transfers,
    two_people,
    users,
    webhooks,
)
from tests.contract.world import Tenant

ALL = tuple(
    part.AREA
    for part in (
        users,
        roles,
        jobs,
        reseller_jobs,
        groups,
        org_units,
        devices,
        lifecycle,
        transfers,
        licences,
        billing,
        channels,
        sessions,
        notices,
        sign_ins,
        second_factor,
        lost_factor,
        homes,
        access_requests,
        activations,
        findings,
        reviews,
        two_people,
        staff,
        domains,
        provisioning,
        single_sign_on,
        webhooks,
        customer_groups,
        desks,
        helping,
        search,
        service_accounts,
        seals,
        api_reference,
        operations,
        # Behind it: both have addresses with the number of an account.
        applications,
    )
)


def furnish(tenant: Tenant) -> None:
    """Make the rows of every area for one tenant."""
    for area in ALL:
        area.furnish(tenant)
