from django.db import migrations


class Migration(migrations.Migration):
    """Whoever is signed in stays so: the browsers keep their keys, the rows get the digests of shop/sessions.py."""

    dependencies = [
        ("shop", "0002_first_steps_put_away"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(
            """
            UPDATE django_session
            SET session_key = left(encode(sha256(convert_to(session_key, 'UTF8')), 'hex'), 40)
            """,
            migrations.RunSQL.noop,
        ),
    ]
