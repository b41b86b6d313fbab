"""Reviews in the demo: Acme's is half done, and Resale One has finished that of its staffing (R22)."""

from __future__ import annotations

from accounts.actor import Actor
from demo.cast import ACME, RESALE_ONE
from demo.scene import Scene
from subscriptions.models import ReviewLine
from subscriptions.models.review import Decision, LineKind
from subscriptions.reviews.activity import facts_of
from subscriptions.reviews.beginning import begin_review, change_review_schedule
from subscriptions.reviews.deciding import decide_lines
from subscriptions.reviews.finishing import finish_review
from subscriptions.reviews.kinds import Choice
from subscriptions.reviews.scope import Owner, reviews_of

ANA, ROSA = "ana@acme.example", "rosa@resale-one.example"


def begin(scene: Scene) -> None:
    """Both begin, and want to do so twice a year."""
    for actor, owner in _both(scene):
        change_review_schedule(actor=actor, owner=owner, months=6)
        begin_review(actor=actor, owner=owner)


def decide(scene: Scene) -> None:
    """Ana leaves Resale One's console for later; Rosa decides about everything, and takes a customer from a team."""
    (ana, acme), (rosa, resale) = _both(scene)
    consoles = [line for line in _lines(acme) if line.kind == LineKind.CONSOLE and line.who != "Resale One"]
    _decide(ana, acme, consoles, "They begin next month.")
    lines = _lines(resale)
    given_up = [line for line in lines if line.who == "Team South"][-1:]
    _decide(rosa, resale, [line for line in lines if line not in given_up])
    _decide(rosa, resale, given_up, "Served from Dublin by now.", Decision.REMOVE)
    review = reviews_of(resale).get()
    finish_review(actor=rosa, owner=resale, review_id=review.pk)


def _both(scene: Scene) -> tuple[tuple[Actor, Owner], tuple[Actor, Owner]]:
    return (scene.actors[ANA], scene.customers[ACME]), (scene.actors[ROSA], scene.resellers[RESALE_ONE])


def _lines(owner: Owner) -> list[ReviewLine]:
    return list(ReviewLine.objects.filter(review__in=reviews_of(owner), decision="").order_by("pk"))


def _decide(
    actor: Actor, owner: Owner, lines: list[ReviewLine], note: str = "", decision: Decision = Decision.KEEP
) -> None:
    facts = facts_of([line.pk for line in lines])
    choices = [Choice(line.pk, decision, note, facts[line.pk].generation) for line in lines if facts[line.pk].is_live]
    review = reviews_of(owner).get()
    decide_lines(actor=actor, owner=owner, review_id=review.pk, choices=choices)
