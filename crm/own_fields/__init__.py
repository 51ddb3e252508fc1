"""The fields that a shop defines for itself: asked for, shown on the card, asked about in the list."""
