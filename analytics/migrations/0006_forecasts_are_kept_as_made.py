"""What was foretold stays as it was said: rows are added and, when somebody is erased or years have passed, they go."""

from django.db import migrations

GUARD = """
CREATE FUNCTION regulars_foretold_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'analytics_foretold is never changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER foretold_is_never_changed BEFORE UPDATE ON analytics_foretold
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_foretold_stays();
"""

NO_GUARD = """
DROP TRIGGER foretold_is_never_changed ON analytics_foretold;
DROP FUNCTION regulars_foretold_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("analytics", "0005_forecasts")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
