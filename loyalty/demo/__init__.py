"""What points, tiers and discounts add to the demo shop."""
