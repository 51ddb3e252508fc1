"""A basket whose time was over ends by the same word as the points it held."""

from django.db import migrations, models


def rename(apps, schema_editor):
    apps.get_model("loyalty", "Checkout").objects.filter(state="lapsed").update(state="expired")


def name_as_before(apps, schema_editor):
    apps.get_model("loyalty", "Checkout").objects.filter(state="expired").update(state="lapsed")


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0011_reach_knows_who_has_a_tier")]

    operations = [
        migrations.AlterField(
            model_name="checkout",
            name="state",
            field=models.CharField(
                choices=[("held", "put aside"), ("paid", "paid"), ("voided", "let go"), ("expired", "lapsed")],
                default="held",
                max_length=7,
            ),
        ),
        migrations.RunPython(rename, name_as_before),
    ]
