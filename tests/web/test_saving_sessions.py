"""A session that cannot be saved because the database is away answers 503, and one that has ended 400."""

from __future__ import annotations

from collections.abc import Callable

import psycopg2
import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings

from accounts.console_sessions.browser_sessions import SessionStore
from reseller_console import urls
from tests import servers

pytestmark = pytest.mark.django_db(transaction=True)


def cut_the_connection() -> None:
    """End this process's session at the server, as a restart or a cut cable does."""
    connection.ensure_connection()
    pid = connection.connection.info.backend_pid
    other = psycopg2.connect(servers.database_url())
    other.autocommit = True
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
        assert cursor.fetchone() == (True,)
    other.close()


def end_the_session() -> None:
    Session.objects.all().delete()


def page(happens: Callable[[], None]) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        request.session["visits"] = request.session.get("visits", 0) + 1
        happens()
        return HttpResponse("said")

    return view


handler500 = urls.handler500
urlpatterns = [
    *urls.urlpatterns,
    path("plain", page(lambda: None)),
    path("cut", page(cut_the_connection)),
    path("ended", page(end_the_session)),
]


@pytest.mark.parametrize(("place", "status"), [("/cut", 503), ("/ended", 400)])
def test_a_page_whose_session_is_not_saved_says_which_of_the_two_it_is(
    client: Client, settings: Settings, place: str, status: int
) -> None:
    settings.ROOT_URLCONF = __name__
    client.raise_request_exception = False
    assert client.get("/plain").status_code == 200
    answer = client.get(place)
    assert answer.status_code == status
    assert ("Retry-After" in answer.headers) == (status == 503)


def test_saving_raises_what_happened() -> None:
    store = SessionStore()
    store["visits"] = 1
    store.save()
    cut_the_connection()
    with pytest.raises(OperationalError):
        store.save()
    connection.close()
    store.save()
    end_the_session()
    with pytest.raises(UpdateError):
        store.save()
