"""`{% translate %}` keeps a text for each language, and says and escapes what Django's own says."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.template.engine import Engine
from django.utils import translation

from web.templatetags.kept_translations import KeptTranslation

OWN = '{% load i18n %}{% translate "Save" %}'


@pytest.mark.parametrize("tag", ["translate", "trans"])
def test_a_kept_text_is_in_the_language_of_each_reader(tag: str) -> None:
    template = Template(OWN.replace("translate", tag))
    assert isinstance(template.nodelist[1], KeptTranslation)
    for language, said in (("en", "Save"), ("fr", "Enregistrer"), ("en", "Save"), ("fr", "Enregistrer")):
        with translation.override(language):
            assert template.render(Context()) == said
    with translation.override(None, deactivate=True):
        assert template.render(Context()) == "Save"


def test_a_text_under_a_name_is_said_where_the_name_stands() -> None:
    template = Template('{% load i18n %}{% translate "Save" as said %}[{{ said }}]')
    for language, said in (("fr", "Enregistrer"), ("en", "Save"), ("fr", "Enregistrer")):
        with translation.override(language):
            context = Context({"said": "before"})
            assert (template.render(context), context["said"]) == (f"[{said}]", said)


@pytest.mark.parametrize(
    "source",
    [
        "{% translate name %}",
        '{% translate "50%" %}',
        '{% translate "a < b" %}',
        "{% translate 'Save'|upper %}",
        "{% translate 'Save' noop %}",
        "{% translate 'Save' context 'a thing' %}",
        "{% translate 'Save' as said %}{{ said|lower }}",
    ],
)
@pytest.mark.parametrize("autoescape", [True, False])
def test_it_says_what_djangos_own_says(source: str, *, autoescape: bool) -> None:
    ours, own = Engine.get_default(), Engine(libraries={"i18n": "django.templatetags.i18n"})
    for language in ("en", "fr"):
        with translation.override(language):
            texts = [
                Template("{% load i18n %}" + source, engine=engine).render(
                    Context({"name": "<b>Save</b>"}, autoescape=autoescape)
                )
                for engine in (ours, own, ours)
            ]
            assert len(set(texts)) == 1, texts


def test_a_text_that_depends_on_more_than_the_language_is_looked_up_each_time() -> None:
    template = Template("{% load i18n %}{% translate name %}")
    with translation.override("fr"):
        assert [template.render(Context({"name": name})) for name in ("Save", "Cancel")] == ["Enregistrer", "Annuler"]


def test_a_page_of_ours_is_written_with_it() -> None:
    page = Engine.get_default().get_template("console/account_settings.html")
    assert page.nodelist.get_nodes_by_type(KeptTranslation)
