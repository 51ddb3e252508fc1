"""Who has no figures for an order that was given back whole is found without looking at everybody."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0017_who_was_erased")]
    operations = [
        AddIndexConcurrently(
            model_name="order",
            index=models.Index(
                fields=["customer"],
                name="order_worth_nothing",
                condition=models.Q(cancelled_at__isnull=True, paid_at__isnull=False, net_goods__lte=0),
            ),
        ),
    ]
