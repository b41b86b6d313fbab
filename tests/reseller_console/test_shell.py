from __future__ import annotations

import pytest
from django.template import engines
from django.template.loader import render_to_string

from web.templatetags.shell import time_zone_options


def render(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context)


def test_a_page_says_its_title_in_the_tab_and_as_its_only_heading() -> None:
    page = render(
        '{% extends "error.html" %}{% block title %}Users of {{ name }}{% endblock %}',
        name="<b>Northwind</b>",
    )
    assert "<title>Users of &lt;b&gt;Northwind&lt;/b&gt; – Admin console</title>" in page
    assert page.count("<h1>") == 1
    assert "<h1>Users of &lt;b&gt;Northwind&lt;/b&gt;</h1>" in page


def test_the_time_zone_of_the_person_is_the_one_selected() -> None:
    options = time_zone_options("Europe/Paris")
    assert options.count("selected") == 1
    assert '<option value="Europe/Paris" selected>Paris</option>' in options


def test_a_time_zone_that_the_list_lacks_is_kept_and_escaped() -> None:
    options = time_zone_options("<Mars>/Olympus")
    assert options.startswith(
        '<option value="&lt;Mars&gt;/Olympus" selected>&lt;Mars&gt;/Olympus</option><option value="UTC">UTC</option>'
    )


@pytest.mark.parametrize("name", ["400.html", "403_csrf.html", "404.html", "500.html", "503.html", "503_busy.html"])
def test_an_error_page_needs_no_request_and_no_database(name: str) -> None:
    page = render_to_string(name)
    assert page.count("<h1>") == 1
    assert f"{name[:3]}</p>" in page
    assert "<script" not in page
