"""Whom a row means that never makes a card: a known customer by number, card, e-mail or phone, or nobody.

Unlike in a file of customers nobody is guessed: an address that several have names none of them, for what is told
belongs to one card and no other.
"""

# Those who have the address, but not those who have another number of the same source when the row has one.
_BY_ADDRESS = """
      LEFT JOIN LATERAL (
           SELECT min(coalesce(c.merged_into_id, c.id)) AS one, max(coalesce(c.merged_into_id, c.id)) AS other
             FROM crm_identifier AS i JOIN crm_customer AS c ON c.id = i.customer_id AND c.erased_at IS NULL
            WHERE by_external.id IS NULL AND by_card.id IS NULL
              AND i.kind = '{mark}' AND i.normalised = told.{mark}_is
              AND NOT (told.external_is IS NOT NULL AND EXISTS (
                  SELECT FROM crm_identifier AS other WHERE other.customer_id = i.customer_id
                     AND other.kind = 'external' AND other.source = %(source)s))
      ) AS by_{mark} ON true
"""
# Beside `told`, rows of a staging table with the columns that customers.fields.MARKS names.
HOLDER = f"""
      LEFT JOIN crm_identifier AS by_external ON by_external.kind = 'external'
                                             AND by_external.source = %(source)s
                                             AND by_external.normalised = told.external_is
      LEFT JOIN crm_identifier AS by_card ON by_card.kind = 'card' AND by_card.source = ''
                                         AND by_card.normalised = told.card_is
      {_BY_ADDRESS.format(mark="email")} {_BY_ADDRESS.format(mark="phone")}
      LEFT JOIN crm_customer AS holder ON holder.erased_at IS NULL AND holder.id = coalesce(
           by_external.customer_id, by_card.customer_id, by_email.one, by_phone.one)
"""
CUSTOMER = "coalesce(holder.merged_into_id, holder.id)"
# A reason of UNPLACED, or NULL when it is clear who is meant.
FAULT = """
    CASE WHEN by_external.id IS NULL AND by_card.id IS NULL
          AND (by_email.one <> by_email.other OR by_email.one IS NULL AND by_phone.one <> by_phone.other)
         THEN 'several_customers' WHEN holder.id IS NULL THEN 'unknown_customer' END
"""
UNPLACED = ("unknown_customer", "several_customers")
