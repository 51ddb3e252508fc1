"""Files of answers that were collected elsewhere: with the customer who gave them, where the file says who that is."""
