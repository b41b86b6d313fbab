"""What the contract tests need to know of one part of the product: a file in this folder says it all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.contract.cases import Post
from tests.contract.lists import List
from tests.contract.world import Tenant


def nothing(tenant: Tenant) -> None:
    """An area without rows of its own."""


@dataclass(frozen=True, slots=True)
class Area:
    """One part of the product.

    table: lines of the matrix, as in matrix.py (its letters and columns are explained there).
    posts: what is sent to each form and what that changes.
    furnish: makes one row of everything that has an address, for one tenant: `tenant.rows` by name, and
        `tenant.arguments` by the converter as it stands in routes (`"<int:user_id>"`), or by the name of an address;
        `tenant.queries` of an address that shows something only with one.
    lists, one_object: the pages whose queries are counted, and those without a list, each with the reason.
    unlinked: pages that no page links to, each with how people get there.
    scope_tests: for each model, where it is proved that one tenant never sees another's rows: file and name of a test.
    no_tenant: models without a tenant, each with the reason.
    verb_modules: modules whose public functions are verbs (keyword-only, `actor` without a default).
    no_verbs: their public functions that are none, each with the reason.
    queries_in_views: queries that a view begins by itself, each with the reason why it needs no scope of its own.
    """

    table: str = ""
    posts: dict[str, Post] = field(default_factory=dict)
    furnish: Callable[[Tenant], None] = nothing
    lists: tuple[List, ...] = ()
    one_object: dict[str, str] = field(default_factory=dict)
    unlinked: dict[str, str] = field(default_factory=dict)
    scope_tests: dict[str, tuple[str, str]] = field(default_factory=dict)
    no_tenant: dict[str, str] = field(default_factory=dict)
    verb_modules: tuple[str, ...] = ()
    no_verbs: dict[str, str] = field(default_factory=dict)
    queries_in_views: dict[str, str] = field(default_factory=dict)
