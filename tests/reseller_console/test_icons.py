from __future__ import annotations

from django.template import engines
from lucide.templatetags.lucide import lucide as draw

from web.templatetags import icons

SOURCE = '{% load lucide %}{% lucide "plus" size=18 class="lead" aria_hidden="true" %}'


def test_a_page_gets_the_icon_of_the_package_drawn_once() -> None:
    icons.lucide.cache_clear()
    template = engines["django"].from_string(SOURCE)
    drawn = draw("plus", size=18, **{"class": "lead", "aria_hidden": "true"})
    assert drawn.startswith("<svg ")
    assert {template.render(), template.render(), template.render()} == {drawn}
    assert icons.lucide.cache_info().misses == 1


def test_what_a_template_passes_is_escaped() -> None:
    page = (
        engines["django"].from_string('{% load lucide %}{% lucide "plus" class=name %}').render({"name": '"><script>'})
    )
    assert "<script>" not in page
