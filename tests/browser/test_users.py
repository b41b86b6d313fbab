"""The people of a directory: made, signed in for the first time, renamed, suspended, deleted, and who may do that."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from accounts.models import User
from accounts.roles import Role
from tests.browser.journey import Journey
from tests.factories import PASSWORD, fresh, make_person
from web.console.forms.people import TEMPORARY


def test_somebody_new_chooses_a_password_and_helps_others_with_theirs(journey: Journey) -> None:
    """A super admin makes Ada and gives her a role; she signs in twice, and resets the password of someone else."""
    acme = journey.scene.acme
    bob = make_person(acme, name="Bob")
    alice = journey.sit_down(journey.scene.alice)
    journey.visit(alice, "users/")
    journey.link(alice, "Add user").click()
    journey.look(alice)
    alice.locator("[name=given_name]").fill("Ada")
    alice.locator("[name=family_name]").fill("Lovelace")
    alice.locator("[name=email]").fill("ada")
    alice.locator(f"[name=password][value={TEMPORARY}]").check()
    journey.button(alice, "Add user").click()
    temporary = alice.locator("main code").inner_text()
    journey.look(alice)
    journey.link(alice, "Done").click()
    expect(alice.locator("h1")).to_have_text("Ada Lovelace")
    assert temporary not in alice.content(), "it was shown once"
    journey.link(alice, "Assign roles").click()
    journey.look(alice)
    alice.locator(f"[name=roles][value={Role.HELP_DESK_ADMIN}]").check()
    journey.button(alice, "Save roles").click()
    expect(alice.locator("main .chip", has_text=journey.say("Help desk admin"))).to_be_visible()

    new = User.objects.get(name="Ada Lovelace")
    ada = journey.sit_down(new, temporary)
    for path in ("", "/console/acme.example/users/"):
        ada.goto(journey.url + path)
        ada.wait_for_url(re.compile("/accounts/password/change/"))
    expect(ada.locator("main")).to_contain_text(journey.say("Choose your own password"))
    journey.look(ada)
    ada.locator("[name=oldpassword]").fill(temporary)
    ada.locator("[name=password1]").fill(PASSWORD)
    ada.locator("[name=password2]").fill(PASSWORD)
    ada.locator("main form button[type=submit]").click()
    expect(ada.locator("input[name=login]")).to_be_visible()
    journey.look(ada)
    ada.locator("input[name=login]").fill(new.email)
    ada.locator("form.form button[type=submit]").click()
    ada.locator("input[name=password]").fill(PASSWORD)
    ada.locator("form.form button[type=submit]").click()
    expect(ada.locator("h1")).to_have_text("Acme")
    journey.look(ada)

    journey.visit(ada, f"users/{bob.pk}/")
    journey.confirm(ada, "Reset password")
    expect(ada.locator("main code")).to_be_visible()
    given = ada.locator("main code").inner_text()
    assert fresh(bob).check_password(given) and fresh(bob).must_change_password
    journey.go(ada, f"users/{journey.scene.alice.pk}/")
    expect(ada.locator("main")).to_contain_text(
        journey.say("This user holds an admin role. Only a super admin of the organisation can change it.")
    )
    expect(journey.button(ada, "Reset password")).to_have_count(0)


def test_somebody_is_renamed_suspended_deleted_and_restored(journey: Journey) -> None:
    bob = make_person(journey.scene.acme, name="Bob")
    alice = journey.sit_down(journey.scene.alice)
    journey.go(alice, f"users/{bob.pk}/")
    journey.link(alice, "Edit").click()
    alice.locator("[name=email]").fill("bob@globex.example")
    journey.button(alice, "Save").click()
    expect(alice.locator("[data-error-summary]")).to_be_focused()
    journey.look(alice)
    alice.locator("[name=email]").fill("robert")
    journey.button(alice, "Save").click()
    aliases = alice.locator("section", has=alice.locator("#user-aliases"))
    expect(aliases).to_contain_text("bob@acme.example")
    assert fresh(bob).email == "robert@acme.example"

    journey.confirm(alice, "Suspend")
    expect(alice.locator("#messages")).to_contain_text(
        journey.say("%(person)s is suspended and signed out everywhere.", person="Bob")
    )
    journey.look(alice)
    journey.button(alice, "Restore").click()
    expect(alice.locator("#messages")).to_contain_text(journey.say("%(person)s can sign in again.", person="Bob"))
    journey.confirm(alice, "Delete")
    expect(alice.locator("main")).to_contain_text(journey.say("This user is deleted"))
    journey.look(alice)
    assert fresh(bob).deleted_at is not None
    journey.button(alice, "Restore").click()
    expect(aliases).to_contain_text("bob@acme.example")
    assert fresh(bob).is_active and fresh(bob).deleted_at is None


def test_P7_the_last_super_admin_reads_why_the_role_stays(journey: Journey) -> None:
    """A second super admin is named by the address; then the role can be taken."""
    alice = journey.sit_down(journey.scene.alice)
    journey.go(alice, "account/roles/")
    alice.get_by_role("link", name=journey.say("Super admin"), exact=True).click()
    journey.look(alice)
    journey.confirm(alice, "Unassign")
    expect(alice.locator("#messages .notice--error")).to_be_visible()
    journey.go(alice, f"users/{journey.scene.alice.pk}/roles/")
    alice.locator(f"[name=roles][value={Role.SUPER_ADMIN}]").uncheck()
    journey.button(alice, "Save roles").click()
    expect(alice.locator("[data-error-summary]")).to_be_focused()
    journey.look(alice)
    assert Role.SUPER_ADMIN in fresh(journey.scene.alice).roles

    journey.go(alice, f"account/roles/{Role.SUPER_ADMIN}/")
    alice.locator("[name=email]").fill("sam")
    journey.button(alice, "Assign").click()
    expect(alice.locator("#messages .notice--success")).to_contain_text("Sam")
    journey.confirm(alice.locator("tr", has_text="sam@acme.example"), "Unassign")
    expect(alice.locator("#messages .notice--success")).to_be_visible()
    assert fresh(journey.scene.sam).roles == {Role.SUPPORT_MANAGER}
