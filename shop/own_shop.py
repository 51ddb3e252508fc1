"""The demo and the owner's shop stand beside each other; the staff are the same in both."""

from pathlib import Path

import psycopg
from django.conf import settings
from django.db import connection

from shop.models import SecondFactor, User

STAYS = "first_steps_put_away_at"  # who was done with those of the demo begins anew in a shop of their own


def other_shop() -> str:
    """The shop one could switch to, or nothing: this site has only one."""
    other = "own" if settings.SHOP == "demo" else "demo"
    return other if settings.SHOP_FILE and settings.SHOP_DATABASES.get(other) else ""


def copy_staff(other: str) -> None:
    """Whoever can sign in here can there, with the same password and role.

    The own shop is the one that counts: nobody whom it has shut out comes back by way of the demo.
    """
    fields = [field for field in User._meta.concrete_fields if not field.primary_key and field.name != STAYS]
    columns = [str(field.column) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(columns)} FROM shop_user ORDER BY id")
        people = cursor.fetchall()
    update = ", ".join(f"{column} = excluded.{column}" for column in columns if column != "email")
    statement = (
        f"INSERT INTO shop_user ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
        f" ON CONFLICT (email) DO {f'UPDATE SET {update}' if other == 'demo' else 'NOTHING'}"
    )
    with psycopg.connect(settings.SHOP_DATABASES[other], connect_timeout=5) as there, there.cursor() as cursor:
        keep = [] if other == "demo" else [email for (email,) in cursor.execute("SELECT email FROM shop_user")]
        cursor.executemany(statement, people)
        _copy_second_factors(cursor, keep)


def _copy_second_factors(there: psycopg.Cursor, keep: list[str]) -> None:
    """With the people whom they belong to, who have other numbers there; those to `keep` are as they were."""
    mine = SecondFactor.objects.exclude(user__email__in=keep)
    rows = list(mine.values_list("user__email", "secret", "last_step", "recovery", "since"))
    there.execute(
        "DELETE FROM shop_secondfactor f USING shop_user u WHERE u.id = f.user_id AND u.email <> ALL (%s)", [keep]
    )
    there.executemany(
        "INSERT INTO shop_secondfactor (user_id, secret, last_step, recovery, since)"
        " SELECT id, %s, %s, %s::varchar[], %s FROM shop_user WHERE email = %s",
        [(*values, email) for email, *values in rows],
    )


def serve(shop: str) -> None:
    """Written whole or not at all: the supervisor may read at any moment."""
    path = Path(settings.SHOP_FILE)
    draft = path.with_suffix(".new")
    draft.write_text(shop)
    draft.replace(path)
