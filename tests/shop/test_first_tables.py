import pytest
from django.db import connection, migrations, models, transaction
from django.db.migrations.state import ProjectState

from shop.first_tables import FirstTables

TABLES = [
    migrations.CreateModel("Shelf", [("id", models.BigAutoField(primary_key=True)), ("name", models.CharField())]),
    migrations.CreateModel(
        "Book",
        [
            ("id", models.BigAutoField(primary_key=True)),
            ("title", models.CharField(max_length=40, db_index=True)),
            ("shelf", models.ForeignKey("library.shelf", models.PROTECT)),
        ],
        {"indexes": [models.Index(fields=["title", "id"], name="book_by_title")]},
    ),
    migrations.AddField("shelf", "best", models.ForeignKey("library.book", models.PROTECT, null=True)),
    migrations.AddIndex("shelf", models.Index(fields=["name"], name="shelf_by_name")),
    migrations.AddConstraint("book", models.UniqueConstraint("shelf", "title", name="book_once_on_a_shelf")),
    migrations.RunSQL("COMMENT ON TABLE library_book IS 'made'"),
]
MADE = """
SELECT 'column', attrelid::regclass::text, attname || ' ' || attnum || ' ' || atttypid::regtype || ' ' || attnotnull
    FROM pg_attribute WHERE attrelid IN ('library_shelf'::regclass, 'library_book'::regclass) AND attnum > 0
UNION SELECT 'index', tablename, indexdef FROM pg_indexes WHERE tablename LIKE 'library_%'
UNION SELECT 'rule', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid IN ('library_shelf'::regclass, 'library_book'::regclass)
UNION SELECT 'comment', 'library_book', obj_description('library_book'::regclass)
ORDER BY 1, 2, 3
"""


def made_by(kind, *, and_back=False):
    migration = type("Migration", (kind,), {"operations": TABLES})("0001_initial", "library")
    with transaction.atomic(), connection.cursor() as cursor:
        with connection.schema_editor(atomic=False) as editor:
            state = migration.apply(ProjectState(), editor)
        cursor.execute(MADE)
        made = cursor.fetchall()
        if and_back:
            migration.operations = TABLES[:-1]
            with connection.schema_editor(atomic=False) as editor:
                migration.unapply(ProjectState(), editor)
        left = [table for table in connection.introspection.table_names(cursor) if table.startswith("library_")]
        transaction.set_rollback(True)
    return made, left, state


@pytest.mark.django_db
def test_tables_made_at_once_are_those_made_one_by_one():
    one_by_one, _, before = made_by(migrations.Migration)

    at_once, _, after = made_by(FirstTables)

    assert at_once == one_by_one
    assert len(at_once) > 12
    assert after == before


@pytest.mark.django_db
def test_tables_made_at_once_go_again():
    _, left, _ = made_by(FirstTables, and_back=True)

    assert left == []
