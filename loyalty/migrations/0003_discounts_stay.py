"""What was promised and what was used cannot be changed afterwards, whoever asks."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION loyalty_version_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version of a discount is not changed: a new one is made' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER discount_version_is_frozen BEFORE UPDATE ON loyalty_discountversion
    FOR EACH ROW EXECUTE FUNCTION loyalty_version_is_frozen();

CREATE FUNCTION loyalty_redemption_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF coalesce(current_setting('regulars.reason', true), '') LIKE 'retention:%' THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'a redemption is not deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.grant_id, OLD.version_id, OLD.key, OLD.source, OLD.reference, OLD.lane, OLD.desired, OLD.amount)
       IS DISTINCT FROM
       (NEW.grant_id, NEW.version_id, NEW.key, NEW.source, NEW.reference, NEW.lane, NEW.desired, NEW.amount)
       OR OLD.held_at <> NEW.held_at
       OR OLD.budget_id IS DISTINCT FROM NEW.budget_id OR NEW.given_back < OLD.given_back THEN
        RAISE EXCEPTION 'what was redeemed stays as it was' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN
       (('held', 'committed'), ('held', 'voided'), ('committed', 'reversed')) THEN
        RAISE EXCEPTION 'a redemption that is % does not become %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER redemption_moves_on BEFORE UPDATE OR DELETE ON loyalty_redemption
    FOR EACH ROW EXECUTE FUNCTION loyalty_redemption_moves_on();

CREATE FUNCTION loyalty_redemption_line_fills() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.redemption_id, OLD.position, OLD.sku, OLD.quantity, OLD.amount)
       IS DISTINCT FROM (NEW.redemption_id, NEW.position, NEW.sku, NEW.quantity, NEW.amount)
       OR NEW.returned < OLD.returned OR NEW.given_back < OLD.given_back THEN
        RAISE EXCEPTION 'what was redeemed stays as it was' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER redemption_line_fills BEFORE UPDATE ON loyalty_redemptionline
    FOR EACH ROW EXECUTE FUNCTION loyalty_redemption_line_fills();

CREATE FUNCTION loyalty_return_is_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND coalesce(current_setting('regulars.reason', true), '') LIKE 'retention:%' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a return is only added' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER return_is_added BEFORE UPDATE OR DELETE ON loyalty_redemptionreturn
    FOR EACH ROW EXECUTE FUNCTION loyalty_return_is_added();
"""

NO_GUARDS = """
DROP TRIGGER return_is_added ON loyalty_redemptionreturn;
DROP TRIGGER redemption_line_fills ON loyalty_redemptionline;
DROP TRIGGER redemption_moves_on ON loyalty_redemption;
DROP TRIGGER discount_version_is_frozen ON loyalty_discountversion;
DROP FUNCTION loyalty_return_is_added(), loyalty_redemption_line_fills(), loyalty_redemption_moves_on(),
    loyalty_version_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0002_published_stays")]
    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
