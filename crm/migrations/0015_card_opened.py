"""Who looked at whose card: rows that are only added."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

GUARD = """
CREATE TRIGGER card_opened_is_append_only BEFORE UPDATE OR DELETE ON crm_cardopened
    FOR EACH ROW EXECUTE FUNCTION regulars_only_added();
CREATE TRIGGER card_opened_is_not_emptied BEFORE TRUNCATE ON crm_cardopened
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_only_added();
"""
NO_GUARD = """
DROP TRIGGER card_opened_is_append_only ON crm_cardopened;
DROP TRIGGER card_opened_is_not_emptied ON crm_cardopened;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0014_events_know_their_transaction"), ("shop", "0004_audit")]

    operations = [
        migrations.CreateModel(
            name="CardOpened",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("actor", models.CharField(max_length=40)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("hour", models.DateTimeField()),
                (
                    "customer",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="crm.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("customer", "actor", "hour"), name="card_opened_once_an_hour")
                ],
                "indexes": [
                    models.Index(fields=["-at", "-id"], name="card_opened_newest"),
                    models.Index(fields=["actor", "-at", "-id"], name="card_opened_newest_of_actor"),
                ],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
