"""Whom a row of a file means, of those who are here: by number, card, e-mail or phone.

A file of customers tells of people, and may make new cards: LIKELIEST picks one of those who share an address. What
belongs to one card and no other, points or a conversation, must not be guessed: CERTAIN leaves it undecided who of
several is meant, and FAULT says so.

Both stand beside `told`, rows of a staging table with the columns that customers.fields.MARKS names.
"""

_BY_NUMBER = """
      LEFT JOIN crm_identifier AS by_external ON by_external.kind = 'external'
                                             AND by_external.source = %(source)s
                                             AND by_external.normalised = told.external_is
      LEFT JOIN crm_identifier AS by_card ON by_card.kind = 'card' AND by_card.source = ''
                                         AND by_card.normalised = told.card_is
"""
# Those who have the address, but not those who have another number of the same source when the row has one.
_WHO_HAVE_IT = """
              FROM crm_identifier AS i JOIN crm_customer AS c ON c.id = i.customer_id{and_here}
            WHERE by_external.id IS NULL AND by_card.id IS NULL
              AND i.kind = '{mark}' AND i.normalised = told.{mark}_is
              AND NOT (told.external_is IS NOT NULL AND EXISTS (
                  SELECT FROM crm_identifier AS other WHERE other.customer_id = i.customer_id
                     AND other.kind = 'external' AND other.source = %(source)s))
"""
_LIKELIEST = f"""
      LEFT JOIN LATERAL (
           SELECT i.customer_id {_WHO_HAVE_IT.replace("{and_here}", "")}
            ORDER BY lower(c.name) = lower(trim(concat(told.given_name, ' ', told.family_name))) DESC, c.id DESC
            LIMIT 1
      ) AS by_{{mark}} ON true
"""
_ALL = f"""
      LEFT JOIN LATERAL (
           SELECT min(coalesce(c.merged_into_id, c.id)) AS one, max(coalesce(c.merged_into_id, c.id)) AS other
                  {_WHO_HAVE_IT.replace("{and_here}", " AND c.erased_at IS NULL")}
      ) AS by_{{mark}} ON true
"""
_HOLDER = """
      LEFT JOIN crm_customer AS holder ON holder.erased_at IS NULL AND holder.id = coalesce(
           by_external.customer_id, by_card.customer_id, by_email.{one}, by_phone.{one})
"""


def _joined(by_address: str, one: str) -> str:
    addresses = "".join(by_address.format(mark=mark) for mark in ("email", "phone"))
    return _BY_NUMBER + addresses + _HOLDER.format(one=one)


# The card with the same name, else the newest.
LIKELIEST = _joined(_LIKELIEST, "customer_id")
# The one who has it, when nobody else does.
CERTAIN = _joined(_ALL, "one")
CUSTOMER = "coalesce(holder.merged_into_id, holder.id)"
# Beside CERTAIN: a reason of UNPLACED, or NULL when it is clear who is meant.
FAULT = """
    CASE WHEN by_external.id IS NULL AND by_card.id IS NULL
          AND (by_email.one <> by_email.other OR by_email.one IS NULL AND by_phone.one <> by_phone.other)
         THEN 'several_customers' WHEN holder.id IS NULL THEN 'unknown_customer' END
"""
UNPLACED = ("unknown_customer", "several_customers")
