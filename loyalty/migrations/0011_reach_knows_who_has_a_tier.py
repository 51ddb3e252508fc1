"""Who has no tier is found in an index of crm_reach: those are few where nearly everybody has one, and looking for them
along all cards beside all standings would take long. Whoever writes a standing, the row of reach follows."""

from django.db import migrations

KEEP = """
CREATE FUNCTION regulars_tier_is_known() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM crm_reach AS reach JOIN made USING (customer_id)
      WHERE reach.tiered <> (made.tier_id IS NOT NULL) ORDER BY customer_id FOR NO KEY UPDATE OF reach;
    UPDATE crm_reach AS reach SET tiered = made.tier_id IS NOT NULL FROM made
     WHERE reach.customer_id = made.customer_id AND reach.tiered <> (made.tier_id IS NOT NULL);
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_tier_is_gone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM crm_reach AS reach JOIN gone USING (customer_id)
      WHERE reach.tiered ORDER BY customer_id FOR NO KEY UPDATE OF reach;
    UPDATE crm_reach AS reach SET tiered = false FROM gone
     WHERE reach.customer_id = gone.customer_id AND reach.tiered;
    RETURN NULL;
END $$;

CREATE TRIGGER standing_begins_in_reach AFTER INSERT ON loyalty_standing
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION regulars_tier_is_known();
CREATE TRIGGER standing_moves_in_reach AFTER UPDATE ON loyalty_standing
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION regulars_tier_is_known();
CREATE TRIGGER standing_leaves_reach AFTER DELETE ON loyalty_standing
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION regulars_tier_is_gone();

UPDATE crm_reach AS reach SET tiered = true FROM loyalty_standing AS standing
 WHERE standing.customer_id = reach.customer_id AND standing.tier_id IS NOT NULL;
"""

KEEP_NO_MORE = """
DROP TRIGGER standing_begins_in_reach ON loyalty_standing;
DROP TRIGGER standing_moves_in_reach ON loyalty_standing;
DROP TRIGGER standing_leaves_reach ON loyalty_standing;
DROP FUNCTION regulars_tier_is_known, regulars_tier_is_gone;
UPDATE crm_reach SET tiered = false WHERE tiered;
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0009_reach_knows_tiers"), ("loyalty", "0010_no_index_of_tiers")]
    operations = [migrations.RunSQL(KEEP, KEEP_NO_MORE)]
