"""Adding an alias of a user and of a group, and taking it away again (P6, P9)."""

from __future__ import annotations

import pytest

from accounts.directory import groups
from accounts.directory.renaming import ALIASES_AT_MOST, add_alias
from accounts.models import Address, AuditEvent, DirectoryGroup, User
from accounts.roles import Role
from tests.cast import Cast
from tests.client import main_text_of as text
from tests.client import signed_in as browser
from tests.client import url_of as url
from tests.factories import make_person
from tests.web.console.pages_world import enter

pytestmark = pytest.mark.django_db
Owner = User | DirectoryGroup


@pytest.fixture(params=["user", "group"])
def owner(request: pytest.FixtureRequest, cast: Cast) -> Owner:
    """Whom an alias is for: Dave, who holds no role, or the group Sales."""
    if request.param == "user":
        return cast.acme.nobody
    return groups.create_group(actor=None, customer=cast.acme.customer, email="sales@acme.example", name="Sales")


def place(cast: Cast, owner: Owner, verb: str = "") -> str:
    """The URL of the page of an owner, or of a verb about its aliases."""
    kind = "user" if isinstance(owner, User) else "group"
    return url(f"{kind}_{verb}_alias" if verb else kind, cast.acme.customer, **{f"{kind}_id": owner.pk})


def aliases(owner: Owner) -> set[str]:
    return set(owner.addresses.exclude(email=owner.email).values_list("email", flat=True))


def test_an_alias_is_added_and_removed_on_the_page_of_its_owner(cast: Cast, owner: Owner) -> None:
    alice = browser(cast.acme.super_admin)
    page, add = place(cast, owner), place(cast, owner, "add")
    assert add in alice.get(page).content.decode()
    assert "30 aliases at most" in text(alice.get(add))
    done = alice.post(add, {"email": " Second@ACME.example "}, follow=True)
    assert done.redirect_chain == [(page, 302)]
    assert "second@acme.example was added." in text(done)
    alice.post(add, {"email": "third"})
    assert aliases(owner) == {"second@acme.example", "third@acme.example"}, "without a domain: at the primary one"
    name = "ADD_ALIAS" if isinstance(owner, User) else "ADD_GROUP_ALIAS"
    assert AuditEvent.objects.filter(name=name).first().new_value == {"email": "second@acme.example"}
    alice.post(place(cast, owner, "remove"), {"alias": "second@acme.example"})
    assert aliases(owner) == {"third@acme.example"}


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("alice@acme.example", "already"),
        ("old@acme.example", "already"),
        ("dave@globex.example", "This domain belongs to another organisation."),
        ("dave@nobody.example", "This is not a domain of your organisation."),
        ("dave@gmail.com", "gmail.com"),
        ("two words@acme.example", "address"),
        ("", "required"),
    ],
)
def test_a_refusal_stands_at_the_field_and_names_nobody(cast: Cast, owner: Owner, typed: str, says: str) -> None:
    add_alias(actor=None, person=make_person(cast.acme.customer, name="Erika Known"), email="old@acme.example")
    written = Address.objects.count()
    refused = browser(cast.acme.super_admin).post(place(cast, owner, "add"), {"email": typed})
    assert refused.status_code == 422
    [error] = refused.context["form"].errors["email"]
    assert says in error and error in text(refused)
    assert f'value="{typed}"' in refused.content.decode() or not typed
    assert "Erika" not in text(refused) and "Alice" not in text(refused)
    assert Address.objects.count() == written


def test_more_than_thirty_are_refused(cast: Cast, owner: Owner) -> None:
    of = {"user" if isinstance(owner, User) else "group": owner}
    Address.objects.bulk_create(Address(email=f"a{n}@acme.example", **of) for n in range(ALIASES_AT_MOST))
    refused = browser(cast.acme.super_admin).post(place(cast, owner, "add"), {"email": "more@acme.example"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["email"] == [
        "There are 30 aliases already, the most there can be. Remove one first."
    ]


def test_a_stranger_finds_no_owner_and_who_only_looks_is_offered_nothing(cast: Cast, owner: Owner) -> None:
    carol = browser(cast.acme.auditor)
    assert place(cast, owner, "add") not in carol.get(place(cast, owner)).content.decode()
    assert carol.post(place(cast, owner, "add"), {"email": "x@acme.example"}).status_code == 403
    kind = "user" if isinstance(owner, User) else "group"
    forged = url(f"{kind}_add_alias", cast.globex.customer, **{f"{kind}_id": owner.pk})
    stranger = browser(cast.globex.super_admin)
    assert stranger.get(forged).status_code == stranger.post(forged, {"email": "x@globex.example"}).status_code == 404
    assert aliases(owner) == set()


def test_R14_an_agent_inside_adds_one_for_those_without_a_role_only(cast: Cast, owner: Owner) -> None:
    ana = enter(cast)
    assert ana.post(place(cast, owner, "add"), {"email": "second@acme.example"}).status_code == 302
    assert aliases(owner) == {"second@acme.example"}
    admin = place(cast, cast.acme.super_admin, "add")
    assert ana.get(admin).status_code == ana.post(admin, {"email": "x@acme.example"}).status_code == 403


def test_P3_a_user_admin_adds_none_for_an_admin(cast: Cast) -> None:
    uma = browser(make_person(cast.acme.customer, Role.USER_MANAGEMENT_ADMIN))
    admin = place(cast, cast.acme.super_admin, "add")
    assert admin not in uma.get(place(cast, cast.acme.super_admin)).content.decode()
    assert uma.post(admin, {"email": "x@acme.example"}).status_code == 403


def test_the_form_is_in_french(cast: Cast, owner: Owner) -> None:
    User.objects.filter(pk=cast.acme.super_admin.pk).update(language="fr")
    said = text(browser(cast.acme.super_admin).get(place(cast, owner, "add")))
    assert "Ajouter un alias" in said and "30 alias au plus" in said
