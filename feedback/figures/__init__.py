"""Scores with their intervals, response rates, trends, comparisons; what can be asked about a customer."""
