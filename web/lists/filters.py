"""What a list is filtered by, as its address says."""

from __future__ import annotations

from django import forms


class FilterForm(forms.Form):
    """A filter whose method `filtered` takes rows and returns those asked for; none while a field has an error."""

    @property
    def is_used(self) -> bool:
        """Whether the list is filtered; its order filters nothing."""
        return any(self.data.get(name) for name in self.fields if name != "order")
