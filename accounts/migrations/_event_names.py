"""Which names events have, in migrations that add some. No migration itself."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import ProjectState


class RemoveEventNames(migrations.RemoveConstraint):
    """Let the names of a release go; taken back, they hold for events to come: those written meanwhile stay (A2)."""

    def __init__(self) -> None:
        super().__init__("auditevent", "event_name_is_known")

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        constraint = to_state.models[app_label, self.model_name_lower].get_constraint_by_name(self.name)
        schema_editor.execute(f"{constraint.create_sql(model, schema_editor)} NOT VALID", params=None)
