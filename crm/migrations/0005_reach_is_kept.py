"""Whether somebody can be reached, and has ever ordered, follows their identifiers and orders, whoever writes those.

What is added only turns a fact on, and holds on to the row until its transaction ends. What goes has the facts worked
out anew, but not of a row that somebody adds to just now: those facts stay. So neither ever waits for an import.
"""

from django.db import migrations

FACTS = """
    EXISTS (SELECT FROM crm_identifier WHERE customer_id = {card} AND kind = 'email') AS email,
    EXISTS (SELECT FROM crm_identifier WHERE customer_id = {card} AND kind = 'phone') AS phone,
    EXISTS (SELECT FROM crm_order WHERE customer_id = {card} AND cancelled_at IS NULL) AS ordered,
    EXISTS (SELECT FROM crm_order WHERE customer_id = {card} AND cancelled_at IS NULL AND paid_at IS NOT NULL) AS bought
"""

KEEP = f"""
CREATE FUNCTION regulars_reach_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_reach (customer_id, email, phone, ordered, bought)
    SELECT id, false, false, false, false FROM made ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_reach_ends() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM crm_reach USING gone WHERE crm_reach.customer_id = gone.id;
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_reach_again(cards bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    held bigint[];
BEGIN
    PERFORM FROM crm_reach WHERE customer_id = ANY (cards) ORDER BY customer_id FOR NO KEY UPDATE;
    SELECT array_agg(customer_id) INTO held FROM (
        SELECT customer_id FROM crm_reach WHERE customer_id = ANY (cards) ORDER BY customer_id FOR UPDATE SKIP LOCKED
    ) AS free;
    UPDATE crm_reach AS reach SET email = now.email, phone = now.phone, ordered = now.ordered, bought = now.bought
      FROM (SELECT card, {FACTS.format(card="card")} FROM unnest(held) AS card) AS now
     WHERE reach.customer_id = now.card
       AND (reach.email, reach.phone, reach.ordered, reach.bought)
           IS DISTINCT FROM (now.email, now.phone, now.ordered, now.bought);
END $$;

CREATE FUNCTION regulars_reach_by_address() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM crm_reach AS reach
      JOIN (SELECT customer_id, bool_or(kind = 'email') AS email, bool_or(kind = 'phone') AS phone
              FROM made WHERE kind IN ('email', 'phone') GROUP BY customer_id) AS now USING (customer_id)
     WHERE reach.email >= now.email AND reach.phone >= now.phone
     ORDER BY customer_id FOR KEY SHARE OF reach;
    UPDATE crm_reach AS reach SET email = reach.email OR now.email, phone = reach.phone OR now.phone
      FROM (SELECT customer_id, bool_or(kind = 'email') AS email, bool_or(kind = 'phone') AS phone
              FROM made WHERE kind IN ('email', 'phone') GROUP BY customer_id) AS now
     WHERE reach.customer_id = now.customer_id AND (reach.email < now.email OR reach.phone < now.phone);
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_reach_by_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM crm_reach AS reach
      JOIN (SELECT customer_id, bool_or(paid_at IS NOT NULL) AS bought
              FROM made WHERE cancelled_at IS NULL GROUP BY customer_id) AS now USING (customer_id)
     WHERE reach.ordered AND reach.bought >= now.bought
     ORDER BY customer_id FOR KEY SHARE OF reach;
    UPDATE crm_reach AS reach SET ordered = true, bought = reach.bought OR now.bought
      FROM (SELECT customer_id, bool_or(paid_at IS NOT NULL) AS bought
              FROM made WHERE cancelled_at IS NULL GROUP BY customer_id) AS now
     WHERE reach.customer_id = now.customer_id AND (NOT reach.ordered OR reach.bought < now.bought);
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_reach_address_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM regulars_reach_again(array_agg(DISTINCT card)) FROM (
        SELECT unnest(ARRAY[was.customer_id, becomes.customer_id]) AS card
          FROM was JOIN becomes USING (id)
         WHERE (was.customer_id, was.kind) IS DISTINCT FROM (becomes.customer_id, becomes.kind)) AS touched;
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_reach_order_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM regulars_reach_again(array_agg(DISTINCT card)) FROM (
        SELECT unnest(ARRAY[was.customer_id, becomes.customer_id]) AS card
          FROM was JOIN becomes USING (id)
         WHERE (was.customer_id, was.cancelled_at IS NULL, was.paid_at IS NULL)
               IS DISTINCT FROM (becomes.customer_id, becomes.cancelled_at IS NULL, becomes.paid_at IS NULL)
    ) AS touched;
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_reach_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM regulars_reach_again(array_agg(DISTINCT customer_id)) FROM gone;
    RETURN NULL;
END $$;

CREATE TRIGGER customer_begins_unreached AFTER INSERT ON crm_customer
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION regulars_reach_begins();
CREATE TRIGGER customer_ends_with_its_reach AFTER DELETE ON crm_customer
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION regulars_reach_ends();
CREATE TRIGGER identifier_reaches AFTER INSERT ON crm_identifier
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION regulars_reach_by_address();
CREATE TRIGGER identifier_moves_reach AFTER UPDATE ON crm_identifier
    REFERENCING OLD TABLE AS was NEW TABLE AS becomes FOR EACH STATEMENT
    EXECUTE FUNCTION regulars_reach_address_moved();
CREATE TRIGGER identifier_leaves_reach AFTER DELETE ON crm_identifier
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION regulars_reach_left();
CREATE TRIGGER order_is_known AFTER INSERT ON crm_order
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION regulars_reach_by_order();
CREATE TRIGGER order_changes_reach AFTER UPDATE ON crm_order
    REFERENCING OLD TABLE AS was NEW TABLE AS becomes FOR EACH STATEMENT EXECUTE FUNCTION regulars_reach_order_moved();
CREATE TRIGGER order_leaves_reach AFTER DELETE ON crm_order
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION regulars_reach_left();

INSERT INTO crm_reach (customer_id, email, phone, ordered, bought)
SELECT card.id, {FACTS.format(card="card.id").strip()} FROM crm_customer AS card ORDER BY card.id;
"""

KEEP_NO_MORE = """
DROP TRIGGER customer_begins_unreached ON crm_customer;
DROP TRIGGER customer_ends_with_its_reach ON crm_customer;
DROP TRIGGER identifier_reaches ON crm_identifier;
DROP TRIGGER identifier_moves_reach ON crm_identifier;
DROP TRIGGER identifier_leaves_reach ON crm_identifier;
DROP TRIGGER order_is_known ON crm_order;
DROP TRIGGER order_changes_reach ON crm_order;
DROP TRIGGER order_leaves_reach ON crm_order;
DROP FUNCTION regulars_reach_begins, regulars_reach_ends, regulars_reach_again, regulars_reach_by_address,
    regulars_reach_by_order, regulars_reach_address_moved, regulars_reach_order_moved, regulars_reach_left;
TRUNCATE crm_reach;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0004_complaint_tally")]
    operations = [migrations.RunSQL(KEEP, KEEP_NO_MORE)]
