"""`{% url %}` keeps what it found, and says what Django's own says."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.template import Context, Template
from django.template.engine import Engine
from django.test import override_settings
from django.urls import NoReverseMatch, set_script_prefix
from django.urls.base import get_script_prefix

from web.templatetags.kept_urls import KeptURL, _url

HOME = '{% url "console_home" domain=domain %}'


def test_it_is_the_tag_of_every_template() -> None:
    assert isinstance(Template(HOME).nodelist[0], KeptURL)


@pytest.mark.parametrize(
    "source",
    [
        HOME,
        '{% url "console_home" domain %}',
        '{% url "console_home" domain=odd %}',
        "{% url name domain=domain %}",
        '{% url "help" %}?a=b&c',
        '{% url "console_home" domain=domain as there %}[{{ there }}]',
        '{% url "console_home" nothing=domain as there %}[{{ there }}]',
        '{% url "user" domain=domain user_id=number %}',
        '{% autoescape off %}{% url "console_home" domain=odd %}{% endautoescape %}',
    ],
)
def test_it_says_what_djangos_own_says_each_time(source: str) -> None:
    ours, own = Engine.get_default(), Engine()
    for number in (1, 2, 1):
        said = {"domain": f"acme{number}.example", "odd": "a&b.example", "name": "console_home", "number": number}
        for request in (None, HttpRequest()):
            context = {**said, "request": request}
            expected = own.from_string(source).render(Context(dict(context)))
            assert [ours.from_string(source).render(Context(dict(context))) for _time in range(2)] == [expected] * 2


def test_one_and_true_are_two_values() -> None:
    template = Template('{% url "user" domain="acme.example" user_id=number %}')
    assert template.render(Context({"number": 1})).endswith("/1/")
    with pytest.raises(NoReverseMatch):
        template.render(Context({"number": True}))


def test_a_url_that_there_is_not_is_an_error_each_time() -> None:
    for _time in range(2):
        with pytest.raises(NoReverseMatch):
            Template('{% url "nowhere" %}').render(Context())


def test_another_place_has_other_urls() -> None:
    template, before = Template('{% url "help" %}'), get_script_prefix()
    first = template.render(Context())
    set_script_prefix("/below/")
    try:
        assert template.render(Context()) == f"/below{first}"
    finally:
        set_script_prefix(before)
    with override_settings(ROOT_URLCONF="tests.identity_provider.urls"), pytest.raises(NoReverseMatch):
        template.render(Context())


def test_what_is_asked_for_again_is_not_worked_out_again() -> None:
    _url.cache_clear()
    for _time in range(3):
        Template(HOME).render(Context({"domain": "acme.example"}))
    assert (_url.cache_info().misses, _url.cache_info().hits) == (1, 2)
