"""How names, domains and addresses stand on a page; built into every template (settings.py): none needs to load it."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.domains import shown_email
from accounts.names import isolated

register = template.Library()
register.filter(isolated)


@register.filter
def bdi(name: object) -> SafeString | str:
    """Isolate a name: one that is read from right to left puts nothing of what stands around it in another order."""
    return format_html("<bdi>{}</bdi>", name) if name else ""


@register.filter
def idn(domain_or_email: str) -> str:
    """Show a domain, or an address, as people read it: bücher.example for xn--bcher-kva.example."""
    return shown_email(domain_or_email) if domain_or_email else ""
