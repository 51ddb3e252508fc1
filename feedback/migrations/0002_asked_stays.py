"""What customers were asked stays as it was, and so does what was answered without a name."""

from django.db import migrations

GUARDS = """
CREATE FUNCTION feedback_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NULL THEN
        RETURN NEW;
    END IF;
    -- A language may be added at the end; nobody was asked in it yet.
    IF to_jsonb(NEW) - 'languages' - 'texts' = to_jsonb(OLD) - 'languages' - 'texts'
       AND NEW.languages[1:cardinality(OLD.languages)] = OLD.languages AND NEW.texts @> OLD.texts THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a version that was published is not changed: a new one is made'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER survey_version_stays BEFORE UPDATE ON feedback_surveyversion
    FOR EACH ROW EXECUTE FUNCTION feedback_version_stays();

CREATE FUNCTION feedback_question_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF NOT EXISTS (SELECT FROM feedback_surveyversion WHERE id = version AND published_at IS NOT NULL) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'texts' = to_jsonb(OLD) - 'texts' AND NEW.texts @> OLD.texts THEN
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM feedback_invitation WHERE version_id = version)
       AND NOT EXISTS (SELECT FROM feedback_response WHERE version_id = version) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'a question that was asked is not changed: a new version is made'
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER question_stays BEFORE INSERT OR UPDATE OR DELETE ON feedback_question
    FOR EACH ROW EXECUTE FUNCTION feedback_question_stays();

CREATE FUNCTION feedback_nameless_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an answer without a name is not changed' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER nameless_response_stays BEFORE UPDATE ON feedback_response
    FOR EACH ROW WHEN (OLD.nameless OR NEW.nameless) EXECUTE FUNCTION feedback_nameless_stays();

CREATE TRIGGER response_change_is_added BEFORE UPDATE OR DELETE ON feedback_responsechange
    FOR EACH ROW EXECUTE FUNCTION regulars_append_only('comment', 'answers');
"""

NO_GUARDS = """
DROP TRIGGER response_change_is_added ON feedback_responsechange;
DROP TRIGGER nameless_response_stays ON feedback_response;
DROP TRIGGER question_stays ON feedback_question;
DROP TRIGGER survey_version_stays ON feedback_surveyversion;
DROP FUNCTION feedback_nameless_stays(), feedback_question_stays(), feedback_version_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0001_initial"), ("crm", "0002_append_only")]
    operations = [migrations.RunSQL(GUARDS, NO_GUARDS)]
