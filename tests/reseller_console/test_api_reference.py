"""The API reference: everything that is served, nothing else, for everybody and in both languages (X5)."""

from __future__ import annotations

from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from api.core.documents import documents, endpoints
from api.core.methods import served
from tests.factories import make_customer, make_person

SERVED = {endpoint.id: endpoint for endpoint in endpoints() if endpoint.id in served() and not endpoint.is_upload}


def page(path: str, language: str = "en") -> str:
    answer = Client().get(path, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def test_X5_every_method_that_is_served_stands_in_the_reference_with_its_scopes() -> None:
    pages = {document: page(f"/docs/api/{document.name}/{document.version}/") for document in documents()}
    assert len(SERVED) > 50
    for endpoint in SERVED.values():
        text = pages[endpoint.document]
        assert f'id="{endpoint.id.replace(".", "-")}"' in text, endpoint.id
        assert all(scope.rpartition("/")[2] in text for scope in endpoint.scopes)


def test_what_is_not_served_does_not_stand_in_it() -> None:
    others = {endpoint.id for endpoint in endpoints()} - served()
    assert "admin.customers.chrome.printers.list" in others
    for document in documents():
        text = page(f"/docs/api/{document.name}/{document.version}/")
        assert not [method for method in others if f'id="{method.replace(".", "-")}"' in text]


def test_the_list_names_every_api_and_how_a_program_signs_in() -> None:
    text = page("/docs/api/")
    for document in documents():
        assert f"/docs/api/{document.name}/{document.version}/" in text
    assert "/token" in text and "/discovery/v1/apis" in text


@pytest.mark.parametrize("path", ["/docs/api/", "/docs/api/admin/directory_v1/"])
def test_the_frame_of_a_reference_is_french_where_its_reader_is(path: str) -> None:
    assert "Référence de l’API" in page(path, "fr")


def test_an_api_that_there_is_not_is_no_page() -> None:
    assert Client().get("/docs/api/nothing/v1/").status_code == 404


def test_a_person_who_is_signed_in_reads_it_in_their_console(db: None) -> None:
    person: User = make_person(make_customer("Acme", "acme.example"), name="Ana")
    client = Client()
    client.force_login(person, backend="accounts.backends.SignInBackend")
    assert client.get("/docs/api/").status_code == 200
