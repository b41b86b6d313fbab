"""`{% lucide %}` of the package of that name, with each icon drawn once.

The package copies and writes out an icon's tree at every use, and a list page has 70 of them. In the settings this
library stands under the package's name.
"""

from __future__ import annotations

from functools import lru_cache

from django import template
from lucide.templatetags.lucide import lucide as draw

register = template.Library()


@register.simple_tag
@lru_cache(maxsize=512)
def lucide(name: str, *, size: int | None = 24, **attributes: str | int) -> str:
    """Return an icon as inline SVG, marked as safe.

    Arguments:
        name: of the icon in Lucide.
        size: width and height in pixels.
        attributes: of the SVG element, with `_` for `-`.

    Errors: lucide.IconDoesNotExist.
    """
    return draw(name, size=size, **attributes)
