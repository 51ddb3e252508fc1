"""Consents are only added, and which of them decides is kept beside them by the database itself."""

from django.db import migrations

GUARD = """
CREATE TRIGGER consent_is_append_only BEFORE UPDATE OR DELETE ON crm_consent
    FOR EACH ROW EXECUTE FUNCTION regulars_append_only('customer_id', 'address', 'wording', 'source');
CREATE TRIGGER consent_is_not_emptied BEFORE TRUNCATE ON crm_consent
    FOR EACH STATEMENT EXECUTE FUNCTION regulars_append_only();

CREATE FUNCTION regulars_consent_said() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO crm_consentinforce AS held (consent_id, channel, address, purpose, state, at)
    SELECT DISTINCT ON (address, purpose, channel) id, channel, address, purpose, state, at
      FROM said WHERE address <> ''
     ORDER BY address, purpose, channel, at DESC, id DESC
    ON CONFLICT (address, purpose, channel) DO UPDATE
       SET consent_id = excluded.consent_id, state = excluded.state, at = excluded.at
     WHERE (held.at, held.consent_id) < (excluded.at, excluded.consent_id);
    RETURN NULL;
END $$;

CREATE FUNCTION regulars_consent_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM crm_consentinforce USING before AS was
     WHERE consent_id = was.id
       AND NOT EXISTS (SELECT FROM crm_consent AS kept WHERE kept.id = was.id AND kept.address = was.address);
    INSERT INTO crm_consentinforce AS held (consent_id, channel, address, purpose, state, at)
    SELECT DISTINCT ON (address, purpose, channel) id, channel, address, purpose, state, at
      FROM crm_consent
     WHERE address <> ''
       AND (channel, address, purpose) IN (SELECT channel, address, purpose FROM before)
     ORDER BY address, purpose, channel, at DESC, id DESC
    ON CONFLICT (address, purpose, channel) DO UPDATE
       SET consent_id = excluded.consent_id, state = excluded.state, at = excluded.at
     WHERE (held.at, held.consent_id) < (excluded.at, excluded.consent_id);
    RETURN NULL;
END $$;

CREATE TRIGGER consent_comes_into_force AFTER INSERT ON crm_consent
    REFERENCING NEW TABLE AS said FOR EACH STATEMENT EXECUTE FUNCTION regulars_consent_said();
CREATE TRIGGER consent_leaves_its_address AFTER UPDATE ON crm_consent
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION regulars_consent_left();
CREATE TRIGGER consent_is_gone AFTER DELETE ON crm_consent
    REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION regulars_consent_left();
"""

NO_GUARD = """
DROP TRIGGER consent_is_append_only ON crm_consent;
DROP TRIGGER consent_is_not_emptied ON crm_consent;
DROP TRIGGER consent_comes_into_force ON crm_consent;
DROP TRIGGER consent_leaves_its_address ON crm_consent;
DROP TRIGGER consent_is_gone ON crm_consent;
DROP FUNCTION regulars_consent_said();
DROP FUNCTION regulars_consent_left();
"""


class Migration(migrations.Migration):
    dependencies = [("crm", "0002_append_only")]
    operations = [migrations.RunSQL(GUARD, NO_GUARD)]
