"""What was published stays, asked with or not: an answer may be on its way to it this very instant."""

from django.db import migrations

STAYS = """
CREATE OR REPLACE FUNCTION feedback_question_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version bigint := CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END;
BEGIN
    IF NOT EXISTS (SELECT FROM feedback_surveyversion WHERE id = version AND published_at IS NOT NULL) THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'texts' = to_jsonb(OLD) - 'texts' AND NEW.texts @> OLD.texts THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a question that was published is not changed: a new version is made'
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION feedback_published_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a version that was published is not taken out' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER published_version_stays BEFORE DELETE ON feedback_surveyversion
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION feedback_published_stays();
"""

STAYS_NO_MORE = """
DROP TRIGGER published_version_stays ON feedback_surveyversion;
DROP FUNCTION feedback_published_stays();
CREATE OR REPLACE FUNCTION feedback_question_stays() RETURNS trigger LANGUAGE plpgsql AS $$
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
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0007_news_taken_back")]
    operations = [migrations.RunSQL(STAYS, STAYS_NO_MORE)]
