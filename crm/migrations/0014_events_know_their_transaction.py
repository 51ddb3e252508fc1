"""Each event knows the transaction that wrote it: the feed is read in that order, never past one still open.

The column is PostgreSQL's own business: it fills it, and only the feed asks for it.
"""

from django.db import migrations

KNOW = """
ALTER TABLE crm_event ADD COLUMN xact bigint NOT NULL DEFAULT (pg_current_xact_id()::text)::bigint;
CREATE INDEX event_in_order ON crm_event (xact, id);
DROP TRIGGER event_is_append_only ON crm_event;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON crm_event
    FOR EACH ROW EXECUTE FUNCTION regulars_append_only('customer_id', 'data', 'xact');
"""

FORGET = """
DROP TRIGGER event_is_append_only ON crm_event;
CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE ON crm_event
    FOR EACH ROW EXECUTE FUNCTION regulars_append_only('customer_id', 'data');
ALTER TABLE crm_event DROP COLUMN xact;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0013_deliveries_in_hand")]
    operations = [migrations.RunSQL(KNOW, FORGET)]
