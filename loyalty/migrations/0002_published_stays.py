"""A published rule stays as it is: what was earned under it must be found again. It may be withdrawn before its day."""

from django.db import migrations

GUARD = """
CREATE FUNCTION loyalty_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.since IS NULL THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.withdrawn_at IS NULL AND OLD.since > now()
       AND to_jsonb(OLD) - 'withdrawn_at' = to_jsonb(NEW) - 'withdrawn_at' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% was published and stays', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER earning_rule_stays BEFORE UPDATE OR DELETE ON loyalty_earningrule
    FOR EACH ROW EXECUTE FUNCTION loyalty_published_stays();
CREATE TRIGGER tier_scheme_stays BEFORE UPDATE OR DELETE ON loyalty_tierscheme
    FOR EACH ROW EXECUTE FUNCTION loyalty_published_stays();

CREATE FUNCTION loyalty_part_of_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was jsonb := to_jsonb(CASE WHEN TG_OP = 'INSERT' THEN NEW ELSE OLD END);
    published boolean;
BEGIN
    IF TG_ARGV[0] = 'rule' THEN
        SELECT since IS NOT NULL INTO published FROM loyalty_earningrule WHERE id = (was ->> 'rule_id')::bigint;
    ELSE
        SELECT since IS NOT NULL INTO published FROM loyalty_tierscheme WHERE id = (was ->> 'scheme_id')::bigint;
    END IF;
    IF published THEN
        RAISE EXCEPTION '% is part of something published', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE TRIGGER category_factor_stays BEFORE INSERT OR UPDATE OR DELETE ON loyalty_categoryfactor
    FOR EACH ROW EXECUTE FUNCTION loyalty_part_of_published_stays('rule');
CREATE TRIGGER tier_factor_stays BEFORE INSERT OR UPDATE OR DELETE ON loyalty_tierfactor
    FOR EACH ROW EXECUTE FUNCTION loyalty_part_of_published_stays('rule');
CREATE TRIGGER tier_step_stays BEFORE INSERT OR UPDATE OR DELETE ON loyalty_tierstep
    FOR EACH ROW EXECUTE FUNCTION loyalty_part_of_published_stays('scheme');
"""

NO_GUARD = """
DROP TRIGGER earning_rule_stays ON loyalty_earningrule;
DROP TRIGGER tier_scheme_stays ON loyalty_tierscheme;
DROP TRIGGER category_factor_stays ON loyalty_categoryfactor;
DROP TRIGGER tier_factor_stays ON loyalty_tierfactor;
DROP TRIGGER tier_step_stays ON loyalty_tierstep;
DROP FUNCTION loyalty_published_stays();
DROP FUNCTION loyalty_part_of_published_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_initial"), ("crm", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
