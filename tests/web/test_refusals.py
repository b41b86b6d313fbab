"""What the rules refuse is told where the page has a place for it; whatever else goes wrong is not swallowed."""

from __future__ import annotations

import pytest
from django import forms
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from accounts.errors import Refused
from web.refusals import shown_on, told


class NameForm(forms.Form):
    name = forms.CharField()


@pytest.mark.parametrize(
    ("about", "field", "shown"),
    [("name", "", "name"), ("", "", "__all__"), ("seats", "", "__all__"), ("seats", "name", "name")],
)
def test_a_refusal_stands_beside_its_field_or_at_the_top_of_the_form(about: str, field: str, shown: str) -> None:
    form = NameForm({"name": "Ana"})
    assert form.is_valid()
    with shown_on(form, field):
        raise Refused("No.", about)
    assert form.errors == {shown: ["No."]}


def test_a_refusal_without_a_form_is_a_message() -> None:
    request = RequestFactory().post("/")
    vars(request)["_messages"] = CookieStorage(request)
    with told(request):
        raise Refused("No.", "name")
    assert [(message.level_tag, message.message) for message in get_messages(request)] == [("error", "No.")]


def test_nothing_else_is_swallowed() -> None:
    form = NameForm({"name": "Ana"})
    with pytest.raises(ValueError, match="broken"), shown_on(form):
        raise ValueError("broken")
    with shown_on(form):
        pass
    assert form.is_valid()
