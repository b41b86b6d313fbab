"""Django's `{% load i18n %}`, whose `{% translate %}` keeps a text that is always the same for each language.

Looked up each time, through a lazy object and Django's lookup, the thirty of them on a page without a list were an
eighth of its time.
"""

from __future__ import annotations

from django.template import Library, Node
from django.template.base import FilterExpression, Parser, Token, Variable
from django.template.context import Context
from django.templatetags import i18n
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = Library()
register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)


class KeptTranslation(Node):
    """A text of a template in the language of the reader."""

    child_nodelists = ()

    def __init__(self, text: i18n.TranslateNode) -> None:
        self.text = text
        self._kept: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Return it, or put it where `as` says."""
        language = get_language()
        said = self._kept.get(language)
        if said is None:
            said = self._kept[language] = self._look_up(context)
        if self.text.asvar:
            context[self.text.asvar] = said
            return SafeString("")
        return said

    def _look_up(self, context: Context) -> SafeString:
        with context.push():
            said = self.text.render(context)
            return SafeString(context[self.text.asvar] if self.text.asvar else said)


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> Node:
    """Return Django's own node; one that keeps its text where that depends on nothing but the language."""
    text = i18n.do_translate(parser, token)
    return KeptTranslation(text) if _is_the_same_for_all(text) else text


def _is_the_same_for_all(text: i18n.TranslateNode) -> bool:
    expression: FilterExpression = text.filter_expression
    is_literal = isinstance(expression.var, Variable) and expression.var.literal is not None
    return is_literal and not expression.filters and not text.message_context
