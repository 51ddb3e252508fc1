"""Answers without a name had counted numbers, which tell in which order they came: they draw others."""

from django.db import migrations

DRAW = """
CREATE TEMP TABLE drawn ON COMMIT DROP AS
    SELECT id AS old, 1099511627776 + floor(random() * 3000000000000000)::bigint AS new
      FROM feedback_response WHERE nameless AND id < 1099511627776;
ALTER TABLE feedback_response DISABLE TRIGGER nameless_response_stays;
UPDATE feedback_response SET id = drawn.new FROM drawn WHERE id = drawn.old;
UPDATE feedback_answer SET response_id = drawn.new FROM drawn WHERE response_id = drawn.old;
UPDATE feedback_responsetopic SET response_id = drawn.new FROM drawn WHERE response_id = drawn.old;
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE feedback_response ENABLE TRIGGER nameless_response_stays;
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0009_dropped_draft")]
    operations = [migrations.RunSQL(DRAW, migrations.RunSQL.noop)]
