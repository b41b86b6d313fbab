"""The tree of RFC 6962 over the events of one seal: SHA-256, leaves and nodes marked apart by their first byte."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

LEAF: Final = b"\x00"
NODE: Final = b"\x01"


def leaf_of(canonical: bytes) -> bytes:
    """Return the digest of one event."""
    return sha256(LEAF + canonical).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over digests of leaves, at least one. A node without a neighbour goes up as it is."""
    level = list(leaves)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def path_of(leaves: Sequence[bytes], index: int) -> list[tuple[str, bytes]]:
    """Return what leads from a leaf up to the root: on which side the neighbour stands, and its digest."""
    level, path = list(leaves), []
    while len(level) > 1:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(("left" if neighbour < index else "right", level[neighbour]))
        level, index = _above(level), index // 2
    return path


def _above(level: list[bytes]) -> list[bytes]:
    above = [sha256(NODE + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
    return above if len(level) % 2 == 0 else [*above, level[-1]]
