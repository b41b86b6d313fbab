"""What a list is filtered by, as its address says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar, Final

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest, QueryDict
from django.utils.choices import BaseChoiceIterator
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

# The two orders of rows that have no other one.
NEWEST, OLDEST = "newest", "oldest"
BY_AGE: Final = [(NEWEST, _("Newest first")), (OLDEST, _("Oldest first"))]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use. url: the list without it, as a query."""

    label: str
    value: str
    query: str


def _attributes(given: Mapping[str, Any]) -> str:
    """Write attributes of an element as Django's own widgets do."""
    return "".join(
        f" {key}" if text is True else f' {key}="{escape(str(text))}"'
        for key, text in given.items()
        if text is not False and text is not None
    )


class ShortInputs(DjangoTemplates):
    """Writes plain inputs itself: through two templates for each, ten of them cost as much as the rows of the list."""

    names = frozenset(f"django/forms/widgets/{kind}.html" for kind in ("text", "number", "email", "date", "hidden"))

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> SafeString:
        """Return the element; what is no plain input is rendered as everywhere."""
        if template_name not in self.names:
            return SafeString(super().render(template_name, context, request))
        widget = context["widget"]
        own = {"type": widget["type"], "name": widget["name"], "value": widget["value"]}
        return SafeString(f"<input{_attributes(own | widget['attrs'])}>")


class FilterForm(forms.Form):
    """A filter whose method `filtered` takes rows and returns those asked for; none while a field has an error.

    A field `q` is the search above the list; the others stand behind the button *Filters*.
    first_order: what the list is ordered by until another `order` is chosen. no_filters: the names of fields that
    filter nothing: the order, and, hidden, which list of several is shown.
    """

    default_renderer = ShortInputs
    first_order = ""
    no_filters: ClassVar[frozenset[str]] = frozenset({"order"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if type(field.widget) is forms.Select:
                field.widget = ShortSelect(field.widget.attrs, field.widget.choices)

    @property
    def is_used(self) -> bool:
        """Whether the list is filtered."""
        return any(self.data.get(name) for name in self.fields.keys() - self.no_filters)

    @property
    def chosen_order(self) -> str:
        """The order that was chosen; the first one where none was, or one that the form does not offer."""
        return (self.cleaned_data.get("order") if self.is_valid() else "") or self.first_order

    @cached_property
    def search(self) -> BoundField | None:
        """The search above the list, which has its label inside."""
        if "q" not in self.fields:
            return None
        field = self["q"]
        field.field.widget.attrs["placeholder"] = field.label
        field.field.widget.input_type = "search"
        return field

    @cached_property
    def others(self) -> list[BoundField]:
        """All fields but the search."""
        return [field for field in self.visible_fields() if field.name != "q"]

    @cached_property
    def chips(self) -> list[Chip]:
        """The filters in use, each with the list without it."""
        used = [field for field in self.others if field.name not in self.no_filters and self.data.get(field.name)]
        return [self._chip(field) for field in used]

    @property
    def cleared(self) -> str:
        """What is left of the query without the filters: which list of several is shown."""
        left = QueryDict(mutable=True)
        for field in self.hidden_fields():
            if field.name in self.no_filters and (value := self.data.get(field.name)):
                left[field.name] = value
        return left.urlencode()

    @property
    def needs_a_look(self) -> bool:
        """Whether one of the fields behind the button has an error."""
        return any(field.errors for field in self.others)

    def _chip(self, field: BoundField) -> Chip:
        asked = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        for name in (field.name, "after", "before"):
            asked.pop(name, None)
        return Chip(str(field.label), _said(field), asked.urlencode())


class ByAge(FilterForm):
    """A filter of rows that stand in the order of their numbers: the newest first, or the oldest."""

    order = forms.ChoiceField(label=_("Sort by"), choices=BY_AGE, required=False)
    first_order = NEWEST

    @property
    def by(self) -> str:
        """The order, as web.lists.pages.page_of takes it."""
        return "pk" if self.chosen_order == OLDEST else "-pk"


def _said(field: BoundField) -> str:
    """Return what was chosen as the field says it."""
    value = str(field.value() or "")
    choices = getattr(field.field, "choices", ())
    return next((str(label) for key, label in _flat(choices) if str(key) == value), value)


def _flat(choices: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
    for key, label in choices:
        if isinstance(label, (list, tuple)):
            yield from label
        else:
            yield key, label


class Offered(BaseChoiceIterator):
    """What a filter offers, made when it is looked at; taken as it is, where Django looks through lists of choices."""

    def __init__(self, made: Callable[[], Iterable[Any]]) -> None:
        self._made = made

    def __iter__(self) -> Iterator[Any]:
        yield from self._made()


class ShortSelect(forms.Select):
    """A select that writes its options itself: through a template for each, 200 units cost more than the list."""

    def use_required_attribute(self, initial: Any) -> bool:
        """Nothing is required of a filter: its options need not be looked at for that."""
        return False

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        """Return the element, with the groups and options that `choices` has."""
        said = _attributes(self.build_attrs(self.attrs, attrs) | {"name": name})
        chosen = {str(one) for one in self.format_value(value)}
        options = "".join([self._written(key, label, chosen) for key, label in self.choices])
        return SafeString(f"<select{said}>{options}</select>")

    def _written(self, key: Any, label: Any, chosen: set[str]) -> str:
        if isinstance(label, (list, tuple)):
            inside = "".join([self._written(one, text, chosen) for one, text in label])
            return f'<optgroup label="{escape(str(key))}">{inside}</optgroup>'
        value = "" if key is None else str(key)
        selected = " selected" if value in chosen else ""
        return f'<option value="{escape(value)}"{selected}>{escape(str(label))}</option>'
