from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("analytics", "0012_flags_in_great_numbers")]

    operations = [
        AddIndexConcurrently(
            model_name="figures",
            index=models.Index(
                models.OrderBy(models.F("at_stake"), descending=True, nulls_last=True),
                models.OrderBy(models.F("customer"), descending=True),
                condition=models.Q(("likely_lost_on__isnull", False)),
                include=("likely_lost_on", "at_risk_on", "overdue_on", "last_on"),
                name="figures_by_stake",
            ),
        ),
        RemoveIndexConcurrently(model_name="figures", name="figures_by_value_at_stake"),
    ]
