"""The statements of the demo's answers. Luck, from 0 to 99, hangs on the cause alone, so it is the same everywhere."""

# What became of an invitation: {asks} gives customer, order, complaint, cause, when it was sent.
_ASK = """
    INSERT INTO feedback_invitation (customer_id, survey_id, version_id, cause, trigger, channel, batch, order_id,
                                     complaint_id, test, state, why, invited_at, due_at, expires_at, sent_at,
                                     bounced_at, answered_at, reminded)
    SELECT customer_id, %(survey_{kind})s, %(version_{kind})s, cause, '{trigger}', 'email', '', order_id, complaint_id,
           false, CASE WHEN answers THEN 'answered' ELSE 'sent' END, '', sent, sent, sent + interval '30 days', sent,
           CASE WHEN NOT answers AND luck(cause, 21) < 3 THEN sent END, CASE WHEN answers THEN answered END, 0
      FROM (SELECT *, sent + make_interval(hours => 1 + (luck(cause, 22) %% 90)::integer) AS answered,
                   luck(cause, 23) < {share} AND sent + make_interval(hours => 1 + (luck(cause, 22) %% 90)::integer)
                   < now() - interval '1 hour' AS answers
              FROM ({asks}) AS who WHERE sent < now() - interval '2 hours') AS asked
     ORDER BY sent, cause
"""
_MAIL = "EXISTS (SELECT FROM crm_identifier AS address WHERE address.customer_id = {card} AND address.kind = 'email')"

_AFTER_ORDERS = f"""
    SELECT bought.customer_id, bought.id AS order_id, NULL::bigint AS complaint_id,
           'order:' || bought.id || ':survey:' || %(survey_csat)s AS cause,
           bought.placed_at + interval '7 days 20 minutes' AS sent
      FROM crm_order AS bought
     WHERE bought.placed_at > now() - interval '358 days' AND bought.cancelled_at IS NULL AND bought.net > 0
       AND luck(bought.reference, 11) < 9 AND {_MAIL.format(card="bought.customer_id")}
"""
_EVERY_HALF_YEAR = f"""
    SELECT card.id AS customer_id, NULL::bigint AS order_id, NULL::bigint AS complaint_id,
           'every:' || %(survey_nps)s || ':' || card.id || ':' || turn AS cause,
           now() - make_interval(days => 1 + (abs(hashtextextended(card.name, 12)) %% 178)::integer + 178 * turn)
               AS sent
      FROM crm_customer AS card, generate_series(0, 1) AS turn
     WHERE card.merged_into_id IS NULL AND luck(card.name, 13) < 44 AND {_MAIL.format(card="card.id")}
       AND EXISTS (SELECT FROM crm_order AS bought WHERE bought.customer_id = card.id
                    AND bought.placed_at < now() - make_interval(
                        days => 1 + (abs(hashtextextended(card.name, 12)) %% 178)::integer + 178 * turn))
"""
_AFTER_COMPLAINTS = """
    SELECT customer_id, NULL::bigint AS order_id, id AS complaint_id,
           'complaint:' || id || ':0:survey:' || %(survey_ces)s AS cause, closed_at + interval '2 days' AS sent
      FROM crm_complaint WHERE closed_at IS NOT NULL
"""
_OF_THE_LOST = f"""
    SELECT customer_id, NULL::bigint AS order_id, NULL::bigint AS complaint_id,
           'lapse:demo:' || customer_id || ':survey:' || %(survey_exit)s AS cause,
           max(placed_at) + interval '200 days' AS sent
      FROM crm_order AS bought WHERE {_MAIL.format(card="customer_id")}
     GROUP BY customer_id HAVING max(placed_at) < now() - interval '200 days' AND luck(max(reference), 14) < 48
"""
_ABOUT_SPRING = f"""
    SELECT card.id AS customer_id, NULL::bigint AS order_id, NULL::bigint AS complaint_id,
           'segment:demo:' || card.id || ':survey:' || %(survey_own)s AS cause, now() - interval '16 days' AS sent
      FROM crm_customer AS card
     WHERE card.merged_into_id IS NULL AND luck(card.name, 15) < 8 AND {_MAIL.format(card="card.id")}
"""
_LUCK = """
    CREATE OR REPLACE FUNCTION pg_temp.luck(text, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN abs(hashtextextended($1, $2)) %% 100
"""


def _asks(kind: str, trigger: str, share: int, asks: str) -> str:
    return _ASK.format(kind=kind, trigger=trigger, share=share, asks=asks).replace("luck(", "pg_temp.luck(")


ASKED = [
    _LUCK,
    _asks("csat", "order", 34, _AFTER_ORDERS),
    _asks("nps", "every", 29, _EVERY_HALF_YEAR),
    _asks("ces", "complaint", 57, _AFTER_COMPLAINTS),
    _asks("exit", "lapse", 13, _OF_THE_LOST),
    _asks("own", "segment", 33, _ABOUT_SPRING),
]

# Scores by their shares; for some weeks in the past it went worse.
_WORSE = "CASE WHEN asked.sent_at BETWEEN now() - interval '125 days' AND now() - interval '80 days' THEN 9 ELSE 0 END"
_SCORE = f"""
    CASE survey.kind
         WHEN 'csat' THEN (SELECT CASE WHEN at < 48 THEN 5 WHEN at < 77 THEN 4 WHEN at < 88 THEN 3 WHEN at < 95 THEN 2
                                       ELSE 1 END FROM (SELECT luck(asked.cause, 31) + {_WORSE} AS at) AS drawn)
         WHEN 'nps' THEN (SELECT CASE WHEN at < 38 THEN 10 WHEN at < 56 THEN 9 WHEN at < 68 THEN 8 WHEN at < 78 THEN 7
                                      WHEN at < 84 THEN 6 WHEN at < 90 THEN 5 WHEN at < 94 THEN 3 WHEN at < 98 THEN 2
                                      ELSE 0 END FROM (SELECT luck(asked.cause, 31) + {_WORSE} AS at) AS drawn)
         WHEN 'ces' THEN (SELECT CASE WHEN at < 34 THEN 7 WHEN at < 62 THEN 6 WHEN at < 76 THEN 5 WHEN at < 86 THEN 4
                                      WHEN at < 94 THEN 3 ELSE 1 END FROM (SELECT luck(asked.cause, 31) AS at) AS drawn)
    END
"""
_BAND = """
    CASE WHEN score IS NULL THEN '' WHEN kind = 'nps' AND score >= 9 OR kind = 'csat' AND score >= 4
                                      OR kind = 'ces' AND score >= 5 THEN 'high'
         WHEN kind = 'nps' AND score <= 6 OR kind = 'csat' AND score <= 2 OR kind = 'ces' AND score <= 3 THEN 'low'
         ELSE 'middle' END
"""
# Who is not content writes more often.
SAID = f"""
    WITH words AS (
        SELECT kind, band, language, number, text, count(*) OVER (PARTITION BY kind, band, language) AS of
          FROM unnest(%(kinds)s::text[], %(bands)s::text[], %(languages)s::text[], %(numbers)s::integer[],
                      %(texts)s::text[]) AS one (kind, band, language, number, text)
    ), scored AS (
        SELECT asked.*, survey.kind, ({_SCORE})::smallint AS score,
               CASE WHEN card.language IN ('ru', 'uk', 'pl') THEN card.language ELSE 'en' END AS spoken
          FROM feedback_invitation AS asked JOIN feedback_survey AS survey ON survey.id = asked.survey_id
          JOIN crm_customer AS card ON card.id = asked.customer_id
         WHERE asked.state = 'answered' AND NOT (survey.kind = 'own' AND luck(asked.cause, 41) < 30)
    ), banded AS (SELECT *, {_BAND} AS band FROM scored)
    INSERT INTO feedback_response (survey_id, version_id, invitation_id, customer_id, order_id, nameless, test, score,
                                   comment, callback, language, channel, at)
    SELECT survey_id, version_id, id, customer_id, order_id, false, false, score,
           CASE WHEN luck(cause, 32) < CASE banded.band WHEN 'low' THEN 62 WHEN 'middle' THEN 34 ELSE 27 END
                THEN coalesce(words.text, '') ELSE '' END,
           false, spoken, CASE WHEN luck(cause, 33) < 5 THEN 'me' ELSE 'email' END, answered_at
      FROM banded LEFT JOIN words ON words.kind = banded.kind AND words.band = banded.band
                                 AND words.language = banded.spoken AND words.number = luck(cause, 34) %% words.of
     ORDER BY answered_at, id
""".replace("luck(", "pg_temp.luck(")

# Of the survey where customers may choose: the mark on the invitation and the answer share no key, and both are coarse.
WITHOUT_A_NAME = [
    """
    INSERT INTO feedback_response (id, survey_id, version_id, nameless, test, comment, callback, language, channel, at)
    SELECT 1099511627776 + (hashtextextended(asked.cause, 43) & 1125899906842623),
           asked.survey_id, asked.version_id, true, false, '', false, 'en', 'email',
           date_trunc('week', asked.answered_at, feedback_zone())
      FROM feedback_invitation AS asked
     WHERE asked.survey_id = %(survey_own)s AND asked.state = 'answered' AND pg_temp.luck(asked.cause, 41) < 30
     ORDER BY hashtextextended(asked.cause, 42)
    """,
    """
    UPDATE feedback_invitation AS asked SET answered_at = date_trunc('week', answered_at, feedback_zone())
     WHERE survey_id = %(survey_own)s AND state = 'answered' AND pg_temp.luck(cause, 41) < 30
    """,
    # What was chosen, question by question.
    """
    INSERT INTO feedback_answer (response_id, question_id, number, chosen, text)
    SELECT said.id, asked.id,
           CASE asked.kind WHEN 'scale' THEN least(5, 2 + luck / 22) WHEN 'yes_no' THEN (luck < 58)::integer END,
           CASE asked.kind WHEN 'single' THEN ARRAY[asked.choices[1 + (luck * luck / 100 * cardinality(asked.choices)
                                                                       / 100)::integer]]
                           WHEN 'multiple' THEN asked.choices[1 + (luck %% 3)::integer : 2 + (luck %% 3)::integer]
                           ELSE '{}' END, ''
      FROM feedback_response AS said JOIN feedback_question AS asked ON asked.version_id = said.version_id,
           LATERAL (SELECT abs(hashtextextended(said.id || asked.name, 51)) %% 100 AS luck) AS drawn
     WHERE asked.kind IN ('scale', 'yes_no', 'single', 'multiple')
    """,
]

EVENTS = """
    INSERT INTO crm_event (kind, at, recorded_at, customer_id, order_id, actor, subject_type, subject_id, data)
    SELECT 'response.recorded', said.at, said.at, said.customer_id, said.order_id, '', 'feedback.response', said.id,
           jsonb_build_object('response', said.id, 'survey', survey.name, 'kind', survey.kind, 'score', said.score,
                              'callback', said.callback)
      FROM feedback_response AS said JOIN feedback_survey AS survey ON survey.id = said.survey_id
     WHERE said.customer_id IS NOT NULL ORDER BY said.at, said.id
"""
