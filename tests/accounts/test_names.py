"""Names are text that a person can read (P10)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from accounts import staffing
from accounts.actor import Actor
from accounts.directory import groups, org_units, people
from accounts.directory.tree import tree_of
from accounts.errors import Refused
from accounts.models import Customer, DirectoryGroup, OrgUnit, User
from accounts.models.jobs import JobKind
from accounts.names import isolated, most_marks, name_key, person_named, readable, sort_key
from accounts.organisations import MARKS_MAX, clean_name, create_customer, create_reseller
from jobs.starting import upload_file
from subscriptions.access.customers_page import customers_page
from tests.access.world import make_world
from tests.cast import Cast
from tests.factories import make_person
from web.console.forms.groups import GroupsFilter

OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
SHOWN_AS_NOTHING = f"{OVERRIDES}\u200b\u2060\ufeff\u00ad\u034f\u115f\u1160\u17b4\u3164\uffa0\U000e0041\ufff9\ufffe"
# Letters, marks, joiners and signs that meet in the names of the world, and everything that must not stay.
ALPHABET = st.one_of(
    st.characters(),
    st.sampled_from(SHOWN_AS_NOTHING),
    st.sampled_from("\u200c\u200d\ufe0f\ufe00\U000e0100\u2800\u0301\u0308\u3099\u094d\u0653 \t\x00\x85"),
    st.sampled_from("aeoÅ①ﬁکیनम葛が👩💻❤1#\u1820\u180b"),
)


@given(st.text(ALPHABET, max_size=30))
@example("e\u200b\u0301")
@example("\u061c\u200d")
@example("क\u200b\u200dष")
def test_P10_cleaning_twice_is_cleaning_once(text: str) -> None:
    cleaned = readable(text)
    assert readable(cleaned) == cleaned


@given(st.text(ALPHABET, max_size=30))
def test_P10_what_is_left_is_one_spelling_that_somebody_sees(text: str) -> None:
    cleaned = readable(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split())
    assert not set(cleaned) & set(SHOWN_AS_NOTHING)
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in cleaned)
    assert not cleaned or any(unicodedata.category(character)[0] in "LNPS" for character in cleaned)
    cleaned.encode()


@given(st.text(ALPHABET, max_size=30))
def test_P10_other_spellings_of_a_name_are_the_same_name_and_sort_alike(text: str) -> None:
    name = readable(text)
    for spelling in (unicodedata.normalize("NFD", name), name.replace(" ", "  ")):
        assert readable(spelling) == name
        assert name_key(spelling) == name_key(name)
        assert sort_key(spelling) == sort_key(name)
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("\u202e.gnp.evil", ".gnp.evil"),
        ("\u202dAna\u202c Lima", "Ana Lima"),
        ("An\u200ba\u00ad Li\x00ma\x07", "Ana Lima"),
        ("Zu\u0308rich", "Zürich"),
        (" Ana \u2003 \u2800 Lima\n", "Ana Lima"),
        # What a script needs stays: Persian, Devanagari, Malayalam, a family, a variant of 葛, a heart in colour.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("ന്\u200d", "ന്\u200d"),
        ("👩\u200d💻", "👩\u200d💻"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("葛\U000e0100城", "葛\U000e0100城"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("محمد علي", "محمد علي"),
        # The same between letters that do not join is nothing that anybody sees.
        ("An\u200da\u200c Li\ufe0fma", "Ana Lima"),
        ("-", "-"),
    ],
)
def test_P10_what_a_reader_sees_stays_and_nothing_else(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


@pytest.mark.parametrize("typed", ["", "\u200b\u200d", "\u3164", "\u2800", "\u202e", "\u0301", "\x00", "\ufe0f\u200d"])
def test_P10_a_name_that_nobody_sees_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(Refused, match="Enter a name") as refused:
        clean_name(typed, field="admin_name")
    assert refused.value.field == "admin_name"


def test_P10_marks_are_not_heaped_on_one_letter() -> None:
    heaped = "Z" + "\u0353\u0301" * 30
    assert most_marks(heaped) > MARKS_MAX
    with pytest.raises(Refused, match="marks on one letter"):
        clean_name(heaped)
    for name in ("שְׁמוּאֵל", "ཧཱུྃ", "Nguyễn Thị Ánh", "ပြည်ထောင်စု", "हिन्दी"):
        assert clean_name(name) == unicodedata.normalize("NFC", name)


@pytest.mark.django_db
def test_P10_every_verb_that_names_something_cleans_it(cast: Cast) -> None:
    acme, root = cast.acme.customer, tree_of(cast.acme.customer).root
    typed, kept = "\u202eZoe\u0308 \u3164 Ka\u200by", "Zoë Kay"
    made: dict[str, Callable[[str], str]] = {
        "customer": lambda name: create_customer(actor=None, name=name, primary_domain="one.example").name,
        "reseller": lambda name: create_reseller(actor=None, name=name, primary_domain="two.example").name,
        "person": lambda name: people.change_user(actor=None, person=cast.acme.nobody, name=name).name,
        "group": lambda name: groups.create_group(actor=None, customer=acme, email="z@acme.example", name=name).name,
        "unit": lambda name: org_units.create_org_unit(actor=None, customer=acme, parent=root, name=name).name,
        "team": lambda name: staffing.rename_team(actor=None, team=cast.resale_one.team, name=name).name,
    }
    file = upload_file(
        actor=Actor(cast.acme.super_admin),
        customer=acme,
        kind=JobKind.IMPORT_USERS,
        file_name=f"../{typed}.csv",
        text="name,email\nZoe,zoe@acme.example\n",
    )
    assert file.arguments["file"] == f"{kept}.csv"
    assert {what: verb(typed) for what, verb in made.items()} == dict.fromkeys(made, kept)
    for what, verb in made.items():
        with pytest.raises(Refused) as refused:
            verb("\u3164\u202e")
        assert refused.value.field == "name", what


@pytest.mark.parametrize("name", ["דנה", "محمد علي", "Ana דנה", "١٢٣"])
def test_P10_a_name_read_from_right_to_left_is_isolated_where_no_element_can_be(name: str) -> None:
    assert isolated(name) == f"\u2068{name}\u2069"
    assert clean_name(isolated(name)) == name


@pytest.mark.parametrize("name", ["Ana Lima", "Zoë", "東京", "Łukasz", "123", ""])
def test_P10_other_names_are_shown_and_copied_as_they_are(name: str) -> None:
    assert isolated(name) == name


# --- Which names are the same ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_P10_two_units_are_the_same_by_their_names_and_not_by_what_they_are_sorted_by(cast: Cast) -> None:
    acme, root = cast.acme.customer, tree_of(cast.acme.customer).root

    def create(name: str) -> OrgUnit:
        return org_units.create_org_unit(actor=None, customer=acme, parent=root, name=name)

    zoe = create("Zoe")
    assert create("Zoë").sort_name == zoe.sort_name
    create("Straße")
    for name in ("ZOE", "zoe\u0308", "ZOË", "STRASSE", "Zoe\u200b"):
        with pytest.raises(Refused, match="Another unit at this place has this name"):
            create(name)
    with pytest.raises(Refused, match="Another unit"):
        org_units.edit_org_unit(actor=None, unit=zoe, name="Strasse", description="", approves_mobile_devices=None)
    below = org_units.create_org_unit(actor=None, customer=acme, parent=zoe, name="STRASSE")
    with pytest.raises(Refused, match="Another unit"):
        org_units.move_org_unit(actor=None, unit=below, parent=root)


@pytest.mark.django_db
def test_P10_two_teams_are_the_same_by_their_names(cast: Cast) -> None:
    reseller = cast.resale_one.reseller
    staffing.create_team(actor=None, reseller=reseller, name="Zoë")
    for name in ("ZOE\u0308", "  zoë ", "NORTH"):
        with pytest.raises(Refused, match="Another team has this name"):
            staffing.create_team(actor=None, reseller=reseller, name=name)
    other = staffing.create_team(actor=None, reseller=reseller, name="Zoe")
    assert staffing.rename_team(actor=None, team=other, name="ZOE").name == "ZOE"


@pytest.mark.django_db
def test_P10_a_path_is_compared_as_names_are(cast: Cast) -> None:
    acme, root = cast.acme.customer, tree_of(cast.acme.customer).root
    unit = org_units.create_org_unit(actor=None, customer=acme, parent=root, name="Café Zürich")
    tree = tree_of(acme)
    for path in ("/Café Zürich", "/Cafe\u0301 Zu\u0308rich", "CAFÉ  ZÜRICH/", "/ café zürich "):
        assert tree.at(path) == unit, path
    assert tree.at("/Cafe Zurich") is None
    assert tree.at("/") == tree.at("") == root


# --- Search and order ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        *(("Łukasz Nowak", "lukasz"), ("Ørsted", "orsted"), ("Đặng Thị", "dang thi"), ("Straße", "strasse")),
        *(("Æsir", "aesir"), ("Iğdır", "igdir"), ("İpek", "ipek"), ("O’Neil", "o'neil"), ("Þór", "thor")),
        *(("ＡＣＭＥ", "acme"), ("Иван", "иван"), ("北京", "北京"), ("Zoë\u200b", "zoe")),
    ],
)
def test_a_name_is_found_as_it_is_typed_without_its_signs(name: str, typed: str) -> None:
    assert sort_key(typed) in sort_key(name)


def test_names_sort_where_a_reader_looks() -> None:
    names = ["Nora", "Ørsted", "Paul", "Łukasz", "Ökonom", "Zoe", "Lukas", "Mia"]
    ordered = ["Lukas", "Łukasz", "Mia", "Nora", "Ökonom", "Ørsted", "Paul", "Zoe"]
    assert sorted(names, key=sort_key) == ordered


@pytest.mark.django_db
def test_people_customers_groups_and_units_are_found_without_their_signs() -> None:
    world = make_world()
    acme = world.customer
    person = make_person(acme, name="Łukasz Nowak", email=f"l@{acme.primary_domain}")
    group = groups.create_group(actor=None, customer=acme, email=f"g@{acme.primary_domain}", name="Ørsted wind")
    assert list(User.objects.filter(person_named("lukasz"))) == [person]
    filtered = GroupsFilter({"q": "orsted"}).filtered(DirectoryGroup.objects.filter(customer=acme))
    assert list(filtered) == [group]
    rename(acme, "Ørsted A/S")
    for typed in ("orsted", "ØRSTED", "ørsted a/s"):
        assert [row.name for row in customers_page(world.agent, search=typed).rows] == ["Ørsted A/S"]


def rename(customer: Customer, name: str) -> None:
    """As the migration and the demo write it: no verb renames a customer."""
    Customer.objects.filter(pk=customer.pk).update(name=name, sort_name=sort_key(name))
    customer.access_grants.update(customer_name=name, customer_sort_name=sort_key(name))
