"""The first migration of a room makes all its tables while the models are put together once."""

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class FirstTables(Migration):
    """Django puts everything related together anew at each step: most of the time of a first start."""

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        if collect_sql:
            return super().apply(project_state, schema_editor, collect_sql)
        before = project_state.clone()
        project_state.__dict__.pop("apps", None)  # what is not put together yet is not put together again
        after = self.mutate_state(project_state, preserve=False)
        for operation in self.operations:
            if not self._is_made_with_its_table(operation):
                operation.database_forwards(self.app_label, schema_editor, before, after)
        return after

    def _is_made_with_its_table(self, operation: Operation) -> bool:
        """A field, an index or a rule of a table of ours: the table is made as it stands in the end."""
        made = {other.name_lower for other in self.operations if isinstance(other, CreateModel)}
        return getattr(operation, "model_name_lower", None) in made
