"""What the shell of every page needs and Django's own tags do not offer."""

from __future__ import annotations

from functools import cache, lru_cache

from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader import render_to_string
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from accounts.models import Customer, User
from accounts.time_zones import zone_choices
from web.help.pages import HELP_OF_PAGE
from web.help.topics import topic_for
from web.navigation import Item

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


@register.simple_tag
def drawn_once(template: str) -> SafeString:
    """Include a template that is the same on every page and for every reader: drawn once for each language."""
    return _drawn(template, get_language())


@lru_cache(maxsize=64)
def _drawn(template: str, _language: str | None) -> SafeString:
    return render_to_string(template)


@register.simple_tag(takes_context=True)
def help_of_page(context: Context) -> str:
    """Return the slug of the help text of the page that is shown; empty where it has none, or not for this person."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    slug = HELP_OF_PAGE.get(match.url_name or "", "") if match else ""
    person = getattr(request, "user", None)
    return slug if slug and isinstance(person, User) and topic_for(person, slug) else ""


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


@register.simple_tag(takes_context=True)
def brand(context: Context) -> SafeString:
    """Show the name of the product, and of the organisation that the page is of."""
    return _brand(get_language(), context.get("product_name") or "", context.get("organisation") or "")


@lru_cache(maxsize=512)
def _brand(_language: str | None, product_name: str, organisation: str) -> SafeString:
    return render_to_string("components/brand.html", {"product_name": product_name, "organisation": organisation})


@register.simple_tag
def drawer(items: tuple[Item, ...] | None, product: str, customer: Customer | None) -> SafeString:
    """Show the menu of the page. items: its lines, with the one of this page marked."""
    name, domain = (customer.name, customer.primary_domain) if customer else ("", "")
    return _drawer(get_language(), items or (), product, name, domain)


@lru_cache(maxsize=512)
def _drawer(_language: str | None, items: tuple[Item, ...], product: str, name: str, domain: str) -> SafeString:
    """Draw a menu once for each set of lines: for every page again it would cost a millisecond."""
    context = {"navigation": items, "product_name": product, "name": name, "domain": domain}
    return render_to_string("components/drawer.html", context)


# What stands in the account's menu in place of what each page has of its own.
_TOKEN, _HERE, _ZONES = SafeString("<!--token-->"), SafeString("<!--here-->"), SafeString("<!--zones-->")


@register.simple_tag(takes_context=True)
def account_menu(context: Context) -> SafeString:
    """Show the menu of the person: who they are, their preferences, the way out."""
    request = context["request"]
    person: User = request.user
    shown = (person.name, person.organisation_name, person.email, person.theme)
    token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', context["csrf_token"])
    menu = _account_menu(get_language(), *shown).replace(_TOKEN, token)
    menu = menu.replace(_HERE, format_html("{}", request.get_full_path()))
    # All three come from format_html and are escaped.
    return mark_safe(menu.replace(_ZONES, time_zone_options(person.time_zone)))  # noqa: S308


@lru_cache(maxsize=512)
def _account_menu(language: str | None, name: str, organisation: str, email: str, theme: str) -> str:
    """Draw the menu of a person once, with marks for what each page has of its own."""
    person = {"name": name, "organisation": organisation, "email": email, "theme": theme, "language": language}
    return render_to_string("components/account_menu.html", person | {"token": _TOKEN, "here": _HERE, "zones": _ZONES})
