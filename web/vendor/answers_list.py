"""The columns of the two lists of help answers: the figures of each text, and what people wrote."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import HelpFeedback
from web.help.topics import TOPICS
from web.lists import cells
from web.lists.columns import Column
from web.lists.filters import NEWEST, OLDEST
from web.lists.listing import Kind, Words


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of one text in one language."""

    title: Promise | str
    language: str
    helped: int
    not_helped: int
    comments: int


def title_of(slug: str) -> Promise | str:
    """Return the title of a text; of one that is gone, what it was called in addresses."""
    return TOPICS[slug].title if slug in TOPICS else slug


def language_of(code: str) -> str:
    """Return a language as it is called; its code where there is no such language any more."""
    return str(dict(settings.LANGUAGES).get(code, code))


def _helpful(answer: HelpFeedback) -> cells.Html:
    return _("It helped") if answer.helpful else _("It did not help")


def _counted_texts(number: int) -> str:
    return ngettext("%(number)s line", "%(number)s lines", number) % {"number": cells.number(number)}


def _counted_comments(number: int) -> str:
    return ngettext("%(number)s comment", "%(number)s comments", number) % {"number": cells.number(number)}


FIGURES = Kind(
    "help_figures",
    Words(
        name=gettext_lazy("By text and language"),
        search=gettext_lazy("Filter the answers"),
        counted=_counted_texts,
        none_found=gettext_lazy("No answer matches this search"),
        none_found_text=gettext_lazy("Choose another text or language."),
        none=gettext_lazy("Nobody has answered yet"),
        none_text=gettext_lazy(
            "Under each help text people can say whether it helped. Their answers are counted here, without their"
            " names."
        ),
        icon="circle-question-mark",
    ),
    (
        Column[Figures]("text", gettext_lazy("Help text"), lambda line: str(line.title), is_long=True),
        Column[Figures]("language", gettext_lazy("Language"), lambda line: line.language),
        Column[Figures]("helped", gettext_lazy("It helped"), lambda line: cells.number(line.helped), is_number=True),
        Column[Figures](
            "not_helped", gettext_lazy("It did not help"), lambda line: cells.number(line.not_helped), is_number=True
        ),
        Column[Figures]("comments", gettext_lazy("Comments"), lambda line: cells.number(line.comments), is_number=True),
    ),
)
COMMENTS = Kind(
    "help_comments",
    Words(
        name=gettext_lazy("What is missing or unclear"),
        search=gettext_lazy("Filter the answers"),
        counted=_counted_comments,
        none_found=gettext_lazy("No answer matches this search"),
        none_found_text=gettext_lazy("Choose another text or language."),
        none=gettext_lazy("Nobody has written anything yet"),
        none_text=gettext_lazy("What people write under a help text will be listed here, without their names."),
        icon="circle-question-mark",
    ),
    (
        Column[HelpFeedback](
            "text", gettext_lazy("Help text"), lambda answer: str(title_of(answer.slug)), is_long=True
        ),
        Column[HelpFeedback]("comment", gettext_lazy("Comment"), lambda answer: answer.comment, is_long=True),
        Column[HelpFeedback]("language", gettext_lazy("Language"), lambda answer: language_of(answer.language)),
        Column[HelpFeedback]("helpful", gettext_lazy("Helpful"), _helpful),
        Column[HelpFeedback](
            "given", gettext_lazy("Time"), lambda answer: cells.moment(answer.given_at), up=OLDEST, down=NEWEST
        ),
    ),
)
