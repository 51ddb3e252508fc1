"""Scores with their ranges, trends and groups; the list of answers; what facets ask of them."""
