"""The number of complaints of a customer follows the complaints, also when a merge or an erasure moves rows by hand."""

from django.db import migrations

KEEP = """
CREATE FUNCTION regulars_tally_complaints() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint;
BEGIN
    FOREACH touched IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY[NEW.customer_id]
        WHEN 'DELETE' THEN ARRAY[OLD.customer_id]
        ELSE ARRAY[least(OLD.customer_id, NEW.customer_id), greatest(OLD.customer_id, NEW.customer_id)] END
    LOOP
        INSERT INTO crm_complainttally AS tally (customer_id, complaints, last_at)
        SELECT customer_id, count(*), max(opened_at) FROM crm_complaint
         WHERE customer_id = touched GROUP BY customer_id
        ON CONFLICT (customer_id) DO UPDATE SET complaints = excluded.complaints, last_at = excluded.last_at;
        DELETE FROM crm_complainttally AS tally
         WHERE tally.customer_id = touched
           AND NOT EXISTS (SELECT FROM crm_complaint AS one WHERE one.customer_id = touched);
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER complaint_is_tallied AFTER INSERT OR DELETE OR UPDATE OF customer_id, opened_at ON crm_complaint
    FOR EACH ROW EXECUTE FUNCTION regulars_tally_complaints();
"""

KEEP_NO_MORE = """
DROP TRIGGER complaint_is_tallied ON crm_complaint;
DROP FUNCTION regulars_tally_complaints();
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0003_consent_in_force")]
    operations = [migrations.RunSQL(KEEP, KEEP_NO_MORE)]
