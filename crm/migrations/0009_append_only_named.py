"""The guard of append-only tables takes old and new rows apart without stumbling over names of its own."""

from django.db import migrations

GUARD = """
CREATE OR REPLACE FUNCTION regulars_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed text[];
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('regulars.reason', true), '') <> '' THEN
        SELECT coalesce(array_agg(was.key), '{}') INTO changed
          FROM jsonb_each(to_jsonb(OLD)) AS was JOIN jsonb_each(to_jsonb(NEW)) AS becomes USING (key)
         WHERE was.value IS DISTINCT FROM becomes.value;
        IF changed <@ TG_ARGV::text[] THEN
            RETURN NEW;
        END IF;
    END IF;
    IF coalesce(current_setting('regulars.reason', true), '') LIKE 'retention:%' AND TG_OP <> 'UPDATE' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0008_consent_in_force")]
    operations = [migrations.RunSQL(GUARD, migrations.RunSQL.noop)]
