"""Entries and allocations are only added. Erasing a person empties the note of an entry, and nothing else."""

from django.db import migrations

GUARD = """
CREATE FUNCTION regulars_ledger_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    reason text := coalesce(current_setting('regulars.reason', true), '');
BEGIN
    IF TG_OP = 'TRUNCATE' AND reason LIKE 'retention:%' THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'loyalty_entry' AND reason LIKE 'erasure:%'
       AND to_jsonb(OLD) - 'note' = to_jsonb(NEW) - 'note' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% only grows', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER entry_only_grows BEFORE UPDATE OR DELETE ON loyalty_entry
    FOR EACH ROW EXECUTE FUNCTION regulars_ledger_only_grows();
CREATE TRIGGER entry_is_not_emptied BEFORE TRUNCATE ON loyalty_entry
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_ledger_only_grows();
CREATE TRIGGER allocation_only_grows BEFORE UPDATE OR DELETE ON loyalty_allocation
    FOR EACH ROW EXECUTE FUNCTION regulars_ledger_only_grows();
CREATE TRIGGER allocation_is_not_emptied BEFORE TRUNCATE ON loyalty_allocation
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_ledger_only_grows();
"""

NO_GUARD = """
DROP TRIGGER entry_only_grows ON loyalty_entry;
DROP TRIGGER entry_is_not_emptied ON loyalty_entry;
DROP TRIGGER allocation_only_grows ON loyalty_allocation;
DROP TRIGGER allocation_is_not_emptied ON loyalty_allocation;
DROP FUNCTION regulars_ledger_only_grows();
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0003_discounts_stay")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
