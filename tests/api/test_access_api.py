"""X1: our access API reads and takes away, over the original's own client; what gives becomes a proposal."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import AuditEvent, ConsoleSession, User
from accounts.models.two_people import ProposalStatus
from accounts.roles import Role
from accounts.two_people.answering import approve, decide_alone
from subscriptions.access import propagation
from subscriptions.access.extent import Extent
from subscriptions.models import AccessChange, AccessGrant
from subscriptions.models.level import Level
from subscriptions.reviews.beginning import begin_review
from tests.access.activations import activated, put_on_request
from tests.access.boxes import console, own, save
from tests.access.requests_world import REASON, close, request_access
from tests.access.world import DAY, World, make_world, may_enter, pass_time
from tests.accounts.entering import inside
from tests.api.access_world import READS, Api, refused
from tests.factories import make_person, put_person


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.fixture
def stranger(world: World) -> World:
    return make_world()


@pytest.fixture
def api(world: World) -> Api:
    """For a super admin of the customer."""
    return Api(world.admin.user, "my_customer")


@pytest.fixture
def sellers(world: World) -> Api:
    """For an admin of the reseller."""
    return Api(put_person(world.reseller, Role.RESELLER_ADMIN), world.customer.customer_id)


def settle() -> None:
    pass_time(DAY)
    propagation.apply_due_changes()


def test_grants_say_what_was_saved_and_what_is_open(world: World, api: Api) -> None:
    save(world, own(world, True))
    settle()
    first, second = api("grants", "list")["grants"]
    assert (first["id"], first["allowed"], first["state"]) == (world.reseller.public_id, True, "open")
    assert (first["level"], first["openLevel"], first["standing"]) == ("FULL", "FULL", "ALL")
    assert second["id"] == f"{world.reseller.public_id}-{world.own.public_id}"
    assert second["skuName"] == world.own.sku.name and second["state"] == "open"
    assert api("grants", "get", id=second["id"]) == second


def test_R5_a_reseller_reads_whether_it_has_access_and_not_what_was_saved(world: World, sellers: Api) -> None:
    [grant] = sellers("grants", "list")["grants"]
    assert grant["state"] == "open" and grant["customer"]["domain"] == world.customer.primary_domain
    assert not grant.keys() & {"allowed", "level", "standing", "endTime", "generation", "basis"}
    assert sellers("grants", "list", customer="-")["grants"] == [grant]
    assert sellers("grants", "get", id=grant["id"]) == grant
    for resource in ("changes", "visits", "reviews", "proposals"):
        assert refused(sellers, resource, "list") == (403, "PERMISSION_DENIED")
    assert refused(sellers, "grants", "remove", id=grant["id"]) == (403, "PERMISSION_DENIED")
    assert refused(sellers, "access", "explain", person=world.agent.email, permission="view_users")[0] == 403


def test_R8_removing_works_at_once_and_asks_for_no_proof(world: World, api: Api) -> None:
    key = world.reseller.public_id
    assert may_enter(world.agent, world.customer)
    gone = api("grants", "remove", id=key, now=True)
    assert (gone["allowed"], gone["state"]) == (False, "closed")
    assert not may_enter(world.agent, world.customer)
    event = AuditEvent.objects.filter(name="CHANGE_RESELLER_ACCESS").latest("pk")
    assert event.actor_email == world.admin.user.email and event.client_name


def test_R18_narrowing_takes_and_widening_is_refused(world: World, api: Api) -> None:
    key = world.reseller.public_id
    narrowed = api("grants", "narrow", id=key, body={"level": "VIEW"})
    assert (narrowed["level"], narrowed["allowed"]) == ("VIEW", True)
    settle()
    assert api("grants", "get", id=key)["openLevel"] == "VIEW"
    before = AccessChange.objects.count()
    assert refused(api, "grants", "narrow", id=key, body={"level": "FULL"}) == (403, "PERMISSION_DENIED")
    assert AccessChange.objects.count() == before
    assert api("grants", "narrow", id=key, body={"durationHours": 24})["endTime"]
    assert refused(api, "grants", "narrow", id=key, body={"durationHours": 25})[0] == 400
    assert refused(api, "grants", "narrow", id=f"{key}-{world.own.public_id}", body={})[0] == 404


def test_R6_a_generation_that_is_not_the_newest_is_a_conflict(world: World, api: Api) -> None:
    key = world.reseller.public_id
    seen = api("grants", "get", id=key)["generation"]
    api("grants", "narrow", id=key, body={"level": "DIRECTORY"})
    body = {"level": "LICENCES", "generation": seen}
    assert refused(api, "grants", "narrow", id=key, body=body)[0] == 412
    assert api("grants", "get", id=key)["level"] == "DIRECTORY"


def test_changes_tell_each_step(world: World, api: Api) -> None:
    save(world, console(world, False))
    settle()
    newest, first = api("changes", "list")["changes"]
    assert (newest["allowed"], newest["outcome"], newest["requestedBy"]) == (False, "applied", world.admin.user.email)
    assert newest["id"] == f"{world.reseller.public_id}.{newest['generation']}"
    assert api("changes", "get", id=first["id"]) == first
    for wrong in ("x.1", f"{world.reseller.public_id}.99", "1", f"{world.reseller.public_id}.{'9' * 30}"):
        assert refused(api, "changes", "get", id=wrong) == (404, "NOT_FOUND")


def test_R17_a_reseller_asks_and_a_customer_rejects(world: World, api: Api, sellers: Api) -> None:
    close(world)
    asked = sellers("requests", "create", body={"level": "DIRECTORY", "durationHours": 168, "reason": REASON})
    assert (asked["status"], asked["level"], asked["durationHours"]) == ("pending", "DIRECTORY", 168)
    [waiting] = api("requests", "list")["requests"]
    assert waiting == asked == sellers("requests", "get", id=asked["id"])
    rejected = api("requests", "reject", id=asked["id"], body={"reason": "Not now."})
    assert (rejected["status"], rejected["answer"]) == ("rejected", "Not now.")
    assert refused(sellers, "requests", "withdraw", id=asked["id"])[0] == 412
    second = sellers("requests", "create", body={"level": "VIEW", "durationHours": 24, "reason": REASON})
    assert sellers("requests", "withdraw", id=second["id"])["status"] == "withdrawn"
    assert refused(api, "requests", "create", body={"level": "VIEW", "reason": REASON}) == (403, "PERMISSION_DENIED")
    assert refused(sellers, "requests", "create", body={"level": "VIEW"})[0] == 400


def test_R20_activations_are_read_and_ended(world: World, api: Api, sellers: Api) -> None:
    put_on_request(world)
    made = activated(world)
    [shown] = api("activations", "list")["activations"]
    assert (shown["id"], shown["agent"], shown["status"]) == (str(made.pk), world.agent.email, "begun")
    assert sellers("activations", "get", id=shown["id"]) == shown
    ended = api("activations", "end", id=shown["id"])
    assert ended["endedBecause"] == "customer" and not may_enter(world.agent, world.customer)


def test_R15_a_visit_is_read_and_ended(world: World, api: Api) -> None:
    inside(world, reason="Printers")
    visit = ConsoleSession.objects.get()
    [shown] = api("visits", "list")["visits"]
    assert (shown["id"], shown["agent"], shown["reason"]) == (str(visit.pk), world.agent.email, "Printers")
    ended = api("visits", "end", id=shown["id"])
    assert ended["endedBecause"] == "ended_by_admin" and ended["isOpen"] is False
    assert api("visits", "list", openOnly=True).get("visits", []) == []


def test_R22_a_review_is_read_with_its_lines(world: World, api: Api) -> None:
    review = begin_review(actor=world.admin, owner=world.customer)
    [shown] = api("reviews", "list")["reviews"]
    assert shown["id"] == str(review.pk) and "lines" not in shown
    [line] = api("reviews", "get", id=shown["id"])["lines"]
    assert (line["about"], line["who"]) == ("console", world.reseller.name)


def test_R24_explaining_says_what_decides_and_nothing_of_strangers(world: World, stranger: World, api: Api) -> None:
    rosa = make_person(world.reseller, Role.RESELLER_ADMIN)
    found = api("access", "explain", person=rosa.email, permission="view_users")
    assert found["allowed"] is True and all(fact["holds"] for fact in found["facts"])
    close(world)
    found = api("access", "explain", person=rosa.email, permission="view_users")
    assert found["allowed"] is False and found["facts"][-1]["holds"] is False
    for person in (make_person(stranger.reseller).email, "nobody@elsewhere.example"):
        assert refused(api, "access", "explain", person=person, permission="view_users") == (404, "NOT_FOUND")
    assert refused(api, "access", "explain", person=rosa.email, permission="fly")[0] == 400


def proposed(api: Api, world: World, **more: Any) -> dict[str, Any]:
    found: dict[str, Any] = api(
        "proposals", "create", body={"grants": [{"resellerId": world.reseller.public_id, **more}]}
    )
    return found


def test_X1_giving_waits_for_another_super_admin_and_the_rule_of_two_people_is_not_needed(
    world: World, api: Api
) -> None:
    close(world)
    second = put_person(world.customer, Role.SUPER_ADMIN)
    made = proposed(api, world, level="VIEW", durationHours=24)
    assert (made["status"], made["proposedBy"]) == ("waiting", world.admin.user.email)
    assert made["grants"] == [
        {"resellerId": world.reseller.public_id, "level": "VIEW", "standing": "ALL", "durationHours": 24}
    ]
    settle()
    assert not may_enter(world.agent, world.customer)
    event = AuditEvent.objects.filter(name="PROPOSE_CHANGE").latest("pk")
    assert event.client_name
    approve(actor=Actor(second), customer=world.customer, proposal_id=int(made["id"]))
    grant = AccessGrant.objects.get(pk=world.console().pk)
    assert grant.allowed and grant.level == Level.VIEW and grant.ends_at is not None
    assert api("proposals", "get", id=made["id"])["status"] == "approved"


def test_X1_the_only_super_admin_decides_alone_with_a_reason(world: World, api: Api) -> None:
    close(world)
    made = proposed(api, world)
    admin = Actor(world.admin.user)
    done = decide_alone(actor=admin, customer=world.customer, proposal_id=int(made["id"]), reason="The script is ours.")
    assert done.proposal.status == ProposalStatus.EMERGENCY and world.console().allowed


def test_X1_what_gives_nothing_is_no_proposal(world: World, api: Api) -> None:
    assert refused(api, "proposals", "create", body={"grants": [{"resellerId": world.reseller.public_id}]})[0] == 412
    for body in ({}, {"grants": [], "requestId": ""}, {"grants": [{"resellerId": "x"}]}, {"requestId": "x"}):
        assert refused(api, "proposals", "create", body=body) == (400, "INVALID_ARGUMENT")
    assert refused(api, "proposals", "create", body={"requestId": "999"}) == (404, "NOT_FOUND")
    twice = [{"resellerId": world.reseller.public_id}] * 2
    assert refused(api, "proposals", "create", body={"grants": twice})[0] == 400


def test_R3_a_subscription_is_proposed_only_where_the_reseller_agreed(world: World, api: Api) -> None:
    assert refused(api, "proposals", "create", body={"grants": [_own(world)]})[0] == 400
    made = api("proposals", "create", body={"grants": [{**_own(world), "resellerAgreed": True}]})
    assert made["grants"] == [_own(world)]


def _own(world: World) -> dict[str, Any]:
    return {"resellerId": world.reseller.public_id, "subscriptionId": world.own.public_id}


def test_X1_the_approval_of_a_request_is_proposed(world: World, api: Api) -> None:
    close(world)
    asked = request_access(world, extent=Extent(Level.DIRECTORY, lasts=timedelta(days=7)))
    made = api("proposals", "create", body={"requestId": str(asked.pk)})
    assert (made["proposal"], made["requestId"]) == ("answer", str(asked.pk))
    assert api("requests", "get", id=str(asked.pk))["status"] == "pending"
    second = put_person(world.customer, Role.SUPER_ADMIN)
    approve(actor=Actor(second), customer=world.customer, proposal_id=int(made["id"]))
    assert api("requests", "get", id=str(asked.pk))["givenLevel"] == "DIRECTORY"


def test_X2_a_machine_needs_the_scope_and_the_role_of_its_person(world: World) -> None:
    reads = Api(world.admin.user, "my_customer", READS)
    key = world.reseller.public_id
    assert reads("grants", "get", id=key)
    assert refused(reads, "grants", "remove", id=key)[0] == 403
    auditor = Api(put_person(world.customer, Role.AUDITOR), "my_customer")
    assert auditor("grants", "get", id=key)
    assert refused(auditor, "grants", "remove", id=key)[0] == 403
    assert refused(auditor, "grants", "narrow", id=key, body={})[0] == 403
    helper = Api(put_person(world.customer, Role.HELP_DESK_ADMIN), "my_customer")
    assert refused(helper, "grants", "list")[0] == 403
    assert AccessGrant.objects.get(pk=world.console().pk).allowed


def test_P4_a_stranger_is_no_customer(world: World, stranger: World, api: Api, sellers: Api) -> None:
    """Mirror: everything of another customer, and of another reseller, is not there."""
    asked = request_access(stranger, extent=Extent(Level.FULL)) if _closed(stranger) else None
    assert asked
    for client, person in ((api, "customer"), (sellers, "reseller")):
        nobodys = "-" if person == "customer" else "x"
        for key in (stranger.customer.customer_id, stranger.customer.primary_domain, nobodys):
            for resource in ("grants", "requests", "activations", "changes", "visits", "reviews", "proposals"):
                assert refused(client, resource, "list", customer=key) == (404, "NOT_FOUND"), (person, key, resource)
    theirs = stranger.reseller.public_id
    for resource, key in (("grants", theirs), ("requests", str(asked.pk)), ("changes", f"{theirs}.1")):
        assert refused(api, resource, "get", id=key) == (404, "NOT_FOUND")
    assert refused(api, "grants", "remove", id=theirs) == (404, "NOT_FOUND")
    assert refused(api, "requests", "reject", id=str(asked.pk), body={"reason": "x"}) == (404, "NOT_FOUND")
    assert refused(sellers, "requests", "get", id=str(asked.pk)) == (404, "NOT_FOUND")


def _closed(world: World) -> bool:
    close(world)
    return True


def test_P8_a_machine_of_a_person_without_the_role_is_refused_with_the_next_call(world: World, api: Api) -> None:
    assert api("grants", "list")
    User.objects.filter(pk=world.admin.user.pk).update(is_active=False)
    assert refused(api, "grants", "list")[0] in (401, 403)


def test_pages_of_changes_follow_each_other(world: World, api: Api) -> None:
    for allowed in (False, True, False):
        save(world, console(world, allowed))
        settle()
    found, token = [], None
    while True:
        answer = api("changes", "list", maxResults=2, **({"pageToken": token} if token else {}))
        found += [change["generation"] for change in answer["changes"]]
        token = answer.get("nextPageToken")
        if not token:
            break
    assert found == sorted(found, reverse=True) and len(found) == AccessChange.objects.count()
    assert refused(api, "changes", "list", pageToken="x")[0] == 400
