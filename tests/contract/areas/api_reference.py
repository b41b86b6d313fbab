"""The API reference: open to everybody, and about nobody; and what is kept of the calls of machines."""

from __future__ import annotations

from tests.contract.areas.area import Area
from tests.contract.world import Tenant

TABLE = """
GET  reference                             OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
GET  reference_of                          OOOOOOOO OOOOOOO OOOOO  OO     OO     OO     OOOOOOO OOOOOOO OO      O
"""


def furnish(tenant: Tenant) -> None:
    """An API of which something is served."""
    tenant.arguments["reference_of"] = {"name": "admin", "version": "directory_v1"}


AREA = Area(
    table=TABLE,
    furnish=furnish,
    scope_tests={
        "accounts.ApiQuota": (
            "tests/api/test_core_quotas.py",
            "test_reading_writing_other_apis_and_other_accounts_are_counted_by_themselves",
        ),
        "accounts.ApiUpload": ("tests/api/test_core_uploads.py", "test_X2_nobody_else_goes_on_with_a_file"),
        "accounts.ApiUploadPart": ("tests/api/test_core_uploads.py", "test_X2_nobody_else_goes_on_with_a_file"),
    },
    one_object={"reference": "documents, which are no rows", "reference_of": "a document, which is no row"},
    unlinked={
        "reference": "named in the README, for those who write programs",
        "reference_of": "linked to by the list of APIs",
    },
)
