"""A retention clock may empty the comment of an answer without a name, and finds what it looks for by an index."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

GUARD = """
CREATE OR REPLACE FUNCTION feedback_nameless_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF coalesce(current_setting('regulars.reason', true), '') LIKE 'retention:%' AND NEW.comment = ''
       AND to_jsonb(NEW) - 'comment' = to_jsonb(OLD) - 'comment' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'an answer without a name is not changed' USING ERRCODE = 'restrict_violation';
END $$;
"""
NO_GUARD = """
CREATE OR REPLACE FUNCTION feedback_nameless_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an answer without a name is not changed' USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("feedback", "0012_invitations_not_asked")]

    operations = [
        migrations.RunSQL(GUARD, NO_GUARD),
        AddIndexConcurrently(
            "response",
            models.Index(
                fields=["at"], name="response_with_comment", condition=models.Q(("comment", ""), _negated=True)
            ),
        ),
        AddIndexConcurrently(
            "answer",
            models.Index(fields=["response"], name="answer_with_text", condition=models.Q(("text", ""), _negated=True)),
        ),
    ]
