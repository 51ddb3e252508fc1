"""Events are only added. Named columns may change inside a transaction that has named its reason."""

from django.db import migrations

GUARD = """
CREATE FUNCTION regulars_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON crm_event
    FOR EACH ROW EXECUTE FUNCTION regulars_append_only('customer_id', 'data');
CREATE TRIGGER event_is_not_emptied BEFORE TRUNCATE ON crm_event
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_append_only();
"""

NO_GUARD = """
DROP TRIGGER event_is_append_only ON crm_event;
DROP TRIGGER event_is_not_emptied ON crm_event;
DROP FUNCTION regulars_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0001_initial")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
