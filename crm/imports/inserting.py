"""INSERT … SELECT into the table of a model, whatever columns it has beside those that a file knows."""

from django.db import models


def insert(model: type[models.Model], known: dict[str, str], rest: str) -> str:
    """INSERT … SELECT; columns that must not be empty and that the file does not know get the model's default."""
    columns = dict(known)
    for field in model._meta.local_concrete_fields:
        if not (field.null or field.generated or field.primary_key or field.column in known):
            columns[str(field.column)] = _literal(field)
    return f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(columns.values())} {rest}"


def _literal(field: models.Field) -> str:
    default = field.get_default()
    for empty, literal in (("", "''"), (0, "0"), ({}, "'{}'")):
        if default == empty:
            return literal
    raise LookupError(f"{field} needs a value in an import")
