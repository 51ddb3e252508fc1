"""How many have so many points in all: without statistics of the sum the database expects a third of everybody."""

from django.db import migrations

KNOW = """
CREATE STATISTICS account_points_in_all ON (available + pending + held) FROM loyalty_account;
ANALYZE loyalty_account;
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0008_who_has_no_tier")]
    operations = [migrations.RunSQL(KNOW, "DROP STATISTICS account_points_in_all")]
