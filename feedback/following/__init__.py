"""What happens with an answer: complaints of low scores, asking again, promoters, topics, what was done about them."""
