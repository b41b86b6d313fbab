"""How a person wants to see a list: which columns, how many rows. Kept on their own row, read with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.keyset import PAGE_SIZE
from accounts.models import User

SIZES: Final = (25, PAGE_SIZE, 100)
# The lists that there are, by the names under which choices are kept.
LISTS: Final = frozenset(
    {
        "users",
        "groups",
        "devices",
        "subscriptions",
        "audit_log",
        "customers",
        "domains",
        "staff",
        "assigned_customers",
        "overdue_changes",
        "failed_changes",
        "activity",
        "jobs",
        "members",
        "licences",
        "licence_holders",
        "support_cases",
        "reseller_cases",
        "vendor_cases",
        "customer_jobs",
        "billing",
        "help_figures",
        "help_comments",
        "organisations",
        "collisions",
        "operations_log",
    }
)
COLUMNS_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class ListChoice:
    """What was chosen for one list. columns: None until a person has chosen some."""

    size: int = PAGE_SIZE
    columns: frozenset[str] | None = None


def choice_of(person: User, list_name: str) -> ListChoice:
    """Return what a person has chosen; what no list knows any more counts for nothing."""
    kept = person.list_choices.get(list_name) or {}
    size, columns = kept.get("size"), kept.get("columns")
    return ListChoice(
        size if size in SIZES else PAGE_SIZE,
        frozenset(columns) if isinstance(columns, list) else None,
    )


class ListChoiceForm(forms.Form):
    """Which columns, and how many rows a page. The list shows no column that it does not have."""

    size = forms.TypedChoiceField(label=_("Rows per page"), coerce=int, choices=[(size, size) for size in SIZES])
    column = forms.MultipleChoiceField(label=_("Columns"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        typed = self.data.getlist("column") if hasattr(self.data, "getlist") else []
        column = self.fields["column"]
        assert isinstance(column, forms.ChoiceField)
        column.choices = [(key, key) for key in typed[:COLUMNS_AT_MOST] if _is_key(key)]


def _is_key(text: str) -> bool:
    return len(text) <= 30 and text.isidentifier()
