"""Django's `{% url %}`, which keeps the URLs that were asked for last.

Worked out each time, the nine of them on a page without a list were a twelfth of its time.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template import Library, Node
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.html import conditional_escape

register = Library()

_KEPT = 4_096


class KeptURL(URLNode):
    """The URL of a page by its name and what stands in it."""

    def render(self, context: Context) -> str:
        """Return it, or put it where `as` says; what is not kept is as Django has it."""
        names, given = tuple(self.kwargs), (*self.args, *self.kwargs.values())
        values = tuple(each.resolve(context) for each in given)
        match = getattr(getattr(context, "request", None), "resolver_match", None)
        try:
            found = _url(
                self.view_name.resolve(context),
                names,
                values,
                tuple(map(type, values)),
                match.namespace if match else None,
                (get_urlconf(settings.ROOT_URLCONF), get_script_prefix()),
            )
        except (NoReverseMatch, TypeError):  # there is none, or one by a value that no dictionary takes
            return str(super().render(context))
        if self.asvar:
            context[self.asvar] = found
            return ""
        return conditional_escape(found) if context.autoescape else found


@lru_cache(maxsize=_KEPT)
def _url(
    name: str,
    names: tuple[str, ...],
    values: tuple[Any, ...],
    _kinds: tuple[type, ...],
    current_app: str | None,
    _where: tuple[str, str],
) -> str:
    """Return a URL. _kinds: 1 and True are the same to a dictionary; _where: what else it depends on."""
    unnamed = len(values) - len(names)
    named = dict(zip(names, values[unnamed:], strict=True))
    return reverse(name, args=values[:unnamed], kwargs=named, current_app=current_app)


@register.tag
def url(parser: Parser, token: Token) -> Node:
    """Return Django's own node, which keeps what it found."""
    node = django_url(parser, token)
    return KeptURL(node.view_name, node.args, node.kwargs, node.asvar)
