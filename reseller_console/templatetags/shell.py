"""What the shell of every page needs and Django's own tags do not offer."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from django import template
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# The areas that people live in; "Etc", "SystemV" and the like are spellings for machines.
AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


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
def _options() -> SafeString:
    """Build the long list once: with a loop in the template it would cost every page a millisecond."""
    zones = (
        "UTC",
        *sorted(zone for zone in available_timezones() if zone.startswith(AREAS)),
    )
    return format_html_join("", "<option>{}</option>", ((zone,) for zone in zones))


@register.simple_tag
def time_zone_options(chosen: str) -> SafeString:
    """List the time zones a person can choose, with `chosen` selected, also when the list lacks it."""
    option = format_html("<option>{}</option>", chosen)
    selected = format_html("<option selected>{}</option>", chosen)
    options = _options()
    # Both strings come from format_html and are escaped.
    return mark_safe(  # noqa: S308
        options.replace(option, selected) if option in options else selected + options
    )
