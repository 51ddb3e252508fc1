"""Counts and last scores follow answers and invitations, whoever writes those: a form, an import, a merge, an erasure.

What is added up only ever gains rows, so nobody waits for anybody. Last scores are worked out anew under a lock of
their row, in a statement of its own, which sees what whoever held the lock has committed.
"""

from django.db import migrations

KEEP = """
CREATE FUNCTION feedback_zone() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT coalesce((SELECT value #>> '{}' FROM shop_setting
                      WHERE name = 'shop.time_zone' AND since <= clock_timestamp()
                      ORDER BY since DESC, id DESC LIMIT 1), 'Europe/London')
$$;

CREATE FUNCTION feedback_tally_answers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    zone text := feedback_zone();
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO feedback_answertally (survey_id, version_id, day, score, nameless, n)
        SELECT one.survey_id, one.version_id, (one.at AT TIME ZONE zone)::date, one.score, one.nameless, count(*)
          FROM made AS one WHERE NOT one.test GROUP BY 1, 2, 3, 4, 5;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO feedback_answertally (survey_id, version_id, day, score, nameless, n)
        SELECT one.survey_id, one.version_id, (one.at AT TIME ZONE zone)::date, one.score, one.nameless, -count(*)
          FROM gone AS one WHERE NOT one.test GROUP BY 1, 2, 3, 4, 5;
    ELSE
        INSERT INTO feedback_answertally (survey_id, version_id, day, score, nameless, n)
        SELECT survey_id, version_id, (at_ AT TIME ZONE zone)::date, score, nameless, sum(n)
          FROM (SELECT one.survey_id, one.version_id, one.at AS at_, one.score, one.nameless, 1 AS n
                  FROM made AS one WHERE NOT one.test
                 UNION ALL
                SELECT one.survey_id, one.version_id, one.at, one.score, one.nameless, -1
                  FROM gone AS one WHERE NOT one.test) AS moved
         GROUP BY 1, 2, 3, 4, 5 HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER answers_are_tallied AFTER INSERT ON feedback_response
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION feedback_tally_answers();
CREATE TRIGGER changed_answers_are_tallied AFTER UPDATE ON feedback_response
    REFERENCING OLD TABLE AS gone NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION feedback_tally_answers();
CREATE TRIGGER answers_gone_are_tallied AFTER DELETE ON feedback_response
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION feedback_tally_answers();

CREATE FUNCTION feedback_tally_invitations() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    zone text := feedback_zone();
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO feedback_invitationtally (survey_id, version_id, day, sent, answered, bounced)
        SELECT survey_id, version_id, (sent_at AT TIME ZONE zone)::date, count(*),
               count(*) FILTER (WHERE state = 'answered'),
               count(*) FILTER (WHERE state <> 'answered' AND bounced_at IS NOT NULL)
          FROM made WHERE NOT test AND sent_at IS NOT NULL GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO feedback_invitationtally (survey_id, version_id, day, sent, answered, bounced)
        SELECT survey_id, version_id, (sent_at AT TIME ZONE zone)::date, -count(*),
               -count(*) FILTER (WHERE state = 'answered'),
               -count(*) FILTER (WHERE state <> 'answered' AND bounced_at IS NOT NULL)
          FROM gone WHERE NOT test AND sent_at IS NOT NULL GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO feedback_invitationtally (survey_id, version_id, day, sent, answered, bounced)
        SELECT survey_id, version_id, (sent_at AT TIME ZONE zone)::date, sum(n),
               coalesce(sum(n) FILTER (WHERE state = 'answered'), 0),
               coalesce(sum(n) FILTER (WHERE state <> 'answered' AND bounced_at IS NOT NULL), 0)
          FROM (SELECT survey_id, version_id, sent_at, state, bounced_at, 1 AS n
                  FROM made WHERE NOT test AND sent_at IS NOT NULL
                 UNION ALL
                SELECT survey_id, version_id, sent_at, state, bounced_at, -1
                  FROM gone WHERE NOT test AND sent_at IS NOT NULL) AS moved
         GROUP BY 1, 2, 3
        HAVING sum(n) <> 0 OR coalesce(sum(n) FILTER (WHERE state = 'answered'), 0) <> 0
            OR coalesce(sum(n) FILTER (WHERE state <> 'answered' AND bounced_at IS NOT NULL), 0) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER invitations_are_tallied AFTER INSERT ON feedback_invitation
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION feedback_tally_invitations();
CREATE TRIGGER changed_invitations_are_tallied AFTER UPDATE ON feedback_invitation
    REFERENCING OLD TABLE AS gone NEW TABLE AS made FOR EACH STATEMENT
    EXECUTE FUNCTION feedback_tally_invitations();
CREATE TRIGGER invitations_gone_are_tallied AFTER DELETE ON feedback_invitation
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION feedback_tally_invitations();

CREATE FUNCTION feedback_last_scores_again(cards bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO feedback_lastscores (customer_id)
    SELECT card FROM unnest(cards) AS card WHERE card IS NOT NULL ORDER BY card ON CONFLICT DO NOTHING;
    PERFORM FROM feedback_lastscores WHERE customer_id = ANY (cards) ORDER BY customer_id FOR UPDATE;
    WITH newest AS (
        SELECT DISTINCT ON (one.customer_id, survey.kind) one.customer_id, survey.kind, one.score, one.at AS moment
          FROM feedback_response AS one JOIN feedback_survey AS survey ON survey.id = one.survey_id
         WHERE one.customer_id = ANY (cards) AND NOT one.test
           AND (one.score IS NOT NULL OR survey.kind NOT IN ('nps', 'csat', 'ces'))
         ORDER BY one.customer_id, survey.kind, one.at DESC, one.id DESC
    ), now AS (
        SELECT card, max(moment) AS moment,
               max(score) FILTER (WHERE kind = 'nps') AS nps, max(moment) FILTER (WHERE kind = 'nps') AS nps_at,
               max(score) FILTER (WHERE kind = 'csat') AS csat, max(moment) FILTER (WHERE kind = 'csat') AS csat_at,
               max(score) FILTER (WHERE kind = 'ces') AS ces, max(moment) FILTER (WHERE kind = 'ces') AS ces_at
          FROM unnest(cards) AS card LEFT JOIN newest ON newest.customer_id = card GROUP BY card
    )
    UPDATE feedback_lastscores AS kept
       SET at = now.moment, nps = now.nps, nps_at = now.nps_at, csat = now.csat, csat_at = now.csat_at,
           ces = now.ces, ces_at = now.ces_at
      FROM now WHERE kept.customer_id = now.card;
    DELETE FROM feedback_lastscores WHERE customer_id = ANY (cards) AND at IS NULL;
END $$;

CREATE FUNCTION feedback_keep_last_scores() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    cards bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT customer_id) INTO cards FROM made WHERE customer_id IS NOT NULL AND NOT test;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT customer_id) INTO cards FROM gone WHERE customer_id IS NOT NULL AND NOT test;
    ELSE
        SELECT array_agg(DISTINCT card) INTO cards
          FROM made JOIN gone USING (id), unnest(ARRAY[made.customer_id, gone.customer_id]) AS card
         WHERE card IS NOT NULL AND (made.customer_id, made.survey_id, made.score, made.at, made.test)
               IS DISTINCT FROM (gone.customer_id, gone.survey_id, gone.score, gone.at, gone.test);
    END IF;
    IF cards IS NOT NULL THEN
        PERFORM feedback_last_scores_again(cards);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER answers_are_the_last AFTER INSERT ON feedback_response
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION feedback_keep_last_scores();
CREATE TRIGGER changed_answers_are_the_last AFTER UPDATE ON feedback_response
    REFERENCING OLD TABLE AS gone NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION feedback_keep_last_scores();
CREATE TRIGGER answers_gone_are_not_the_last AFTER DELETE ON feedback_response
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION feedback_keep_last_scores();

INSERT INTO feedback_answertally (survey_id, version_id, day, score, nameless, n)
SELECT survey_id, version_id, (one.at AT TIME ZONE feedback_zone())::date, score, nameless, count(*)
  FROM feedback_response AS one WHERE NOT test GROUP BY 1, 2, 3, 4, 5;
INSERT INTO feedback_invitationtally (survey_id, version_id, day, sent, answered, bounced)
SELECT survey_id, version_id, (sent_at AT TIME ZONE feedback_zone())::date, count(*),
       count(*) FILTER (WHERE state = 'answered'),
       count(*) FILTER (WHERE state <> 'answered' AND bounced_at IS NOT NULL)
  FROM feedback_invitation WHERE NOT test AND sent_at IS NOT NULL GROUP BY 1, 2, 3;
SELECT feedback_last_scores_again(array_agg(DISTINCT customer_id)) FROM feedback_response
 WHERE customer_id IS NOT NULL AND NOT test HAVING count(*) > 0;
"""

KEEP_NO_MORE = """
DROP TRIGGER answers_gone_are_not_the_last ON feedback_response;
DROP TRIGGER changed_answers_are_the_last ON feedback_response;
DROP TRIGGER answers_are_the_last ON feedback_response;
DROP TRIGGER invitations_gone_are_tallied ON feedback_invitation;
DROP TRIGGER changed_invitations_are_tallied ON feedback_invitation;
DROP TRIGGER invitations_are_tallied ON feedback_invitation;
DROP TRIGGER answers_gone_are_tallied ON feedback_response;
DROP TRIGGER changed_answers_are_tallied ON feedback_response;
DROP TRIGGER answers_are_tallied ON feedback_response;
DROP FUNCTION feedback_keep_last_scores(), feedback_last_scores_again(bigint[]), feedback_tally_invitations(),
              feedback_tally_answers(), feedback_zone();
"""


class Migration(migrations.Migration):
    dependencies = [("feedback", "0005_counted_ahead_tables"), ("shop", "0001_initial")]
    operations = [migrations.RunSQL(KEEP, KEEP_NO_MORE)]
