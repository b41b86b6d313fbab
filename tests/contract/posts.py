"""Every form of the product, from cases.py and from the areas."""

from __future__ import annotations

from tests.contract import areas
from tests.contract.cases import POSTS as COMMON
from tests.contract.cases import Post

POSTS: dict[str, Post] = COMMON | {name: post for area in areas.ALL for name, post in area.posts.items()}
