"""The plan of a trigger is made once a connection: one made for a million rows must not be kept for a single order."""

from django.db import migrations

BY_INDEX = """
ALTER FUNCTION regulars_reach_by_address SET enable_seqscan = off;
ALTER FUNCTION regulars_reach_by_order SET enable_seqscan = off;
"""

AS_IT_COMES = """
ALTER FUNCTION regulars_reach_by_address RESET enable_seqscan;
ALTER FUNCTION regulars_reach_by_order RESET enable_seqscan;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0005_reach_is_kept")]
    operations = [migrations.RunSQL(BY_INDEX, AS_IT_COMES)]
