"""Each event queues a delivery for every webhook that wants to hear of its kind, in the transaction of the fact.

A trigger, because events are written in many places, thousands at once in some; and where no webhook wants to hear of
anything it costs next to nothing.
"""

from django.db import migrations

QUEUE = """
CREATE FUNCTION regulars_queue_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_delivery (key, webhook_id, event_id, state, queued_at, due_at, attempts, trouble, body)
    SELECT gen_random_uuid(), webhook.id, made.id, 'waiting', made.recorded_at, made.recorded_at, 0, '', ''
      FROM made JOIN crm_webhook AS webhook ON made.kind = ANY (webhook.kinds) OR '*' = ANY (webhook.kinds)
     WHERE webhook.state <> 'gone' AND made.kind <> 'webhook.changed';
    IF FOUND THEN
        PERFORM pg_notify('regulars', '');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER event_queues_deliveries AFTER INSERT ON crm_event REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_queue_deliveries();
"""

UNDO = """
DROP TRIGGER event_queues_deliveries ON crm_event;
DROP FUNCTION regulars_queue_deliveries();
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0011_webhooks")]
    operations = [migrations.RunSQL(QUEUE, UNDO)]
