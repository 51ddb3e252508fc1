"""Whether we may write to somebody: consent, suppressed addresses, pauses and the contact budget."""
