"""An index that the list can walk along: its order puts no value first, and then leaves those out."""

from django.db import migrations, models
from django.db.models import F


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0006_rehearsing_discounts")]
    operations = [
        migrations.RemoveIndex(model_name="standing", name="standing_by_to_next"),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(F("to_next").desc(), F("customer").desc(), name="standing_by_to_next"),
        ),
    ]
