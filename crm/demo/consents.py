"""What the invented people of the demo allow: most were asked in the shop's checkout, some changed their minds."""

from django.db import connection

# A number from 0 to 99 for each customer and topic, the same on every machine.
CHANCE = "abs(hashtextextended(address.normalised || %(topic)s, 12)) %% 100"

_ASKED = f"""
    INSERT INTO crm_consent (customer_id, channel, address, purpose, state, method, source, wording, at, by)
    SELECT address.customer_id, 'email', address.normalised, %(topic)s,
           CASE WHEN {CHANCE} < %(yes)s THEN 'given' ELSE 'refused' END, 'web_form', 'checkout', %(wording)s,
           least(customer.created_at, now() - interval '2 days'), ''
      FROM crm_identifier AS address JOIN crm_customer AS customer ON customer.id = address.customer_id
     WHERE address.kind = 'email' AND {CHANCE} < %(asked)s
"""
_LEFT = """
    INSERT INTO crm_consent (customer_id, channel, address, purpose, state, method, source, wording, at, by)
    SELECT held.customer_id, 'email', held.address, held.purpose, 'withdrawn', 'link', 'one click', '',
           now() - make_interval(days => (abs(hashtextextended(held.address, 14)) %% 60 + 1)::integer), ''
      FROM crm_consent AS held
     WHERE held.purpose = %(topic)s AND held.state = 'given'
       AND abs(hashtextextended(held.address, 13)) %% 100 < %(left)s
"""
_BOUNCED = """
    INSERT INTO crm_suppression (customer_id, channel, address, reason, since, lifted_why)
    SELECT DISTINCT ON (normalised) customer_id, 'email', normalised,
           CASE WHEN abs(hashtextextended(normalised, 15)) % 100 < 1 THEN 'bounced' ELSE 'unreachable' END,
           now() - interval '20 days', ''
      FROM crm_identifier
     WHERE kind = 'email' AND abs(hashtextextended(normalised, 15)) % 100 < 2
     ORDER BY normalised, customer_id
"""
# topic -> (share that was asked, share that said yes, share of those that left, the words beside the box)
TOPICS = {
    "offers": (74, 52, 7, "Yes, write to me about offers and new things."),
    "birthday": (30, 24, 2, "Send me a greeting on my birthday."),
    "feedback": (20, 17, 9, "You may ask me how it was."),
}


def ask() -> None:
    """Call it inside a transaction, after people have addresses."""
    with connection.cursor() as cursor:
        for topic, (asked, yes, left, wording) in TOPICS.items():
            values = {"topic": topic, "asked": asked, "yes": yes, "left": left, "wording": wording}
            cursor.execute(_ASKED, values)
            cursor.execute(_LEFT, values)
        cursor.execute(_BOUNCED)
