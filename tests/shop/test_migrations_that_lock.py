"""A migration of a shop in use may not lock a table while it reads all of it or makes it anew, nor take from the
version that still runs what it needs.

Until the first release every table is made empty. With a release, its last migration of each room is put into RELEASED:
what comes after it is held to this.
"""

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import models
from django.db.migrations import AddConstraint, AddField, AddIndex, CreateModel, RenameField, RenameModel
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Upper

RELEASED: dict[str, str] = {}  # {"crm": "0014_…"}


def locks(operation, made_here=frozenset()):
    """What an operation keeps everybody waiting for, or nothing."""
    if getattr(operation, "model_name_lower", "") in made_here:
        return ""
    if isinstance(operation, AddIndex) and not isinstance(operation, AddIndexConcurrently):
        return "an index is built under a lock: AddIndexConcurrently, in a migration with atomic = False"
    if isinstance(operation, AddConstraint) and not isinstance(operation, AddConstraintNotValid):
        return "a rule is checked under a lock: AddConstraintNotValid, and ValidateConstraint in the next migration"
    if isinstance(operation, RenameField | RenameModel):
        return "the version that still runs looks for the old name: add the new one, and let the old go a version later"
    return locks_as_field(operation.field) if isinstance(operation, AddField) else ""


def locks_as_field(field):
    if isinstance(field, models.GeneratedField):
        return "a generated field writes the table anew"
    if field.unique or field.db_index:
        return "a field with an index builds it under a lock: add the field, then the index"
    if field.remote_field and field.db_constraint:
        return "a foreign key is checked under a lock: db_constraint=False, and the rule by itself"
    if not field.null and not field.has_db_default():
        return "the version that still runs cannot fill it: null, or a db_default"
    return ""


def made_by(migration):
    return frozenset(one.name_lower for one in migration.operations if isinstance(one, CreateModel))


def after_the_release():
    found = MigrationLoader(None).disk_migrations
    return [found[app, name] for app, name in sorted(found) if app in RELEASED and name > RELEASED[app]]


def test_no_migration_since_the_release_locks_a_table_for_long():
    told = [
        f"{migration}: {why}"
        for migration in after_the_release()
        for operation in migration.operations
        if (why := locks(operation, made_by(migration)))
    ]

    assert told == []


def field(kind):
    return AddField("order", "x", kind)


index = models.Index(fields=["x"], name="x")
check = models.CheckConstraint(condition=models.Q(x=1), name="x")


@pytest.mark.parametrize(
    "operation",
    [
        AddIndex("order", index),
        AddConstraint("order", check),
        field(models.IntegerField(null=True, db_index=True)),
        field(models.IntegerField(null=True, unique=True)),
        field(models.ForeignKey("crm.Order", models.PROTECT, null=True, db_index=False)),
        field(models.IntegerField(default=0)),
        RenameField("order", "x", "y"),
        field(models.GeneratedField(expression=Upper("y"), output_field=models.TextField(), db_persist=True)),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_locks_is_found_unless_the_table_is_made_with_it(operation):
    assert locks(operation)
    assert not locks(operation, {"order"})


@pytest.mark.parametrize(
    "operation",
    [
        AddIndexConcurrently("order", index),
        AddConstraintNotValid("order", check),
        field(models.IntegerField(null=True)),
        field(models.IntegerField(db_default=0)),
        field(models.BigIntegerField(null=True)),
    ],
    ids=lambda operation: type(operation).__name__,
)
def test_what_does_not_lock_is_allowed(operation):
    assert not locks(operation)
