"""The audit asks events by who and when; made beside the work, because there may be millions of them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

SOMEBODY = models.Q(("actor", ""), _negated=True)
INDEXES = [
    models.Index(fields=["-recorded_at", "-id"], name="event_audit", condition=SOMEBODY),
    models.Index(fields=["actor", "-recorded_at", "-id"], name="event_audit_actor", condition=SOMEBODY),
    models.Index(
        fields=["subject_id"],
        name="event_audit_subject",
        condition=models.Q(("subject_id__isnull", False), SOMEBODY),
    ),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("crm", "0015_card_opened")]
    operations = [AddIndexConcurrently("event", index) for index in INDEXES]
