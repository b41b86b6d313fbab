"""What the shell of every page needs and Django's own tags do not offer."""

from __future__ import annotations

from functools import cache

from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.time_zones import zone_choices

register = template.Library()


@register.simple_tag(takes_context=True)
def block_text(context: Context, name: str) -> SafeString:
    """Show a block of the page once more; empty when no template of the page has it.

    Django allows a block once in a template, and a title written twice is soon two titles.
    """
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    # The block was rendered, and so escaped, by the template engine itself.
    return mark_safe(block.render(context).strip() if block else "")  # noqa: S308


@cache
def _options(language: str) -> SafeString:
    """Build the long list once for each language: for every page again it would cost a millisecond."""
    groups = []
    with translation.override(language):
        for label, zones in zone_choices():
            if isinstance(zones, str):
                groups.append(format_html('<option value="{}">{}</option>', label, zones))
            else:
                options = format_html_join("", '<option value="{}">{}</option>', zones)
                groups.append(format_html('<optgroup label="{}">{}</optgroup>', label, options))
    # Each piece comes from format_html and is escaped.
    return mark_safe("".join(groups))  # noqa: S308


@register.simple_tag
def time_zone_options(chosen: str) -> SafeString:
    """List the time zones a person can choose, with `chosen` selected, also when the list lacks it."""
    value = format_html('<option value="{}"', chosen)
    selected = value + mark_safe(" selected")
    options = _options(get_language() or settings.LANGUAGE_CODE)
    if value not in options:
        return selected + format_html(">{}</option>", chosen) + options
    # Both strings come from format_html and are escaped.
    return mark_safe(options.replace(f"{value}>", f"{selected}>"))  # noqa: S308
