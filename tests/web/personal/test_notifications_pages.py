"""The pages behind the bell: each person's own, with links that work, and how soon they want to hear (R25)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.directory import people
from accounts.models import NoticePreference, Notification, UntoldEvent, User
from accounts.notifications import telling
from accounts.organisations import VENDOR
from accounts.roles import Role
from subscriptions.access import desired
from tests.access.world import World, make_world, propagate
from tests.client import lines_of, signed_in, text_of
from tests.factories import make_person

LIST, CHOICES = "/notifications/", "/notifications/preferences/"


@pytest.fixture
def world(db: None) -> World:
    """A second super admin has taken access away from the reseller."""
    world = make_world()
    second = make_person(world.customer, Role.SUPER_ADMIN)
    UntoldEvent.objects.all().delete()
    actor = type(world.admin)(second)
    desired.remove_now(actor=actor, customer=world.customer, reseller_id=world.reseller.pk)
    propagate()
    while telling.tell():
        pass
    return world


def test_R25_each_their_own(world: World) -> None:
    admin, agent = signed_in(world.admin.user), signed_in(world.agent)
    assert len(lines_of(admin.get(LIST))) == 2
    [line] = lines_of(agent.get(LIST))
    assert "has ended" in line
    theirs = Notification.objects.filter(recipient=world.admin.user).earliest("pk")
    assert agent.post(reverse("notification_open", args=[theirs.pk])).status_code == 404
    agent.post(reverse("notifications_read"))
    assert not Notification.objects.filter(recipient=world.agent, read_at=None).exists()
    assert Notification.objects.filter(recipient=world.admin.user, read_at=None).count() == 2
    assert 'aria-label="Notifications, 2 unread"' in admin.get("/accounts/sessions/").content.decode()
    assert 'aria-label="Notifications"' in agent.get("/reseller/home/").content.decode()


def test_R25_a_notification_leads_to_what_it_is_about_and_is_read_then(world: World) -> None:
    admin = signed_in(world.admin.user)
    first = Notification.objects.filter(recipient=world.admin.user).earliest("pk")
    opened = admin.post(reverse("notification_open", args=[first.pk]), follow=True)
    assert opened.redirect_chain[-1][0].endswith("/account/reseller-access/")
    assert opened.status_code == 200
    first.refresh_from_db()
    assert first.read_at is not None
    agent = signed_in(world.agent)
    [theirs] = Notification.objects.filter(recipient=world.agent)
    assert agent.post(reverse("notification_open", args=[theirs.pk]), follow=True).status_code == 200


def test_R25_the_link_of_a_mail_works_after_signing_in(world: World) -> None:
    page = reverse("reseller_access", kwargs={"domain": world.customer.primary_domain})
    stranger = Client()
    asked = stranger.get(page)
    assert asked.headers["Location"].endswith(f"?next={page}")
    stranger.force_login(world.admin.user)
    assert stranger.get(page).status_code == 200


def test_R25_whoever_lost_the_role_sees_an_empty_list(world: World) -> None:
    make_person(world.customer, Role.SUPER_ADMIN)
    people.unassign_role(actor=None, person=world.admin.user, role=Role.SUPER_ADMIN)
    page = signed_in(world.admin.user).get(LIST)
    assert "No notifications" in text_of(page)


def test_R25_choosing_how_soon(world: World) -> None:
    admin = signed_in(world.admin.user)
    page = admin.get(CHOICES).content.decode()
    access = page.partition('name="access"')[2].partition("</select>")[0]
    assert "Never" not in access
    sent = {"access": "daily", "admins": "never", "subscriptions": "daily", "support": "at_once", "account": "daily"}
    assert admin.post(CHOICES, sent).status_code == 302
    admin.post(CHOICES, sent)  # two clicks are one
    stored = dict(NoticePreference.objects.filter(person=world.admin.user).values_list("topic", "how_soon"))
    assert stored == sent


@pytest.mark.parametrize("bad", ["never", "sometimes", "", "x" * 10_000, "daily\x00"])
def test_R25_a_choice_that_is_none_is_refused_and_nothing_is_saved(world: World, bad: str) -> None:
    sent = {"access": bad, "admins": "never", "subscriptions": "daily", "support": "at_once", "account": "daily"}
    answer = signed_in(world.admin.user).post(CHOICES, sent)
    assert answer.status_code in {400, 422}
    assert not NoticePreference.objects.exists()
    if answer.status_code == 422:
        # What was chosen elsewhere on the form stays.
        admins = answer.content.decode().partition('name="admins"')[2].partition("</select>")[0]
        assert '<option value="never" selected' in admins


def topics_on(person: User) -> set[str]:
    form = signed_in(person).get(CHOICES).context["form"]
    return set(form.fields)


def test_R25_everybody_chooses_among_what_they_can_hear_of(world: World) -> None:
    assert topics_on(world.admin.user) == {"access", "admins", "subscriptions", "support", "account"}
    assert topics_on(world.agent) == {"access", "work", "subscriptions", "support", "cases", "account"}
    assert topics_on(make_person(VENDOR, Role.VENDOR_OPERATOR)) == {"access", "account"}
