"""The walks of one world, each done once: reading changes nothing, so what one test saw is what the next would see."""

from __future__ import annotations

from tests.contract.crawl import Page, crawl
from tests.contract.world import Tenant, World

# By a session that no other world has, by who walks at which tenant, and from where else.
_walks: dict[tuple[str | None, ...], dict[str, Page]] = {}


def walk(world: World, who: tuple[str, str], tenant: Tenant, *elsewhere: str) -> dict[str, Page]:
    """Return every page that a person of the world finds from the first pages on, and from those nobody links to."""
    key = (world.sessions["Acme", "super admin"], *who, tenant.domain, *elsewhere)
    if key not in _walks:
        starts = elsewhere or ("/", "/accounts/login/", f"/console/{tenant.domain}/")
        known = walk(world, who, tenant) if elsewhere else {}
        _walks[key] = crawl(world.client(*who), starts, known)
        for page in _walks[key].values():
            page.response.context = None  # with every object that the page was drawn from
    return _walks[key]


def forget() -> None:
    """Let the pages go, with the world that they are of."""
    _walks.clear()
