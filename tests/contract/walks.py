"""The walks of one world, each done once: reading changes nothing, so what one test saw is what the next would see."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from tests.contract.crawl import Page, crawl
from tests.contract.world import World

_walks: WeakKeyDictionary[World, dict[tuple[str, ...], dict[str, Page]]] = WeakKeyDictionary()


def walk(world: World, who: tuple[str, str], *starts: str) -> dict[str, Page]:
    """Return every page that a person of the world finds from these addresses on."""
    walks = _walks.setdefault(world, {})
    key = (*who, *starts)
    if key not in walks:
        walks[key] = crawl(world.client(*who), starts)
        for page in walks[key].values():
            page.response.context = None  # with every object that the page was drawn from
    return walks[key]
