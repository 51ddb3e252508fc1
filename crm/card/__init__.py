"""The card of one customer: what was bought, its fields, its panels, its timeline."""
