"""The parts of the product, in the order in which their rows are made."""

from __future__ import annotations

from tests.contract.areas import (
    access_requests,
    billing,
    devices,
    groups,
    homes,
    jobs,
    licences,
    lifecycle,
    notices,
    org_units,
    roles,
    sessions,
    sign_ins,
    transfers,
    users,
)
from tests.contract.world import Tenant

ALL = tuple(
    part.AREA
    for part in (
        users,
        roles,
        jobs,
        groups,
        org_units,
        devices,
        lifecycle,
        transfers,
        licences,
        billing,
        sessions,
        notices,
        sign_ins,
        homes,
        access_requests,
    )
)


def furnish(tenant: Tenant) -> None:
    """Make the rows of every area for one tenant."""
    for area in ALL:
        area.furnish(tenant)
