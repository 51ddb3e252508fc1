"""The few who were erased are found without looking at everybody: figures ask for them at every refresh."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0016_audit_of_events")]
    operations = [
        AddIndexConcurrently(
            model_name="customer",
            index=models.Index(
                fields=["erased_at"], name="customer_erased", condition=models.Q(erased_at__isnull=False)
            ),
        ),
    ]
