"""A question about customers: its words and conditions, its pages, its columns. Saved, it is a segment."""
