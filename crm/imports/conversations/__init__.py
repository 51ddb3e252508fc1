"""Files of conversations that an older system kept: notes on the cards of customers who are known here."""
