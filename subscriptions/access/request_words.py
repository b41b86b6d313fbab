"""What approving a request means, in sentences a super admin reads before they approve (R17)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.names import isolated
from subscriptions.access.answering import Answer
from subscriptions.access.desired import Preview
from subscriptions.access.durations import duration_text
from subscriptions.access.extent import desired_of
from subscriptions.access.levels import MEANINGS
from subscriptions.access.outbox import Step
from subscriptions.access.standing import is_on_request
from subscriptions.access.words import consequence, standing_words
from subscriptions.models import AccessRequest
from subscriptions.models.level import Level


def sentences_of(request: AccessRequest, answer: Answer, preview: Preview) -> list[str]:
    """Say what approving with this answer would change."""
    reseller = isolated(request.reseller.name)
    if not preview.steps:
        return [_("%(reseller)s has this access already. Nothing will change.") % {"reseller": reseller}]
    said = []
    for step in preview.steps:
        if step.grant.subscription is not None:
            said.append(str(consequence(reseller, step.grant.subscription.sku.name, allowed=True)))
        else:
            said += _of_the_console(reseller, answer, step)
    return said


def _of_the_console(reseller: str, answer: Answer, step: Step) -> list[str]:
    level = Level(answer.extent.level)
    words = {"reseller": reseller, "level": level.label, "meaning": MEANINGS[level]}
    said = [_("%(reseller)s gets this level: %(level)s. %(meaning)s") % words]
    if is_on_request(answer.extent.standing):
        said.append(str(standing_words(reseller, answer.extent.standing)))
    if answer.extent.lasts is None:
        said.append(_("The access has no end. You can end it at any time."))
    else:
        said.append(
            _("The access ends by itself: %(duration)s after it takes effect.")
            % {"duration": duration_text(answer.extent.lasts)}
        )
    if step.grant.allowed and step.extent is not None and not step.extent.holds(desired_of(step.grant)):
        said.append(_("This replaces what you allow now, which is more in level or time: that part is taken away."))
    return said
